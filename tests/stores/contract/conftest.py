"""Every kind of store, each in its own sandbox over real HTTP. A file is named after the capability it is about."""

from collections.abc import Iterator

import pytest

from tests.stores.bigcommerce import BigCommerceUnderTest
from tests.stores.magento import MagentoUnderTest
from tests.stores.shelf.under_test import ShelfUnderTest
from tests.stores.under_test import StoreUnderTest

KINDS: tuple[type[StoreUnderTest], ...] = (BigCommerceUnderTest, MagentoUnderTest, ShelfUnderTest)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "started" in metafunc.fixturenames:
        capability = metafunc.module.__name__.rpartition(".test_")[2]
        kinds = [kind for kind in KINDS if capability in kind.offers]
        metafunc.parametrize("started", kinds, ids=lambda kind: kind.kind, indirect=True, scope="session")


@pytest.fixture(scope="session")
def started(request: pytest.FixtureRequest) -> Iterator[StoreUnderTest]:
    made: StoreUnderTest = request.param()
    yield made
    made.server.close()


@pytest.fixture
def under_test(db: None, started: StoreUnderTest) -> Iterator[StoreUnderTest]:
    started.fresh()
    with started.registered():
        yield started

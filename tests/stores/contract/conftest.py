"""Every kind of store, each in its own sandbox over real HTTP."""

from collections.abc import Iterator

import pytest

from tests.stores.bigcommerce import BigCommerceUnderTest
from tests.stores.under_test import StoreUnderTest

KINDS: tuple[type[StoreUnderTest], ...] = (BigCommerceUnderTest,)


@pytest.fixture(scope="session", params=KINDS, ids=lambda kind: kind.kind)
def started(request: pytest.FixtureRequest) -> Iterator[StoreUnderTest]:
    made: StoreUnderTest = request.param()
    yield made
    made.server.close()


@pytest.fixture
def under_test(db: None, started: StoreUnderTest) -> StoreUnderTest:
    started.fresh()
    return started

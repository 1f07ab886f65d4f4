"""A Magento sandbox as seeded, whose integration token may be used as bearer."""

from collections.abc import Iterator

import pytest

from tests.sandbox.conftest import Running, running
from tests.sandbox.magento.magento_api import Api


@pytest.fixture(scope="session")
def magento_server() -> Iterator[Running]:
    """The Magento service of this test run."""
    server = running("magento", "--switch", "integration_as_bearer=true")
    yield server
    server.close()


@pytest.fixture
def shop(magento_server: Running) -> Api:
    """A fresh shop, called as its integration."""
    magento_server.fresh()
    return Api(magento_server)

"""Each right that our methods need is tried by a call that the shop judges by that right, and that changes nothing."""

from typing import Any

import pytest

from connections.connect.magento.grants import TRIES
from connections.connectors.magento import MagentoClient, rights
from connections.connectors.magento.signing import Signed
from connections.connectors.needs import Need
from ipaas.sandbox.core.table import Table
from ipaas.types import NoObserver
from tests.connections.magento_shop import Admin, admin, magento_server
from tests.sandbox.conftest import Running

__all__ = ["admin", "magento_server"]


def client_with(admin: Admin, *resources: str) -> MagentoClient:
    return MagentoClient(admin.url, Signed(**admin.four_values(*resources)), NoObserver())


def rows_of(server: Running) -> dict[str, list[str]]:
    """All that the shop holds, by table."""
    held: Any = server.app.service
    tables = {name: one for name, one in vars(held.state).items() if isinstance(one, Table)}
    return {name: sorted(map(str, one.all())) for name, one in tables.items()}


@pytest.mark.parametrize("need", TRIES, ids=lambda need: need.scope)
def test_a_right_is_told_by_its_call(magento_server: Running, admin: Admin, need: Need) -> None:
    admin.switch(profile="commerce-2.4.9")
    other = "Magento_Backend::store" if need.scope != "Magento_Backend::store" else "Magento_Backend::admin"
    clients = client_with(admin, need.scope), client_with(admin, other)
    before = rows_of(magento_server)
    assert [client.is_let_in(*TRIES[need]) for client in clients] == [True, False]
    assert rows_of(magento_server) == before


def test_a_route_that_the_shop_lacks_tells_nothing_of_a_right(admin: Admin) -> None:
    admin.switch(inventory_modules=False)
    assert client_with(admin).is_let_in(*TRIES[rights.SOURCES]) is None

"""Every method of a client says what it needs of its token, and everything needed can be tried."""

import pytest

from connections import heartland_access
from connections.connect.bigcommerce import grants
from connections.connect.magento import grants as magento_grants
from connections.connectors.bigcommerce import BigCommerceClient
from connections.connectors.heartland import HeartlandClient
from connections.connectors.magento import MagentoClient
from connections.connectors.needs import declared, gathered
from ipaas.sandbox.bigcommerce.scopes import ALL_SCOPES
from ipaas.sandbox.heartland.permissions import SCOPES

CLIENTS = [HeartlandClient, BigCommerceClient, MagentoClient]


@pytest.mark.parametrize("client", CLIENTS)
def test_every_method_declares_its_needs(client: type) -> None:
    silent = [name for name, wanted in declared(client).items() if wanted is None and name != "scoped"]
    assert silent == []


def test_every_need_can_be_tried() -> None:
    assert set(heartland_access.TRIES) == set(gathered(HeartlandClient))
    assert set(grants.TRIES) == set(gathered(BigCommerceClient))
    assert set(gathered(MagentoClient)) <= set(magento_grants.TRIES)


def test_the_scopes_are_known_outside() -> None:
    assert {need.scope for need in gathered(HeartlandClient)} <= set(SCOPES)
    assert {need.scope.removesuffix("_read_only") for need in gathered(BigCommerceClient)} <= set(ALL_SCOPES)

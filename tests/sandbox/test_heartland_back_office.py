"""Roles, tax rules, merged items, and what opening an order demands: paths and preconditions other clients lean on."""

from __future__ import annotations

import pytest

from tests.sandbox.heartland_client import Caller
from tests.sandbox.heartland_orders import ANNEX, MAIN, Shop


@pytest.fixture
def api(heartland_url: str) -> Caller:
    """A client of a fresh tenant."""
    return Caller(heartland_url)


def test_roles_and_tax_rules(api: Caller) -> None:
    (role,) = api.rows("/roles")
    assert (role["name"], "sales.order.manage" in role["permissions"]) == ("Administrator", True)
    assert api.get("/tax_rules") == {"total": 0, "pages": 0, "results": []}
    rule = api.post("/tax_rules", {"name": "AL", "rate": 4.5, "location_id": MAIN})
    api.put(f"/tax_rules/{rule}", {"rate": 5})
    row = api.get(f"/tax_rules/{rule}")
    assert (row["name"], row["rate"], row["location_id"], row["active?"]) == ("AL", 5, MAIN, True)
    assert api.refused("POST", "/tax_rules", {"name": "", "location_id": 1})[0] == 400
    assert api.call("DELETE", f"/api/tax_rules/{rule}").status == 204
    assert api.refused("GET", f"/tax_rules/{rule}")[0] == 404


def test_a_merged_item_gives_its_stock_away(api: Caller) -> None:
    first, second, *_ = [row for row in api.rows("/items", {"per_page": 50}) if row["track_inventory?"]]
    kept, gone = first["id"], second["id"]
    before = {place: [api.stock(n, place)["qty_on_hand"] for n in (kept, gone)] for place in (MAIN, ANNEX)}
    assert any(levels[1] for levels in before.values())
    assert api.call("POST", f"/api/items/{kept}/merge", {"item_id": gone}).status == 204
    for place, levels in before.items():
        assert [api.stock(n, place)["qty_on_hand"] for n in (kept, gone)] == [sum(levels), 0]
    assert api.get(f"/items/{gone}")["active?"] is False
    assert api.refused("POST", f"/items/{kept}/merge", {"item_id": kept})[0] == 404
    assert api.refused("POST", f"/items/{kept}/merge", {})[0] == 404


def test_orders_open_without_addresses_by_switch_only(api: Caller) -> None:
    shop = Shop(api)
    bare = {"billing_address_id": None, "shipping_address_id": None}
    item = next(row["id"] for row in api.rows("/items", {"per_page": 50}) if row["track_inventory?"])
    order = api.post("/sales/orders", shop.header(lines=[{"item_id": item, "qty": 1}], **bare))
    shop.pay(order, api.get(f"/sales/orders/{order}")["balance"])
    status, body = api.refused("PUT", f"/sales/orders/{order}", {"status": "open"})
    assert (status, sorted(body["details"])) == (400, ["billing_address_id", "shipping_address_id"])
    api.switch(open_without_addresses=True)
    api.put(f"/sales/orders/{order}", {"status": "open"})
    assert api.get(f"/sales/orders/{order}")["status"] == "open"

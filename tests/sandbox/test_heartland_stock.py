"""Stock arithmetic: one test per row of the table of §21.1, with the figures and the ledger lines it must leave."""

from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.heartland_client import Caller
from tests.sandbox.heartland_orders import ANNEX, DEPOT, MAIN, Shop

TEE = 100_003  # HP-TEE-RED-M


@pytest.fixture
def api(heartland_url: str) -> Caller:
    return Caller(heartland_url)


class Watch:
    """What changed since it was made: (on hand, committed, available, on order, in transit) and the ledger."""

    NAMES = ("qty_on_hand", "qty_committed", "qty_available", "qty_on_po", "qty_in_transit")

    def __init__(self, api: Caller, item: int = TEE) -> None:
        self.api, self.item = api, item
        self.before = {place: self._row(place) for place in (MAIN, ANNEX, DEPOT)}
        self.last = api.newest()

    def _row(self, place: int) -> list[Any]:
        row = self.api.stock(self.item, place)
        return [row.get(name, 0) for name in self.NAMES]

    def moved(self, place: int = MAIN) -> tuple[Any, ...]:
        return tuple(now - then for now, then in zip(self._row(place), self.before[place], strict=True))

    def ledger(self) -> list[tuple[Any, ...]]:
        """(location, delta_qty, delta_qty_committed)"""
        return [row[1:4] for row in self.api.ledger_after(self.last) if row[0] == self.item]


def line(qty: Any = 3, **more: Any) -> dict[str, Any]:
    return {"item_id": TEE, "qty": qty, **more}


def test_a_pending_order_and_its_edits_move_nothing(api: Caller) -> None:
    shop, watch = Shop(api), Watch(api)
    order = api.post("/sales/orders", shop.header(lines=[line(ship_from_location_id=MAIN)]))
    (row,) = api.rows(f"/sales/orders/{order}/lines")
    api.put(f"/sales/orders/{order}/lines/{row['id']}", {"qty": 5, "ship_from_location_id": ANNEX})
    api.call("DELETE", f"/api/sales/orders/{order}/lines/{row['id']}")
    assert (watch.moved(MAIN), watch.moved(ANNEX), watch.ledger()) == ((0,) * 5, (0,) * 5, [])


def test_opening_commits_distributed_lines_and_no_others(api: Caller) -> None:
    shop, watch = Shop(api), Watch(api)
    shop.opened(line(3, ship_from_location_id=MAIN), line(2))
    assert (watch.moved(), watch.ledger()) == ((0, 3, -3, 0, 0), [(MAIN, 0, -3)])


def test_distributing_and_moving_an_open_line_moves_the_promise(api: Caller) -> None:
    shop, watch = Shop(api), Watch(api)
    order = shop.opened(line())
    (row,) = api.rows(f"/sales/orders/{order}/lines")
    path = f"/sales/orders/{order}/lines/{row['id']}"
    assert watch.moved() == (0, 0, 0, 0, 0)
    api.put(path, {"ship_from_location_id": MAIN})
    assert watch.moved() == (0, 3, -3, 0, 0)
    api.put(path, {"ship_from_location_id": ANNEX})
    assert (watch.moved(MAIN), watch.moved(ANNEX)) == ((0, 0, 0, 0, 0), (0, 3, -3, 0, 0))
    api.put(path, {"ship_from_location_id": None})
    assert watch.moved(ANNEX) == (0, 0, 0, 0, 0)
    assert watch.ledger() == [(MAIN, 0, -3), (MAIN, 0, 3), (ANNEX, 0, -3), (ANNEX, 0, 3)]


def test_an_invoice_takes_stock_and_promise_together(api: Caller) -> None:
    shop, watch = Shop(api), Watch(api)
    order = shop.opened(line(3, ship_from_location_id=MAIN))
    head = {"type": "Invoice", "order_id": order, "customer_id": shop.customer}
    invoice = api.post("/sales/invoices", {**head, "source_location_id": MAIN, "station_id": 100052})
    api.post(f"/sales/invoices/{invoice}/lines", {"type": "ItemLine", "item_id": TEE, "qty": 2})
    assert watch.moved() == (0, 3, -3, 0, 0)
    api.put(f"/sales/invoices/{invoice}", {"status": "complete"})
    assert watch.moved() == (-2, 1, -3, 0, 0)
    assert watch.ledger() == [(MAIN, 0, -3), (MAIN, -2, None)]
    (row,) = api.rows(f"/sales/orders/{order}/lines")
    assert (row["qty"], row["qty_invoiced"], row["qty_open"]) == (3, 2, 1)
    assert api.get(f"/sales/orders/{order}")["status"] == "open"


def test_voiding_a_complete_invoice_brings_its_pieces_back_promised(api: Caller) -> None:
    shop, watch = Shop(api), Watch(api)
    order = shop.opened(line(3, ship_from_location_id=MAIN))
    (invoice,) = api.sim("POST", "/staff/invoice", {"order": order})["invoices"]
    assert (watch.moved(), api.get(f"/sales/orders/{order}")["status"]) == ((-3, 0, -3, 0, 0), "closed")
    void = api.sim("POST", "/staff/void", {"invoice": invoice["id"]})
    assert (void["status"], void["voided?"], void["completed?"]) == ("void", True, False)
    assert watch.moved() == (0, 3, -3, 0, 0)
    assert watch.ledger() == [(MAIN, 0, -3), (MAIN, -3, None), (MAIN, 3, None)]
    (row,) = api.rows(f"/sales/orders/{order}/lines")
    assert (row["qty_invoiced"], row["qty_open"]) == (0, 3)
    assert api.get(f"/sales/orders/{order}")["status"] == "open"


def test_staff_close_what_is_open_of_an_item(api: Caller) -> None:
    shop, watch = Shop(api), Watch(api)
    order = shop.opened(line(3, ship_from_location_id=MAIN))
    closed = api.sim("POST", "/staff/close_line", {"order": order, "sku": "HP-TEE-RED-M"})
    assert (closed["status"], watch.moved()) == ("closed", (0,) * 5)


def test_cancelling_releases_what_is_open(api: Caller) -> None:
    shop, watch = Shop(api), Watch(api)
    order = shop.opened(line(3, ship_from_location_id=MAIN))
    shop.pay(order, -api.get(f"/sales/orders/{order}")["total"])
    api.put(f"/sales/orders/{order}", {"status": "canceled"})
    assert (watch.moved(), watch.ledger()) == ((0,) * 5, [(MAIN, 0, -3), (MAIN, 0, 3)])


def test_adding_and_removing_lines_of_an_open_order(api: Caller) -> None:
    api.switch(line_delete="any")
    shop, watch = Shop(api), Watch(api)
    order = shop.opened(line(1))
    added = api.post(f"/sales/orders/{order}/lines", line(4, ship_from_location_id=MAIN))
    assert watch.moved() == (0, 4, -4, 0, 0)
    assert api.call("DELETE", f"/api/sales/orders/{order}/lines/{added}").status == 204
    assert (watch.moved(), watch.ledger()) == ((0,) * 5, [(MAIN, 0, -4), (MAIN, 0, 4)])


def test_a_sale_and_a_return_at_the_till(api: Caller) -> None:
    watch = Watch(api)
    sold = api.sim("POST", "/staff/pos_sale", {"location": "MAIN", "lines": [{"sku": "HP-TEE-RED-M", "qty": 3}]})
    assert (watch.moved(), watch.ledger()) == ((-3, 0, -3, 0, 0), [(MAIN, -3, -3)])
    back = {"parent_transaction_id": sold["id"], "location": "ANNEX", "lines": [{"sku": "HP-TEE-RED-M", "qty": 2}]}
    api.sim("POST", "/staff/pos_return", back)
    assert (watch.moved(MAIN), watch.moved(ANNEX)) == ((-3, 0, -3, 0, 0), (2, 0, 2, 0, 0))
    assert watch.ledger() == [(MAIN, -3, -3), (ANNEX, 2, 2)]


def test_a_money_only_refund_moves_no_stock(api: Caller) -> None:
    sold = api.sim("POST", "/staff/pos_sale", {"location": "MAIN", "lines": [{"sku": "HP-TEE-RED-M", "qty": 3}]})
    watch = Watch(api)
    wish = {"parent_transaction_id": sold["id"], "lines": [{"sku": "HP-TEE-RED-M"}], "affect_inventory": False}
    assert api.sim("POST", "/staff/pos_return", wish)["total"] == -24
    assert (watch.moved(), watch.ledger()) == ((0,) * 5, [])


def test_an_adjustment_set_moves_on_completion_and_once(api: Caller) -> None:
    watch = Watch(api)
    head = {"location_id": MAIN, "adjustment_reason_id": 100002}
    path = f"/inventory/adjustment_sets/{api.post('/inventory/adjustment_sets', head)}"
    api.post(f"{path}/lines", line(-1, unit_cost=7.5))
    api.post(f"{path}/lines", line(4))
    assert watch.moved() == (0,) * 5
    api.put(path, {"status": "complete"})
    assert (watch.moved(), watch.ledger()) == ((3, 0, 3, 0, 0), [(MAIN, -1, -1), (MAIN, 4, 4)])
    assert api.refused("PUT", path, {"status": "complete"})[1]["details"] == {
        "status": ["is complete and cannot be changed"]
    }
    assert api.refused("POST", f"{path}/lines", line(1))[0] == 400
    shown = api.get(path)
    assert (shown["status"], shown["location_id"], shown["adjustment_reason_id"], shown["note"]) == (
        "complete",
        MAIN,
        100002,
        None,
    )
    rows = api.rows(f"{path}/lines")
    assert [(row["item_id"], row["qty"], row["unit_cost"]) for row in rows] == [(TEE, -1, 7.5), (TEE, 4, 7.5)]


def test_a_single_adjustment_moves_at_once(api: Caller) -> None:
    watch = Watch(api)
    body = {"location_id": DEPOT, "item_id": TEE, "adjustment_reason_id": 100002, "qty": 6, "unit_cost": 7.5}
    api.post("/inventory/adjustments", body)
    assert (watch.moved(DEPOT), watch.ledger()) == ((6, 0, 6, 0, 0), [(DEPOT, 6, 6)])


def test_a_purchase_is_on_order_until_received(api: Caller) -> None:
    watch = Watch(api)
    order = api.post("/purchasing/orders", {"vendor_id": 100001, "receive_at_location_id": MAIN})
    api.post(f"/purchasing/orders/{order}/lines", line(10, unit_cost=7))
    assert watch.moved() == (0,) * 5
    api.put(f"/purchasing/orders/{order}", {"status": "open"})
    assert watch.moved() == (0, 0, 0, 10, 0)
    receipt = api.post("/purchasing/receipts", {"order_id": order, "receive_at_location_id": MAIN})
    api.post(f"/purchasing/receipts/{receipt}/lines", line(6, unit_cost=7))
    api.put(f"/purchasing/receipts/{receipt}", {"status": "accepted"})
    assert (watch.moved(), watch.ledger()) == ((6, 0, 6, 4, 0), [(MAIN, 6, 6)])
    shown = api.get(f"/purchasing/orders/{order}")
    names = ("status", "total_qty", "total_received_qty", "total_open_qty", "total_cost")
    assert [shown[name] for name in names] == ["open", 10, 6, 4, 70]
    assert api.rows("/purchasing/receipts", {"status": "complete"})[0]["id"] == receipt
    api.put(f"/purchasing/orders/{order}", {"status": "closed"})
    assert watch.moved() == (6, 0, 6, 0, 0)


def test_a_transfer_is_in_transit_between_two_locations(api: Caller) -> None:
    watch = Watch(api)
    transfer = api.post("/inventory/transfers", {"from_location_id": MAIN, "to_location_id": ANNEX})
    api.post(f"/inventory/transfers/{transfer}/lines", line(2))
    api.put(f"/inventory/transfers/{transfer}", {"status": "shipped"})
    assert (watch.moved(MAIN), watch.moved(ANNEX)) == ((-2, 0, -2, 0, 0), (0, 0, 0, 0, 2))
    api.put(f"/inventory/transfers/{transfer}", {"status": "received"})
    assert (watch.moved(MAIN), watch.moved(ANNEX)) == ((-2, 0, -2, 0, 0), (2, 0, 2, 0, 0))
    assert watch.ledger() == [(MAIN, -2, -2), (ANNEX, 2, 2)]
    assert [row["qty"] for row in api.rows("/inventory/transfers/lines", {"~[item_id]": TEE})] == [2]


def test_untracked_items_never_move(api: Caller) -> None:
    service = api.item("SVC-REPAIR")["id"]
    watch, shop = Watch(api, service), Shop(api)
    order = shop.opened({"item_id": service, "qty": 2, "ship_from_location_id": MAIN})
    api.sim("POST", "/staff/invoice", {"order": order})
    assert api.get(f"/sales/orders/{order}")["status"] == "closed"
    assert (watch.moved(), watch.ledger()) == ((0,) * 5, [])


def test_selling_more_than_there_is_goes_negative(api: Caller) -> None:
    axe = api.item("AXE-FELL")["id"]
    watch, shop = Watch(api, axe), Shop(api)
    order = shop.opened({"item_id": axe, "qty": 3, "ship_from_location_id": MAIN})
    api.sim("POST", "/staff/invoice", {"order": order})
    assert watch.moved() == (-3, 0, -3, 0, 0)
    assert api.stock(axe, MAIN)["qty_on_hand"] == -2


def test_fractions_only_where_allowed(api: Caller) -> None:
    rope = api.item("ROP-METER")["id"]
    watch = Watch(api, rope)
    wish = {"location": "MAIN", "lines": [{"sku": "ROP-METER", "qty": Decimal("2.5")}]}
    assert api.sim("POST", "/staff/pos_sale", wish)["total"] == Decimal("5.88")
    assert watch.moved() == (Decimal("-2.5"), 0, Decimal("-2.5"), 0, 0)
    body = {"location_id": MAIN, "item_id": TEE, "adjustment_reason_id": 100002, "qty": 0.5}
    assert api.refused("POST", "/inventory/adjustments", body)[1]["details"] == {"qty": ["must be a whole number"]}


# --- values and ledger as reads -------------------------------------------------------------------


def test_values_group_as_asked(api: Caller) -> None:
    api.sim("POST", "/staff/adjust", {"location": "ANNEX", "sku": "HP-TEE-RED-M", "set_to": 1})
    both = {"group[]": ["item_id", "location_id"], "item_id": TEE}
    rows = api.rows("/inventory/values", both)
    names = {"item_id", "location_id", "qty", "qty_on_hand", "qty_committed", "qty_on_po", "qty_in_transit"}
    assert rows[0].keys() == names | {"qty_available", "unit_cost"}
    assert [row["location_id"] for row in rows] == [MAIN, ANNEX, DEPOT]
    (item,) = api.rows("/inventory/values", {"group[]": "item_id", "~[item_id]": TEE})
    assert (item["qty"], item["unit_cost"], "location_id" in item) == (sum(row["qty"] for row in rows), 7.5, False)
    per_place = api.rows("/inventory/values", {"group[]": "location_id"})
    (total,) = api.rows("/inventory/values")
    assert ("item_id" in total, "location_id" in total) == (False, False)
    assert sum(row["qty_available"] for row in per_place) == total["qty_available"]
    one = api.rows("/inventory/values", {**both, "_filter": f'{{"location_id":{{"$in":[{ANNEX},{DEPOT}]}}}}'})
    assert [row["location_id"] for row in one] == [ANNEX, DEPOT]
    assert api.refused("GET", "/inventory/values?group[]=vendor_id")[0] == 400


def test_empty_locations_can_be_left_out(api: Caller) -> None:
    query = {"group[]": ["item_id", "location_id"], "item_id": TEE}
    held = api.stock(TEE, MAIN)["qty_on_hand"]
    api.sim("POST", "/staff/adjust", {"location": "MAIN", "sku": "HP-TEE-RED-M", "qty": -held})
    assert [row["location_id"] for row in api.rows("/inventory/values", query)] == [MAIN, DEPOT]
    rows = api.rows("/inventory/values", {**query, "exclude_empty_locations": "true"})
    assert [row["location_id"] for row in rows] == [DEPOT]


def test_an_item_that_never_had_stock_has_no_row(api: Caller) -> None:
    new = api.post("/items", {"description": "New", "cost": 1, "price": 2})
    query = {"group[]": ["item_id", "location_id"], "item_id": new}
    assert api.rows("/inventory/values", query) == []
    api.sim("POST", "/staff/adjust", {"location": "ANNEX", "sku": str(new), "set_to": 4})
    assert [(row["location_id"], row["qty"]) for row in api.rows("/inventory/values", query)] == [(ANNEX, 4)]


def test_the_ledger_is_read_from_an_id_on(api: Caller) -> None:
    last = api.newest()
    shop = Shop(api)
    order = shop.opened(line(1, ship_from_location_id=MAIN))
    api.sim("POST", "/staff/invoice", {"order": order})
    query = {"_filter": f'{{"id":{{"$gt":{last}}},"delta_qty_committed":{{"$neq":null}}}}', "sort[]": "id"}
    rows = api.rows("/inventory/transactions", query)
    assert [(row["delta_qty"], row["delta_qty_committed"]) for row in rows] == [(0, -1)]
    assert rows[0].keys() == {
        "id", "item_id", "location_id", "delta_qty", "delta_qty_committed", "type", "source_type", "source_id",
        "unit_cost", "created_at",
    }  # fmt: skip
    assert (rows[0]["source_type"], rows[0]["source_id"]) == ("SalesOrder", order)
    pages = api.get("/inventory/transactions", {"per_page": 100})["pages"]
    assert api.rows("/inventory/transactions", {"per_page": 100, "page": pages})[-1]["id"] == last + 2


def test_a_physical_count_reaches_the_stock_late(api: Caller) -> None:
    api.sim("PUT", "/clock", {"frozen_at": "2026-03-01T12:00:00+00:00"})
    watch, held = Watch(api), api.stock(TEE, MAIN)["qty_on_hand"]
    head = {"location_id": MAIN, "adjustment_reason_id": 100002, "description": "Spring", "scope": "full"}
    path = f"/inventory/physical_counts/{api.post('/inventory/physical_counts', head)}"
    batch = api.post(f"{path}/batches", {"description": "Aisle 1"})
    api.post(f"{path}/batches/{batch}/lines", {"item_lookup": "HP-TEE-RED-M", "qty": held + 5})
    assert api.refused("PUT", path, {"status": "accepted"})[0] == 400
    for step in ("counting", "finalizing", "accepted"):
        api.put(path, {"status": step})
    assert watch.moved() == (0,) * 5
    api.sim("POST", "/clock/advance", {"seconds": 3599})
    assert watch.moved() == (0,) * 5
    api.sim("POST", "/clock/advance", {"seconds": 1})
    assert (watch.moved(), watch.ledger()) == ((5, 0, 5, 0, 0), [(MAIN, 5, 5)])


def test_staff_count_without_lag(api: Caller) -> None:
    api.switch(count_lag_seconds=0)
    watch = Watch(api)
    api.sim("POST", "/staff/count", {"location": "DEPOT", "lines": [{"sku": "HP-TEE-RED-M", "qty": 0}]})
    assert watch.moved(DEPOT)[0] == -watch.before[DEPOT][0]

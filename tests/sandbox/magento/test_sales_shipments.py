"""Shipments and every trap of theirs (apis/magento.md §10)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.magento.magento_api import Api, criteria
from tests.sandbox.magento.sales_desk import done, items, line, order, picked, place, read, refused, sim

HEAD = "Shipment Document Validation Error(s):\n"
UPS = {"carrier_code": "ups", "title": "UPS Ground", "track_number": "1Z999AA10123456784"}


def _ids(shop: Api, order_id: int) -> list[int]:
    return [row["item_id"] for row in items(shop, order_id)]


def _shipped(shop: Api, order_id: int) -> list[int]:
    return [int(row["qty_shipped"]) for row in items(shop, order_id)]


def _rows(shop: Api, shipment_id: int) -> list[tuple[str, int]]:
    return [(row["sku"], int(row["qty"])) for row in read(shop, f"/V1/shipment/{shipment_id}")["items"]]


@pytest.fixture
def two(shop: Api) -> tuple[int, int, int]:
    """An order of 3 cups and 2 bowls: its id and those of its items."""
    order_id = place(shop, line("CUP", "4.00", 3), line("BOWL", "6.00", 2))
    return (order_id, *_ids(shop, order_id))  # type: ignore[return-value]


def test_a_shipment_has_its_pieces_its_track_and_its_source(shop: Api, two: tuple[int, int, int]) -> None:
    order_id, cup, _ = two
    wish = {"items": [{"order_item_id": cup, "qty": 2}], "tracks": [UPS], "comment": {"comment": "Packed"}}
    found = read(shop, f"/V1/shipment/{done(shop.post(f'/V1/order/{order_id}/ship', wish))}")
    assert picked(found, "order_id", "store_id", "total_qty", "increment_id") == [order_id, 1, 2, found["increment_id"]]
    assert [picked(row, "order_item_id", "sku", "qty") for row in found["items"]] == [[cup, "CUP", 2]]
    assert [picked(row, *UPS, "order_id") for row in found["tracks"]] == [[*UPS.values(), order_id]]
    assert found["extension_attributes"] == {"source_code": "default"}
    assert [row["comment"] for row in found["comments"]] == ["Packed"]
    assert (_shipped(shop, order_id), order(shop, order_id)["state"]) == ([2, 0], "processing")


def test_more_than_is_left_is_cut_in_silence(shop: Api, two: tuple[int, int, int]) -> None:
    order_id, cup, bowl = two
    wish = {"items": [{"order_item_id": cup, "qty": 99}, {"order_item_id": bowl, "qty": "1.9"}]}
    assert _rows(shop, done(shop.post(f"/V1/order/{order_id}/ship", wish))) == [("CUP", 3), ("BOWL", 1)]


def test_an_unknown_item_is_dropped_beside_a_known_one_and_refused_alone(shop: Api, two: tuple[int, int, int]) -> None:
    order_id, cup, _ = two
    wish = {"items": [{"order_item_id": cup, "qty": 1}, {"order_item_id": 99999, "qty": 1}]}
    assert _rows(shop, done(shop.post(f"/V1/order/{order_id}/ship", wish))) == [("CUP", 1)]
    alone = shop.post(f"/V1/order/{order_id}/ship", {"items": [{"order_item_id": 99999, "qty": 1}]})
    assert refused(alone) == HEAD + "You can't create a shipment without products."
    assert _shipped(shop, order_id) == [1, 0]


@pytest.mark.parametrize("body", [None, {}, {"items": []}, {"entity": {"items": [{"order_item_id": 1, "qty": 1}]}}])
def test_no_items_and_a_wrapped_body_ship_everything(shop: Api, two: tuple[int, int, int], body: Any) -> None:
    order_id = two[0]
    assert _rows(shop, done(shop.post(f"/V1/order/{order_id}/ship", body))) == [("CUP", 3), ("BOWL", 2)]
    assert _shipped(shop, order_id) == [3, 2]


def test_an_unknown_key_inside_an_item_is_a_500_and_ships_nothing(shop: Api, two: tuple[int, int, int]) -> None:
    order_id, cup, _ = two
    answer = shop.post(f"/V1/order/{order_id}/ship", {"items": [{"order_item_id": cup, "qty": 1, "sku": "CUP"}]})
    assert refused(answer, 500).startswith("Internal Error. Details are available in Magento log file. Report ID:")
    assert _shipped(shop, order_id) == [0, 0]


def test_what_a_state_or_a_track_forbids_is_said_line_by_line(shop: Api, two: tuple[int, int, int]) -> None:
    order_id, cup, _bowl = two
    nameless = {"items": [{"order_item_id": cup, "qty": 1}], "tracks": [UPS | {"track_number": ""}]}
    assert refused(shop.post(f"/V1/order/{order_id}/ship", nameless)) == HEAD + "Please enter a tracking number."
    done(shop.post(f"/V1/order/{order_id}/ship", {}))
    none_left = "The order does not allow a shipment to be created.\nYou can't create a shipment without products."
    assert refused(shop.post(f"/V1/order/{order_id}/ship", {})) == HEAD + none_left
    held = place(shop, line("CUP", "4.00"))
    sim(shop, f"orders/{held}/hold")
    said = refused(shop.post(f"/V1/order/{held}/ship", {}))
    assert said == HEAD + "A shipment cannot be created when an order has a status of holded"
    assert refused(shop.post("/V1/order/99999/ship", {}), 404).startswith("The entity that was requested")


def test_a_configurable_is_shipped_by_its_parent_alone(shop: Api) -> None:
    jacket = line("TRL-JKT-M", "120.00", 2, children=[{"sku": "TRL-JKT-M"}]) | {"type": "configurable"}
    order_id = place(shop, jacket)
    parent, child = _ids(shop, order_id)
    answer = shop.post(f"/V1/order/{order_id}/ship", {"items": [{"order_item_id": child, "qty": 1}]})
    assert refused(answer) == HEAD + "You can't create a shipment without products."
    done(shop.post(f"/V1/order/{order_id}/ship", {"items": [{"order_item_id": parent, "qty": 1}]}))
    assert _shipped(shop, order_id) == [1, 0]


@pytest.mark.parametrize(("separately", "shippable"), [(False, [0]), (True, [1, 2])])
def test_a_bundle_is_shipped_together_or_by_its_parts(shop: Api, separately: bool, shippable: list[int]) -> None:
    parts = [{"sku": "CUP", "price": "30"}, {"sku": "SPOON", "price": "10", "quantity": 2}]
    kit = line("KIT", "50", 2, children=parts, dynamic=True, separately=separately) | {"type": "bundle"}
    order_id = place(shop, kit)
    ids = _ids(shop, order_id)
    for place_, item_id in enumerate(ids):
        answer = shop.post(f"/V1/order/{order_id}/ship", {"items": [{"order_item_id": item_id, "qty": 1}]})
        assert (answer.status_code == 200) == (place_ in shippable)
    assert [bool(count) for count in _shipped(shop, order_id)] == [place_ in shippable for place_ in range(3)]


def test_virtual_goods_are_never_shipped(shop: Api) -> None:
    order_id = place(shop, line("WARRANTY", "49.00") | {"type": "virtual"}, payment="card")
    found = order(shop, order_id)
    assert picked(found, "state", "is_virtual", "shipping_description") == ["complete", 1, None]
    assignment = found["extension_attributes"]["shipping_assignments"][0]["shipping"]
    assert "address" not in assignment
    assert "method" not in assignment
    assert "The order does not allow a shipment" in refused(shop.post(f"/V1/order/{order_id}/ship", {}))


def test_shipping_twice_in_a_row_makes_two_shipments(shop: Api, two: tuple[int, int, int]) -> None:
    order_id, cup, _ = two
    wish = {"items": [{"order_item_id": cup, "qty": 1}], "tracks": [UPS]}
    assert done(shop.post(f"/V1/order/{order_id}/ship", wish)) != done(shop.post(f"/V1/order/{order_id}/ship", wish))
    found = shop.get("/V1/shipments" + criteria([[("order_id", "eq", str(order_id))]])).json()
    assert found["total_count"] == 2


def test_a_mail_goes_out_once_with_notify_and_again_when_asked(shop: Api, two: tuple[int, int, int]) -> None:
    order_id, cup, _bowl = two
    quiet = done(shop.post(f"/V1/order/{order_id}/ship", {"items": [{"order_item_id": cup, "qty": 1}]}))
    before = len(shop.state.mails)
    told = done(shop.post(f"/V1/order/{order_id}/ship", {"notify": True}))
    assert len(shop.state.mails) == before + 1
    assert [read(shop, f"/V1/shipment/{one}").get("email_sent") for one in (quiet, told)] == [None, 1]
    assert shop.post(f"/V1/shipment/{quiet}/emails").json() is True
    assert len(shop.state.mails) == before + 2


# --- tracks ---------------------------------------------------------------------------------------


def test_a_track_may_come_later_and_twice_and_be_deleted(shop: Api, two: tuple[int, int, int]) -> None:
    order_id = two[0]
    shipment = done(shop.post(f"/V1/order/{order_id}/ship", {}))
    entity = {**UPS, "order_id": order_id, "parent_id": shipment, "weight": 1, "qty": 1, "description": ""}
    first = shop.post("/V1/shipment/track", {"entity": entity}).json()
    second = shop.post("/V1/shipment/track", {"entity": entity}).json()
    assert first["entity_id"] != second["entity_id"]
    assert shop.delete(f"/V1/shipment/track/{first['entity_id']}").json() is True
    assert [row["entity_id"] for row in read(shop, f"/V1/shipment/{shipment}")["tracks"]] == [second["entity_id"]]
    stranger = shop.post("/V1/shipment/track", {"entity": entity | {"order_id": order_id + 1}})
    assert refused(stranger) == "Could not save the shipment tracking."
    assert shop.delete(f"/V1/shipment/track/{first['entity_id']}").status_code == 404


def test_a_raw_saved_shipment_leaves_the_order_as_it_was(shop: Api, two: tuple[int, int, int]) -> None:
    order_id, cup, _ = two
    entity = {"order_id": order_id, "items": [{"order_item_id": cup, "qty": 50}], "tracks": [], "comments": []}
    stored = shop.post("/V1/shipment/", {"entity": entity})
    assert [row["qty"] for row in stored.json()["items"]] == [50]
    assert (_shipped(shop, order_id), order(shop, order_id)["state"]) == ([0, 0], "new")


# --- sources --------------------------------------------------------------------------------------


def _stock(shop: Api, sku: str) -> dict[str, Decimal]:
    rows = shop.state.source_items.find(sku_key=sku.casefold())
    return {row["source_code"]: Decimal(row["quantity"]) for row in rows}


def _set(shop: Api, sku: str, **levels: int) -> None:
    rows = [{"sku": sku, "source_code": code, "quantity": n, "status": int(n > 0)} for code, n in levels.items()]
    assert shop.post("/V1/inventory/source-items", {"sourceItems": rows}).json() == []


def _reserved(shop: Api, sku: str) -> Decimal:
    return sum((row["quantity"] for row in shop.state.reservations.find(sku_key=sku.casefold())), Decimal(0))


def _ship_from(shop: Api, order_id: int, source: str) -> Any:
    arguments = {"arguments": {"extension_attributes": {"source_code": source}}} if source else {}
    return shop.post(f"/V1/order/{order_id}/ship", arguments)


def test_a_shipment_takes_the_pieces_out_of_its_source(shop: Api) -> None:
    _set(shop, "DOG-LEAD", harbor_main=9, depot=4)
    before = _reserved(shop, "DOG-LEAD")
    order_id = place(shop, {"sku": "DOG-LEAD", "quantity": 2})
    assert _reserved(shop, "DOG-LEAD") == before - 2
    shipment = done(_ship_from(shop, order_id, "harbor_main"))
    assert read(shop, f"/V1/shipment/{shipment}")["extension_attributes"] == {"source_code": "harbor_main"}
    left = _stock(shop, "DOG-LEAD")
    assert [left["harbor_main"], left["depot"], _reserved(shop, "DOG-LEAD")] == [7, 4, before]


@pytest.mark.parametrize("source", ["", "default", "popup", "nowhere", "depot"])
def test_a_source_that_has_too_little_refuses_and_nothing_moves(shop: Api, source: str) -> None:
    _set(shop, "DOG-LEAD", harbor_main=9, popup=9, depot=1, default=0)
    order_id = place(shop, {"sku": "DOG-LEAD", "quantity": 2})
    before, reserved = _stock(shop, "DOG-LEAD"), _reserved(shop, "DOG-LEAD")
    assert refused(_ship_from(shop, order_id, source)) == "Could not save a shipment, see error log for details"
    assert (_stock(shop, "DOG-LEAD"), _reserved(shop, "DOG-LEAD"), _shipped(shop, order_id)) == (before, reserved, [0])
    assert shop.get("/V1/shipments" + criteria([[("order_id", "eq", str(order_id))]])).json()["total_count"] == 0


def test_a_website_with_one_source_ships_from_it_unasked(shop: Api) -> None:
    sku = next(row["sku"] for row in shop.state.source_items.all() if row["source_code"] == "default")
    before = _stock(shop, sku)["default"]
    order_id = place(shop, {"sku": sku}, view="europe", guest=_german(), bill_to=_german())
    shipment = done(shop.post(f"/V1/order/{order_id}/ship", {}))
    assert read(shop, f"/V1/shipment/{shipment}")["extension_attributes"] == {"source_code": "default"}
    assert _stock(shop, sku)["default"] == before - 1


def _german() -> dict[str, Any]:
    return {
        "first_name": "Jana",
        "last_name": "Weiß",
        "email": "jana@example.org",
        "phone": "030 1234",
        "street_1": "Torstraße 9",
        "city": "Berlin",
        "state": "Berlin",
        "zip": "10119",
        "country_iso2": "DE",
    }


def test_the_last_piece_leaves_its_source_out_of_stock(shop: Api) -> None:
    _set(shop, "DOG-LEAD", harbor_main=1)
    done(_ship_from(shop, place(shop, {"sku": "DOG-LEAD"}), "harbor_main"))
    row = next(row for row in shop.state.source_items.find(sku_key="dog-lead") if row["source_code"] == "harbor_main")
    assert (row["quantity"], row["status"]) == (0, 0)


def test_orders_to_be_fetched_are_shipped_and_mailed_when_ready(shop: Api) -> None:
    _set(shop, "DOG-LEAD", pine_annex=3)
    order_id = place(shop, {"sku": "DOG-LEAD"}, pickup=True)
    extension = order(shop, order_id)["extension_attributes"]
    assert extension["pickup_location_code"] == "pine_annex"
    assert extension["shipping_assignments"][0]["shipping"]["method"] == "instore_pickup"
    other = place(shop, line("CUP", "4.00"))
    answer = shop.post("/V1/order/notify-orders-are-ready-for-pickup", {"orderIds": [order_id, other]}).json()
    assert (answer["successful"], len(answer["errors"])) == (False, 1)
    assert (_shipped(shop, order_id), _shipped(shop, other)) == ([1], [0])
    assert _stock(shop, "DOG-LEAD")["pine_annex"] == 2


def test_comments_of_a_shipment_and_a_memo_are_kept_with_them(shop: Api) -> None:
    order_id = place(shop, line("CUP", "4.00"), payment="card", ship="all")
    shipment = shop.state.shipments.find(order_id=order_id)[0]["entity_id"]
    memo = sim(shop, f"orders/{order_id}/refund")["refund_id"]
    for path, parent in ((f"/V1/shipment/{shipment}", shipment), (f"/V1/creditmemo/{memo}", memo)):
        entity = {"parent_id": parent, "comment": "hr:55120", "is_customer_notified": 0, "is_visible_on_front": 0}
        assert shop.post(f"{path}/comments", {"entity": entity}).json()["comment"] == "hr:55120"
        assert [row["comment"] for row in shop.get(f"{path}/comments").json()["items"]] == ["hr:55120"]
        assert [row["comment"] for row in read(shop, path)["comments"]] == ["hr:55120"]

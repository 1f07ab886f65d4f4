"""What shoppers and staff write reaches Heartland, later edits too; what has no field is left out, and said."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from connections.models import Role, User
from mappings.models import ValueMap
from syncjobs.engine.retention import retention_apply
from syncjobs.models import OrderText, Record
from tests import factories
from tests.flows.conftest import Pair
from tests.flows.shoppers import at_the_desk, booked, post, sales_order, send

COMMENT = "Gift for Mum, please no invoice. Gate code 4471."
FIELDS = [{"name": "PO number", "value": "PO-7781"}, {"name": "Delivery date", "value": "2026-12-24"}]
WRITTEN: dict[str, Any] = {"customer_message": COMMENT, "staff_notes": "VIP"}


def settle(pair: Pair, **values: Any) -> None:
    """Change order settings, as their page does."""
    for name, value in values.items():
        setattr(pair.connection.order_settings, name, value)
    pair.connection.order_settings.save()


def page(pair: Pair, web_id: str) -> str:
    client = Client()
    known = User.objects.filter(memberships__merchant=pair.connection.merchant).first()
    client.force_login(known or factories.member(pair.connection.merchant, Role.STAFF))
    return client.get(f"/stores/{pair.connection.public_id}/orders/{web_id}/").content.decode()


def custom(pair: Pair, web_id: str) -> dict[str, str]:
    return {key: value for key, value in sales_order(pair, web_id)["custom"].items() if value}


def test_c12_set_up_makes_fields_and_every_text_arrives(pair: Pair) -> None:
    web_id = booked(pair, {"form_fields": FIELDS}, **WRITTEN)
    held = custom(pair, web_id)
    assert held["order_comment"] == COMMENT
    assert held["checkout_fields"] == "PO number: PO-7781; Delivery date: 2026-12-24"
    assert held["staff_notes"] == "VIP"
    assert pair.calls(booked(pair, {"form_fields": FIELDS}, **WRITTEN)) == pair.calls(booked(pair))  # not one more
    shown = page(pair, web_id)
    for text in (COMMENT, "PO-7781", "2026-12-24", "VIP", "field order_comment of the sales order"):
        assert text in shown
    facts = str(Record.objects.values_list("facts", flat=True))
    assert not [text for text in (COMMENT, "PO-7781", "VIP", "4471") if text in facts]


def test_a_checkout_field_with_a_row_of_its_own_fills_that_field_alone(pair: Pair) -> None:
    at_the_desk(pair, "POST", "/custom_fields", {"group_id": "sales.order", "name": "PO", "validation_type": "text"})
    first = post(pair, form_fields=[*FIELDS, {"name": "Tags", "value": ["a", 2]}])
    assert pair.run(first) == "done"
    assert sorted(ValueMap.objects.filter(kind="checkout").values_list("source_value", flat=True)) == [
        "Delivery date", "PO number", "Tags",
    ]  # fmt: skip
    ValueMap.objects.filter(source_value="PO number").update(target_value="po")
    held = custom(pair, booked(pair, form_fields=[*FIELDS, {"name": "Tags", "value": ["a", 2]}]))
    assert (held["po"], held["checkout_fields"]) == ("PO-7781", "Delivery date: 2026-12-24; Tags: a, 2")


def test_what_has_no_field_is_left_out_and_said_without_holding(pair: Pair) -> None:
    settle(pair, comment_field="", checkout_field="", staff_notes_field="")
    web_id = booked(pair, {"form_fields": FIELDS}, **WRITTEN)
    assert set(custom(pair, web_id)) == {"web_order_number", "source_system"}
    shown = page(pair, web_id)
    assert shown.count("left out: no field is chosen for it") == 4
    assert COMMENT in shown


def test_texts_that_share_a_field_say_what_they_are(pair: Pair) -> None:
    settle(pair, staff_notes_field="order_comment")
    assert custom(pair, booked(pair, **WRITTEN))["order_comment"] == f"Order comment: {COMMENT}; Staff notes: VIP"


def test_f20_a_later_edit_is_written_in_place_and_asks_nobody(pair: Pair) -> None:
    web_id = booked(pair, **WRITTEN)
    before = sales_order(pair, web_id)
    send(pair, "PUT", f"/v2/orders/{web_id}", {"customer_message": "Ring twice", "staff_notes": ""})
    assert pair.run(web_id) == "done"
    after = sales_order(pair, web_id)
    assert (after["id"], after["status"], after["public_id"]) == (before["id"], "open", before["public_id"])
    assert (after["custom"]["order_comment"], after["custom"]["staff_notes"]) == ("Ring twice", "")
    assert pair.record(web_id).disposition == "booked"
    assert [call for call in pair.calls(web_id) if "/sales" in call] == ["GET /sales/orders", "PUT /sales/orders"]
    assert pair.run(web_id) == "done"
    assert [call for call in pair.calls(web_id) if "/sales" in call] == ["GET /sales/orders"]
    assert "Ring twice" in page(pair, web_id)
    assert COMMENT not in page(pair, web_id)


def test_what_staff_wrote_in_heartland_stays_until_the_store_edits_its_text(pair: Pair) -> None:
    web_id = booked(pair, **WRITTEN)
    at_the_desk(pair, "PUT", f"/sales/orders/{sales_order(pair, web_id)['id']}", {"custom": {"order_comment": "mine"}})
    assert pair.run(web_id) == "done"
    assert custom(pair, web_id)["order_comment"] == "mine"
    send(pair, "PUT", f"/v2/orders/{web_id}", {"customer_message": "Ring twice"})
    assert pair.run(web_id) == "done"
    assert custom(pair, web_id)["order_comment"] == "Ring twice"


def test_an_edit_of_a_shipped_order_is_said_and_holds_nothing(pair: Pair) -> None:
    web_id = booked(pair, **WRITTEN)
    order = sales_order(pair, web_id)
    pair.heartland.post("/_sim/staff/distribute", {"order": order["id"], "location": "100005"})
    pair.heartland.post("/_sim/staff/invoice", {"order": order["id"]})
    send(pair, "PUT", f"/v2/orders/{web_id}", {"customer_message": "Too late"})
    assert pair.run(web_id) == "done"
    assert pair.record(web_id).disposition == "booked"
    assert custom(pair, web_id)["order_comment"] == COMMENT
    decisions = " ".join(step["decision"] for step in pair.attempt(web_id).steps)
    assert "is closed in Heartland: what was edited is not written any more" in decisions


def test_a_text_that_is_too_long_is_held_and_one_that_grew_is_said(pair: Pair) -> None:
    web_id = post(pair, customer_message="x" * 256)
    assert pair.run(web_id) == "hold"
    assert pair.record(web_id).code == "target_limit_exceeded"
    assert pair.sales_orders(web_id) == []
    grown = booked(pair, customer_message="short")
    send(pair, "PUT", f"/v2/orders/{grown}", {"customer_message": "x" * 256})
    assert pair.run(grown) == "done"
    assert custom(pair, grown)["order_comment"] == "short"


def test_card_numbers_are_removed_wherever_they_are_written(pair: Pair) -> None:
    card = "4111 1111 1111 1111"
    fields = [{"name": "Note", "value": f"my card {card}"}]
    billing = {"first_name": f"Ann {card}", "city": f"Austin {card}", "form_fields": fields}
    web_id = booked(pair, billing, customer_message=card, staff_notes=f"again {card}", form_fields=fields)
    everything = str([pair.heartland.rows(table) for table in ("orders", "customers", "addresses", "order_lines")])
    assert "1111 1111" not in everything
    assert custom(pair, web_id)["checkout_fields"] == "Note: my card [card number removed]"
    assert "1111" not in OrderText.objects.get(external_id=web_id).content


@pytest.mark.parametrize("has_field", [True, False])
def test_where_and_when_it_is_picked_up_arrives(pair: Pair, has_field: bool) -> None:
    settle(pair, eligible_statuses=["8"], **({} if has_field else {"pickup_field": ""}))
    ValueMap.objects.create(
        connection=pair.connection, kind="shipping", source_value="Pickup", target_value="100001", target_label="Any"
    )
    web_id = pair.book(pickup=True, status_id=8)
    place = custom(pair, web_id).get("pickup_location", "")
    assert bool(place) is has_field
    (row,) = pair.record(web_id).facts["written"]["rows"]
    assert (row["label"], row["place"]) == ("Pickup location", "in_field" if has_field else "left_out")


def test_texts_are_forgotten_with_the_payloads_and_the_page_says_so(pair: Pair) -> None:
    web_id = booked(pair, **WRITTEN)
    retention_apply(OrderText.objects.get(external_id=web_id).read_at + timedelta(days=40))
    assert not OrderText.objects.exists()
    assert "not kept here any more; BigCommerce has it" in page(pair, web_id)

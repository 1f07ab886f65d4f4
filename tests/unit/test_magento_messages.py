"""What Magento's messages name, however they say it: the order's id or nothing."""

from datetime import UTC, datetime
from typing import Any

import pytest

from syncjobs.stores.magento.magento_hooks import arose_at, key_of, record_of, subject_of

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def event(name: str, **value: Any) -> dict[str, Any]:
    return {"specversion": "1.0", "id": "e-1", "type": f"com.adobe.commerce.{name}", "data": {"value": value}}


@pytest.mark.parametrize(
    ("body", "subject", "order_id"),
    [
        (event("observer.sales_order_save_commit_after", entity_id=12), "order", "12"),
        (event("observer.sales_order_save_commit_after", state="new"), "order", ""),
        (event("observer.sales_order_shipment_save_after", entity_id=7, order_id=12), "shipment", "12"),
        (event("observer.sales_order_shipment_save_after", entity_id=7), "shipment", ""),
        (event("observer.sales_order_creditmemo_save_after", order_id="12"), "creditmemo", "12"),
        (event("observer.sales_order_invoice_save_after", order_id="12"), "invoice", "12"),
        (event("observer.catalog_product_save_commit_after", entity_id=5), "product", ""),
        (event("observer.customer_save_commit_after", entity_id=5), "customer", "5"),
        (event("observer.category_save_commit_after", entity_id=5), "other", ""),
        ({"order_id": 12}, "order", "12"),  # a webhook names its fields and no event
        ({"order": {"entity_id": "12", "increment_id": "000000099"}}, "order", "12"),
        ({"event": "order.created", "order_id": 12}, "order", "12"),
        ({"event": "order.created", "data": {"id": 12}}, "order", "12"),
        ({"event": "credit_memo.created", "id": 7, "order_id": 12}, "creditmemo", "12"),
        ({"event": "shipment.created", "id": 7}, "shipment", ""),
        ({"event": {"name": "order"}, "order_id": 12}, "order", "12"),
        ({}, "order", ""),
    ],
)
def test_a_message_names_its_order_or_none(body: dict[str, Any], subject: str, order_id: str) -> None:
    assert subject_of(body) == subject
    assert record_of(body, subject) == order_id


@pytest.mark.parametrize(
    "odd", ["000000012", "12a", "", 0, -1, 1.5, True, None, "9" * 11, [12], {"id": 12}, "１２", "W-77/1"]
)
def test_what_is_no_id_of_an_order_is_none(odd: Any) -> None:
    assert record_of({"order_id": odd}, "order") == ""


def test_only_what_bears_an_id_of_its_own_is_known_as_a_repeat() -> None:
    later = datetime(2026, 3, 2, 13, tzinfo=UTC)
    for named in ({"event_id": "m-1"}, {"specversion": "1.0", "id": "e-1"}):
        assert key_of("module", named, b"1", NOON) == key_of("module", named, b"1", later)
        assert key_of("module", named, b"1", NOON) != key_of("module", named, b"2", NOON)
        assert key_of("module", named, b"1", NOON) != key_of("events", named, b"1", NOON)
    assert key_of("module", {"id": 12}, b"1", NOON) != key_of("module", {"id": 12}, b"1", later)


def test_when_an_event_arose_is_what_it_says_with_its_zone() -> None:
    assert arose_at({"time": "2026-03-02T12:00:00+00:00"}) == NOON
    for time in (None, "", "soon", 5, "2026-03-02T12:00:00"):
        assert arose_at({"time": time}) is None

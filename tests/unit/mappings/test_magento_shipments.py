"""Magento shipments: read by the lines of the order, shaped by the rows that the shop takes."""

from typing import Any

import pytest

from mappings.core.canonical.shipment import Invoice
from mappings.core.magento.shipments import by_bundles, comment_of, parts_of, shipment_from_magento
from mappings.core.magento.tracking import carrier_code, tracking_of
from tests.unit.mappings.magento_orders import bundle, configurable, item, order

SET = order(*bundle("SET", 2, [("A", 1, 30), ("B", 2, 10)], id=10), *configurable("JKT", 1, 90, id=20))
PARTS = parts_of(SET)


def invoice(**changes: Any) -> Invoice:
    known: dict[str, Any] = {
        "id": "7", "number": "117007", "order_id": "9", "status": "complete", "version": "", "items": {}, "names": {},
        "tracking": ("1Z999",), "carrier": "UPS Ground",
    }  # fmt: skip
    return Invoice(**known | changes)


def shipment(*items: tuple[int, Any], **more: Any) -> dict[str, Any]:
    rows = [{"order_item_id": number, "qty": qty} for number, qty in items]
    return {
        "entity_id": 31,
        "order_id": 412,
        "shipping_address_id": 823,
        "items": rows,
        "tracks": [],
        "comments": [],
    } | more


def test_bundles_alone_have_parts() -> None:
    assert PARTS == {"10": {"11": 1, "12": 2}}


def test_a_bundle_that_left_is_its_parts() -> None:
    found = shipment_from_magento(shipment((10, 1), (20, "1.0000")), PARTS)
    assert found.pieces == (("11", 1), ("12", 2), ("20", 1))
    assert (found.id, found.address_id, found.invoice_id) == ("31", "823", "")


def test_our_own_is_known_by_its_note() -> None:
    note = [{"comment": "Packed"}, {"comment": comment_of(invoice(), ())}]
    assert shipment_from_magento(shipment((20, 1), comments=note), PARTS).invoice_id == "7"


@pytest.mark.parametrize(
    ("pieces", "whole", "rows"),
    [
        ((("11", 2), ("12", 4)), {"10"}, {"10": 2}),
        ((("11", 1), ("12", 2), ("20", 1)), {"10"}, {"10": 1, "20": 1}),
        ((("11", 2), ("12", 3)), {"10"}, None),
        ((("11", 1),), {"10"}, None),
        ((("11", 2), ("12", 3)), set(), {"11": 2, "12": 3}),
    ],
)
def test_a_bundle_leaves_undivided_or_by_its_parts(pieces: Any, whole: set[str], rows: dict[str, int] | None) -> None:
    assert by_bundles(pieces, PARTS, whole) == rows


def test_an_order_without_bundles_is_shipped_by_its_lines() -> None:
    parts = parts_of(order(item("TEE", 2, 20, id=1)))
    assert by_bundles((("1", 2),), parts, set()) == {"1": 2}


@pytest.mark.parametrize(
    ("typed", "code"),
    [("UPS Ground", "ups"), ("FedEx 2Day", "fedex"), ("usps", "usps"), ("Pony", "custom"), ("", "custom")],
)
def test_a_carrier_is_one_that_the_shop_links_or_its_custom_one(typed: str, code: str) -> None:
    assert carrier_code(invoice(carrier=typed)) == code


def test_every_number_is_a_track_and_what_is_shown_is_what_is_told() -> None:
    told = tracking_of(invoice(tracking=("1Z1", "1Z2")))
    tracks = [
        {"entity_id": number, "track_number": text, "title": "UPS Ground", "carrier_code": "ups"}
        for number, text in enumerate(("1Z1", "1Z2"))
    ]
    found = shipment_from_magento(shipment((20, 1), tracks=tracks), PARTS)
    assert (found.told, found.tracking_number, found.carrier) == (told.shown, "1Z1, 1Z2", "UPS Ground")
    assert told.further == ()

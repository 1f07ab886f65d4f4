"""Parcels of an invoice: every piece ships once, to its own address, whatever got lost on the way."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errors.failures import ContractBroken
from mappings.core.bigcommerce.orders import order_from_bigcommerce
from mappings.core.bigcommerce.shipments import shipment_body, shipment_from_bigcommerce
from mappings.core.bigcommerce.tracking import carrier_parts, tracking_of
from mappings.core.canonical.order import Order
from mappings.core.canonical.shipment import Invoice, Parcel, Shipment
from mappings.core.heartland.invoices import invoice_from_heartland, invoice_version
from mappings.core.rules.shipments import Plan, has_all_left, plan
from tests.unit.mappings.payloads import Priced, order_json

ITEMS = {"A": "1", "B": "2", "WRAP": "3"}
FIELDS = {"tracking_field": "tracking_number", "carrier_field": "carrier"}


def order(*lines: tuple[str, int]) -> Order:
    """An order of these SKUs and quantities, to one address."""
    return order_from_bigcommerce(order_json(*(Priced(price=Decimal(5), quantity=n, sku=sku) for sku, n in lines)))


def invoice(number: str = "9", tracking: tuple[str, ...] = ("T1",), carrier: str = "", **items: int) -> Invoice:
    return Invoice(
        id=number,
        number=number,
        order_id="7",
        status="complete",
        version="",
        items={name.removeprefix("i"): count for name, count in items.items()},
        names={},
        tracking=tracking,
        carrier=carrier,
    )


def shipment(number: str, pieces: dict[str, int], tracking: str = "T1") -> Shipment:
    return Shipment(
        id=number,
        address_id="5150",
        pieces=tuple(sorted(pieces.items())),
        told=tracking_of(invoice(tracking=(tracking,))).shown,
        tracking_number=tracking,
        carrier="",
    )


def planned(goods: Order, left: Invoice, **known: Any) -> Plan:
    return plan(goods, left, number=tracking_of(left).number, **known)


def test_one_parcel_for_each_address() -> None:
    two = order(("A", 1), ("A", 2))
    first, second = two.lines
    two = replace(two, lines=(first, replace(second, address_id="5151")))
    found = planned(two, invoice(i1=3), items=ITEMS, shipments=[], ours={})
    assert found.parcels == (
        Parcel(address_id="5150", pieces=(("88000", 1),)),
        Parcel(address_id="5151", pieces=(("88001", 2),)),
    )


def test_what_the_store_does_not_sell_is_named_and_not_shipped() -> None:
    found = planned(order(("A", 1)), invoice(i1=1, i3=1, i4=2), items=ITEMS, shipments=[], ours={})
    assert (found.unknown, sum(parcel.count for parcel in found.parcels)) == ({"3": 1, "4": 2}, 1)


def test_lines_without_an_address_are_not_shipped() -> None:
    digital = order(("A", 1))
    digital = replace(digital, lines=tuple(replace(line, address_id="") for line in digital.lines))
    assert planned(digital, invoice(i1=1), items=ITEMS, shipments=[], ours={}).is_empty


@pytest.mark.parametrize(
    ("tracking", "ours", "adopted"),
    [
        ("T1", {}, ["s1"]),  # posted by us without an answer
        ("T2", {}, []),  # somebody else's, with another number
        ("T1", {"s1": "8"}, []),  # of another invoice
        ("T1", {"s1": "9"}, []),  # known to be of this invoice: nothing is left
    ],
)
def test_a_shipment_is_ours_when_it_says_what_we_would_say(
    tracking: str, ours: dict[str, str], adopted: list[str]
) -> None:
    known = [shipment("s1", {"88000": 1}, tracking)]
    found = planned(order(("A", 2)), invoice(i1=1), items=ITEMS, shipments=known, ours=ours)
    assert [one.id for one in found.adopted] == adopted
    assert len(found.parcels) == (0 if adopted or ours.get("s1") == "9" else 1)


def test_no_more_is_shipped_than_the_store_has_left() -> None:
    by_hand = [shipment("s1", {"88000": 2}, "hand")]
    found = planned(order(("A", 3)), invoice(i1=3), items=ITEMS, shipments=by_hand, ours={})
    assert ([parcel.count for parcel in found.parcels], found.shipped_before) == ([1], 2)


def test_an_order_has_left_when_all_that_was_not_given_back_has() -> None:
    goods = order(("A", 2))
    (line,) = goods.lines
    assert not has_all_left(goods, [shipment("s1", {line.source_id: 1})])
    assert has_all_left(replace(goods, lines=(replace(line, quantity_refunded=1),)), [shipment("s1", {"88000": 1})])


@pytest.mark.parametrize(
    ("numbers", "number", "comments"),
    [
        ((), "", ""),
        (("1Z1",), "1Z1", ""),
        (("1Z1", "1Z12"), "1Z1, 1Z12", ""),
        (("9" * 30, "8" * 30), "9" * 30, f"Further tracking numbers: {'8' * 30}"),
        (("9" * 51,), "", f"Further tracking numbers: {'9' * 51}"),
        (("9" * 51, "A1", "8" * 49, "A2"), "A1, A2", f"Further tracking numbers: {'9' * 51}, {'8' * 49}"),
    ],
)
def test_every_tracking_number_is_kept(numbers: tuple[str, ...], number: str, comments: str) -> None:
    body = tracking_of(invoice(tracking=numbers)).shown
    assert (body["tracking_number"], body["comments"]) == (number, comments)


@pytest.mark.parametrize(
    ("typed", "provider", "service"),
    [
        ("UPS", "ups", "UPS"),
        ("UPS Ground", "ups", "Ground"),
        ("ups ground", "ups", "ground"),
        ("U.P.S.", "ups", "U.P.S."),
        ("U.P.S. Next Day Air", "ups", "Next Day Air"),
        ("UPS 2nd Day Air A.M.", "ups", "2nd Day Air A.M."),
        ("UPS® Ground", "ups", "Ground"),
        ("United Parcel Service", "ups", "United Parcel Service"),
        ("UPS Ready", "upsready", "UPS Ready"),
        ("UPS Online Tools", "upsonline", "UPS Online Tools"),
        ("FedEx", "fedex", "FedEx"),
        ("FedEx 2Day", "fedex", "2Day"),
        ("FEDEX 2DAY", "fedex", "2DAY"),
        ("FedExGround", "fedex", "Ground"),
        ("Fed Ex - Home Delivery", "fedex", "Home Delivery"),
        ("Federal Express: Saver", "fedex", "Saver"),
        ("USPS Priority", "usps", "Priority"),
        ("USPS Priority Mail", "usps", "Priority Mail"),
        ("U.S. Postal Service", "usps", "U.S. Postal Service"),
        ("Priority Mail (USPS)", "usps", "Priority Mail (USPS)"),
        ("Canada Post Expedited", "canadapost", "Expedited"),
        ("Canada Post / Postes Canada Xpresspost", "canadapost", "Xpresspost"),
        ("Australia Post Express", "auspost", "Express"),
        ("AusPost", "auspost", "AusPost"),
        ("Royal Mail Tracked 24", "royalmail", "Tracked 24"),
        ("Endicia", "endicia", "Endicia"),
        ("ShipperHQ", "shipperhq", "ShipperHQ"),
        ("carrier_12", "carrier_12", ""),
        ("DHL Express", "", "DHL Express"),
        ("Upstate Couriers", "", "Upstate Couriers"),
        ("Groups Logistics", "", "Groups Logistics"),
        ("by FedEx, else UPS", "", "by FedEx, else UPS"),
        ("", "", ""),
    ],
)
def test_c27_a_carrier_typed_with_its_service_gets_the_stores_link(typed: str, provider: str, service: str) -> None:
    body = shipment_body(Parcel(address_id="5150", pieces=(("88000", 1),)), invoice(carrier=typed))
    assert carrier_parts(typed) == (provider, service)
    assert (body["shipping_provider"], body["shipping_method"]) == (provider, service)
    assert (body["order_address_id"], body["items"]) == (5150, [{"order_product_id": 88000, "quantity": 1}])


def test_refunded_pieces_are_told_apart_from_those_that_may_ship() -> None:
    goods = order(("A", 3))
    (line,) = goods.lines
    goods = replace(goods, lines=(replace(line, quantity_refunded=1),))
    found = planned(goods, invoice(i1=3), items=ITEMS, shipments=[], ours={})
    assert ([one.pieces for one in found.parcels], [one.pieces for one in found.given_back]) == (
        [(("88000", 2),)],
        [(("88000", 1),)],
    )
    back = planned(goods, invoice(i1=3), items=ITEMS, shipments=[], ours={}, returned={"1": 1})
    assert (back.pieces, back.given_back) == (2, ())
    assert planned(goods, invoice(i1=2), items=ITEMS, shipments=[], ours={}).given_back == ()


def test_one_item_under_two_skus_ships_both_lines() -> None:
    found = planned(order(("A", 1), ("A-OLD", 2)), invoice(i1=3), items={"A": "1", "A-OLD": "1"}, shipments=[], ours={})
    assert ([one.pieces for one in found.parcels], found.surplus) == ([(("88000", 1), ("88001", 2))], {})


def test_more_than_was_sold_is_no_earlier_shipment() -> None:
    found = planned(order(("A", 1)), invoice(i1=3), items=ITEMS, shipments=[], ours={})
    assert (found.pieces, found.shipped_before, found.surplus) == (1, 0, {"1": 2})


def test_items_of_our_own_making_are_nothing_strange() -> None:
    found = planned(order(("A", 1)), invoice(i1=1, i3=1), items=ITEMS, shipments=[], ours={}, extras={"3"})
    assert (found.pieces, found.unknown) == (1, {})
    found = planned(order(("A", 1)), invoice(i1=1), items=ITEMS, shipments=[], ours={}, extras={"1"})
    assert found.pieces == 1  # the shopper bought that very article


def test_an_invoice_is_read_and_its_version_tells_every_change() -> None:
    custom = {"tracking_number": "A 1; A2\nA2", "carrier": " UPS "}
    lines = [{"item_id": 1, "qty": 2}, {"item_id": 1, "qty": Decimal("1.0")}, {"type": "TaxLine", "value": 3}]
    answer = {"id": 9, "public_id": "9", "order_id": 7, "status": "complete", "updated_at": "2026-03-03T15:02:10+00:00",
              "custom": custom, "lines": lines}  # fmt: skip
    found = invoice_from_heartland(answer, **FIELDS)
    assert (found.items, found.tracking, found.carrier) == ({"1": 3}, ("A 1", "A2"), "UPS")
    assert found.version == invoice_version(answer, **FIELDS)
    assert found.version != invoice_version(answer | {"custom": custom | {"carrier": "DHL"}}, **FIELDS)
    with pytest.raises(ContractBroken, match="lines are missing"):
        invoice_from_heartland({"id": 9}, **FIELDS)


@given(
    counts=st.lists(st.integers(1, 4), min_size=1, max_size=3),
    cuts=st.lists(st.tuples(st.integers(0, 3), st.booleans(), st.booleans()), max_size=6),
)
def test_every_piece_ships_once_however_many_answers_get_lost(
    counts: list[int], cuts: list[tuple[int, bool, bool]]
) -> None:
    """Invoices take pieces in turn; a lost answer leaves a shipment that we do not remember, and a repeat."""
    goods = order(*(("A", count) for count in counts))
    left, known = sum(counts), list[Shipment]()
    ours: dict[str, str] = {}
    for number, (wish, is_lost, is_tracked) in enumerate(cuts):
        taken = min(wish, left)
        if not taken:
            continue
        left -= taken
        told = invoice(str(number), (f"T{number}",) if is_tracked else (), i1=taken)
        for attempt in (1, 2):
            found = planned(goods, told, items=ITEMS, shipments=known, ours=ours)
            ours |= {one.id: told.id for one in found.adopted}
            for parcel in found.parcels:
                made = {**shipment_body(parcel, told), "id": len(known)}
                known.append(shipment_from_bigcommerce(made))
                if attempt == 2 or not is_lost:
                    ours[known[-1].id] = told.id
    shipped = Counter[str]()
    for one in known:
        shipped.update(dict(one.pieces))
    assert shipped.total() == sum(counts) - left
    assert all(shipped[line.source_id] <= line.quantity for line in goods.lines)
    assert ours.keys() == {one.id for one in known}

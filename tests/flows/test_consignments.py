"""An include that brings nothing is asked in another way, or the order waits: no gift goes to its giver unasked."""

from typing import Any
from urllib.parse import unquote

import pytest

from errors.models import Issue
from mappings.models import ValueMap
from mappings.services import value_map_set
from syncjobs.models import Record
from tests.flows.conftest import BUYER, Pair

Disposition = Record.Disposition
FRIEND = {
    "first_name": "Lea", "last_name": "Ott", "street_1": "9 Oak Ave", "city": "Bend", "state": "Oregon", "zip": "97701",
    "country": "United States", "country_iso2": "US", "phone": "5415550101",
}  # fmt: skip
LINES, PLACES, FEES = "GET /v2/orders/products", "GET /v2/orders/shipping_addresses", "GET /v2/orders/fees"


def switch(pair: Pair, **switches: Any) -> None:
    pair.bigcommerce.put("/_sim/switches", switches)


def destination(pair: Pair, web_id: str) -> tuple[str, str]:
    """Street and city that the booked order goes to."""
    (order,) = pair.sales_orders(web_id)
    address = pair.heartland.get("/_sim/state/addresses", id=order["shipping_address_id"])["rows"][0]
    return address["line_1"], address["city"]


@pytest.mark.parametrize(
    ("include", "asked"),
    [
        ("whole", []),
        ("flat", []),
        ("no_lines", [LINES]),
        ("empty", [LINES, PLACES]),
        ("links", [LINES, PLACES]),
        ("null", [LINES, PLACES]),
    ],
)
def test_a_gift_goes_to_its_receiver_whatever_the_include_brings(pair: Pair, include: str, asked: list[str]) -> None:
    switch(pair, consignments_include=include)
    web_id = pair.book(ship_to=FRIEND)
    assert destination(pair, web_id) == ("9 Oak Ave", "Bend")
    assert pair.calls(web_id)[: 1 + len(asked)] == ["GET /v2/orders", *asked]
    switch(pair, consignments_include="whole")  # and another shape of the same order is no change of it
    assert pair.run(web_id) == "done"
    assert pair.record(web_id).disposition == Disposition.BOOKED


def test_the_documented_form_is_asked_for(pair: Pair) -> None:
    pair.book()
    seen = unquote(str(pair.bigcommerce.get("/_sim/calls", log=1)["log"]))
    assert seen.count("include=consignments.line_items,fees&consignment_structure=object") == 1


def test_a_destination_that_nobody_names_holds_the_order(pair: Pair) -> None:
    switch(pair, consignments_include="empty", shipping_addresses="none")
    web_id = pair.place(ship_to=FRIEND)
    assert pair.run(web_id) == "hold"
    issue = Issue.objects.get(code="destination_unknown")
    assert issue.title == "Its shipping addresses in BigCommerce: 1 counted, 0 named."
    assert pair.sales_orders(web_id) == []
    switch(pair, shipping_addresses="whole")
    assert pair.run(web_id) == "done"
    assert destination(pair, web_id) == ("9 Oak Ave", "Bend")


@pytest.mark.parametrize("include", ["empty", "links", "null", "flat"])
def test_orders_that_go_nowhere_are_not_asked_for_a_destination(pair: Pair, include: str) -> None:
    switch(pair, consignments_include=include)
    settings = pair.connection.order_settings
    settings.eligible_statuses = [*settings.eligible_statuses, "8", "10"]
    settings.save()
    value_map_set(connection=pair.connection, kind=ValueMap.Kind.SHIPPING, source_value="Pickup", target_value="100003")
    digital = pair.book(lines=[{"sku": "DIG-TRAILS", "quantity": 1}])
    pickup = pair.book(pickup=True)
    for web_id in (digital, pickup):
        assert PLACES not in pair.calls(web_id)
        assert destination(pair, web_id) == (BUYER["street_1"], BUYER["city"])


@pytest.mark.parametrize(("include", "calls"), [("whole", 0), ("link", 1), ("empty", 1)])
def test_a_fee_that_the_include_leaves_out_is_asked_for(pair: Pair, include: str, calls: int) -> None:
    settings = pair.connection.order_settings
    settings.fee_item_id = "100412"
    settings.save()
    switch(pair, fees_include=include)
    web_id = pair.book(fee={"name": "Rush", "amount": "4.00"})
    assert pair.calls(web_id).count(FEES) == calls
    assert pair.record(web_id).facts["equation"][-2] == {"name": "Rush", "amount": "4.00"}

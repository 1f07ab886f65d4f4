"""The smallest number of calls, asserted exactly and with the reason for each."""

from tests.flows.conftest import Pair


def test_an_ordinary_order_of_a_known_customer_costs_eight_calls(pair: Pair) -> None:
    pair.book()
    web_id = pair.book()
    assert pair.calls(web_id) == [
        "GET /v2/orders",  # the order with consignments, lines and fees inside: one call, whatever the lines
        "GET /sales/orders",  # search by number: only this finds an order whose answer was lost or memory restored
        "POST /sales/orders",  # header with all lines inside
        "POST /sales/orders/taxes",  # taxes have no place in the create call (§10.4)
        "GET /sales/orders",  # Heartland's own total: creating answers without a body, and the gate must see it
        "POST /sales/orders/payments",  # payments have no place in the create call (§11.2); one a tender
        "PUT /sales/orders",  # opening needs the payments, so it cannot be part of anything before
        "PUT /v2/orders",  # the Heartland number on the store's side, searchable there
    ]


def test_an_untaxed_order_saves_the_tax_line(pair: Pair) -> None:
    nowhere_taxed = {"ship_to": {"state": "Oregon", "city": "Bend", "zip": "97701"}}
    buyer = {"street_1": "1 Elm St", "first_name": "Ann", "last_name": "Ruiz", "country": "United States"}
    destination = nowhere_taxed["ship_to"] | buyer | {"country_iso2": "US", "phone": "2515550100"}
    pair.book(ship_to=destination)
    web_id = pair.book(ship_to=destination)
    assert pair.record(web_id).facts["equation"][-1] == {"name": "Tax", "amount": "0.00"}
    assert len(pair.calls(web_id)) == 7
    assert "POST /sales/orders/taxes" not in pair.calls(web_id)


def test_the_number_of_lines_does_not_matter(pair: Pair) -> None:
    lines = [{"sku": "DOG-LEAD", "quantity": 1}, {"sku": "LGT-LANT", "quantity": 3}]
    pair.book(lines=lines)
    assert len(pair.calls(pair.book(lines=lines))) == 8


def test_a_second_look_at_a_booked_order_costs_two_calls(pair: Pair) -> None:
    web_id = pair.book()
    assert pair.run(web_id) == "done"
    assert pair.calls(web_id) == [
        "GET /v2/orders",
        "GET /sales/orders",  # what was booked is only what we remember: the desk may have changed it since
    ]


def test_a_skipped_order_costs_one_call(pair: Pair) -> None:
    web_id = pair.place(payment="declined")
    assert pair.run(web_id) == "done"
    assert pair.calls(web_id) == ["GET /v2/orders"]


def test_a_new_customer_costs_its_searches_a_customer_and_an_address(pair: Pair) -> None:
    web_id = pair.book()
    people = [call for call in pair.calls(web_id) if "customers" in call]
    assert people == [
        "GET /customers",  # by e-mail: a filter, which heeds letter case
        "GET /customers",  # by e-mail again as free text, which does not
        "GET /customers",  # by phone as free text, which passes over punctuation
        "POST /customers",
        "POST /customers/addresses",
        "GET /customers/addresses",  # Location may name a join record: orders need the address's own id (§9)
    ]

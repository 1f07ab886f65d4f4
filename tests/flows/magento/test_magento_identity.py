"""Which order is which: numbers that repeat, orders that take each other's place."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from connections import services
from syncjobs import engine
from syncjobs.models import Record
from syncjobs.pages.search.find_orders import orders_exact
from tests import factories
from tests.flows.magento.conftest import Pair, line

D = Decimal


def test_m32_three_orders_with_one_number_are_three_sales_orders(pair: Pair) -> None:
    pair.switch(numbers_overlap=True)
    view_open(pair, "italy", "Italy")
    number, views = "1000006164", ("default", "canada", "italy")
    ids = [
        pair.place(line("DOG-LEAD", price), view=view, increment_id=number)
        for view, price in zip(views, ("40.00", "55.00", "70.00"), strict=True)
    ]
    pair.poll()
    there = [pair.there(order_id) for order_id in ids]
    assert [(D(str(row["total"])), row["status"]) for row in there] == [
        (D(40), "open"), (D(55), "open"), (D(70), "open"),
    ]  # fmt: skip
    assert [row["public_id"] for row in pair.sales_orders()] == [f"MG-{number}", f"MG-{number}-2", f"MG-{number}-3"]
    settings, store = pair.connection.order_settings, pair.connection.store
    names = {"default": "Default Store View", "canada": "Canada", "italy": "Italy"}
    for order_id, view, row in zip(ids, views, there, strict=True):
        assert row["custom"][settings.number_field] == number
        assert row["custom"][settings.source_field] == f"{store.reference}#{order_id} {names[view]}"
    found = orders_exact([pair.connection], number)
    assert sorted(row.external_id for row in found) == sorted(ids)
    assert {row.facts["store_view"] for row in found} == set(names.values())
    for order_id in ids:  # looked at again, nothing is made
        assert pair.run(order_id) == "done"
    assert len(pair.sales_orders()) == 3


def view_open(pair: Pair, code: str, name: str) -> None:
    """The merchant gives the website one more store view, and tests the connection."""
    state = pair.shop.app.service.state
    like = next(row for row in state.store_views.all() if row["code"] == "canada")
    state.store_views.insert({**like, "id": max(state.store_views.ids()) + 1, "code": code, "name": name})
    assert services.store_check(store=pair.connection.store).is_ok
    pair.connection.store.refresh_from_db()


@pytest.mark.parametrize("forgets", [True, False])
@pytest.mark.parametrize("new_first", [True, False])
def test_m08_an_edited_order_is_one_living_sales_order(pair: Pair, *, new_first: bool, forgets: bool) -> None:
    pair.switch(edit_links_child=not forgets)
    old = pair.book(line("DOG-LEAD", "20.00", 2), payment="authorized")
    number = pair.record(old).number
    new = str(pair.act(old, "edit", lines=[{"line": 0, "quantity": 3}])["id"])
    for order_id in (new, old) if new_first else (old, new):
        pair.run(order_id)
    pair.settle()
    (living,) = pair.living()
    assert (living["public_id"], D(str(living["total"]))) == (f"MG-{number}-1", D(60))
    assert pair.goods(new) == {"DOG-LEAD": (3, D(20))}
    ended = pair.there(old)
    assert (ended["status"], D(str(ended["total_paid"]))) == ("canceled", D(0))
    assert pair.record(old).facts["replaced_by"] == {"id": new, "title": f"{number}-1"}
    assert pair.record(new).facts["replaces"] == {"id": old, "title": number}
    client = Client()
    client.force_login(factories.member(pair.connection.merchant))
    pages = {one: client.get(address(pair, one)).content.decode() for one in (old, new)}
    assert f'The store replaced it by <a href="{address(pair, new)}">order {number}-1</a>' in pages[old]
    assert f'It came in the place of <a href="{address(pair, old)}">order {number}</a>' in pages[new]


@pytest.mark.parametrize("choice", [*Record.Choice.values[:2], "split"])
@pytest.mark.parametrize("new_first", [True, False])
def test_m08_where_the_former_was_invoiced_a_second_one_is_a_persons_choice(
    pair: Pair, *, new_first: bool, choice: str
) -> None:
    old = pair.book(line("DOG-LEAD", "20.00", 2), payment="authorized")
    pair.invoice(old)
    new = str(pair.act(old, "edit", lines=[{"line": 0, "quantity": 3}])["id"])
    for order_id in (new, old) if new_first else (old, new):
        pair.run(order_id)
    pair.settle()
    assert (pair.record(old).disposition, pair.record(old).code) == ("held", "cancelled_after_invoice")
    record = pair.record(new)
    assert (record.disposition, record.code) == ("held", "former_invoiced")
    number = pair.record(old).number
    assert f"came in the place of order {number}, of which Heartland has invoiced MG-{number}" in record.reason
    assert [row["public_id"] for row in pair.living()] == [f"MG-{number}"]
    chosen = choose(pair, new, Record.Choice(choice))
    living = [row["public_id"] for row in pair.living()]
    if choice == Record.Choice.HEARTLAND:
        assert (chosen, pair.record(new).disposition, pair.record(new).code) == ("done", "skipped", "former_kept")
        assert living == [f"MG-{number}"]
    else:
        assert (chosen, pair.record(new).disposition) == ("done", "booked")
        assert living == [f"MG-{number}", f"MG-{number}-1"]
        assert pair.goods(new) == {"DOG-LEAD": (1 if choice == Record.Choice.SPLIT else 3, D(20))}
    if choice == Record.Choice.SPLIT:
        assert pair.record(new).target_total == pair.record(new).source_total == D(60)
        pair.invoice(new)
        pair.follow_invoices()
        assert sum(count for one in pair.shipments(new) for count in pair.shipped(one).values()) == 3
        assert pair.run(new) == "done"
        assert [row["public_id"] for row in pair.living()] == living


def choose(pair: Pair, order_id: str, choice: Record.Choice) -> str:
    """What a person chooses for an order, and the look after it."""
    person = factories.member(pair.connection.merchant)
    engine.order_choose(record=pair.record(order_id), choice=choice, actor=person)
    return pair.run(order_id)


def address(pair: Pair, order_id: str) -> str:
    return reverse("order", args=[pair.connection.public_id, order_id])


def test_orders_are_fetched_by_the_number_that_people_read(pair: Pair) -> None:
    pair.switch(numbers_overlap=True)
    ids = [
        pair.place(line("DOG-LEAD", "40.00"), view=view, increment_id="W-77/1", days_ago=20)
        for view in ("default", "canada")
    ]
    client = Client()
    client.force_login(factories.member(pair.connection.merchant))
    there = reverse("fulfilment_backfill", args=[pair.connection.public_id])
    assert client.post(there, {"ids": "W-77/1"}).status_code == 302
    pair.settle()
    assert [pair.record(order_id).disposition for order_id in ids] == ["booked", "booked"]
    client.post(there, {"ids": "W-78"})
    assert len(pair.living()) == 2

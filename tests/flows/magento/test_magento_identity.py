"""Which order is which: numbers that repeat, orders that take each other's place."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from syncjobs.pages.orders.order_list import orders_found
from tests import factories
from tests.flows.magento.conftest import Pair, line

D = Decimal


def test_m32_three_orders_with_one_number_are_three_sales_orders(pair: Pair) -> None:
    pair.switch(numbers_overlap=True)
    number, views = "1000006164", ("default", "canada")
    ids = [
        pair.place(line("DOG-LEAD", price), view=view, increment_id=number)
        for view, price in (("default", "40.00"), ("canada", "55.00"))
    ]
    pair.poll()
    there = [pair.there(order_id) for order_id in ids]
    assert [(D(str(row["total"])), row["status"]) for row in there] == [(D(40), "open"), (D(55), "open")]
    assert [row["public_id"] for row in pair.sales_orders()] == [f"MG-{number}", f"MG-{number}-2"]
    settings, store = pair.connection.order_settings, pair.connection.store
    names = {"default": "Default Store View", "canada": "Canada"}
    for order_id, view, row in zip(ids, views, there, strict=True):
        assert row["custom"][settings.number_field] == number
        assert row["custom"][settings.source_field] == f"{store.reference}#{order_id} {names[view]}"
    found = orders_found([pair.connection], number)
    assert sorted(row.external_id for row in found) == sorted(ids)
    assert {row.facts["store_view"] for row in found} == set(names.values())
    for order_id in ids:  # looked at again, nothing is made
        assert pair.run(order_id) == "done"
    assert len(pair.sales_orders()) == 2


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

"""What a payout's rows tell and a Magento shop does not know: noted there once, or said why it cannot be (P06, P16)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from connections.models import User
from syncjobs.models import PayoutEntry
from syncjobs.money.import_payouts import payouts_import
from tests.flows.magento.conftest import Pair, line
from tests.flows.magento.test_magento_refunds import PARTS, money, refunds, returns
from tests.flows.magento.test_magento_returns import ONE, given_back, memos, owner, sold
from tests.flows.tills import choose, record_of, refunding, take_back, work
from tests.unit.mappings.test_payouts import HEAD

__all__ = ["owner"]

D = Decimal


@pytest.fixture
def shop(pair: Pair) -> Pair:
    refunding(pair.connection, books_refunds=False, fee_item_id="100412")
    return pair


def rows(shop: Pair, order_id: str, *parts: tuple[str, str]) -> PayoutEntry:
    reference, now = shop.record(order_id).facts["tenders"][0]["reference"], timezone.now().isoformat()
    text = "".join(f"t{at},{kind},{reference},{amount},0.00,,{now},,po_1\n" for at, (kind, amount) in enumerate(parts))
    payouts_import(connection=shop.connection, name="x.csv", text=HEAD + text, actor=None, now=timezone.now())
    found: PayoutEntry = PayoutEntry.objects.filter(connection=shop.connection).latest("pk")
    return found


def press(shop: Pair, person: User, entry: PayoutEntry, was: str) -> str:
    PayoutEntry.objects.update(asked_at=None)  # two minutes later
    client = Client()
    client.force_login(person)
    path = f"/stores/{shop.connection.public_id}/payouts/rows/{entry.pk}/give-back/"
    return client.post(path, {"was": was}, follow=True).content.decode()


def test_p16_the_shop_notes_it_and_heartland_books_a_return_without_goods(shop: Pair, owner: User) -> None:
    order_id = shop.book(line("DOG-LEAD", "50.00", 2))
    shop.invoice(order_id)
    entry = rows(shop, order_id, ("charge", "100.00"), ("refund", "-25.00"))
    shop.run(order_id)
    shop.settle()
    assert (memos(shop, order_id), returns(shop)) == ([], [])
    rule = {"method": "POST", "path": "/refund", "times": 1, "after": True, "lose": True}
    shop.magento.post("/_sim/faults", rule)
    was = f"note:{order_id}:25.00"
    assert "then press again, it is done once" in press(shop, owner, entry, was)
    assert "It was done before" in press(shop, owner, entry, was)
    shop.run(order_id)
    shop.settle()
    assert [money(one["grand_total"]) for one in memos(shop, order_id)] == [D("25.00")]
    assert given_back(shop, order_id) == []
    (told,), (ticket,) = refunds(shop, order_id), returns(shop)
    assert (told.disposition, money(ticket["total"]), ticket["status"]) == ("booked", D("-25.00"), "complete")
    press(shop, owner, entry, was)
    assert len(memos(shop, order_id)) == 1


def test_p06_a_cancelled_order_without_an_invoice_is_paid_back_at_the_provider(shop: Pair, owner: User) -> None:
    order_id = shop.place(line("DOG-LEAD", "59.00"), payment="abandoned")
    shop.magento.post("/_sim/clock/advance", {"seconds": 600 * 60})
    shop.act(order_id, "cancel")
    shop.act(order_id, "transaction", type="capture", amount="59.00")
    shop.run(order_id)
    entry = rows(shop, order_id, ("charge", "59.00"))
    assert (entry.how, entry.candidates) == ("ended", [order_id])
    said = press(shop, owner, entry, f"refund:{order_id}:59.00")
    assert "Nothing more was done." in said
    assert "No invoice of the order took its money by a provider" in said
    assert f"Give it back at the payment provider (payment {entry.reference}): its row then settles this." in said
    assert (memos(shop, order_id), given_back(shop, order_id)) == ([], [])
    rows(shop, order_id, ("charge", "59.00"), ("refund", "-59.00"))
    assert [one.how for one in PayoutEntry.objects.order_by("pk")] == ["reference", "reference"]


@pytest.mark.parametrize("zero", ["refused", "everything"])
def test_p16_on_an_order_with_a_bundle_nothing_is_noted_for_everything(shop: Pair, owner: User, zero: str) -> None:
    shop.switch(zero_qty_bundle=zero)
    order_id = shop.book(line("LGT-LANT", "90.00", 1, type="bundle", children=PARTS, separately=True))
    shop.invoice(order_id)
    entry = rows(shop, order_id, ("charge", "90.00"), ("refund", "-25.00"))
    said = press(shop, owner, entry, f"note:{order_id}:25.00")
    assert "No amount can be noted by itself on an order with a bundle" in said
    assert (memos(shop, order_id), given_back(shop, order_id)) == ([], [])


def test_p16_a_memo_that_staff_made_offline_and_a_return_at_the_till_are_one_thing(shop: Pair, owner: User) -> None:
    order_id, made = sold(shop, 3, "20.00")
    shop.act(order_id, "refund", lines=[{"line": 0, "quantity": 1}], online=False)
    ticket = take_back(shop.heartland, shop.connection, made, ONE, payment_type="Cash")
    work(shop.connection)
    assert (record_of(ticket).disposition, record_of(ticket).code) == ("held", "return_maybe_noted")
    choose(ticket, "heartland", owner)
    for minutes in (1, 2):
        shop.run(order_id)
        work(shop.connection, at=timedelta(minutes=minutes))
    assert record_of(ticket).disposition == "booked"
    assert [money(one["grand_total"]) for one in memos(shop, order_id)] == [D("20.00")]
    assert [money(row["total"]) for row in returns(shop)] == [D("-20.00")]
    assert [one.disposition for one in refunds(shop, order_id)] == ["booked"]
    assert given_back(shop, order_id) == []

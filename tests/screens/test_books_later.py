"""After a day was closed: undone words and parts, refunds and orders are in the next close, and all sums hold."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from mappings.core.rules.journal import Account, Postings, sums_of
from syncjobs.models import DayClose, PayoutEntry, PayoutWord, Record
from syncjobs.money.close_day import Posted, closes_verify
from syncjobs.money.import_payouts import payouts_import
from tests import books
from tests.books import LATER, close, sold
from tests.screens.conftest import Shop
from tests.unit.mappings.test_payouts import HEAD

D = Decimal


@pytest.fixture
def client(shop: Shop) -> Client:
    return shop.client()


def rows(shop: Shop, text: str) -> None:
    payouts_import(connection=shop.connection, name="x.csv", text=HEAD + text, actor=None, now=LATER)


def every(shop: Shop) -> Postings:
    """What all closes hold together."""
    made = DayClose.objects.filter(connection=shop.connection)
    return sums_of(Posted.read(line).amounts for one in made for line in one.lines)


def refund(shop: Shop, order: str, total: str, **fields: Any) -> Record:
    """A refund of the store that is booked in Heartland."""
    facts = {"tenders": [{"method": "card", "amount": total, "kind": "gateway", "noted": False}], "tax": "0.00"}
    told = {
        "disposition": "booked", "currency": "USD", "source_placed_at": books.SOLD_AT, "source_total": D(total),
        "target_total": D(total), "facts": facts, "first_seen_at": books.SOLD_AT, "changed_at": LATER,
    }  # fmt: skip
    return Record.objects.create(
        connection=shop.connection, flow="refunds", external_id=f"{order}:7", order_id=order, **(told | fields)
    )


def test_a_split_that_is_undone_after_the_close_is_in_the_next_one(shop: Shop, client: Client) -> None:
    sold(shop.connection, "1", "60.00", reference="r1")
    rows(shop, "t1,charge,all,100.00,1.00,99.00,2026-03-30T18:00Z,,\n")
    whole = PayoutEntry.objects.get()
    client.post(shop.at(f"payouts/rows/{whole.pk}/"), {"was": whole.shown, "number": "1", "amount": "60", "note": ""})
    close(shop.connection, "2026-03-30", "the rest is looked into")
    split = {Account.GATEWAY: D("99.00"), Account.FEES: D("1.00"), Account.SALES: D("-60.00"),
             Account.UNMATCHED: D("-40.00")}  # fmt: skip
    assert every(shop) == split
    part = PayoutEntry.objects.get(part_of=whole)
    client.post(shop.at(f"payouts/rows/{part.pk}/undo/"), {"was": part.shown})
    close(shop.connection, "2026-03-31", "x")
    assert every(shop) == {Account.GATEWAY: D("159.00"), Account.FEES: D("1.00"), Account.SALES: D("-60.00"),
                           Account.UNMATCHED: D("-100.00")}  # fmt: skip
    again = PayoutEntry.objects.get(pk=whole.pk)
    client.post(shop.at(f"payouts/rows/{whole.pk}/"), {"was": again.shown, "number": "1", "amount": "60", "note": ""})
    close(shop.connection, "2026-04-01", "x")
    assert every(shop) == split
    assert closes_verify(shop.connection) == (3, "")


def test_a_word_that_is_taken_back_after_the_close_is_in_the_next_one(shop: Shop, client: Client) -> None:
    sold(shop.connection, "1", "82.00", reference="pay_1")
    rows(shop, "t1,charge,pay_1,82.00,2.90,79.10,2026-03-30T10:00Z,2026-03-30,po_1\n"
               "t2,payout,po_1,-61.40,0.00,-61.40,2026-03-30T12:00Z,2026-03-30,po_1\n")  # fmt: skip
    client.post(shop.at("payouts/explain/"), {"of": "po_1", "was": "-17.70", "meaning": "loan", "note": ""})
    close(shop.connection, "2026-03-30")
    assert every(shop)[Account.LOANS] == D("17.70")
    client.post(shop.at(f"payouts/words/{PayoutWord.objects.get().pk}/undo/"))
    close(shop.connection, "2026-03-31")
    assert Account.LOANS not in every(shop)
    client.post(shop.at("payouts/explain/"), {"of": "po_1", "was": "-17.70", "meaning": "fee", "note": ""})
    close(shop.connection, "2026-04-01")
    assert every(shop) == {Account.BANK: D("61.40"), Account.SALES: D("-82.00"), Account.FEES: D("20.60")}


def test_a_cancelled_order_takes_its_refunds_along(shop: Shop, client: Client) -> None:
    """It was sold, refunded in part and closed; then all of it is cancelled: nothing of it is left in the books."""
    record = sold(shop.connection, "1", "50.00", reference="p1")
    refund(shop, "1", "20.00")
    close(shop.connection, "2026-03-30")
    assert every(shop) == {Account.GATEWAY: D("30.00"), Account.SALES: D("-50.00"), Account.REFUNDS: D("20.00")}
    Record.objects.filter(pk=record.pk).update(disposition="cancelled", changed_at=LATER, read_at=LATER)
    close(shop.connection, "2026-03-31")
    assert every(shop) == {}


def test_a_refund_that_waits_is_posted_by_the_close_after_it_was_booked(shop: Shop, client: Client) -> None:
    sold(shop.connection, "1", "50.00", reference="p1")
    waits = refund(shop, "1", "20.00", disposition="held", target_total=None, reason="It waits for your look.")
    shown = client.get(shop.at("books/day/?on=2026-03-30")).content.decode()
    assert "Refunds open: 1" in shown
    assert "It waits for your look." in shown
    close(shop.connection, "2026-03-30", "the refund waits")
    assert every(shop) == {Account.GATEWAY: D("50.00"), Account.SALES: D("-50.00")}
    Record.objects.filter(pk=waits.pk).update(disposition="booked", target_total=D("20.00"), changed_at=LATER)
    made = close(shop.connection, "2026-03-31")
    assert every(shop) == {Account.GATEWAY: D("30.00"), Account.SALES: D("-50.00"), Account.REFUNDS: D("20.00")}
    assert {line[1] for line in made.lines} == {"2026-03-30"}


def test_a_gateway_that_gave_more_back_than_was_sold_is_named_and_no_refund_of_sales(
    shop: Shop, client: Client
) -> None:
    sold(shop.connection, "1", "100.00", reference="p1")
    rows(shop, "t1,charge,p1,100.00,0.00,,2026-03-30T18:00Z,,\n"
               "t2,refund,p1,-100.00,0.00,,2026-03-30T19:00Z,,\n"
               "t3,refund,p1,-50.00,0.00,,2026-03-30T20:00Z,,\n")  # fmt: skip
    refund(shop, "1", "100.00")
    facts = Record.objects.get(flow="orders", external_id="1").facts
    Record.objects.filter(flow="orders").update(facts=facts | {"given_back": "100.00"})
    shown = client.get(shop.at("books/day/?on=2026-03-30")).content.decode()
    assert "Refunded at the gateway, unknown to the store: 150.00 there, 100.00 in the store." in shown
    close(shop.connection, "2026-03-30", "asked the gateway")
    assert every(shop) == {Account.GATEWAY: D("-50.00"), Account.SALES: D("-100.00"), Account.REFUNDS: D("100.00"),
                           Account.UNMATCHED: D("50.00")}  # fmt: skip


def test_refunds_of_an_order_in_another_currency_are_in_no_close(shop: Shop, client: Client) -> None:
    record = sold(shop.connection, "1", "50.00", reference="p1")
    Record.objects.filter(pk=record.pk).update(currency="EUR")
    refund(shop, "1", "20.00", currency="EUR")
    made = close(shop.connection, "2026-03-30", "euros")
    assert every(shop) == {}
    assert (made.figures["orders"], made.figures["refunds"]) == (0, 0)


def test_a_refund_is_of_the_merchants_day_whatever_day_its_order_was(shop: Shop, client: Client) -> None:
    shop.merchant.time_zone = "America/Chicago"
    shop.merchant.save(update_fields=["time_zone"])
    shop.connection.merchant.refresh_from_db()
    sold(shop.connection, "1", "50.00", reference="p1")
    refund(shop, "1", "20.00", source_placed_at=datetime(2026, 4, 1, 3, 30, tzinfo=UTC))  # 22:30 on March 31
    first = close(shop.connection, "2026-03-30")
    second = close(shop.connection, "2026-03-31")
    assert [one.figures["store_refunds"] for one in (first, second)] == ["0.00", "20.00"]
    assert sums_of(Posted.read(line).amounts for line in second.lines) == {
        Account.GATEWAY: D("-20.00"), Account.REFUNDS: D("20.00"),
    }  # fmt: skip


def test_what_a_person_said_of_a_row_with_another_amount_stays_named(shop: Shop, client: Client) -> None:
    sold(shop.connection, "1", "50.00")
    rows(shop, "t1,charge,x,49.00,0.00,,2026-03-30T18:00Z,,\n")
    entry = PayoutEntry.objects.get()
    client.post(shop.at(f"payouts/rows/{entry.pk}/"), {"was": entry.shown, "number": "1", "note": ""})
    shown = client.get(shop.at("books/day/?on=2026-03-30")).content.decode()
    assert "Its rows bring 49.00, and it was paid 50.00." in shown
    rows(shop, "t2,charge,y,1.00,0.00,,2026-03-30T18:01Z,,\n")
    rest = PayoutEntry.objects.get(gateway_id="t2")
    client.post(shop.at(f"payouts/rows/{rest.pk}/"), {"was": rest.shown, "number": "1", "note": ""})
    assert "Its rows bring" not in client.get(shop.at("books/day/?on=2026-03-30")).content.decode()

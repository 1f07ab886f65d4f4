"""What a payout's rows tell and a store does not know is offered to a person, done once on both sides (P06, P16)."""

from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from connections.models import AuditEntry, Membership, User
from connections.models.people import Role
from syncjobs.models import PayoutEntry
from syncjobs.money.import_payouts import payouts_import
from syncjobs.proof.prove_day import day_of
from tests.flows.conftest import Pair
from tests.flows.test_refunds import left, look, money, of, order, returns
from tests.flows.test_till_returns import owner
from tests.flows.tills import refunding
from tests.unit.mappings.test_payouts import HEAD

__all__ = ["owner"]

D = Decimal


@pytest.fixture
def shop(pair: Pair) -> Pair:
    refunding(pair.connection, books_refunds=False, fee_item_id="100412")
    return pair


def refunded_at_the_gateway(shop: Pair, web_id: str, amount: str) -> PayoutEntry:
    """Staff give money back in the gateway's own dashboard: a payout's row tells of it, the store does not."""
    record = shop.record(web_id)
    reference, now = record.facts["tenders"][0]["reference"], timezone.now().isoformat()
    text = (
        f"t1,charge,{reference},{record.source_total},0.00,,{now},,po_1\n"
        f"t2,refund,{reference},-{amount},0.00,,{now},,po_1\n"
    )
    payouts_import(connection=shop.connection, name="x.csv", text=HEAD + text, actor=None, now=timezone.now())
    return PayoutEntry.objects.get(connection=shop.connection, kind="refund")


def page_of(shop: Pair, person: User) -> tuple[Client, str]:
    client = Client()
    client.force_login(person)
    day = day_of(shop.connection, timezone.now())
    return client, f"/stores/{shop.connection.public_id}/books/day/?on={day}"


def press(shop: Pair, person: User, entry: PayoutEntry, was: str) -> str:
    client, _ = page_of(shop, person)
    path = f"/stores/{shop.connection.public_id}/payouts/rows/{entry.pk}/give-back/"
    return client.post(path, {"was": was}, follow=True).content.decode()


def noted(shop: Pair, web_id: str) -> list[tuple[Decimal, bool]]:
    rows = [row for row in shop.bigcommerce.rows("refunds") if row["order_id"] == int(web_id)]
    return [(money(row["total_amount"]), row["payments"][0]["offline"]) for row in rows]


def forget_that_it_was_asked() -> None:
    """Two minutes later."""
    PayoutEntry.objects.update(asked_at=None)


def test_p16_a_refund_of_the_gateways_dashboard_is_booked_on_both_sides_together_once(shop: Pair, owner: User) -> None:
    web_id = shop.book(lines=[{"sku": "DOG-LEAD", "quantity": 3}])
    left(shop, web_id)
    entry = refunded_at_the_gateway(shop, web_id, "25.00")
    look(shop, web_id)
    assert (noted(shop, web_id), returns(shop)) == ([], [])
    client, day = page_of(shop, owner)
    shown = client.get(day).content.decode()
    assert "Refunded at the gateway, unknown to the store: 25.00 there, 0.00 in the store." in shown
    assert "Book $25.00 on both sides" in shown
    was = f"note:{web_id}:25.00"
    assert f'value="{was}"' in shown
    for stale in ("", f"note:{web_id}:24.00", f"refund:{web_id}:25.00"):
        press(shop, owner, entry, stale)
        assert noted(shop, web_id) == []
    shop.lose(shop.bigcommerce, "POST", "/payment_actions/refunds")
    assert "then press again, it is done once" in press(shop, owner, entry, was)
    assert "The store is being asked for it" in press(shop, owner, entry, was)
    forget_that_it_was_asked()
    assert "It was done before" in press(shop, owner, entry, was)
    assert noted(shop, web_id) == [(D("25.00"), True)]
    look(shop, web_id)
    (ticket,), (told,) = returns(shop), of(shop, web_id)
    assert (money(ticket["total"]), ticket["status"], told.disposition) == (D("-25.00"), "complete", "booked")
    assert order(shop, web_id).facts["given_back"] == "25.00"
    assert "Refunds open" not in client.get(day).content.decode().partition("Journal entry")[0]
    forget_that_it_was_asked()
    press(shop, owner, entry, was)
    look(shop, web_id)
    assert (len(noted(shop, web_id)), len(returns(shop))) == (1, 1)
    (told_of,) = AuditEntry.objects.filter(action="payouts.noted")
    assert told_of.detail["amount"] == "25.00"


def test_p16_what_staff_noted_meanwhile_is_not_noted_again(shop: Pair, owner: User) -> None:
    web_id = shop.book(lines=[{"sku": "DOG-LEAD", "quantity": 3}])
    left(shop, web_id)
    entry = refunded_at_the_gateway(shop, web_id, "25.00")
    shop.bigcommerce.post(f"/_sim/orders/{web_id}/refund", {"amount": "25.00", "provider": "custom"})
    said = press(shop, owner, entry, f"note:{web_id}:25.00")
    assert "shows 25.00 as given back by now, and the gateway 25.00: look at both." in said
    assert noted(shop, web_id) == [(D("25.00"), True)]


def test_p06_money_of_a_cancelled_order_is_given_back_by_the_store_once(shop: Pair, owner: User) -> None:
    web_id = shop.book(lines=[{"sku": "DOG-LEAD", "quantity": 1}])
    total = shop.record(web_id).source_total
    shop.bigcommerce.post(f"/_sim/orders/{web_id}/cancel", {})
    shop.run(web_id)
    assert shop.record(web_id).disposition == "cancelled"
    reference, now = shop.record(web_id).facts["tenders"][0]["reference"], timezone.now().isoformat()
    row = f"t1,charge,{reference},{total},0.00,,{now},,po_1\n"
    payouts_import(connection=shop.connection, name="x.csv", text=HEAD + row, actor=None, now=timezone.now())
    entry = PayoutEntry.objects.get(connection=shop.connection)
    assert entry.how == "ended"
    client, _ = page_of(shop, owner)
    shown = client.get(f"/stores/{shop.connection.public_id}/payouts/").content.decode()
    assert f"give ${total} back" in shown
    was = f"refund:{web_id}:{total}"
    assert f"asked its provider to give {total} back." in press(shop, owner, entry, was)
    forget_that_it_was_asked()
    assert "It was done before" in press(shop, owner, entry, was)
    assert noted(shop, web_id) == [(total, False)]
    shop.run(web_id)
    assert returns(shop) == []
    assert shop.record(web_id).disposition in {"cancelled", "skipped"}


def test_money_that_the_provider_declined_is_told_and_not_asked_for_again(shop: Pair, owner: User) -> None:
    web_id = shop.book(lines=[{"sku": "DOG-LEAD", "quantity": 1}])
    total = shop.record(web_id).source_total
    shop.bigcommerce.post(f"/_sim/orders/{web_id}/cancel", {})
    shop.run(web_id)
    reference, now = shop.record(web_id).facts["tenders"][0]["reference"], timezone.now().isoformat()
    row = f"t1,charge,{reference},{total},0.00,,{now},,po_1\n"
    payouts_import(connection=shop.connection, name="x.csv", text=HEAD + row, actor=None, now=timezone.now())
    entry, was = PayoutEntry.objects.get(connection=shop.connection), f"refund:{web_id}:{total}"
    shop.bigcommerce.put("/_sim/switches", {"refund_declined": True})
    press(shop, owner, entry, was)
    shop.bigcommerce.post("/_sim/clock/advance", {"seconds": 60})
    for _ in range(2):
        forget_that_it_was_asked()
        assert "its provider declined the money: give it back at the payment provider by hand." in press(
            shop, owner, entry, was
        )
    assert len(noted(shop, web_id)) == 1


def test_a_store_that_cannot_be_read_was_asked_for_nothing(shop: Pair, owner: User) -> None:
    web_id = shop.book(lines=[{"sku": "DOG-LEAD", "quantity": 3}])
    left(shop, web_id)
    entry, was = refunded_at_the_gateway(shop, web_id, "25.00"), f"note:{web_id}:25.00"
    shop.bigcommerce.post("/_sim/faults", {"method": "GET", "path": "/stores/.*", "times": 20, "status": 503})
    said = press(shop, owner, entry, was)
    assert "Nothing more was done." in said
    assert "press again" not in said
    shop.bigcommerce.delete("/_sim/faults")
    assert "has 25.00 noted as given back; Heartland follows." in press(shop, owner, entry, was)
    assert noted(shop, web_id) == [(D("25.00"), True)]


def test_only_who_may_decide_about_money_is_offered_it(shop: Pair) -> None:
    web_id = shop.book(lines=[{"sku": "DOG-LEAD", "quantity": 3}])
    left(shop, web_id)
    entry = refunded_at_the_gateway(shop, web_id, "25.00")
    person = User.objects.create(email="viewer@example.com")
    Membership.objects.create(user=person, merchant=shop.connection.merchant, role=Role.VIEWER)
    client, day = page_of(shop, person)
    assert "on both sides" not in client.get(day).content.decode()
    path = f"/stores/{shop.connection.public_id}/payouts/rows/{entry.pk}/give-back/"
    assert client.post(path, {"was": f"note:{web_id}:25.00"}).status_code == 403
    assert noted(shop, web_id) == []

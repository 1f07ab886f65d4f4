"""Two customers who are one person: told by the store, said by a person, or done at the till (K07 and its like)."""

import json
import time
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from connections.connect.magento.hand_ways import MODULE
from connections.hooks import hook_address
from errors.failures import ConfigurationFailure
from mappings.models import Link
from syncjobs.flows.points.settings_points import loyalty_save
from syncjobs.intake.customer_answers import people_join, same_person
from syncjobs.intake.customer_feeds import customers_follow
from syncjobs.models import (
    Cursor,
    CustomerIdentity,
    CustomerMerge,
    CustomerQuestion,
    InboxEvent,
    PointsAccount,
    PointsMovement,
    PointsSide,
    Record,
    SyncJob,
)
from tests import factories
from tests.flows.customers.conftest import AtMagento, World
from tests.flows.customers.test_customers import SECOND, THIRD, linked, looked
from tests.flows.deaths import dies
from tests.flows.magento.hearing import made, ours

__all__ = ["ours"]
OTHER = {"email": "ana.l@example.org", "phone": "5125550111"}
WAIT_SECONDS = 10.0


def owner(world: World) -> Any:
    return factories.member(world.connection.merchant)


def two_of_one(world: World) -> tuple[str, str, str, str]:
    """An account, another of the same person that nobody could tell; and whose they are in Heartland."""
    kept, gone = world.account({}), world.account(SECOND, **OTHER)
    customer, other = linked(world, kept), linked(world, gone)
    assert customer != other
    return kept, gone, customer, other


def joined(world: World, gone: str, kept: str) -> None:
    people_join(connection=world.connection, gone=gone, kept=kept, actor=owner(world), now=timezone.now())
    world.settle()


def led_to(world: World, *accounts: str) -> set[str]:
    keys = [f"customer:{one}" for one in accounts]
    links = Link.objects.filter(connection=world.connection, kind="customer", source_id__in=keys)
    return set(links.values_list("target_id", flat=True))


def heard(count: int) -> None:
    """Wait until so many messages of merges were stored."""
    until = time.monotonic() + WAIT_SECONDS
    while InboxEvent.objects.filter(topic="customer_merged").count() < count:
        assert time.monotonic() < until, list(InboxEvent.objects.values_list("topic", "external_id"))
        time.sleep(0.05)


def test_points_of_an_account_that_was_merged_away_count_where_it_went(shop: AtMagento) -> None:
    kept, gone, customer, _ = with_points(shop, 50, 100)
    for account in (kept, gone):
        points(shop, account)
    shop.merge(gone, into=kept)
    InboxEvent.objects.create(
        connection=shop.connection, system="magento", topic="customer_merged", delivery_key="one", external_id=kept,
        body=json.dumps({"old_ids": [int(gone)], "new_id": int(kept)}), received_at=timezone.now(),
    )  # fmt: skip
    looked(shop, kept)
    shop.settle(at=timedelta(minutes=2))  # once it is sure that the store does not add both up
    assert (shown(shop, customer), PointsAccount.objects.get().balance) == ("150", 150)
    points(shop, gone)
    record = Record.objects.get(flow="points", external_id=gone)
    assert (record.disposition, record.code) == ("skipped", "account_merged")
    assert list(PointsSide.objects.values_list("external_id", "known")) == [(kept, 150)]
    assert sorted(PointsMovement.objects.values_list("points", flat=True)) == [50, 100]


@pytest.mark.django_db(transaction=True)
def test_k07_news_of_an_account_that_was_merged_away(shop: AtMagento, ours: str) -> None:
    hook = made(shop.connection, MODULE)
    shop.store.put("/_sim/switches", {"module_url": hook_address(hook), "module_secret": hook.secret})
    kept, gone, customer, other = two_of_one(shop)
    shown = shop.shopper(kept)
    for number, old_ids in enumerate(([gone], [gone, kept]), 1):
        assert shop.merge(*old_ids, into=kept)
        heard(number)
        shop.settle()
    former = shop.identity(gone)
    assert (former.state, former.merged_into, former.customer_id) == ("ended", kept, customer)
    assert shop.identity(kept).state == "linked"
    assert shop.person(other)["active?"] is False
    assert str(shop.order("ana.l@example.org")["customer_id"]) == customer
    shop.move_in(gone, THIRD)
    assert shop.run(gone) == "done"
    assert shop.record(gone).code == "customer_merged"
    shop.settle()
    assert {home["line_1"] for home in shop.homes(customer)} >= {"12 Elm St", "90 Pine Rd"}
    after = shop.shopper(kept)
    assert [after[name] for name in ("default_billing", "default_shipping")] == [
        shown[name] for name in ("default_billing", "default_shipping")
    ]
    assert led_to(shop, kept, gone) == {customer}
    assert CustomerMerge.objects.get().because == "store"


def test_k07_an_account_that_went_into_another_without_a_word(world: World) -> None:
    """Where the store tells of no merge, only of an account that is gone: a person says that both were one."""
    kept, gone, customer, other = two_of_one(world)
    many = len(world.store.rows("customers"))
    world.close(gone)
    assert world.run(gone) == "done"
    assert (world.record(gone).code, world.identity(gone).ended_because) == ("customer_deleted", "deleted_in_store")
    assert str(world.order("ana@example.org")["customer_id"]) == customer
    joined(world, other, customer)
    assert (world.identity(gone).customer_id, world.identity(gone).state) == (customer, "ended")
    assert (world.identity(kept).customer_id, world.identity(kept).state) == (customer, "linked")
    assert world.person(other)["active?"] is False
    assert world.run(gone) == "done"  # late news of it bring nothing back
    assert (world.record(gone).code, len(world.store.rows("customers"))) == ("customer_deleted", many - 1)
    assert looked(world, kept) == []


def test_open_orders_go_along_and_nobody_is_asked_about_them(world: World) -> None:
    _, _, customer, other = two_of_one(world)
    order = world.order("ana.l@example.org")
    record = Record.objects.get(connection=world.connection, flow="orders", target_id=str(order["id"]))
    assert str(order["customer_id"]) == other
    joined(world, other, customer)
    there = world.pair.heartland_client().order_read(str(order["id"]))
    assert str(there["customer_id"]) == customer
    homes = {str(home["address_id"]) for home in world.homes(customer)}
    assert {str(there["billing_address_id"]), str(there["shipping_address_id"])} <= homes
    assert world.pair.run(record.external_id) == "done"
    record.refresh_from_db()
    assert (record.disposition, record.code) == ("booked", "")
    assert len(world.homes(customer)) == len({home["line_1"] for home in world.homes(customer)})


def test_a_worker_that_dies_after_a_merge_forgets_nobody_who_is_to_be_looked_at(world: World) -> None:
    """Order and account were moved for good by then: whoever goes on does not come to them any more."""
    _, gone, customer, other = two_of_one(world)
    order = world.order("ana.l@example.org")
    record = Record.objects.get(connection=world.connection, flow="orders", target_id=str(order["id"]))
    people_join(connection=world.connection, gone=other, kept=customer, actor=owner(world), now=timezone.now())
    began = timezone.now()
    assert dies("customers.answered", 3, world.settle)  # the address, the order, the one who goes
    assert list(SyncJob.objects.filter(status="pending", flow="orders").values_list("external_id", flat=True)) == [
        record.external_id
    ]
    assert dies("job.recording", 1, world.settle)
    world.settle(at=timedelta(minutes=5))
    assert CustomerMerge.objects.get().done_at
    record.refresh_from_db()
    assert (record.disposition, record.code) == ("booked", "")
    for row in (record, world.record(gone)):
        assert row.read_at
        assert row.read_at > began


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/api/sales/orders/[0-9]+"),
        ("PUT", "/api/customers/[0-9]+"),
        ("POST", "/api/customers/[0-9]+/addresses"),
    ],
)
def test_a_merge_whose_answers_are_lost_is_whole_in_the_end(world: World, method: str, path: str) -> None:
    kept, gone, customer, other = two_of_one(world)
    order = world.order("ana.l@example.org")
    client = world.pair.heartland_client()
    people_join(connection=world.connection, gone=other, kept=customer, actor=owner(world), now=timezone.now())
    world.heartland.post("/_sim/faults", {"method": method, "path": path, "times": 1, "after": True, "lose": True})
    for minutes in (0, 2, 4, 8):
        world.settle(at=timedelta(minutes=minutes))
    assert CustomerMerge.objects.get().done_at
    assert str(client.order_read(str(order["id"]))["customer_id"]) == customer
    assert world.person(other)["active?"] is False
    assert {world.identity(one).customer_id for one in (kept, gone)} == {customer}
    streets = [home["line_1"] for home in world.homes(customer)]
    assert sorted(streets) == sorted(set(streets))
    assert looked(world, kept) == looked(world, gone) == []


def test_points_of_both_are_one_balance(world: World) -> None:
    kept, gone, customer, other = with_points(world, 50, 100)
    for account in (kept, gone):
        points(world, account)
    joined(world, other, customer)
    assert (shown(world, customer), shown(world, other)) == ("150", "0")
    assert PointsAccount.objects.get().balance == 150
    for account in (kept, gone):
        points(world, account)
    assert PointsMovement.objects.count() == 2
    assert shown(world, customer) == "150"


def test_points_that_only_the_till_knew_come_along_once(world: World) -> None:
    kept, _, customer, other = with_points(world, 50, 100)
    points(world, kept)
    people_join(connection=world.connection, gone=other, kept=customer, actor=owner(world), now=timezone.now())
    fault = {"method": "PUT", "path": f"/api/customers/{other}", "times": 1, "after": True, "lose": True}
    world.heartland.post("/_sim/faults", fault)
    for minutes in (0, 2, 4):
        world.settle(at=timedelta(minutes=minutes))
    assert CustomerMerge.objects.get().done_at
    assert sorted(PointsMovement.objects.values_list("points", flat=True)) == [50, 100]
    assert (shown(world, customer), shown(world, other)) == ("150", "0")


FIELD = "loyalty_points"


def with_points(world: World, *balances: int) -> tuple[str, str, str, str]:
    """The same two, with points in Heartland alone."""
    world.pair.heartland_client().custom_field_create("customer", "Loyalty points")
    kept, gone, customer, other = two_of_one(world)
    for one, balance in zip((customer, other), balances, strict=True):
        world.edit(one, custom={FIELD: str(balance)})
    loyalty_save(
        connection=world.connection, actor=None, is_on=True, heartland_field=FIELD, store_field=world.points_field()
    )
    return kept, gone, customer, other


def points(world: World, account: str) -> None:
    world.run_flow("points", account)
    world.settle()


def shown(world: World, customer: str) -> str:
    return str(world.person(customer)["custom"][FIELD])


def test_who_is_switched_on_again_stays_so(world: World) -> None:
    kept, _, customer, other = two_of_one(world)
    joined(world, other, customer)
    world.edit(other, active=True)
    now = timezone.now()
    Cursor.objects.update_or_create(
        connection=world.connection, feed=Cursor.CUSTOMERS,
        defaults={"due_at": now, "position": (now - timedelta(hours=1)).isoformat()},
    )  # fmt: skip
    assert customers_follow(connection=world.connection, now=now)
    world.settle()
    assert CustomerMerge.objects.get().reopened_at == now
    assert looked(world, kept) == []
    assert world.person(other)["active?"] is True
    joined(world, other, customer)
    assert (world.person(other)["active?"], CustomerMerge.objects.get().reopened_at) == (False, None)


def test_a_merge_at_the_till_asks_nobody_about_orders(world: World) -> None:
    account = world.account({})
    gone = linked(world, account)
    order = world.order("ana@example.org")
    record = Record.objects.get(connection=world.connection, flow="orders", target_id=str(order["id"]))
    kept = world.customer({})
    world.heartland.post("/_sim/staff/merge_customers", {"from": int(gone), "into": int(kept)})
    assert world.pair.run(record.external_id) == "hold"  # nobody knows yet who the other one is
    looked(world, account)
    world.settle()
    assert (world.identity(account).customer_id, CustomerMerge.objects.get().because) == (kept, "heartland")
    record.refresh_from_db()
    assert (record.disposition, record.code) == ("booked", "")


def test_candidates_that_a_person_calls_one_are_merged_and_marked(world: World) -> None:
    one, other = world.customer({}), world.customer({})
    account = world.account({})
    assert world.run(account) == "hold"
    question = CustomerQuestion.objects.get()
    same_person(question=question, customer_id=other, merges=True, actor=owner(world), now=timezone.now())
    world.settle()
    merge = CustomerMerge.objects.get()
    assert (merge.gone_id, merge.kept_id, merge.because, bool(merge.done_at)) == (one, other, "person", True)
    assert (world.person(one)["active?"], world.identity(account).customer_id) == (False, other)


def test_one_who_was_merged_leads_on_when_the_other_is_merged_too(world: World) -> None:
    kept, _, customer, other = two_of_one(world)
    third = linked(world, world.account(THIRD, email="third@example.org", phone="5125550133", first_name="Bea"))
    joined(world, other, customer)
    joined(world, customer, third)
    assert dict(CustomerMerge.objects.values_list("gone_id", "kept_id")) == {other: third, customer: third}
    assert set(CustomerIdentity.objects.values_list("customer_id", flat=True)) == {third}
    assert world.identity(kept).state == "linked"


def test_what_cannot_be_joined_is_refused_in_words(world: World) -> None:
    account = world.account({})
    customer = linked(world, account)
    for gone, kept, words in (
        (customer, customer, "is the one that stays"),
        ("999999", customer, "No account in a store is, or was, customer 999999"),
    ):
        with pytest.raises(ConfigurationFailure, match=words):
            people_join(connection=world.connection, gone=gone, kept=kept, actor=owner(world), now=timezone.now())
    assert not CustomerMerge.objects.exists()


def test_two_logins_of_one_person_keep_an_e_mail_each(world: World) -> None:
    kept, gone, customer, other = two_of_one(world)
    joined(world, other, customer)
    assert [world.shopper(one)["email"] for one in (kept, gone)] == ["ana@example.org", "ana.l@example.org"]
    world.edit(customer, last_name="Lopez-Diaz")
    assert [looked(world, one) for one in (kept, gone)] == [[f"{world.kind} PUT"]] * 2
    world.shopper_edits(gone, email="ana.diaz@example.org")
    assert looked(world, gone) == looked(world, kept) == []
    assert world.person(customer)["email"] == "ana@example.org"
    assert [world.shopper(one)["last_name"] for one in (kept, gone)] == ["Lopez-Diaz"] * 2


def test_an_e_mail_that_is_another_accounts_is_a_persons_question(world: World) -> None:
    account = world.account({})
    customer = linked(world, account)
    taken = world.account({}, first_name="Bea", email="bea@example.org", phone="5125550111")
    world.edit(customer, email="bea@example.org")
    assert world.run(account) == "hold"
    record = world.record(account)
    assert (record.code, f"account {taken}" in record.reason, "bea@" in record.reason) == (
        "customer_email_taken", True, False,
    )  # fmt: skip
    assert world.shopper(account)["email"] == "ana@example.org"
    world.edit(customer, email="ana.new@example.org")
    assert looked(world, account) == [f"{world.kind} PUT"]
    assert (world.shopper(account)["email"], world.record(account).code) == ("ana.new@example.org", "")


def test_the_other_stores_of_the_account_follow(world: World) -> None:
    _, _, customer, other = two_of_one(world)
    second = factories.connection(world.connection.merchant)
    assert second.heartland_id == world.connection.heartland_id
    elsewhere = {"account_id": "501", "customer_id": other, "state": "linked", "store_digest": "seen"}
    CustomerIdentity.objects.create(connection=second, **elsewhere)
    Link.objects.create(connection=second, kind="customer", source_id="customer:501", target_id=other)
    joined(world, other, customer)
    there = CustomerIdentity.objects.get(connection=second)
    assert (there.customer_id, there.state, there.store_digest) == (customer, "linked", "")
    assert Link.objects.get(connection=second).target_id == customer


def test_two_people_who_join_in_opposite_directions_leave_one(world: World) -> None:
    kept, gone, customer, other = two_of_one(world)
    for away, stays in ((other, customer), (customer, other)):
        people_join(connection=world.connection, gone=away, kept=stays, actor=owner(world), now=timezone.now())
    world.settle()
    assert dict(CustomerMerge.objects.values_list("gone_id", "kept_id")) == {customer: other}
    assert {world.identity(one).customer_id for one in (kept, gone)} == {other}
    assert [world.person(one)["active?"] for one in (customer, other)] == [False, True]
    assert looked(world, kept) == looked(world, gone) == []


def test_a_join_that_heartland_refuses_waits_and_goes_on(world: World) -> None:
    kept, gone, customer, other = two_of_one(world)
    fault = {"method": "PUT", "path": f"/api/customers/{other}", "times": 1, "status": 503}
    world.heartland.post("/_sim/faults", fault)
    people_join(connection=world.connection, gone=other, kept=customer, actor=owner(world), now=timezone.now())
    world.settle()
    assert (CustomerMerge.objects.get().done_at, world.identity(gone).customer_id) == (None, other)
    for minutes in (2, 8, 30):
        world.settle(at=timedelta(minutes=minutes))
    assert CustomerMerge.objects.get().done_at
    assert {world.identity(one).customer_id for one in (kept, gone)} == {customer}


def test_a_guest_order_under_the_other_e_mail_is_hers(world: World) -> None:
    _, _, customer, other = two_of_one(world)
    world.order(guest={"email": "ana.l@example.org", "first_name": "Ana", "last_name": "Lopez"})
    many = len(world.customers())
    joined(world, other, customer)
    order = world.order(guest={"email": "ana.l@example.org", "first_name": "Ana", "last_name": "Lopez"})
    assert (str(order["customer_id"]), len(world.customers())) == (customer, many - 1)


def test_points_below_zero_come_along_too(world: World) -> None:
    kept, _, customer, other = with_points(world, 50, -20)
    points(world, kept)
    joined(world, other, customer)
    assert (shown(world, customer), PointsAccount.objects.get().balance) == ("30", 30)


def test_a_field_that_holds_no_number_holds_the_join_until_it_does(world: World) -> None:
    kept, _, customer, other = with_points(world, 50, 7)
    points(world, kept)
    world.edit(other, custom={FIELD: "many"})
    joined(world, other, customer)
    assert (world.record(kept).code, world.person(other)["active?"]) == ("points_unreadable", True)
    world.edit(other, custom={FIELD: "20"})
    assert world.run(kept) == "done"
    world.settle()
    assert (shown(world, customer), world.person(other)["active?"]) == ("70", False)

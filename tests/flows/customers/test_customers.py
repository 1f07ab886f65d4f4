"""Customers kept alike, both ways (cases K01 to K10 of `cases/next/customers.md`)."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from connections.connectors.magento import MagentoClient
from connections.models import User
from ipaas.types import JSON
from syncjobs.intake.customer_answers import reject, same_person, two_people, value_choose
from syncjobs.intake.customer_feeds import accounts_follow, accounts_sweep, customers_follow
from syncjobs.models import Cursor, CustomerChange, CustomerIdentity, CustomerQuestion, Record
from tests.flows.customers.conftest import HOME, AtMagento, World

SECOND = {"line_1": "7 Oak Ave", "postal_code": "78702"}
THIRD = {"line_1": "90 Pine Rd", "postal_code": "78703"}
FOURTH = {"line_1": "1 Cedar Ln", "postal_code": "78704"}
SKIPPED = Record.Disposition.SKIPPED


def looked(world: World, account: str) -> list[str]:
    """Look at an account now; answers what was written."""
    assert world.run(account) == "done", world.failed_at(account)
    return world.writes(account)


def linked(world: World, account: str) -> str:
    """Look at an account for the first time; answers whose it is in Heartland."""
    looked(world, account)
    return world.identity(account).customer_id


def held_because(world: World, account: str) -> str:
    assert world.run(account) == "hold"
    return world.record(account).code


def news(world: World) -> list[int]:
    """Both sides are asked for what changed, and all of it is worked: how many accounts either look queued."""
    now, counts = timezone.now(), []
    for feed, follow in ((Cursor.ACCOUNTS, accounts_follow), (Cursor.CUSTOMERS, customers_follow)):
        Cursor.objects.update_or_create(
            connection=world.connection, feed=feed,
            defaults={"due_at": now, "position": (now - timedelta(minutes=1)).isoformat()},
        )  # fmt: skip
        seen = follow(connection=world.connection, now=now)
        assert seen is not None, Cursor.objects.get(feed=feed).failure
        counts.append(seen.queued)
    world.settle()
    return counts


def owner() -> User:
    return User.objects.create(username="olivia", email="olivia@example.com")


def test_k01_a_corrected_name_moves_no_address(world: World) -> None:
    account = world.account({}, SECOND, THIRD)
    before, shown = world.streets(account), world.shopper(account)
    customer = linked(world, account)
    world.edit(customer, last_name="Lopez-Diaz")
    assert looked(world, account) == [f"{world.kind} PUT"]
    after = world.shopper(account)
    assert (after, world.streets(account)) == (shown | {"last_name": "Lopez-Diaz"}, before)

    world.pair.heartland_client().address_create(customer, HOME | FOURTH)
    looked(world, account)
    now = world.streets(account)
    assert (len(now), {one: street for one, street in now.items() if one in before}) == (4, before)
    assert world.shopper(account) == after
    assert looked(world, account) == []


def test_k02_another_email_address_is_the_same_person(world: World) -> None:
    account = world.account({})
    customer, many = linked(world, account), len(world.customers())
    world.shopper_edits(account, email="ana.lopez@example.org")
    assert looked(world, account)[0] == "heartland PUT"
    assert world.person(customer)["email"] == "ana.lopez@example.org"
    identity = world.identity(account)
    assert (identity.customer_id, json.loads(identity.said)["emails"]) == (customer, ["ana@example.org"])
    order = world.order("ana.lopez@example.org")
    guest = world.order(guest={"email": "ana@example.org", "first_name": "Ana", "last_name": "Lopez"})
    assert [str(one["customer_id"]) for one in (order, guest)] == [customer, customer]
    assert len(world.customers()) == many


def test_k03_one_person_with_an_account_on_each_website(world: World) -> None:
    many = len(world.customers())
    first = world.account({}, website=1)
    second = world.account(SECOND, website=2, phone="5125550100")
    customer = linked(world, first)
    assert linked(world, second) == customer
    assert {home["line_1"] for home in world.homes(customer)} == {"12 Elm St", "7 Oak Ave"}
    for account in (first, second, first):
        looked(world, account)
    world.edit(customer, phone_number="5125550177")
    assert [looked(world, one) for one in (first, second)] == [[f"{world.kind} PUT"]] * 2
    assert [looked(world, one) for one in (first, second)] == [[], []]
    assert [phone_of(world.shopper(one)) for one in (first, second)] == ["5125550177"] * 2
    assert len(world.customers()) == many + 1


def phone_of(shopper: dict[str, Any]) -> str:
    return "".join(filter(str.isdigit, shopper["phone"]))


def test_k04_two_spellings_of_one_person_come_to_rest(world: World) -> None:
    customer = world.customer({}, email="ana@example.org")
    account = world.account({}, first_name="Ana ", last_name="  LOPEZ")
    shown = world.shopper(account)
    assert linked(world, account) == customer
    assert world.writes(account) == []
    assert [news(world) for _ in range(3)] == [[0, 0]] * 3
    assert world.shopper(account) == shown
    assert world.person(customer)["phone_number"] == "5125550100"


def test_k05_who_unsubscribed_stays_so(world: World) -> None:
    account = world.account({}, consent=False)
    customer = linked(world, account)
    world.edit(customer, promotional_emails=True)
    looked(world, account)
    assert world.shopper(account)["consent"] is True
    world.shopper_edits(account, consent=False)
    (home,) = world.homes(customer)
    world.pair.heartland_client().address_update(customer, str(home["id"]), {"postal_code": "78799"})
    world.edit(customer, phone_number="5125550100")  # the till saves the whole record
    mails = world.mails()
    looked(world, account)
    assert (world.shopper(account)["consent"], world.person(customer)["promotional_emails?"]) == (False, False)
    assert list(world.streets(account).values()) == ["12 Elm St, 78799"]
    assert world.mails() == mails
    changes = CustomerChange.objects.filter(field="consent").order_by("pk").values_list("origin", "changed_at")
    assert [origin for origin, _ in changes] == ["heartland", "store"]
    assert all(changed_at for _, changed_at in changes)
    assert looked(world, account) == []


def test_k06_a_deleted_account_is_not_made_again(world: World) -> None:
    account = world.account({})
    customer = linked(world, account)
    world.close(account)
    Cursor.objects.create(connection=world.connection, feed=Cursor.ACCOUNT_SWEEP, due_at=timezone.now())
    swept = accounts_sweep(connection=world.connection, now=timezone.now())
    assert swept is not None
    assert swept.queued == 1
    world.settle()
    ended = world.identity(account)
    assert (ended.ended_because, world.record(account).code) == (
        CustomerIdentity.Ended.DELETED_IN_STORE, "customer_deleted",
    )  # fmt: skip
    assert ended.ended_at
    many = len(world.store.rows("customers"))
    world.edit(customer, phone_number="5125550177")
    assert news(world)[1] == 0
    assert len(world.store.rows("customers")) == many
    assert world.person(customer)["active?"] is True
    again = world.account({})
    assert linked(world, again) == customer


def test_k08_a_group_that_the_store_gives_is_not_taken_back(world: World) -> None:
    tier, (general, wholesale) = field_of(world, "Tier"), world.groups_made()
    world.settings(group_field=tier, groups={general: "General", wholesale: "Wholesale"})
    account = world.account({}, group=int(general))
    customer = linked(world, account)
    assert world.person(customer)["custom"][tier] == "General"
    world.shopper_edits(account, group=int(wholesale))
    world.edit(customer, phone_number="5125550177")
    assert looked(world, account) == ["heartland PUT", f"{world.kind} PUT"]
    assert (world.shopper(account)["group"], phone_of(world.shopper(account))) == (int(wholesale), "5125550177")
    assert world.person(customer)["custom"][tier] == "Wholesale"
    assert looked(world, account) == []
    world.settings(rules={"group": {"owner": "heartland", "blank": "keep"}})
    world.edit(customer, custom={tier: "General"})
    assert looked(world, account) == [f"{world.kind} PUT"]
    assert world.shopper(account)["group"] == int(general)
    world.shopper_edits(account, group=int(wholesale))
    assert looked(world, account) == []


def field_of(world: World, name: str) -> str:
    """A custom field of Heartland's customers; answers its key."""
    client = world.pair.heartland_client()
    return str(client.custom_field_read(client.custom_field_create("customer", name))["key"])


def test_k09_a_guest_who_made_an_account_keeps_the_name(world: World) -> None:
    guest = world.order(guest={"email": "ana@example.org", "first_name": "Ana", "last_name": "Lopez"})
    customer, many = str(guest["customer_id"]), len(world.customers())
    account = world.account({})
    assert linked(world, account) == customer
    named = world.person(customer)
    assert (named["first_name"], named["last_name"]) == ("Ana", "Lopez")
    assert str(world.order("ana@example.org")["customer_id"]) == customer
    assert len(world.customers()) == many


@pytest.mark.parametrize(("phone", "people"), [("000-000-0000", 4), ("512-555-0199", 6)])
def test_k10_a_number_that_many_have_joins_nobody(world: World, phone: str, people: int) -> None:
    for number in range(people):
        world.customer(first_name=f"Guest{number}", last_name="Till", email=f"g{number}@x.org", phone_number=phone)
    many = len(world.customers())
    order = world.order(guest={"email": "new@example.org", "first_name": "Guest1", "last_name": "Till", "phone": phone})
    assert len(world.customers()) == many + 1
    assert world.person(str(order["customer_id"]))["email"] == "new@example.org"
    assert "tells nobody apart" in world.told("orders")
    name = {"first_name": "Guest2", "last_name": "Till"}
    account = world.account({"phone": phone}, email="newer@example.org", phone=phone, **name)
    linked(world, account)
    assert len(world.customers()) == many + 2
    assert "tells nobody apart" in world.told("customers")


def test_who_may_be_several_people_is_asked_and_answered_once(world: World) -> None:
    one, other = world.customer(), world.customer()
    account = world.account({})
    assert held_because(world, account) == "customer_unclear"
    question = CustomerQuestion.objects.get()
    assert (question.candidates, "ana@example.org" in question.content) == (sorted([one, other]), True)
    assert held_because(world, account) == "customer_unclear"
    assert CustomerQuestion.objects.count() == 1
    person, now = owner(), timezone.now()
    same_person(question=question, customer_id=other, merges=True, actor=person, now=now)
    with pytest.raises(Exception, match="meanwhile"):
        two_people(question=question, actor=person, now=now)
    world.settle()
    assert (world.identity(account).customer_id, world.person(one)["active?"]) == (other, False)
    assert world.record(account).disposition == Record.Disposition.BOOKED


def test_two_people_are_not_asked_about_again(world: World) -> None:
    known = {world.customer(), world.customer()}
    account = world.account({})
    assert held_because(world, account) == "customer_unclear"
    two_people(question=CustomerQuestion.objects.get(), actor=owner(), now=timezone.now())
    world.settle()
    assert world.identity(account).customer_id not in known | {""}
    assert looked(world, account) == []
    assert CustomerQuestion.objects.count() == 1


def test_a_rejected_account_is_left_alone(world: World) -> None:
    world.customer(), world.customer()
    account = world.account({})
    assert held_because(world, account) == "customer_unclear"
    reject(question=CustomerQuestion.objects.get(), actor=owner(), now=timezone.now())
    world.settle()
    assert (world.record(account).disposition, world.record(account).code) == (SKIPPED, "customer_left")


def test_values_that_differ_from_the_start_are_a_persons(world: World) -> None:
    customer = world.customer(first_name="Anna")
    account = world.account({})
    assert held_because(world, account) == "customer_values_differ"
    assert world.person(customer)["first_name"] == "Anna"
    value_choose(question=CustomerQuestion.objects.get(), is_stores=True, actor=owner(), now=timezone.now())
    world.settle()
    assert (world.person(customer)["first_name"], world.record(account).code) == ("Ana", "")
    assert looked(world, account) == []


def test_what_is_not_wanted_is_said(world: World) -> None:
    world.settings(creates_in_heartland=False)
    account = world.account({}, email="stranger@example.org", first_name="Nobody", last_name="Known")
    assert (world.run(account), world.record(account).code) == ("done", "customer_not_wanted")
    world.settings(creates_in_heartland=True)
    customer = linked(world, account)
    world.edit(customer, active=False)
    assert (looked(world, account), world.record(account).code) == ([], "customer_switched_off")
    into = int(world.customer(email="x@example.org"))
    world.heartland.post("/_sim/staff/merge_customers", {"from": int(customer), "into": into})
    assert (world.run(account), world.record(account).code) == ("done", "customer_gone_in_heartland")
    world.settings(is_on=False)
    assert (world.run(account), world.record(account).code) == ("done", "customers_off")


def test_a_new_customer_of_heartlands_gets_one_account(world: World) -> None:
    world.settings(creates_in_store=True)
    customer, nameless = world.customer({}), world.customer(first_name="Nemo", email=None)
    many = len(world.store.rows("customers"))
    news(world)
    (identity,) = CustomerIdentity.objects.filter(customer_id=customer)
    shown = world.shopper(identity.account_id) if world.kind == "bigcommerce" else {"email": "ana@example.org"}
    assert (shown["email"], len(world.store.rows("customers"))) == ("ana@example.org", many + 1)
    assert list(world.streets(identity.account_id).values()) == ["12 Elm St, 78701"]
    assert world.record(f"new-{nameless}").code == "customer_without_email"
    known = world.account({}, email="bea@example.org", first_name="Bea")
    late, gone = world.customer(first_name="Bea", email="bea@example.org"), world.customer(email="c@example.org")
    world.edit(gone, active=False)
    news(world)
    assert world.record(f"new-{late}").code == "customer_has_account"
    assert world.record(f"new-{gone}").code == "customer_not_living"
    assert world.identity(known).customer_id == late
    world.close(identity.account_id)
    world.run(identity.account_id)
    world.edit(customer, phone_number="5125550177")
    assert world.run(f"new-{customer}") == "done"
    assert len(world.store.rows("customers")) == many + 1


def test_an_account_of_another_website_makes_nobody(shop: AtMagento) -> None:
    account = shop.account({}, website=2, email="stranger@example.org")
    assert (shop.run(account), shop.record(account).code) == ("done", "customer_elsewhere")


def test_a_lost_answer_makes_nothing_twice(world: World) -> None:
    account, many = world.account({}, SECOND), len(world.customers())
    world.lose("/api/customers")
    assert world.run(account) == "retry"
    world.lose("/api/customers/.*/addresses")
    for minutes in (2, 4, 8):
        world.settle(at=timedelta(minutes=minutes))
    customer = world.identity(account).customer_id
    assert world.record(account).disposition == Record.Disposition.BOOKED
    assert len(world.customers()) == many + 1
    assert sorted(home["line_1"] for home in world.homes(customer)) == ["12 Elm St", "7 Oak Ave"]


def told_at_once(shop: AtMagento) -> str:
    """An account that Heartland has an address for which the shop does not."""
    account = shop.account({})
    shop.pair.heartland_client().address_create(linked(shop, account), HOME | FOURTH)
    return account


def street(home: dict[str, Any]) -> str:
    return f"{home['line_1']}, {home['postal_code']}"


def test_an_address_that_the_shopper_adds_meanwhile_is_not_replaced(
    shop: AtMagento, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Magento's list becomes the whole book: it is looked at once more right before, and built anew where it moved."""
    account, asked = told_at_once(shop), MagentoClient.country_read

    def while_regions_are_read(client: MagentoClient, code: str) -> JSON:
        shop.move_in(account, SECOND)
        return asked(client, code)

    monkeypatch.setattr(MagentoClient, "country_read", while_regions_are_read)
    assert shop.run(account) == "retry"
    monkeypatch.undo()
    looked(shop, account)
    assert sorted(shop.streets(account).values()) == sorted(map(street, (HOME, SECOND, FOURTH)))
    assert len(shop.homes(shop.identity(account).customer_id)) == 3


def test_an_address_that_somebody_elses_list_takes_out_is_told_again(
    shop: AtMagento, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, write = told_at_once(shop), MagentoClient.customer_update

    def and_somebody_else_does(client: MagentoClient, customer_id: str, body: JSON) -> JSON:
        before = client.customer_read(customer_id)
        write(client, customer_id, body)
        return write(client, customer_id, {**body, "addresses": (before or {})["addresses"]})

    monkeypatch.setattr(MagentoClient, "customer_update", and_somebody_else_does)
    assert shop.run(account) == "retry"
    monkeypatch.undo()
    looked(shop, account)
    assert sorted(shop.streets(account).values()) == sorted(map(street, (HOME, FOURTH)))

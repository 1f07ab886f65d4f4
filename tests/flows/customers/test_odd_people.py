"""Customers on a bad day: long addresses, two new e-mails at once, people who were erased, what nobody may read."""

import json
import logging
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from connections.models import AuditEntry
from errors.models import Issue, SyncError
from syncjobs.intake.customer_answers import value_choose
from syncjobs.models import Attempt, CustomerIdentity, CustomerQuestion, Record
from syncjobs.pages.personal.personal_data import personal_erase
from tests.flows.customers.conftest import HOME, AtBigCommerce, World
from tests.flows.customers.test_customers import held_because, linked, looked, owner

STREETS = [f"{number} Long Meadow Rd" for number in range(1, 13)]


@pytest.fixture
def store(request: pytest.FixtureRequest, db: None) -> AtBigCommerce:
    """What only BigCommerce has."""
    pair = request.getfixturevalue("bigcommerce_pair")
    return AtBigCommerce(pair.heartland, pair.bigcommerce, pair.connection, pair)


def test_twelve_addresses_go_in_two_calls_and_none_is_made_twice(world: World) -> None:
    account = world.account({})
    customer = linked(world, account)
    for street in STREETS:
        world.pair.heartland_client().address_create(customer, HOME | {"line_1": street})
    calls = ["bigcommerce POST"] * 2 if world.kind == "bigcommerce" else ["magento PUT"]
    assert looked(world, account) == calls
    assert len(world.book(account)) == 13
    assert looked(world, account) == []
    assert len(world.homes(customer)) == 13


def test_parts_that_are_too_long_are_cut_and_come_to_rest(store: AtBigCommerce) -> None:
    account = store.account({})
    customer = linked(store, account)
    long = {"line_1": "1 " + "Long" * 80, "city": "Llan" + "fair" * 40, "postal_code": "787" + "0" * 40}
    client = store.pair.heartland_client()
    made = [client.address_create(customer, HOME | wish) for wish in (long, {"line_1": "2 Short St"})]
    assert looked(store, account) == ["bigcommerce POST"]
    rows = {row["address1"]: row for row in store.book(account)}
    (cut,) = [row for street, row in rows.items() if street.startswith("1 Long")]
    assert (len(cut["address1"]), len(cut["city"]), len(cut["postal_code"])) == (255, 100, 30)
    pairs = {pair["heartland"]: pair["store"] for pair in json.loads(store.identity(account).said)["pairs"]}
    assert [pairs[one] for one in made] == [str(cut["id"]), str(rows["2 Short St"]["id"])]
    assert looked(store, account) == []
    assert next(home for home in store.homes(customer) if str(home["id"]) == made[0])["line_1"] == long["line_1"]


def test_of_two_new_e_mails_the_later_stands_and_both_are_hers(world: World) -> None:
    account = world.account({})
    customer, many = linked(world, account), len(world.customers())
    world.shopper_edits(account, email="ana.web@example.org")
    world.heartland.post("/_sim/clock/advance", {"seconds": 60})
    world.edit(customer, email="ana.till@example.org")
    assert looked(world, account) == [f"{world.kind} PUT"]
    assert world.shopper(account)["email"] == world.person(customer)["email"] == "ana.till@example.org"
    assert json.loads(world.identity(account).said)["emails"] == ["ana@example.org"]
    assert looked(world, account) == []
    guest = world.order(guest={"email": "ana@example.org", "first_name": "Ana", "last_name": "Lopez"})
    assert (str(guest["customer_id"]), len(world.customers())) == (customer, many)


def test_who_opted_in_at_the_till_while_opting_out_on_the_web_stays_out(world: World) -> None:
    """The cashier's later save of another field carries no consent."""
    account = world.account({}, consent=True)
    customer = linked(world, account)
    assert world.person(customer)["promotional_emails?"] is True
    world.shopper_edits(account, consent=False)
    world.heartland.post("/_sim/clock/advance", {"seconds": 60})
    world.edit(customer, phone_number="5125550177", promotional_emails=True)  # the whole record is saved
    looked(world, account)
    assert (world.shopper(account)["consent"], world.person(customer)["promotional_emails?"]) == (False, False)
    assert looked(world, account) == []


def test_a_person_who_was_erased_comes_back_as_a_stranger(world: World) -> None:
    account = world.account({})
    customer, many = linked(world, account), len(world.customers())
    world.order("ana@example.org")
    erased = personal_erase(merchant=world.connection.merchant, email="ana@example.org", actor=None)
    assert (erased["accounts"], CustomerIdentity.objects.count()) == (1, 0)
    order = world.order("ana@example.org")
    assert (str(order["customer_id"]), len(world.customers())) == (customer, many)
    assert linked(world, account) == customer
    assert looked(world, account) == []
    assert json.loads(world.identity(account).said)["emails"] == []


SECRETS = ("ana.secret@example.org", "Zebulon", "Quickfeather", "88 Hidden Hollow", "5125550188")


def test_nobody_is_named_where_no_shopper_is_shown(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """Logs, timelines, reasons, causes and the trail: through a question, a refusal, a lost answer and an answer."""
    caplog.set_level(logging.DEBUG)
    name = {"first_name": "Zebulon", "last_name": "Quickfeather"}
    home = {"line_1": "88 Hidden Hollow", "phone": "5125550188", **name}
    customer = world.customer(home, email="ana.secret@example.org", phone_number="5125550188", **name)
    account = world.account({**home, "line_1": "88 Hidden Hollow Rear"}, email="ana.secret@example.org",
                            phone="5125550188", first_name="Zeb", last_name="Quickfeather")  # fmt: skip
    world.lose("/api/customers/.*/addresses")
    assert world.run(account) == "retry"
    world.settle(at=timedelta(minutes=2))
    assert world.record(account).code == "customer_values_differ"
    value_choose(question=CustomerQuestion.objects.get(), is_stores=False, actor=owner(), now=timezone.now())
    world.settle()
    taken = world.account({}, email="other.secret@example.org", first_name="Zebulon", phone="5125550100")
    linked(world, taken)
    world.edit(customer, email="other.secret@example.org")
    assert held_because(world, account) == "customer_email_taken"
    told: list[Any] = [caplog.text]
    told += [(one.sentence, one.steps) for one in Attempt.objects.all()]
    told += [(one.reason, one.label, one.facts) for one in Record.objects.all()]
    told += [(one.reason, one.violations) for one in SyncError.objects.all()]
    told += [(one.title,) for one in Issue.objects.all()]
    told += [one.detail for one in AuditEntry.objects.all()]
    text = repr(told)
    assert [one for one in (*SECRETS, "other.secret@example.org") if one in text] == []

"""Customers kept alike, both ways (cases K01 to K10 of `cases/next/customers.md`)."""

from syncjobs.models import CustomerIdentity, Record
from tests.flows.customers.conftest import World

SECOND = {"line_1": "7 Oak Ave", "postal_code": "78702"}
THIRD = {"line_1": "90 Pine Rd", "postal_code": "78703"}
FOURTH = {"line_1": "1 Cedar Ln", "postal_code": "78704"}


def test_k01_a_corrected_name_moves_no_address(world: World) -> None:
    account = world.account({}, SECOND, THIRD)
    before = world.streets(account)
    shown = world.shopper(account)
    assert world.run(account) == "done", world.record(account).reason
    customer = world.identity(account).customer_id

    world.edit(customer, last_name="Lopez-Diaz")
    assert world.run(account) == "done"
    assert world.writes(account) == [f"{world.kind} PUT"]
    after = world.shopper(account)
    assert after == shown | {"last_name": "Lopez-Diaz"}
    assert world.streets(account) == before

    from tests.flows.customers.conftest import HOME

    world.pair.heartland_client().address_create(customer, HOME | FOURTH)
    assert world.run(account) == "done"
    now = world.streets(account)
    assert len(now) == 4
    assert {key: street for key, street in now.items() if key in before} == before
    assert world.shopper(account) == after
    assert world.run(account) == "done"
    assert world.writes(account) == []


def test_k04_two_spellings_of_one_person_come_to_rest(world: World) -> None:
    customer = world.customer({}, first_name="Ana", last_name="Lopez")
    account = world.account({"first_name": "Ana"}, first_name="Ana ", last_name=" Lopez", phone="(512) 555-0100")
    shown = world.shopper(account)
    assert world.run(account) == "done", world.record(account).reason
    assert world.identity(account).customer_id == customer
    assert len(world.writes(account)) <= 2
    for _ in range(3):
        assert world.run(account) == "done"
        assert world.writes(account) == []
    assert world.shopper(account) == shown
    assert world.person(customer)["phone_number"] == "5125550100"


def test_k06_a_deleted_account_is_not_made_again(world: World) -> None:
    account = world.account({})
    assert world.run(account) == "done"
    customer = world.identity(account).customer_id
    world.close(account)
    assert world.run(account) == "done"
    ended = world.identity(account)
    assert (ended.state, ended.ended_because) == ("ended", CustomerIdentity.Ended.DELETED_IN_STORE)
    assert ended.ended_at
    world.edit(customer, last_name="Lopez-Diaz")
    assert world.record(account).disposition == Record.Disposition.SKIPPED
    assert world.person(customer)["last_name"] == "Lopez-Diaz"

"""Calls of a look at an account, and of a change in either direction: the least that both systems' APIs allow."""

from django.utils import timezone

from syncjobs.intake.customer_answers import people_join
from tests.flows.customers.conftest import HOME, World
from tests.flows.customers.test_customers import FOURTH, SECOND, linked, looked
from tests.flows.customers.test_merges import owner, two_of_one

READS = ["heartland GET", "heartland GET"]  # the customer, and its addresses


def calls(world: World, account: str) -> list[str]:
    looked(world, account)
    return world.calls(account)


def test_a_look_where_nothing_differs_reads_three_times(world: World) -> None:
    account = world.account({}, SECOND)
    linked(world, account)
    assert calls(world, account) == [f"{world.kind} GET", *READS]


def test_a_change_is_one_write_more_at_the_other_side(world: World) -> None:
    account = world.account({})
    customer = linked(world, account)
    reads = [f"{world.kind} GET", *READS]
    world.shopper_edits(account, first_name="Anna", last_name="Lopez-Diaz")
    there = calls(world, account)
    assert there in ([*reads, "heartland PUT"], [*reads, "heartland PUT", "heartland GET"])  # it answers with nothing
    world.edit(customer, first_name="Ana", phone_number="5125550177")
    looks = ["magento GET"] if world.kind == "magento" else []  # a phone is an address's there, and its list replaces
    assert calls(world, account) == [*reads, *looks, f"{world.kind} PUT"]
    assert calls(world, account) == reads


def test_a_new_address_is_one_write_at_the_other_side(world: World) -> None:
    account = world.account({})
    customer = linked(world, account)
    reads = [f"{world.kind} GET", *READS]
    world.move_in(account, SECOND)
    assert calls(world, account) == [*reads, "heartland POST", "heartland GET"]  # what the first address made of it
    world.pair.heartland_client().address_create(customer, HOME | FOURTH)
    writes = {
        "bigcommerce": ["bigcommerce POST"],
        "magento": ["magento GET", "magento GET", "magento PUT"],
    }  # regions, the book, all
    assert calls(world, account) == [*reads, *writes[world.kind]]
    assert calls(world, account) == reads


def test_a_join_is_two_calls_more_where_nothing_is_open(world: World) -> None:
    kept, _, customer, other = two_of_one(world)
    people_join(connection=world.connection, gone=other, kept=customer, actor=owner(world), now=timezone.now())
    assert world.run(kept) == "done"
    carried_out = ["heartland GET", "heartland PUT"]  # its open orders; switched off
    assert world.calls(kept) == [f"{world.kind} GET", "heartland GET", *carried_out, "heartland GET"]
    assert looked(world, kept) == []

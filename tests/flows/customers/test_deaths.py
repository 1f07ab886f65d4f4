"""A worker that dies at any write of a customer, before it is asked or once it is answered: one person, said alike."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from syncjobs.models import CustomerQuestion, SyncJob
from tests.flows.customers.conftest import HOME, World
from tests.flows.customers.test_customers import SECOND, linked, looked
from tests.flows.customers.test_merges import joined
from tests.flows.deaths import SIDES, Carry, at_every_write

LATER = timedelta(minutes=5)  # once a write that was not answered shows

pytestmark = pytest.mark.parametrize("side", SIDES)


def gone_on(world: World, carry: Carry, act: Callable[[], object]) -> None:
    carry(act)
    world.settle(at=LATER)
    assert not SyncJob.objects.filter(status=SyncJob.Status.PENDING).exists()


def newcomer(world: World, number: int, *, of: str = "") -> tuple[str, str]:
    """An account of two addresses that nobody knows; and its e-mail."""
    email, phone = f"soul{number}{of}@example.org", f"51255{len(of)}{number:04}"
    return world.account({"phone": phone}, SECOND | {"phone": phone}, email=email, phone=phone), email


def who_are(world: World, email: str) -> list[str]:
    return [str(row["id"]) for row in world.customers() if row["email"] == email]


def at_home(world: World, customer: str) -> list[str]:
    return sorted(str(home["line_1"]) for home in world.homes(customer))


@pytest.mark.sampled(2)
def test_who_is_taken_over_is_one_person_with_each_address_once(world: World, side: str) -> None:
    def deed(number: int, carry: Carry) -> None:
        account, email = newcomer(world, number)
        gone_on(world, carry, partial(world.run, account))
        (customer,) = who_are(world, email)
        assert (world.identity(account).state, world.identity(account).customer_id) == ("linked", customer)
        assert at_home(world, customer) == [HOME["line_1"], SECOND["line_1"]]
        assert looked(world, account) == []

    assert at_every_write("customers", side, deed) >= 2


@pytest.mark.sampled(2)
def test_what_both_sides_changed_is_alike_on_both(world: World, side: str) -> None:
    """A last name and an address in the store, a first name in Heartland."""

    def deed(number: int, carry: Carry) -> None:
        account, _ = newcomer(world, number)
        customer = linked(world, account)
        world.shopper_edits(account, last_name="Newname")
        world.edit(customer, first_name="Newfirst")
        world.move_in(account, {"line_1": "90 Pine Rd", "postal_code": "78703"})
        gone_on(world, carry, partial(world.run, account))
        shopper, person = world.shopper(account), world.person(customer)
        assert (shopper["first_name"], shopper["last_name"]) == ("Newfirst", "Newname")
        assert (person["first_name"], person["last_name"]) == ("Newfirst", "Newname")
        assert len(world.book(account)) == len(at_home(world, customer)) == 3
        assert looked(world, account) == []

    assert at_every_write("customers", side, deed) >= 2


@pytest.mark.sampled(2)
def test_two_who_are_joined_are_one_with_the_orders_of_both(world: World, side: str) -> None:
    def deed(number: int, carry: Carry) -> None:
        (kept, email), (gone, other_email) = newcomer(world, number), newcomer(world, number, of="x")
        customer, other = linked(world, kept), linked(world, gone)
        order = world.order(other_email)
        gone_on(world, carry, partial(joined, world, other, customer))
        assert (who_are(world, email), who_are(world, other_email)) == ([customer], [])
        assert world.person(other)["active?"] is False
        moved = world.pair.heartland_client().order_read(str(order["id"]))
        assert (moved["status"], str(moved["customer_id"])) == ("open", customer)
        assert at_home(world, customer).count(SECOND["line_1"]) == 1
        assert not CustomerQuestion.objects.open().exists()

    assert at_every_write("customers", side, deed) >= 2

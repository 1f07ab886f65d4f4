"""A worker that dies at any write of a customer, before it is asked or once it is answered: one person, said alike."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from ipaas import failpoints
from syncjobs.engine.orphans_release import orphan_release
from syncjobs.models import CustomerQuestion, SyncJob
from tests.flows.customers.conftest import HOME, World
from tests.flows.customers.test_customers import SECOND, linked, looked
from tests.flows.customers.test_merges import joined

MOST_WRITES = 10  # of one deed
LATER = timedelta(minutes=5)  # once a write that was not answered shows


class Killed(BaseException):
    """As `kill -9` ends a worker: nothing of ours cleans up."""


@pytest.fixture(params=["asks", "answered"])
def side(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def dies(world: World, place: str, count: int, act: Callable[[], object]) -> bool:
    """Do it, with a worker that dies at the `count`-th passage of the place, and let the next one go on."""
    passed = 0

    def passing(name: str) -> None:
        nonlocal passed
        passed += name == place
        if name == place and passed == count:
            raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(failpoints, "passing", passing)
        with suppress(Killed):
            act()
    job = SyncJob.objects.filter(status=SyncJob.Status.RUNNING).first()
    if job:
        assert orphan_release(job.pk, timezone.now())
    world.settle(at=LATER)
    assert not SyncJob.objects.filter(status=SyncJob.Status.PENDING).exists()
    return job is not None


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
    for count in range(1, MOST_WRITES):
        account, email = newcomer(world, count)
        has_died = dies(world, f"customers.{side}", count, partial(world.run, account))
        (customer,) = who_are(world, email)
        assert (world.identity(account).state, world.identity(account).customer_id) == ("linked", customer)
        assert at_home(world, customer) == [HOME["line_1"], SECOND["line_1"]]
        assert looked(world, account) == []
        if not has_died:
            assert count > 2
            return
    raise AssertionError(f"more than {MOST_WRITES} writes")


@pytest.mark.sampled(2)
def test_what_both_sides_changed_is_alike_on_both(world: World, side: str) -> None:
    """A last name and an address in the store, a first name in Heartland."""
    for count in range(1, MOST_WRITES):
        account, _ = newcomer(world, count)
        customer = linked(world, account)
        world.shopper_edits(account, last_name="Newname")
        world.edit(customer, first_name="Newfirst")
        world.move_in(account, {"line_1": "90 Pine Rd", "postal_code": "78703"})
        has_died = dies(world, f"customers.{side}", count, partial(world.run, account))
        shopper, person = world.shopper(account), world.person(customer)
        assert (shopper["first_name"], shopper["last_name"]) == ("Newfirst", "Newname")
        assert (person["first_name"], person["last_name"]) == ("Newfirst", "Newname")
        assert len(world.book(account)) == len(at_home(world, customer)) == 3
        assert looked(world, account) == []
        if not has_died:
            assert count > 2
            return
    raise AssertionError(f"more than {MOST_WRITES} writes")


@pytest.mark.sampled(2)
def test_two_who_are_joined_are_one_with_the_orders_of_both(world: World, side: str) -> None:
    for count in range(1, MOST_WRITES):
        (kept, email), (gone, other_email) = newcomer(world, count), newcomer(world, count, of="x")
        customer, other = linked(world, kept), linked(world, gone)
        order = world.order(other_email)
        has_died = dies(world, f"customers.{side}", count, partial(joined, world, other, customer))
        assert (who_are(world, email), who_are(world, other_email)) == ([customer], [])
        assert world.person(other)["active?"] is False
        moved = world.pair.heartland_client().order_read(str(order["id"]))
        assert (moved["status"], str(moved["customer_id"])) == ("open", customer)
        assert at_home(world, customer).count(SECOND["line_1"]) == 1
        assert not CustomerQuestion.objects.open().exists()
        if not has_died:
            assert count > 2
            return
    raise AssertionError(f"more than {MOST_WRITES} writes")

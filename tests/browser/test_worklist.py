"""Forty orders of a morning distributed by one person of the staff, in a real browser: the clicks are counted."""

import re
import sys

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from connections.models import Role
from syncjobs import tasks
from syncjobs.models import Run
from tests import factories
from tests.browser.conftest import NARROW, Visit
from tests.flows.conftest import Pair, open_store, pair
from tests.flows.test_shipping import ANNEX, DEPOT, MAIN, have
from tests.flows.test_worklist import LEADS
from tests.screens.conftest import Shop

__all__ = ["open_store", "pair"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ORDERS, GOAL = 40, 3


@pytest.fixture
def morning(transactional_db: None, pair: Pair) -> Pair:
    """Forty orders wait: the depot has pieces for thirty of them, the main shop for the rest."""
    for location, pieces in ((MAIN, 21), (ANNEX, 0), (DEPOT, 60)):
        have(pair, "DOG-LEAD", location, pieces)
    for _ in range(ORDERS):
        pair.book(**LEADS)
    return pair


def shop_of(pair: Pair) -> Shop:
    merchant = pair.connection.merchant
    return Shop(
        merchant=merchant, connection=pair.connection, people={Role.STAFF: factories.member(merchant, Role.STAFF)}
    )


def work() -> None:
    """What the workers do meanwhile."""
    run = Run.objects.get(kind="distribution_send")
    while run.state == Run.State.RUNNING:
        Run.objects.filter(pk=run.pk).update(due_at=timezone.now())
        tasks.run_slice(run.pk)
        run.refresh_from_db()


def count_clicks(page: Page) -> None:
    page.add_init_script(
        "addEventListener('click', () => sessionStorage.clicks = 1 + Number(sessionStorage.clicks || 0), true)"
    )


def test_forty_orders_are_distributed_in_few_clicks(
    morning: Pair, visit: Visit, capsys: pytest.CaptureFixture[str]
) -> None:
    page = visit(shop_of(morning), Role.STAFF)
    count_clicks(page)
    page.goto(f"/stores/{morning.connection.public_id}/distribute/")
    page.get_by_role("button", name=re.compile(f"^Distribute {ORDERS} as suggested")).click()
    expect(page.get_by_text(f"0 of {ORDERS} orders")).to_be_visible()
    work()
    expect(page.get_by_text(f"{ORDERS} orders distributed.")).to_be_visible()  # by itself
    expect(page.get_by_text("Every booked order has a location")).to_be_visible()
    clicks = int(page.evaluate("sessionStorage.clicks"))
    with capsys.disabled():
        sys.stdout.write(f"\n{ORDERS} orders distributed, clicks: {clicks} (goal: at most {GOAL})\n")
    assert clicks <= GOAL
    orders = {row["id"] for row in morning.heartland.rows("orders") if str(row["public_id"]).startswith("BC-")}
    placed = [
        row["ship_from_location_id"] for row in morning.heartland.rows("order_lines") if row["order_id"] in orders
    ]
    assert len(placed) == ORDERS
    assert placed.count(None) == 0
    assert 2 * placed.count(MAIN) <= 21
    assert 2 * placed.count(DEPOT) <= 60
    assert placed.count(MAIN) + placed.count(DEPOT) == ORDERS


def test_on_a_phone_and_without_javascript_one_order_and_then_the_next(pair: Pair, visit: Visit) -> None:
    for location, pieces in ((MAIN, 9), (ANNEX, 0), (DEPOT, 0)):
        have(pair, "DOG-LEAD", location, pieces)
    first, second = pair.book(**LEADS), pair.book(**LEADS)
    page = visit(shop_of(pair), Role.STAFF, width=NARROW, javascript=False)
    page.goto(f"/stores/{pair.connection.public_id}/distribute/")
    page.get_by_role("button", name=f"Distribute Order {first}").click()
    expect(page.get_by_text("1 order is being distributed now.")).to_be_visible()
    expect(page.get_by_role("button", name=f"Distribute Order {first}")).to_have_count(0)
    expect(page.get_by_role("button", name=f"Distribute Order {second}")).to_be_visible()
    work()
    page.reload()
    expect(page.get_by_text("1 order distributed.")).to_be_visible()
    assert [pair.record(one).is_distributed for one in (first, second)] == [True, False]

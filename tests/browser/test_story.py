"""The whole story by hand, as a new owner would try it: connect both systems, place an order, see it in Heartland."""

import re

import pytest
import requests
from django.utils import timezone
from playwright.sync_api import Page, expect

from connections.models import Connection, Merchant, Role
from syncjobs import engine
from syncjobs.intake import polls
from syncjobs.models import Lane, Record
from tests import factories
from tests.browser.conftest import Visit
from tests.screens.conftest import Shop

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def newcomer(transactional_db: None) -> Shop:
    """A merchant with nothing connected yet."""
    merchant = factories.merchant()
    people = {Role.OWNER: factories.member(merchant, Role.OWNER)}
    return Shop(merchant=merchant, connection=Connection(), people=people)


def work(connection: Connection) -> None:
    """What the workers would do: look for orders, then work the lanes dry."""
    engine.sweep(now=timezone.now())
    polls.poll_orders(connection=connection, now=timezone.now())
    for lane in Lane.objects.filter(connection=connection):
        engine.lane_run(lane_id=lane.pk, now=timezone.now())


def connect_heartland(page: Page) -> None:
    page.get_by_role("link", name="Connect Heartland").click()
    page.get_by_role("button", name="Connect Heartland").click()
    page.get_by_role("button", name="Allow").click()
    expect(page.get_by_text(re.compile("Heartland account .* is connected"))).to_be_visible()


def add_website(page: Page) -> None:
    page.get_by_role("link", name="Integrations").first.click()
    page.get_by_role("link", name="Open BigCommerce").click()
    page.get_by_role("button", name="Add a BigCommerce website").click()
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("button", name="Allow").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Add ")
    page.get_by_role("button", name="Confirm").click()
    page.get_by_role("button", name="Pair").click()


def finish_set_up(page: Page) -> None:
    expect(page.get_by_role("heading", name="Set-up assistant")).to_be_visible()
    page.get_by_label("Orders with a payment method that has no row").select_option(label="are booked as this type")
    page.get_by_label("Orders with another shipping method").select_option(label="go to “Ground”")
    page.get_by_label("I understand that Heartland becomes master of quantities").check()
    page.get_by_role("button", name="Finish set-up").click()
    expect(page.get_by_text("Set-up is complete")).to_be_visible()


def shopper_orders(url: str) -> str:
    """A shopper places an ordinary order; answers its number."""
    recipe = requests.get(f"{url}/_sim/recipes", params={"n": 1}, timeout=20).json()["recipes"][0]
    answer = requests.post(f"{url}/_sim/orders", json=recipe, timeout=20)
    answer.raise_for_status()
    return str(answer.json()["ids"][0])


def test_from_log_in_to_the_booked_order(newcomer: Shop, outside: None, visit: Visit, bigcommerce_url: str) -> None:
    page = visit(newcomer)
    requests.put(
        f"{bigcommerce_url}/_sim/app",
        json={"auth_callback": page.url.rstrip("/") + "/connect/bigcommerce/auth/"},
        timeout=5,
    )
    expect(page.get_by_role("heading", name="Welcome to Tillbridge")).to_be_visible()
    connect_heartland(page)
    add_website(page)
    finish_set_up(page)
    connection = Connection.objects.get(merchant=Merchant.objects.get())
    assert connection.state == Connection.State.ACTIVE

    number = shopper_orders(bigcommerce_url)
    work(connection)
    assert Record.objects.get(external_id=number).disposition == Record.Disposition.BOOKED

    page.get_by_role("link", name="Dashboard").click()
    expect(page.locator(".verdict-sentence")).to_contain_text("booked")
    expect(page.get_by_role("link", name=re.compile(f"Distribute BC-{number}"))).to_be_visible()
    page.locator("#search").fill(f"BC-{number}")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Order {number}")
    expect(page.get_by_text("Both agree")).to_be_visible()
    expect(page.get_by_text("POST /sales/orders", exact=True)).to_be_visible()

"""A new owner by hand: from log-in to orders and stock that flow, every click on our pages counted and printed."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
import requests
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from connections.models import Connection, InventorySettings, Role
from mappings.models import StockLevel
from syncjobs import engine
from syncjobs.intake import polls
from syncjobs.models import Record
from tests import factories
from tests.browser.conftest import Visit
from tests.connections.magento_shop import Admin, admin, magento_server
from tests.queue_worker import queue_work
from tests.screens.conftest import Shop

__all__ = ["admin", "magento_server"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
GOAL = 9  # clicks on our pages, the log-in among them


@dataclass
class Hand:
    """Presses what a person presses, and counts what of it is on our pages."""

    page: Page
    clicks: list[str] = field(default_factory=list)

    def press(self, what: Locator) -> None:
        self.clicks.append(what.inner_text() or what.get_attribute("name") or "?")
        what.click()

    def button(self, name: str) -> None:
        self.press(self.page.get_by_role("button", name=name))

    def tick(self, label: str) -> None:
        box = self.page.get_by_label(label)
        self.clicks.append(f"tick “{label}”")
        box.check()

    def report(self, what: str) -> None:
        print(f"\n{what}: {len(self.clicks)} clicks: {' · '.join(self.clicks)}")  # noqa: T201 – what it must show


@pytest.fixture
def newcomer(transactional_db: None) -> Shop:
    """A merchant with nothing connected yet."""
    merchant = factories.merchant()
    people = {Role.OWNER: factories.member(merchant, Role.OWNER)}
    return Shop(merchant=merchant, connection=Connection(), people=people)


def log_in(hand: Hand, shop: Shop) -> None:
    hand.page.goto("/accounts/login/")
    hand.page.get_by_label("Email").fill(shop.people[Role.OWNER].email)
    hand.page.get_by_label("Password").fill(factories.PASSWORD)
    hand.button("Log in")
    expect(hand.page.get_by_role("heading", name="Welcome to Tillbridge")).to_be_visible()


def connect_heartland(hand: Hand) -> None:
    hand.button("Connect Heartland")
    hand.page.get_by_role("button", name="Allow").click()  # Heartland's own
    expect(hand.page.get_by_text(re.compile("Heartland account .* is connected"))).to_be_visible()


def add_bigcommerce(hand: Hand) -> None:
    hand.button("Add a BigCommerce website")
    hand.page.get_by_role("button", name="Log in").click()  # BigCommerce's own
    hand.page.get_by_role("button", name="Allow").click()
    expect(hand.page.get_by_role("heading", level=1)).to_contain_text("Add ")
    hand.button("Confirm")


def add_magento(hand: Hand, admin: Admin) -> None:
    hand.page.get_by_label("Your Magento shop’s address").fill(admin.url)
    hand.button("Add this Magento website")
    expect(hand.page.get_by_text("Waiting for Magento")).to_be_visible()
    made = admin.integration(  # Magento's own, as is what follows it there
        callback=hand.page.get_by_label("Callback URL", exact=True).input_value(),
        identity=hand.page.get_by_label("Identity link URL", exact=True).input_value(),
    )
    ours, popup = hand.page, hand.page.context.new_page()
    popup.goto(admin.activate(made)["identity_url"])
    hand.page = popup
    hand.button("Confirm and connect")
    expect(popup.get_by_role("heading", name="let us in")).to_be_visible()
    hand.page = ours


def set_up_to_stock(hand: Hand) -> Connection:
    """From two systems that let us in to orders and stock that flow."""
    page = hand.page
    expect(page.get_by_text("Will be created in Heartland once you accept:")).to_be_visible()
    expect(page.get_by_text("Station “Website”")).to_be_visible()
    hand.tick("I understand that Heartland becomes master of quantities")
    hand.button("Create these and let orders flow")
    expect(page.get_by_text("Set-up is complete")).to_be_visible()
    queue_work()
    connection = Connection.objects.get()
    assert connection.state == Connection.State.ACTIVE
    hand.button("Sell from the ticked ones")
    hand.button("Ship like this")
    queue_work()
    expect(page.get_by_text(re.compile(r"Would change \d+ of \d+"))).to_be_visible(timeout=10_000)
    hand.button("Send this stock")
    queue_work()
    assert InventorySettings.objects.get(connection=connection).follows
    assert StockLevel.objects.filter(connection=connection, quantity__gt=0, pushed_at__isnull=False).exists()
    return connection


def orders_work(connection: Connection) -> None:
    """What the workers would do: look for orders, then work the lanes dry."""
    engine.sweep(now=timezone.now())
    polls.poll_orders(connection=connection, now=timezone.now())
    queue_work()


def booked_live(hand: Hand, connection: Connection, number: str) -> None:
    """The order stands on the open page without a reload, and is found."""
    orders_work(connection)
    record = Record.objects.get(external_id=number)
    assert record.disposition == Record.Disposition.BOOKED, record.reason
    page = hand.page
    expect(page.get_by_text(f"is booked in Heartland as {record.target_label}")).to_be_visible(timeout=10_000)


Order = Callable[[], str]


def shopper_orders(url: str) -> str:
    """A shopper places an ordinary order; answers its number."""
    recipe = requests.get(f"{url}/_sim/recipes", params={"n": 1}, timeout=20).json()["recipes"][0]
    answer = requests.post(f"{url}/_sim/orders", json=recipe, timeout=20)
    answer.raise_for_status()
    return str(answer.json()["ids"][0])


def test_from_log_in_to_orders_and_stock(newcomer: Shop, outside: None, visit: Visit, bigcommerce_url: str) -> None:
    page = visit()
    hand = Hand(page)
    log_in(hand, newcomer)
    callback = {"auth_callback": page.url.rstrip("/") + "/connect/bigcommerce/auth/"}
    requests.put(f"{bigcommerce_url}/_sim/app", json=callback, timeout=5)
    connect_heartland(hand)
    add_bigcommerce(hand)
    connection = set_up_to_stock(hand)
    hand.report("BigCommerce, orders and stock live")
    assert len(hand.clicks) <= GOAL

    number = shopper_orders(bigcommerce_url)
    booked_live(hand, connection, number)
    page.locator("#search").fill(f"BC-{number}")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Order {number}")
    expect(page.get_by_text("Both agree")).to_be_visible()
    call = page.get_by_text("POST /sales/orders", exact=True)
    expect(call).to_be_hidden()  # folded under what people read
    page.locator("details", has=call).last.locator("summary").click()
    expect(call).to_be_visible()


def test_from_log_in_to_orders_and_stock_with_magento(
    newcomer: Shop, outside: None, visit: Visit, admin: Admin
) -> None:
    page = visit()
    hand = Hand(page)
    log_in(hand, newcomer)
    connect_heartland(hand)
    add_magento(hand, admin)
    hand.button("Choose")  # of its two websites: a shop with one is not asked
    connection = set_up_to_stock(hand)
    hand.report("Magento, orders and stock live")
    assert len(hand.clicks) <= GOAL + 1
    booked_live(hand, connection, str(admin.orders(1)[0]))

"""A morning of ops: 300 orders, 40 of them failing for six causes, and none left without leaving the Errors tab."""

from collections import Counter
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from connections import heartland_lists
from connections.models import OrderSettings, Role
from errors.models import Issue, SyncError
from mappings.models import ValueMap
from mappings.services import value_map_set
from syncjobs import engine
from syncjobs.engine.enqueueing import jobs_enqueue
from syncjobs.models import Lane, Record, SyncJob
from tests import factories
from tests.browser.conftest import Visit
from tests.bulk import link_all
from tests.flows.conftest import BUYER, Pair, heartland_server, open_store, pair
from tests.screens.conftest import Shop

__all__ = ["heartland_server", "open_store", "pair"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ORDERS, FAILING, CLICKS = 300, 40, 20
NEAR, NUMBER = "BIN-8X32", "BIN-8×32"
LONELY = "WEB-CRATE"  # on sale online, and not in Heartland
STATELESS, MISTYPED = BUYER | {"state": ""}, BUYER | {"email": "ann.ruiz@example,com"}


class Hand:
    """Whoever presses something, and how often."""

    def __init__(self, page: Page) -> None:
        self.page, self.clicks = page, 0

    def press(self, role: str, name: str, *, near: str = "") -> None:
        within = self.page.locator(".issue", has_text=near) if near else self.page
        within.get_by_role(role, name=name).first.click()  # type: ignore[arg-type]
        self.clicks += 1

    def choose(self, label: str, near: str, words: str) -> None:
        """Open a list and choose from it: two clicks."""
        self.page.locator(".issue", has_text=near).get_by_label(label).select_option(label=words)
        self.clicks += 2


def place(pair: Pair) -> list[str]:
    """The orders of a night."""
    troubled: list[dict[str, Any]] = [
        *[{"lines": [{"sku": NEAR, "quantity": 1}]}] * 9,
        *[{"lines": [{"sku": LONELY, "quantity": 1}]}] * 7,
        *[{"payment": "paypal"}] * 8,
        *[{"shipping": "Express"}] * 6,
        *[{"guest": STATELESS, "ship_to": [BUYER]}] * 6,
        *[{"guest": MISTYPED}] * 4,
    ]
    assert len(troubled) == FAILING
    return [pair.place(**recipe) for recipe in [*troubled, *[{}] * (ORDERS - FAILING - 1)]]


def usual_mapped(pair: Pair) -> None:
    """What set-up did: the usual payment and shipping methods have their row, as an ordinary order names them."""
    first = pair.place()
    pair.run(first)
    lists = heartland_lists.choices(pair.connection.heartland)
    for row in ValueMap.objects.filter(connection=pair.connection):
        target, label = (lists.payment_types if row.kind == "payment" else lists.shipping_methods)[0]
        value_map_set(
            connection=pair.connection, kind=ValueMap.Kind(row.kind), source_value=row.source_value,
            target_value=target, target_label=label,
        )  # fmt: skip
    pair.run(first)
    assert pair.record(first).disposition == Record.Disposition.BOOKED


def work(pair: Pair) -> None:
    """What the workers do, until nothing is due."""
    while SyncJob.objects.due(timezone.now()).exists():
        for lane in Lane.objects.filter(connection=pair.connection):
            engine.lane_run(lane_id=lane.pk, now=timezone.now())


def test_forty_failures_of_six_causes_are_gone_in_a_few_clicks(pair: Pair, visit: Visit) -> None:
    connection = pair.connection
    link_all(connection)
    OrderSettings.objects.filter(connection=connection).update(books_other_payments=False, shipping_method_id="")
    usual_mapped(pair)
    numbers = place(pair)
    jobs_enqueue(connection=connection, flow="orders", external_ids=numbers, cause="poll", now=timezone.now())
    work(pair)
    assert SyncError.objects.open().count() == FAILING
    assert Issue.objects.open().count() == 6

    people = {role: factories.member(connection.merchant, role) for role in (Role.OPS,)}
    shop = Shop(merchant=connection.merchant, connection=connection, people=people)
    page = visit(shop, Role.OPS)
    page.goto(shop.at("errors/"))
    hand, tab = Hand(page), page.url
    codes = dict(Issue.objects.open().values_list("code", "title"))

    hand.press("button", f"Link to {NUMBER}")
    work(pair)
    hand.press("button", "Create in Heartland", near=LONELY)
    work(pair)
    hand.choose("Heartland payment type", codes["payment_unmapped"], "Credit Card")
    hand.press("button", "Save and release 8", near=codes["payment_unmapped"])
    work(pair)
    hand.choose("Heartland shipping method", codes["shipping_unmapped"], "Express")
    hand.press("button", "Save and release 6", near=codes["shipping_unmapped"])
    work(pair)
    hand.press("button", "Apply and retry 6", near=codes["address_incomplete"])
    work(pair)
    hand.press("button", "Apply and retry 4", near=codes["email_invalid"])
    work(pair)

    assert page.url == tab
    page.reload()
    expect(page.get_by_text("Nothing waits for anybody.")).to_be_visible()
    print(f"{FAILING} failing orders of six causes: {hand.clicks} clicks")  # noqa: T201
    assert hand.clicks <= CLICKS
    assert SyncError.objects.open().count() == 0
    dispositions = Counter(Record.objects.filter(flow="orders").values_list("disposition", flat=True))
    assert dispositions == {Record.Disposition.BOOKED: ORDERS}
    held = [row for row in pair.heartland.rows("orders") if row["status"] != "canceled"]
    assert len({row["public_id"] for row in held}) == len(held) == ORDERS

"""The frame in a browser: a phone's bars, single keys, the palette, the place after an act, and the tab's icon."""

import re

import pytest
from playwright.sync_api import Page, expect

from connections.models import Role
from errors.models import SyncError
from syncjobs.models import SyncJob
from tests.browser.conftest import NARROW, PHONE, Visit
from tests.browser.test_pages import busy
from tests.screens.conftest import Shop

__all__ = ["busy"]
SMALL = """all => all.filter(one => one.checkVisibility() && !one.closest('p, li > span, dd, caption, .crumbs'))
    .map(one => [one.textContent.trim().slice(0, 30) || one.getAttribute('aria-label'), one.getBoundingClientRect()])
    .filter(([words, box]) => box.height > 0 && box.height < 43.5).map(([words]) => words)"""


@pytest.mark.parametrize("width", [NARROW, PHONE])
def test_a_phone_has_five_places_and_a_low_header(width: int, busy: Shop, visit: Visit) -> None:
    page = visit(busy, width=width)
    page.goto(busy.at("errors/"))
    bar = page.get_by_role("navigation", name="Places")
    expect(bar.locator("a, button")).to_have_text(["Home", "To distribute", "Needs you", "Search", "Store"])
    expect(bar.get_by_role("link", name="Needs you")).to_have_attribute("aria-current", "page")
    header = page.locator(".shell-bar").bounding_box()
    assert header
    assert header["y"] + header["height"] <= 120
    bar.get_by_role("link", name="To distribute").click()
    assert page.url.endswith(busy.at("distribute/"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Order Fulfillment")
    expect(page.locator(".shell-store")).to_contain_text("Harbor & Pine")


def test_what_a_thumb_presses_is_large_enough(busy: Shop, visit: Visit) -> None:
    page, found = visit(busy, width=NARROW), {}
    for path in ("/", "/orders/", busy.at("errors/"), busy.at("fulfillment/"), busy.at("items/")):
        page.goto(path)
        pressed = page.locator("main button, main .button, main select, .bottom-bar > *, .shell-bar button, .tabs a")
        if small := pressed.evaluate_all(SMALL):
            found[path] = small
    assert found == {}


def test_the_menu_of_a_phone_needs_no_script(busy: Shop, visit: Visit) -> None:
    page = visit(busy, width=NARROW, javascript=False)
    page.get_by_role("button", name="Menu").click()
    menu = page.get_by_label("Tillbridge", exact=True)
    menu.get_by_role("link", name="Orders").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Orders")


def at_row(page: Page) -> str:
    return str(page.evaluate("document.activeElement.closest('tr')?.querySelector('th')?.textContent.trim() || ''"))


def test_single_keys_walk_rows_tick_and_retry(busy: Shop, visit: Visit) -> None:
    page = visit(busy, Role.OPS)
    page.goto(busy.at("errors/"))
    rows = [words.strip() for words in page.locator("main tbody th").all_text_contents()]
    while at_row(page) != rows[0]:
        page.keyboard.press("j")
    page.keyboard.press("j")
    assert at_row(page) == rows[1]
    page.keyboard.press("k")
    assert at_row(page) == rows[0]
    page.keyboard.press("x")
    assert page.locator("main tbody input:checked").count() == 1
    page.keyboard.press("r")
    expect(page.get_by_text("is tried again now")).to_be_visible()
    assert SyncJob.objects.filter(cause__icontains="retr").count() + SyncError.objects.count() >= 1
    page.locator("#search").focus()
    page.keyboard.press("j")
    assert page.locator("#search").input_value() == "j"


def test_the_list_of_keys_opens_and_switches_them_off(busy: Shop, visit: Visit) -> None:
    page = visit(busy)
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keyboard")
    expect(keys.get_by_text("Retry the row")).to_be_visible()
    keys.get_by_label("Single keys work in this browser").uncheck()
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    page.reload()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") != "search"


def test_the_palette_leads_to_pages_and_finds_orders(busy: Shop, visit: Visit) -> None:
    page = visit(busy)
    page.keyboard.press("Control+k")
    field = page.get_by_label("Go to a page, an order, a SKU, a person")
    expect(field).to_be_focused()
    field.fill("integ")
    expect(page.locator("#palette-found").get_by_role("link", name="Integrations")).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url("**/settings/integrations/")
    page.keyboard.press("Control+k")
    page.keyboard.type("10000")
    expect(page.locator("#palette-found").get_by_role("link", name=re.compile("10000")).first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("10000")


def test_after_an_act_one_stands_where_one_was(busy: Shop, visit: Visit) -> None:
    page = visit(busy, Role.OPS)
    page.goto(busy.at("errors/"))
    page.get_by_role("button", name=re.compile("^Retry Order 30002")).click()
    expect(page.get_by_text("is tried again now")).to_be_visible()
    expect(page.locator("body")).not_to_be_focused()
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_what_nobody_has_read_outlives_a_page_that_is_drawn_anew(busy: Shop, visit: Visit) -> None:
    page, store = visit(busy), f"/stores/{busy.connection.public_id}"
    page.goto(f"{store}/orders/10000/")
    page.get_by_role("button", name="Keep the comment").click()
    said = page.locator(".toast").get_by_text("Nothing was kept: write the comment first.")
    expect(said).to_be_visible()
    with page.expect_navigation():  # what the list of orders to distribute answers once its run is over
        page.evaluate(f"htmx.ajax('GET', '{store}/distribute/', 'body')")
    expect(said).to_be_visible()
    page.get_by_role("button", name="Dismiss").click()
    page.reload()
    expect(said).to_have_count(0)


def test_an_outage_shows_on_the_tab(busy: Shop, visit: Visit) -> None:
    page = visit(busy)
    icon = page.locator("link[rel=icon]")
    page.goto("/orders/")
    assert (icon.get_attribute("href") or "").endswith("mark.svg")
    page.evaluate("document.body.dataset.state = 'outage'; document.dispatchEvent(new Event('htmx:afterSettle'))")
    assert (icon.get_attribute("href") or "").endswith("mark-outage.svg")
    assert page.title().startswith("Outage · ")
    page.evaluate("document.body.dataset.state = ''; document.dispatchEvent(new Event('htmx:afterSettle'))")
    assert (icon.get_attribute("href") or "").endswith("mark.svg")
    assert not page.title().startswith("Outage")

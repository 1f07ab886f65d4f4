"""What the components do in a browser: counting, opening, keeping from leaving, and the same without a script."""

import re

from playwright.sync_api import Dialog, Page, expect

from tests.browser.conftest import Visit
from tests.screens.conftest import Shop


def opened(visit: Visit, shop: Shop, **wishes: bool) -> Page:
    page = visit(shop, **wishes)
    page.goto("/components/")
    return page


def test_a_bulk_bar_counts_what_is_ticked(shop: Shop, visit: Visit) -> None:
    page = opened(visit, shop)
    light = page.locator(".scheme-light")
    retry = light.get_by_role("button", name="Retry", exact=False).locator("visible=true").last
    count = light.locator("[data-bulk-count]")
    expect(light.locator(".bulk-actions")).to_be_hidden()
    light.get_by_label("Select 10457").check()
    expect(count).to_have_text("1 order")
    light.get_by_label("Select 10459").click(modifiers=["Shift"])
    expect(count).to_have_text("3 orders")
    light.get_by_label("All on this page").uncheck()
    expect(count).to_have_text("")
    light.get_by_label("All 412 that match").check()
    expect(count).to_have_text("412 orders")
    expect(retry).to_have_text("Retry 412")
    light.get_by_label("All 412 that match").uncheck()
    light.get_by_label("All on this page").check()
    light.locator(".bulk-actions").get_by_role("button", name="Retry").click()
    expect(page.get_by_role("status").get_by_text("3 rows retried.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone: it is as it was.")).to_be_visible()


def test_a_drawer_loads_beside_the_page_and_gives_the_focus_back(shop: Shop, visit: Visit) -> None:
    page = opened(visit, shop)
    link = page.locator(".scheme-light").get_by_role("link", name="10458")
    link.click()
    drawer = page.get_by_role("dialog", name="Order 10458")
    expect(drawer.get_by_text("What the link's address answers to htmx")).to_be_visible()
    assert page.url.endswith("/components/")
    expect(drawer.get_by_role("link", name="Open as a page")).to_have_attribute("href", "/components/?row=10458")
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    expect(link).to_be_focused()


def test_popovers_need_no_script(shop: Shop, visit: Visit) -> None:
    page = opened(visit, shop, javascript=False)
    for button, name in (("Open a drawer", "Health"), ("Open a dialog", "Disconnect Harbor & Pine?")):
        page.locator(".scheme-light").get_by_role("button", name=button).click()
        panel = page.get_by_role("dialog", name=name)
        expect(panel).to_be_visible()
        panel.get_by_role("button", name="Close").click()
        expect(panel).to_be_hidden()
    page.locator(".scheme-light").get_by_label("Select 10457").check()
    page.locator(".scheme-light .bulk-actions").get_by_role("button", name="Retry").click()
    expect(page.get_by_text("1 row retried.")).to_be_visible()


def test_a_form_says_what_is_unsaved_and_keeps_from_leaving(shop: Shop, visit: Visit) -> None:
    page = opened(visit, shop)
    form = page.locator(".scheme-light form[data-guard]")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    form.get_by_label("Number prefix").fill("WEB-")
    form.get_by_label("Status").select_option("Shipped")
    form.get_by_label("Notify the shopper").uncheck()
    expect(form.get_by_role("status")).to_have_text("3 unsaved changes")
    form.get_by_label("Number prefix").fill("BC-")
    expect(form.get_by_role("status")).to_have_text("2 unsaved changes")
    page.get_by_role("link", name="Orders").first.click(no_wait_after=True)
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    assert page.url.endswith("/components/")
    form.get_by_role("button", name="Discard").click()
    expect(form.get_by_role("status")).to_have_text("")
    form.get_by_label("Number prefix").fill("WEB-")
    form.get_by_role("button", name="Save").click()
    expect(page.get_by_text("rows retried")).to_be_visible()
    assert asked == ["beforeunload"]


def test_what_is_only_said_can_be_dismissed(shop: Shop, visit: Visit) -> None:
    page = opened(visit, shop)
    page.locator(".scheme-light").get_by_role("button", name="Warn").click()
    warning = page.get_by_text("Nothing was done: the list has changed")
    expect(warning).to_be_visible()
    page.get_by_role("button", name="Dismiss").first.click()
    expect(warning).to_be_hidden()


def test_times_go_on_by_themselves_and_show_exactly_when_asked(shop: Shop, visit: Visit) -> None:
    def shown() -> str:
        return str(time.evaluate("one => one.shadowRoot.textContent"))

    page = opened(visit, shop)
    time = page.locator(".scheme-light relative-time").first
    assert shown() == "5 minutes ago"
    assert re.fullmatch(r"\w{3} \d+, 20\d\d \d\d:\d\d:\d\d UTC", time.get_attribute("title") or "")
    time.click()
    assert re.fullmatch(r"\w{3} \d+, \d+:\d\d:\d\d\sUTC|\w{3} \d+, \d+:\d\d:\d\d\s(AM|PM) UTC", shown())
    page.reload()
    assert shown().endswith("UTC")
    time.click()
    assert shown() == "5 minutes ago"


def test_without_a_script_a_time_is_the_exact_one(shop: Shop, visit: Visit) -> None:
    page = opened(visit, shop, javascript=False)
    expect(page.locator(".scheme-light relative-time").first).to_have_text(re.compile(r"^\w{3} \d+, \d\d:\d\d$"))


def test_a_picker_asks_its_address_and_sends_the_value(shop: Shop, visit: Visit) -> None:
    page = opened(visit, shop)
    form = page.locator(".scheme-light form[data-guard]")
    form.get_by_role("combobox", name="Heartland item").press_sequentially("gift")
    page.locator(".ts-dropdown").get_by_text("Gift wrapping").click()
    assert form.locator("input[name=item]").input_value() == "GW-1"
    expect(form.get_by_role("status").first).to_have_text("1 unsaved change")


def test_a_picker_without_a_script_takes_what_is_typed(shop: Shop, visit: Visit) -> None:
    page = opened(visit, shop, javascript=False)
    page.locator(".scheme-light").get_by_label("Heartland item").fill("GW-1")
    page.locator(".scheme-light form[data-guard]").get_by_role("button", name="Save").click()
    expect(page.get_by_text("0 rows retried.")).to_be_visible()


def test_icons_and_the_font_come_from_us(shop: Shop, visit: Visit) -> None:
    page = opened(visit, shop)
    box = page.locator(".shell-nav svg.icon use").first.bounding_box()
    assert box
    assert min(box["width"], box["height"]) > 8
    page.evaluate("document.fonts.ready")
    loaded = page.evaluate("[...document.fonts].filter(one => one.status === 'loaded').map(one => one.family)")
    assert "Inter" in str(loaded)

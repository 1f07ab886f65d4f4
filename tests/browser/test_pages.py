"""Every page in real Chromium: no accessibility violation, nothing sticks out, keyboard and no-script work."""

import json
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, expect

from connections.connect.bigcommerce.claims import claim_token
from connections.models import Connection, Hook, ItemSettings, Role, SupportGrant
from errors.models import Issue, SyncError
from mappings.models import ValueMap
from syncjobs.models import (
    Circuit,
    Cursor,
    OrderCorrection,
    OrderText,
    Record,
    Run,
    RunChange,
    Settlement,
    SyncJob,
)
from tests import books, factories
from tests.browser.conftest import NARROW, PHONE, WIDE, Visit
from tests.screens.conftest import Shop

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture
def busy(shop: Shop) -> Shop:
    """A shop in which something of everything has happened."""
    now, connection = timezone.now(), shop.connection
    for number in range(60):
        factories.order(connection, f"{10000 + number}", at=now, is_distributed=number > 2)
    factories.order(
        connection, "20001", Record.Disposition.SKIPPED, at=now, code="awaiting_pickup", reason="Order 20001: x"
    )
    factories.order(connection, "20002", Record.Disposition.CANCELLED, at=now, reason="Cancelled in the store.")
    factories.problem(connection, "30001", factories.not_linked("JOUR-BLK"), factories.unmapped("Cash"), at=now)
    refused = factories.problem(connection, "30002", at=now, state=SyncError.State.DEAD)
    refused.reason += " The buyer [e-mail address removed] is unknown."
    refused.answer = 'POST /api/sales/orders → 422\n{"message": "[card number removed]", "note": "' + "x" * 200 + '"}'
    refused.save()
    changed = factories.order(connection, "40001", Record.Disposition.HELD, at=now, code="changed_after_booking")
    changed.facts |= {
        "content": "x",
        "booked": changed.facts | {"lines": [], "total": "12.00"},
        "given_back": "some of it",
        "what_is_left": {
            "entries": [
                {"what": "HT-M-RED", "pieces": 2, "amount": "69.90"},
                {"what": "Tax", "pieces": None, "amount": "6.43"},
            ],
            "total": "76.33",
            "tenders": [{"method": "Credit Card", "amount": "76.33"}],
        },
    }
    changed.save()
    factories.attempt(factories.job(connection, "10000", created_at=now), began_at=now)
    factories.job(connection, "30001", SyncJob.Status.PENDING)
    factories.event(connection, "10000")
    factories.invoice(connection, "117204", "10000", facts={"carrier": "UPS", "tracking": ["1Z1"], "shipments": []})
    settled = factories.order(connection, "20004", Record.Disposition.SETTLED, at=now, code="item_not_linked")
    note = "Sold at the counter, with a word from Mrs. Abbott. " * 5
    Settlement.objects.create(record=settled, kind=Settlement.Kind.NOT_WANTED, note=note, at=now)
    long = "Maximiliana-Theodora von und zu Hohenlohe " * 4
    OrderCorrection.objects.create(
        connection=connection, external_id="40001", field="shipping_address.line_2", before=long, after="M. T."
    )
    booked = factories.order(connection, "20005", at=now)
    booked.facts |= {"written": {"rows": [{"label": "Order comment", "place": "left_out", "field": ""}]}}
    booked.save()
    wrote = json.dumps([{"label": "Order comment", "text": long, "field": ""}])
    OrderText.objects.create(connection=connection, external_id="20005", content=wrote, read_at=now)
    held = {"code": "shipment_deleted", "reason": "It was deleted in the store.", "facts": {"question": "x"}}
    factories.invoice(connection, "117205", "10000", Record.Disposition.HELD, **held)
    sentence = "Return 55123 names no sale: the till gave 80.00 for 1 × DOG-LEAD. " * 3
    orders = [{"order": "10000", "number": "BC-10000"}, {"order": "20005", "number": "BC-20005"}]
    factories.till_return(
        connection, "117260", "10000", Record.Disposition.HELD, code="return_of_which_order", reason=sentence,
        facts={"question": "x", "candidates": orders, "goods": [{"name": "DOG-LEAD", "quantity": 1}]},
    )  # fmt: skip
    tenders = [{"name": "Credit Card", "amount": "18.00"}, {"name": "Given at the till", "amount": "12.00"}]
    factories.till_return(connection, "117261", "10000", facts={"tenders": tenders}, target_total="30.00")
    factories.refund(
        connection, "71", "10000", Record.Disposition.HELD, code="refund_to_look_at", reason="It waits. " * 20
    )
    factories.order(connection, "20003", at=now, is_distributed=False, to_distribute=0, source_status="Shipped")
    factories.item_link(connection, "HT-M-RED")
    factories.catalogue(connection)
    row = {"field": "sold_on_web", "operator": "is", "value": "yes"}
    ItemSettings.objects.create(connection=connection, mode="push", filters=[row])
    factories.hook(connection, "store/order/created")
    factories.hook(connection, "orders", "heartland", Hook.State.POLLED)
    factories.hook(connection, "item_created", "heartland", Hook.State.MISSING)
    factories.audit_entry(shop.merchant)
    for email, given in (
        ("support@tillbridge.example", now),
        ("maximiliana.theodora.von.und.zu@tillbridge.example", None),
    ):
        until = given and given + timedelta(hours=2)
        staff, reason = factories.user(email, is_staff=True), "Order 30001 waits, and you asked us to see why. " * 3
        SupportGrant.objects.create(merchant=shop.merchant, staff=staff, reason=reason, given_at=given, until=until)
    ValueMap.objects.create(connection=connection, kind="payment", source_value="Cash", seen=3)
    Cursor.objects.create(connection=connection, feed=Cursor.ORDERS, due_at=now, succeeded_at=now, found=60)
    Circuit.objects.create(connection=connection, system="heartland", opened_at=now, probe_after=now)
    return shop


def pages(shop: Shop) -> list[str]:
    account, store = shop.connection.heartland, factories.store(shop.merchant, name="Third Shop")
    unclaimed = factories.store(None, name="New Shop")
    return [
        "/",
        "/orders/",
        "/orders/?state=held&q=nothing",
        "/search/?q=HT-M-RED",
        "/search/?q=nothing",
        "/settings/integrations/",
        f"/settings/merchant/{shop.merchant.public_id}/",
        f"/settings/merchant/{shop.merchant.public_id}/personal/",
        f"/settings/merchant/{shop.merchant.public_id}/trail/",
        f"/team/{shop.merchant.public_id}/",
        f"/settings/merchant/{shop.merchant.public_id}/api/",
        f"/settings/merchant/{shop.merchant.public_id}/webhooks/",
        "/developers/",
        f"/alerts/{shop.merchant.public_id}/",
        "/settings/integrations/bigcommerce/",
        "/settings/integrations/heartland/",
        f"/settings/integrations/heartland/{account.public_id}/",
        f"/settings/integrations/heartland/token/{shop.merchant.public_id}/",
        f"/settings/integrations/stores/{store.public_id}/pair/",
        f"/settings/integrations/bigcommerce/claim/{claim_token(unclaimed)}/",
        shop.at("distribute/"),
        shop.at("desk-orders/"),
        shop.at("orders/10000/"),
        shop.at("orders/20003/"),
        shop.at("orders/20004/"),
        shop.at("orders/20005/"),
        shop.at("orders/30001/"),
        shop.at("records/shipments/117205/"),
        shop.at("orders/40001/"),
        "/sales/",
        "/components/",
        shop.at("items/"),
        shop.at("items/?state=unlinked"),
        shop.at("runs/?kind=items"),
        shop.at(f"items/runs/{item_preview(shop).pk}/"),
        shop.at("items/match/?sku=HT-M-RED"),
        shop.at("inventory/"),
        shop.at("inventory/why/?sku=HT-M-RED"),
        shop.at(f"inventory/runs/{stock_run(shop).pk}/"),
        shop.at("fulfillment/"),
        shop.at("fulfillment/counts/"),
        shop.at("proof/"),
        shop.at(f"proof/{factories.proof(shop.connection, orders=60).pk}/"),
        shop.at("customers/settings/"),
        shop.at("payouts/"),
        f"{shop.at('payouts/one/')}?of={factories.payouts(shop.connection)}",
        shop.at("cards/"),
        shop.at(f"cards/{factories.gift_card(shop.connection).pk}/"),
        shop.at("books/?month=2026-03"),
        f"{shop.at('books/day/')}?on={books.closed_day(shop.connection)}",
        shop.at("books/day/?on=2026-04-01"),
        shop.at("books/accounts/"),
        shop.at(f"shoppers/{factories.shopper(shop.connection)}/"),
        shop.at("loyalty/"),
        shop.at(f"loyalty/{factories.points(shop.connection)}/"),
        shop.at("errors/"),
        shop.at("errors/?state=resolved"),
        shop.at("errors/?state=skipped&age=1h&tag=x&issues=ignored"),
        shop.at(f"issues/{Issue.objects.filter(connection=shop.connection).latest('pk').pk}/"),
        shop.at(f"errors/{SyncError.objects.filter(connection=shop.connection).latest('pk').pk}/"),
        shop.at("closed/"),
        shop.at("connection/"),
        shop.at("connection/disconnect/"),
        shop.at("preflight/"),
        shop.at("setup/"),
        "/accounts/",
        "/accounts/password/change/",
        "/accounts/factor/",
        "/accounts/logout/",
    ]


def item_preview(shop: Shop) -> Run:
    """A preview with a product of every kind."""
    run = Run.objects.create(
        connection=shop.connection,
        kind="items_preview",
        state=Run.State.DONE,
        started_at=timezone.now(),
        result={"create": 1, "update": 1, "conflict": 1},
        parameters={"new_fields": ["Shade"]},
        sentence="Would create 1, update 1; 0 unchanged, 1 in conflict, 0 left out by your choices.",
    )
    change = {"field": "price", "sku": "HT-M-RED", "before": "24.00", "after": "21.50"}
    for kind, reason in (("create", ""), ("update", ""), ("conflict", "Built differently.")):
        RunChange.objects.create(
            run=run, kind=kind, subject="HT-M-RED", title="A harbor tee whose name is long " * 4, key="g1",
            details=[change, change | {"field": "title", "sku": "", "before": "", "after": "word " * 24}],
            reason=reason,
        )  # fmt: skip
    return run


def stock_run(shop: Shop) -> Run:
    """A preview that goes on, with differences."""
    run = Run.objects.create(
        connection=shop.connection, kind="stock_preview", started_at=timezone.now(), total=400, done=100
    )
    RunChange.objects.create(run=run, kind="update", subject="HT-M-RED", before="3", after="12", weight=9)
    RunChange.objects.create(
        run=run, kind="refused", subject="A-VERY-LONG-SKU-" * 8, after="0", reason="Refused. " * 20
    )
    return run


def violations(page: Page) -> list[str]:
    """What axe finds, one line each with the first offender."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{page.url}: {one['id']} at {one['nodes'][0]['target']}" for one in found]


def sticks_out(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))


def cut_tables(page: Page) -> list[str]:
    """Tables whose right columns are out of sight, by their headings; what is folded away is not measured."""
    is_cut = "one => one.checkVisibility() && one.scrollWidth > one.clientWidth + 1"
    script = f"all => all.filter({is_cut}).map(one => one.innerText.slice(0, 80))"
    return [f"{page.url}: cut {words!r}" for words in page.locator(".table-wrap").evaluate_all(script)]


def troubles(page: Page) -> list[str]:
    return violations(page) + cut_tables(page) + ([f"{page.url} sticks out"] if sticks_out(page) else [])


@pytest.mark.sampled(3)
@pytest.mark.parametrize(("width", "scheme"), [(PHONE, "light"), (NARROW, "dark"), (WIDE, "light"), (WIDE, "dark")])
def test_every_page_is_accessible_and_fits(width: int, scheme: str, busy: Shop, visit: Visit) -> None:
    page = visit(busy, width=width, scheme=scheme, checked=True)
    found = []
    for path in pages(busy):
        answer = page.goto(path)
        assert answer
        assert answer.status == 200, path
        found += troubles(page)
    page.goto(busy.at("orders/40001/"))
    page.get_by_role("button", name="Preview a retry").click()
    expect(page.get_by_role("heading", name="What a retry of")).to_be_visible()
    assert found + troubles(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_log_in_pages_are_accessible(scheme: str, shop: Shop, visit: Visit) -> None:
    page = visit(width=NARROW, scheme=scheme, checked=True)
    found = []
    for path in ("/accounts/login/", "/accounts/password/reset/", "/accounts/address/confirm/x/"):
        page.goto(path)
        found += violations(page)
    assert found == []


def test_the_console_is_silent_under_the_strict_policy(busy: Shop, visit: Visit) -> None:
    """Inline styles or scripts would be reported there; `visit` fails the test on any."""
    page = visit(busy)
    for path in pages(busy):
        page.goto(path)


def test_the_dashboard_refreshes_itself_and_keeps_the_focus(busy: Shop, visit: Visit) -> None:
    page = visit(busy)
    sentence = page.locator(".verdict-sentence")
    expect(sentence).to_contain_text("All 68 orders of today")
    page.locator("#period-7d").focus()
    factories.order(busy.connection, "50001", at=timezone.now())
    expect(sentence).to_contain_text("All 69 orders of today", timeout=15_000)
    assert page.evaluate("document.activeElement.id") == "period-7d"


def test_a_waiting_order_shows_its_end_by_itself(busy: Shop, visit: Visit) -> None:
    page = visit(busy)
    page.goto(busy.at("orders/30001/"))
    expect(page.get_by_text("Waits in the queue")).to_be_visible()
    SyncJob.objects.filter(external_id="30001").update(status=SyncJob.Status.DONE)
    expect(page.get_by_text("Waits in the queue")).to_be_hidden(timeout=8_000)


def test_everything_works_without_javascript(busy: Shop, visit: Visit) -> None:
    page = visit(busy, Role.STAFF, javascript=False)
    page.goto(busy.at("errors/"))
    page.get_by_role("checkbox", name="Select Order 30002").check()
    page.get_by_role("group", name="Ticked records").get_by_role("button", name="Retry").click()
    expect(page.get_by_text("1 record is tried again now")).to_be_visible()
    page.get_by_role("link", name="Inventory").click()
    page.get_by_role("button", name="Add Location Harbor Main").click()
    expect(page.get_by_text("Harbor Main counts now.")).to_be_visible()
    page.get_by_role("link", name="Connection", exact=True).click()
    page.get_by_role("button", name="Pause").click()
    busy.connection.refresh_from_db()
    assert busy.connection.state == Connection.State.PAUSED


def test_a_person_comes_by_keyboard_alone(busy: Shop, visit: Visit) -> None:
    page = visit(busy)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.locator("#search").focus()
    page.keyboard.type("BC-10000")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Order 10000")
    seen = page.evaluate("getComputedStyle(document.querySelector('a.button')).outlineStyle")
    page.locator("a.button").first.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    assert seen == "none"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_tables_become_cards_on_a_small_screen(busy: Shop, visit: Visit) -> None:
    page = visit(busy, width=NARROW)
    page.goto("/orders/")
    row = page.locator(".table-cards tbody tr").first
    assert row.evaluate("row => getComputedStyle(row).display") == "flex"  # two lines an order
    box = row.bounding_box()
    assert box
    assert box["width"] <= NARROW


def test_enter_in_a_closings_note_presses_no_retry(busy: Shop, visit: Visit) -> None:
    """A form's first button answers Enter: that was the first record's Retry."""
    page, closed = visit(busy), Settlement.objects.count()
    page.goto(busy.at("errors/"))
    page.get_by_role("checkbox", name="Select Order 30002").check()
    page.get_by_role("button", name="More …").click()
    page.get_by_label("Note").fill("Sold at the counter")
    page.get_by_label("Note").press("Enter")
    page.goto(busy.at("errors/"))
    assert not SyncJob.objects.filter(external_id="30002").exists()
    assert Settlement.objects.count() == closed

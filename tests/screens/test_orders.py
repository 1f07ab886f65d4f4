"""The list of orders, search, and the order page with both systems side by side."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from connections.models import Role
from errors.failures import Violation
from syncjobs.models import Record, SyncJob
from syncjobs.pages.orders.line_rows import line_rows
from tests import factories
from tests.screens.conftest import Shop

State = Record.Disposition


def listed(shop: Shop, query: str) -> list[str]:
    return [row.external_id for row in shop.client().get(f"/orders/{query}").context["rows"]]


def test_filters_live_in_the_address(shop: Shop) -> None:
    factories.order(shop.connection, "1")
    factories.order(shop.connection, "2", State.SKIPPED, code="awaiting_pickup")
    factories.order(shop.connection, "3", State.SKIPPED, code="before_history_start")
    factories.order(shop.connection, "4", is_distributed=True)
    assert listed(shop, "") == ["4", "3", "2", "1"]
    assert listed(shop, "?state=skipped") == ["3", "2"]
    assert listed(shop, "?state=skipped&code=awaiting_pickup") == ["2"]
    assert listed(shop, "?undistributed=1") == ["1"]
    assert listed(shop, "?q=BC-4") == listed(shop, "?q=4") == ["4"]
    assert listed(shop, "?state=nonsense&period=never&page=x") == ["4", "3", "2", "1"]


def test_pages_keep_the_filters(shop: Shop) -> None:
    for number in range(60):
        factories.order(shop.connection, str(number))
    shown = shop.client().get("/orders/?state=booked").content.decode()
    assert "50 of 60" in shown
    assert 'rel="next" href="/orders/?state=booked&amp;after=' in shown


def test_another_merchants_orders_are_not_listed(shop: Shop, rival: Shop) -> None:
    factories.order(rival.connection, "777")
    factories.order(shop.connection, "10457")
    assert listed(shop, "") == ["10457"]
    assert listed(shop, f"?store={rival.connection.public_id}") == []
    assert shop.client().get(f"/stores/{shop.connection.public_id}/orders/777/").status_code == 404


@pytest.mark.parametrize("text", ["10457", "#10457", "BC-10457", "bc-10457", "710457"])
def test_search_opens_the_one_order_it_finds(text: str, shop: Shop, rival: Shop) -> None:
    factories.order(shop.connection, "10457")
    factories.order(rival.connection, "10457")
    answer = shop.client().get("/search/", {"q": text})
    assert answer["Location"] == shop.at("orders/10457/")


def test_search_lists_several_and_finds_items(shop: Shop, rival: Shop) -> None:
    second = factories.connection(shop.merchant, name="Wholesale")
    for connection in (shop.connection, second):
        factories.order(connection, "10457")
    factories.item_link(shop.connection, "HT-M-RED")
    factories.item_link(rival.connection, "HT-M-RED")
    assert len(shop.client().get("/search/?q=10457").context["found"].orders) == 2
    assert len(shop.client().get("/search/?q=ht-m-red").context["found"].items) == 1
    assert "Nothing found." in shop.client().get("/search/?q=nowhere").content.decode()
    assert "What do you look for?" in shop.client().get("/search/").content.decode()


def test_the_money_equation_is_shown_to_the_cent(shop: Shop) -> None:
    factories.order(shop.connection, "10457")
    shown = shop.client().get(shop.at("orders/10457/"))
    terms = re.findall(r'equation-term[^"]*"><b>([^<]+)</b><span>([^<]+)</span>', shown.content.decode())
    assert terms == [
        ("$48.00", "Goods"),
        ("−$4.80", "Discounts"),
        ("$6.95", "Shipping"),
        ("$3.10", "Tax"),
        ("$53.25", "charged to the shopper"),
        ("$53.25", "computed by Heartland"),
    ]
    assert "Agreed when read" in shown.content.decode()
    assert [row for row in shown.context["rows"] if row.differs] == []


def test_a_difference_is_marked(shop: Shop) -> None:
    factories.order(
        shop.connection,
        "10457",
        State.HELD,
        target_id="100318",
        target_label="BC-10457",
        target_total=Decimal("53.26"),
        facts=factories.facts(heartland_total="53.26"),
    )
    shown = shop.client().get(shop.at("orders/10457/"))
    assert "They differ" in shown.content.decode()
    assert [(row.name, row.store, row.heartland) for row in shown.context["rows"] if row.differs] == [
        ("Total", "$53.25", "$53.26"),
        ("Paid", "$53.25", "$53.26"),
    ]


def test_parts_that_do_not_add_up_are_said(shop: Shop) -> None:
    factories.order(shop.connection, "10457", total="60.00")
    shown = shop.client().get(shop.at("orders/10457/")).content.decode()
    assert "The store&#x27;s parts sum to $53.25, not to what it charged." in shown or "sum to $53.25" in shown


def test_why_it_waits_names_field_value_and_fix(shop: Shop) -> None:
    factories.problem(shop.connection, "10457", factories.not_linked("JOUR-BLK"), factories.unmapped("Cash"))
    shown = shop.client().get(shop.at("orders/10457/"))
    page = shown.content.decode()
    assert "Why it waits" in page
    assert "Field <code>sku</code>, value <code>JOUR-BLK</code>" in page
    assert [fix.href for _, fix in shown.context["reasons"]] == [shop.at("items/"), shop.at("fulfillment/#payments")]
    assert "The order is not in Heartland, and no stock is committed for it." in page


def test_the_timeline_holds_events_jobs_attempts_steps_and_calls(shop: Shop) -> None:
    factories.order(shop.connection, "10457")
    factories.event(shop.connection, "10457")
    factories.attempt(factories.job(shop.connection, "10457"))
    shown = shop.client().get(shop.at("orders/10457/"))
    assert [moment.title for moment in shown.context["moments"]] == [
        "Look 1",
        "Webhook store/order/created",
        "Queued by webhook",
        "Placed in the store",
    ]
    page = shown.content.decode()
    for words in ("deliver", "Awaiting Fulfillment orders are brought.", "POST /sales/orders", "201", "812 ms"):
        assert words in page


def test_the_timeline_shows_only_what_its_address_asks_for(shop: Shop) -> None:
    factories.order(shop.connection, "10457")
    factories.attempt(factories.job(shop.connection, "10457"))
    factories.event(shop.connection, "10457")
    kinds = {
        show: {moment.kind for moment in shop.client().get(shop.at(f"orders/10457/?show={show}")).context["moments"]}
        for show in ("", "message", "look", "person", "nonsense")
    }
    everything = {"message", "look", "person"}
    assert kinds == {
        "": everything, "message": {"message"}, "look": {"look"}, "person": {"person"}, "nonsense": everything,
    }  # fmt: skip


def test_the_timeline_leaves_out_other_orders_and_other_stores(shop: Shop, rival: Shop) -> None:
    factories.order(shop.connection, "10457")
    factories.problem(rival.connection, "10457")
    factories.audit_entry(rival.merchant, subject="Order 10457")
    for connection, number in ((rival.connection, "10457"), (shop.connection, "10458")):
        factories.event(connection, number)
        factories.attempt(factories.job(connection, number))
    (placed,) = shop.client().get(shop.at("orders/10457/")).context["moments"]
    assert placed.title == "Placed in the store"


def test_both_systems_are_linked(shop: Shop) -> None:
    factories.order(shop.connection, "10457", target_id="100318")
    page = shop.client().get(shop.at("orders/10457/")).content.decode()
    assert 'href="https://store-a1b2c3d4e5.mybigcommerce.com/manage/orders/10457"' in page
    assert f'href="{factories.NOBODY}/#sales/orders/edit/100318"' in page


def test_remote_text_is_escaped_everywhere(shop: Shop) -> None:
    nasty = "<script>alert(1)</script>"
    cause = Violation(code="item_not_linked", sentence=f"No item {nasty}", field="sku", value=nasty, fix_page="items")
    factories.problem(shop.connection, "10457", cause)
    factories.order(shop.connection, "10458", label=nasty, reason=nasty, source_status=nasty)
    factories.item_link(shop.connection, nasty)
    client = shop.client()
    for path in ("/?period=all", "/orders/", f"/search/?q={nasty}"):
        assert nasty not in client.get(path).content.decode()
    for path in ("orders/10457/", "orders/10458/", "errors/", "items/", f"items/?q={nasty}"):
        assert nasty not in client.get(shop.at(path)).content.decode()


def test_a_waiting_order_refreshes_itself_and_a_finished_one_does_not(shop: Shop) -> None:
    factories.order(shop.connection, "10457")
    assert 'hx-trigger="every 2s"' not in shop.client().get(shop.at("orders/10457/")).content.decode()
    factories.job(shop.connection, "10457", SyncJob.Status.PENDING)
    assert 'hx-trigger="every 2s"' in shop.client().get(shop.at("orders/10457/")).content.decode()
    part = shop.client().get(shop.at("orders/10457/"), headers={"HX-Request": "true"}).content
    assert b"<html" not in part


def test_an_order_shows_what_was_shipped_of_it_and_what_waits(shop: Shop) -> None:
    factories.order(shop.connection, "10457")
    pieces = [{"id": "640", "pieces": [{"sku": "DOG-LEAD", "quantity": 2}]}]
    facts = {"carrier": "UPS", "tracking": ["1Z1", "1Z2"], "shipments": pieces}
    factories.invoice(
        shop.connection,
        "117204",
        "10457",
        facts=facts,
        reason="2 pieces of order 10457 left with UPS 1Z1, 1Z2: it is shipped.",
    )
    waits = {"code": "awaiting_tracking", "reason": "Invoice 117205 has no tracking number."}
    factories.invoice(shop.connection, "117205", "10457", State.IN_FLIGHT, **waits)
    page = shop.client().get(shop.at("orders/10457/")).content.decode()
    assert "UPS 1Z1, 1Z2" in page
    assert "2 × <code>DOG-LEAD</code>" in page
    assert page.index("Shipped</span>") < page.index("Waits for tracking")
    assert (
        "2 invoices: 1 shown in the store, 1 waiting for a tracking number."
        in shop.client().get(shop.at("fulfillment/")).content.decode()
    )


@pytest.mark.parametrize(
    ("record", "page"),
    [
        ("orders/10457/", "orders/10457/"),
        ("shipments/117204/", "orders/10457/"),
        ("stock/DOG-LEAD/", "inventory/why/?sku=DOG-LEAD"),
        ("items/g100001/", "items/"),
    ],
)
def test_every_record_leads_to_the_page_that_explains_it(record: str, page: str, shop: Shop, rival: Shop) -> None:
    factories.order(shop.connection, "10457", at=factories.NOW)
    factories.invoice(shop.connection, "117204", "10457")
    factories.invoice(rival.connection, "9", "10457")
    assert shop.client().get(shop.at(f"records/{record}"))["Location"] == shop.at(page)
    for nothing in ("shipments/9/", "shipments/404/", "money/1/"):
        assert shop.client().get(shop.at(f"records/{nothing}")).status_code == 404


@pytest.mark.parametrize(
    ("due", "words"), [("0.00", "Paid with"), ("53.25", "To be paid with"), ("20.00", "Paid, or to be paid, with")]
)
def test_a_tender_that_is_still_to_come_is_not_called_paid(due: str, words: str, shop: Shop) -> None:
    record = factories.order(shop.connection, "10457", at=factories.NOW)
    record.facts["heartland"] = record.facts.get("heartland", {}) | {"due": due}
    record.save()
    page = shop.client().get(shop.at("orders/10457/")).content.decode()
    assert f"<p>{words} Credit Card $53.25." in page


@pytest.mark.parametrize("there", [{}, {"heartland": {"status": "canceled", "paid": "0.00", "due": "0.00"}}])
@pytest.mark.parametrize(("is_untaken", "words"), [(False, "Paid with"), (True, "Paid, or to be paid, with")])
def test_money_that_nobody_took_is_not_called_paid_where_heartland_holds_no_order(
    is_untaken: bool, words: str, there: dict[str, Any], shop: Shop
) -> None:
    record = factories.order(shop.connection, "10457", at=factories.NOW)
    record.facts = {name: fact for name, fact in record.facts.items() if name != "heartland"} | there
    record.facts |= {"untaken": True} if is_untaken else {}
    record.save()
    page = shop.client().get(shop.at("orders/10457/")).content.decode()
    assert f"<p>{words} Credit Card $53.25." in page
    paid = page.partition('<th scope="row">Paid</th>')[2].partition("</tr>")[0]
    assert ("$53.25" in paid) is not is_untaken
    assert "Recorded as paid" not in page


def test_a_line_that_heartland_holds_in_parts_differs_in_nothing() -> None:
    """43.33 for two pieces is no price: they are booked a cent apart, and may leave from two locations."""

    def there(item: str, quantity: str, value: str) -> dict[str, Any]:
        return {"item_id": item, "quantity": quantity, "value": value}

    def shown(heartland: list[dict[str, Any]]) -> list[tuple[bool, bool, bool]]:
        rows = line_rows(store, heartland, {"TEE-M": "7", "TEE-L": "8"})
        return [(row.is_more, row.quantity_differs, row.value_differs) for row in rows]

    line = {"unit_price": "21.67", "discount": "0.00", "tax": "0.00"}
    store = [
        {"sku": "TEE-M", "quantity": 2, "total": "43.33", **line},
        {"sku": "TEE-L", "quantity": 2, "total": "43.34", **line},
    ]
    parts = [there("7", "1", "21.66"), there("8", "2", "43.34"), there("7", "1", "21.67")]
    assert shown(parts) == [(False, False, False), (True, False, False), (False, False, False)]
    assert shown([there("7", "1", "21.66"), there("8", "2", "43.34"), there("7", "1", "21.60")])[0] == (
        False,
        False,
        True,
    )
    lacking = [there("7", "1", "21.66"), there("8", "2", "43.34")]
    assert shown(lacking) == [(False, True, True), (False, False, False)]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "within a second"), (3, "3 s"), (150, "2 min"), (3 * 86_400, "3 d"), (None, "")],
)
def test_an_orders_page_says_how_soon_it_was_booked(shop: Shop, seconds: int | None, words: str) -> None:
    order = factories.order(shop.connection, "7")
    placed = order.source_placed_at
    assert placed is not None
    order.booked_at = None if seconds is None else placed + timedelta(seconds=seconds)
    order.save()
    page = shop.client(Role.VIEWER).get(shop.at("orders/7/")).content.decode()
    assert re.findall(r'id="booked-after">(.*?)<', page) == ([f"Booked {words} after it was placed."] if words else [])

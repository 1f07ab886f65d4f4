"""The dashboard: every order once, who is needed, what waits for distribution, and how sure we are."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from connections.models import AccessState, Connection, Merchant, Role
from connections.store_kinds import profile_of
from errors.issues.record_errors import error_record
from errors.models import Issue, SyncError
from syncjobs.engine import job_enqueue
from syncjobs.models import CardMovement, CardSettings, Circuit, Cursor, CustomerSettings, Record, Run
from syncjobs.pages.dashboard import last_hours
from syncjobs.pages.dashboard.dashboard_scope import Scope, within
from syncjobs.stock.stock_problems import failure_of
from syncjobs.stores.level_port import Cause, Refusal
from tests import factories
from tests.screens.conftest import Shop

State = Record.Disposition


def plain(page: bytes) -> str:
    """The words of a page."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.decode()).split())


def sentence(page: bytes) -> str:
    """The verdict as a person reads it."""
    found = re.search(r'<p class="verdict-sentence"[^>]*>(.*?)</p>', page.decode(), re.DOTALL)
    assert found
    return re.sub(r"\s+([,.])", r"\1", plain(found[1].encode()))


def fill(shop: Shop) -> None:
    now = timezone.now()
    for number in range(209):
        factories.order(shop.connection, f"{10000 + number}", at=now, is_distributed=True)
    for number in range(3):
        factories.order(shop.connection, f"{20000 + number}", State.SKIPPED, at=now, code="awaiting_pickup")
    for number in range(2):
        factories.problem(shop.connection, f"{30000 + number}", at=now)


def test_the_verdict_accounts_for_every_order(shop: Shop) -> None:
    fill(shop)
    shown = shop.client().get("/").content
    assert sentence(shown) == "All 214 orders of today are accounted for: 209 booked, 3 skipped, 2 need you."


def test_what_waits_to_be_begun_counts_and_what_never_existed_does_not(shop: Shop) -> None:
    fill(shop)
    for number in ("40001", "40002", "40003"):
        job_enqueue(connection=shop.connection, flow="orders", external_id=number, cause="webhook", now=timezone.now())
    factories.order(
        shop.connection, "999999", State.SKIPPED, at=timezone.now(), code="not_in_store", source_placed_at=None
    )
    client = shop.client()
    shown = client.get("/").content
    assert sentence(shown) == (
        "All 217 orders of today are accounted for: 209 booked, 3 skipped, 3 waiting, 2 need you."
    )
    assert client.get("/").context["health"][0].orders_waiting == 3
    assert client.get(shop.at("orders/40002/")).status_code == 200
    assert client.get("/search/?q=40002")["Location"] == shop.at("orders/40002/")


def test_every_count_leads_to_the_list_behind_it(shop: Shop) -> None:
    fill(shop)
    client = shop.client()
    for part in client.get("/").context["verdict"].parts:
        assert client.get(part.href).context["matching"] == part.count
    assert client.get(client.get("/").context["verdict"].href).context["matching"] == 214


def test_one_order_and_no_order_read_well(shop: Shop) -> None:
    client = shop.client()
    assert sentence(client.get("/").content) == "No order has come in today."
    assert sentence(client.get("/?period=all").content) == "No order has come in yet."
    factories.problem(shop.connection, "1", at=timezone.now())
    assert sentence(client.get("/").content) == "The one order of today is accounted for: 1 needs you."


def test_periods_count_by_the_day_the_order_was_placed(shop: Shop) -> None:
    now = timezone.now()
    for number, days in enumerate((0, 3, 20, 90)):
        factories.order(shop.connection, str(number), at=now - timedelta(days=days))
    client = shop.client()
    counts = {key: client.get(f"/?period={key}").context["verdict"].total for key in ("today", "7d", "30d", "all")}
    assert counts == {"today": 1, "7d": 2, "30d": 3, "all": 4}
    assert client.get("/?period=nonsense").context["verdict"].period == "today"


def test_today_begins_at_the_merchants_midnight(shop: Shop) -> None:
    half_past_one = datetime(2026, 3, 2, 6, 30, tzinfo=UTC)  # 01:30 in New York
    midnight = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
    factories.order(shop.connection, "1", at=midnight)
    factories.order(shop.connection, "2", at=midnight - timedelta(seconds=1))
    scope = Scope(connections=[shop.connection], now=half_past_one)
    assert [row.external_id for row in within(scope, "today")] == ["1"]


def test_the_verdict_says_when_the_store_was_not_read_lately(shop: Shop) -> None:
    now = timezone.now()
    client = shop.client()
    assert "Not sure yet: the orders in BigCommerce have not been listed once." in plain(client.get("/").content)
    cursor = Cursor.objects.create(connection=shop.connection, feed=Cursor.ORDERS, due_at=now, succeeded_at=now)
    assert "Not sure" not in plain(client.get("/").content)
    cursor.succeeded_at = now - timedelta(hours=2)
    cursor.save()
    text = client.get("/").content
    assert re.search(r"last read to the end \w{3} \d+, \d\d:\d\d , so newer orders may be missing here", plain(text))
    assert f'<relative-time datetime="{cursor.succeeded_at.isoformat()}" time-zone="' in text.decode()


def test_what_waits_is_sorted_by_money_with_one_button_each(shop: Shop) -> None:
    factories.problem(shop.connection, "1", factories.not_linked("HP-1"), amount="12.00")
    factories.problem(shop.connection, "2", factories.unmapped("Bank Deposit"), amount="900.00")
    factories.problem(shop.connection, "3", factories.unmapped("Bank Deposit"), amount="100.00")
    needs = shop.client().get("/").context["needs"]
    assert [(need.title, need.records, need.money) for need in needs] == [
        ("The payment method “Bank Deposit” has no Heartland payment type.", 2, (("USD", 1000),)),
        ("No Heartland item has the Item # “HP-1”.", 1, (("USD", 12),)),
    ]
    payment, item = (Issue.objects.get(code=code) for code in ("payment_unmapped", "item_not_linked"))
    assert [(need.fix.label, need.fix.href) for need in needs] == [
        ("Fix", shop.at(f"issues/{payment.pk}/")), ("Fix", shop.at(f"issues/{item.pk}/")),
    ]  # fmt: skip
    assert 'class="fix"' in shop.client().get(needs[1].fix.href).content.decode()


def test_lost_access_comes_first(shop: Shop) -> None:
    factories.problem(shop.connection, "1", amount="9000.00")
    shop.connection.store.state = AccessState.REVOKED
    shop.connection.store.save()
    needs = shop.client().get("/").context["needs"]
    assert needs[0].title == "BigCommerce no longer lets us in"
    assert needs[0].fix.href == shop.at("connection/")


def test_orders_to_distribute_link_into_heartland(shop: Shop) -> None:
    factories.order(shop.connection, "10457", target_id="100318")
    factories.order(shop.connection, "10458", is_distributed=True)
    factories.order(shop.connection, "10459", State.SKIPPED)
    page = shop.client().get("/")
    assert [(row.external_id, href) for row, href in page.context["alerts"]] == [
        ("10457", f"{factories.NOBODY}/#sales/orders/edit/100318")
    ]
    listed = shop.client().get("/orders/?undistributed=1").context["rows"]
    assert [row.external_id for row in listed] == ["10457"]


def test_only_who_may_distribute_is_asked_to(shop: Shop) -> None:
    factories.order(shop.connection, "1", is_distributed=False)
    for role, word in ((Role.STAFF, "Distribute"), (Role.OPS, "See which"), (Role.VIEWER, "See which")):
        page = shop.client(role).get("/").content.decode()
        assert f'id="distribute-all" href="{shop.at("distribute/")}">{word}</a>' in page


def test_an_open_circuit_says_what_waits(shop: Shop) -> None:
    now = timezone.now()
    Circuit.objects.create(
        connection=shop.connection, system="heartland", opened_at=now, probe_after=now + timedelta(seconds=42)
    )
    for number in ("1", "2"):
        job_enqueue(connection=shop.connection, flow="orders", external_id=number, cause="webhook", now=now)
    shown = plain(shop.client().get("/").content)
    assert "Heartland does not answer for Harbor &amp; Pine Outdoor. 2 orders wait, nothing is lost" in shown


def test_in_an_outage_chip_banner_sentence_and_tab_agree(shop: Shop) -> None:
    now = timezone.now()
    factories.order(shop.connection, "1", at=now)
    for number in ("2", "3"):
        job_enqueue(connection=shop.connection, flow="orders", external_id=number, cause="webhook", now=now)
    factories.order(shop.connection, "4", State.RETRYING, at=now - timedelta(days=3))
    circuit = Circuit.objects.create(
        connection=shop.connection, system="heartland", opened_at=now, probe_after=now + timedelta(seconds=600)
    )
    client = shop.client()
    page = client.get("/")
    shown = plain(page.content)
    assert sentence(page.content) == (
        "All 3 orders of today are accounted for: 1 booked, 2 wait for Heartland. 1 of before waits too."
    )
    assert "3 orders wait, nothing is lost; asked again in 10 min" in shown
    assert "Heartland: not answering" in shown
    assert "Heartland Connected" not in shown
    assert '<body data-state="outage">' in page.content.decode()
    part = client.get("/", headers={"HX-Request": "true"}).content.decode()
    assert 'data-tab-state="outage"' in part
    circuit.probe_after = now - timedelta(seconds=30)
    circuit.save()
    assert "asked again now" in plain(client.get("/").content)
    circuit.delete()
    after = client.get("/").content
    assert "data-state" not in after.decode().partition("<main")[0]
    assert "2 waiting" in sentence(after)


def test_the_chart_and_the_tiles_count_what_happened(shop: Shop) -> None:
    now = timezone.now()
    for number in range(3):
        factories.order(shop.connection, str(number), at=now)
    factories.problem(shop.connection, "8", at=now)
    factories.order(shop.connection, "9", at=now - timedelta(hours=30))
    page = shop.client().get("/")
    hours = page.context["hours"]
    assert len(hours.columns) == 24
    assert [one.key for one in hours.series] == ["booked", "needs"]
    assert hours.columns[-1].counts == {"booked": 3, "needs": 1}
    tiles = {tile.key: tile for tile in page.context["tiles"]}
    assert list(tiles) == ["orders", "shipments", "stock", "items", "payments", "refunds"]
    assert (tiles["orders"].total, tiles["orders"].open_errors) == (4, 1)
    assert tiles["orders"].directions == ("BigCommerce → Heartland",)
    assert tiles["stock"].note == "Not compared with the store yet."
    Run.objects.create(
        connection=shop.connection,
        kind="stock_check",
        state=Run.State.DONE,
        started_at=now,
        finished_at=now,
        result={"agree": 399, "different": 1},
    )
    assert "99.75 % as Heartland says, compared" in plain(shop.client().get("/").content)


def test_a_column_of_the_chart_leads_to_the_orders_of_its_hour(shop: Shop) -> None:
    Merchant.objects.update(time_zone="Asia/Kolkata")  # whose hours begin at half past, by UTC
    now = datetime(2026, 3, 4, 10, 10, tzinfo=UTC)
    for number, ago in (("1", 0), ("2", 30), ("3", 50)):
        factories.order(shop.connection, number, at=now - timedelta(minutes=ago))
    scope = Scope(connections=[Connection.objects.get(pk=shop.connection.pk)], now=now)
    columns = last_hours.order_hours(scope).columns
    assert [(one.label, one.counts, one.href) for one in columns[-2:]] == [
        ("Wed 14:00", {"booked": 1}, "/orders/?hour=2026-03-04T08%3A30"),
        ("Wed 15:00", {"booked": 2}, "/orders/?hour=2026-03-04T09%3A30"),
    ]
    page = shop.client().get(columns[-1].href)
    assert sorted(row.external_id for row in page.context["rows"].rows) == ["1", "2"]
    assert [(one.name, one.value) for one in page.context["chips"]] == [("Placed", "Wed 15:00 to 16:00")]
    assert 'name="hour" value="2026-03-04T09:30"' in page.content.decode()
    assert len(shop.client().get("/orders/?hour=yesterday").context["rows"].rows) == 3


def test_what_a_store_keeps_alike_has_a_tile(shop: Shop) -> None:
    now, connection = timezone.now(), shop.connection
    CustomerSettings.objects.update_or_create(connection=connection, defaults={"is_on": True})
    CardSettings.objects.update_or_create(connection=connection, defaults={"follows": True})
    factories.gift_card(connection)
    CardMovement.objects.update(at=now)
    paid = factories.order(connection, "1", at=now)
    paid.facts |= {"tenders": [{"method": "PayPal", "amount": "12.00"}]}
    paid.save()
    factories.refund(connection, "71", "1", source_placed_at=now)
    factories.refund(connection, "72", "1", Record.Disposition.HELD, code="refund_to_look_at", reason="It waits.")
    factories.problem(connection, "2", factories.unmapped("Cash"), at=now)
    tiles = {tile.key: tile for tile in shop.client().get("/").context["tiles"]}
    assert list(tiles)[-4:] == ["payments", "refunds", "customers", "cards"]
    assert (tiles["payments"].total, tiles["payments"].open_errors) == (1, 1)
    assert (tiles["refunds"].total, tiles["refunds"].in_flight) == (1, 0)
    assert tiles["customers"].directions == ("Heartland and BigCommerce: both ways",)
    assert tiles["cards"].total == 1


def test_what_became_alike_stands_as_one_line(shop: Shop) -> None:
    now = timezone.now()
    for number in range(12):
        job = factories.job(shop.connection, str(number), created_at=now)
        factories.attempt(job, began_at=now - timedelta(seconds=number))
    events = shop.client().get("/").context["events"]
    assert [(event.state, event.noun, event.count) for event in events] == [("booked", "order", 12)]
    assert "12 orders" in plain(shop.client().get("/").content)


def test_the_dashboard_asks_as_many_questions_of_few_orders_as_of_many(
    shop: Shop, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    client = shop.client()
    client.get("/")
    fill(shop)
    with django_assert_max_num_queries(110):
        client.get("/")
    with django_assert_max_num_queries(75):
        client.get("/", headers={"HX-Request": "true"})


def test_skips_are_counted_by_reason_without_the_orders_number(shop: Shop) -> None:
    now = timezone.now()
    words = "The shopper collects the order; not sent unless you choose so."
    for number in (1, 2):
        factories.order(
            shop.connection,
            str(number),
            State.SKIPPED,
            at=now,
            code="awaiting_pickup",
            source_status="Awaiting Pickup",
            reason=f"Order {number}: {words}",
        )
    for number, status in ((3, "Shipped"), (4, "Completed"), (5, "Pending")):
        code = "status_not_eligible" if status == "Pending" else "before_history_start"
        factories.order(shop.connection, str(number), State.SKIPPED, at=now, code=code, source_status=status)
    client = shop.client()
    groups = client.get("/").context["skips"]
    assert [(group.code, group.source_status, group.count) for group in groups] == [
        ("awaiting_pickup", "Awaiting Pickup", 2),
        ("before_history_start", "", 2),
        ("status_not_eligible", "Pending", 1),
    ]
    assert groups[0].sentence == words
    for group in groups:
        assert client.get(group.href).context["matching"] == group.count


def test_the_lag_is_of_orders_that_waited_for_nobody(shop: Shop) -> None:
    now = timezone.now()
    for number in range(10):
        factories.order(shop.connection, str(number), at=now, booked_at=now + timedelta(milliseconds=40))
    factories.problem(shop.connection, "99", at=now)
    Record.objects.filter(external_id="99").update(booked_at=now + timedelta(hours=1), disposition=State.BOOKED)
    assert shop.client().get("/").context["health"][0].lag_ms == 40


def test_how_late_orders_are_heard_of_is_said_of_those_that_were_not_fetched(shop: Shop) -> None:
    now = timezone.now()
    for number, ago in enumerate(
        [timedelta(seconds=7), timedelta(seconds=3), timedelta(seconds=-2), timedelta(days=9)]
    ):
        order = factories.order(shop.connection, str(number), at=now, booked_at=now)
        Record.objects.filter(pk=order.pk).update(source_placed_at=now - ago, first_seen_at=now)
    page = shop.client().get("/")
    assert page.context["health"][0].heard_ms == 7000
    assert "95 % heard of within 7.0 s" in plain(page.content)


def test_a_refresh_is_only_the_part_that_changes(shop: Shop) -> None:
    part = shop.client().get("/", headers={"HX-Request": "true"})
    assert b"<html" not in part.content
    assert b"verdict-sentence" in part.content
    assert "HX-Request" in part["Vary"]
    whole = shop.client().get("/", headers={"HX-Request": "true", "HX-Boosted": "true"})
    assert b"<html" in whole.content


def test_one_store_can_be_looked_at_alone(shop: Shop, rival: Shop) -> None:
    now = timezone.now()
    second = factories.connection(shop.merchant, name="Wholesale")
    factories.order(shop.connection, "1", at=now)
    factories.order(second, "2", at=now)
    factories.order(rival.connection, "3", at=now)
    client = shop.client()
    assert client.get("/").context["verdict"].total == 2
    assert client.get(f"/?store={second.public_id}").context["verdict"].total == 1
    assert client.get(f"/?store={rival.connection.public_id}").context["connections"] == []


def test_a_new_merchant_is_shown_the_way(shop: Shop) -> None:
    shop.connection.delete()
    shown = plain(shop.client().get("/").content)
    assert "First steps 1 of 9 done" in shown
    viewer = plain(shop.client(Role.VIEWER).get("/").content)
    assert "To connect systems, ask someone whose role is owner." in viewer
    assert "Add a BigCommerce website" not in viewer


def test_stock_is_told_apart_from_orders(shop: Shop) -> None:
    """Its ledger's entries are no polled orders, its problems count SKUs, and its jobs lead to the SKU's card."""
    now, connection = timezone.now(), shop.connection
    refusal = Refusal(cause=Cause.SKU_GONE, words="Items with identity: [sku GONE] were not found")
    Cursor.objects.create(connection=connection, feed=Cursor.STOCK, due_at=now, found=700)
    error_record(
        connection=connection,
        flow="stock",
        external_id="GONE",
        label="Stock of GONE",
        failure=failure_of("GONE", refusal, profile_of(connection.store)),
        state=SyncError.State.HELD,
        now=now,
    )
    job = factories.job(connection, "GONE", flow="stock")
    factories.attempt(job, began_at=now, sentence="Its stock is read anew and sent with the next look.")
    answer = shop.client().get("/")
    page = " ".join(answer.content.decode().split())
    assert answer.context["health"][0].found == 0
    assert ">1 SKU</a>" in page
    assert shop.at("records/stock/GONE/") in page
    error = SyncError.objects.get(connection=connection, flow="stock")
    assert (
        reverse("error", args=[connection.public_id, error.pk])
        in shop.client().get(shop.at("errors/")).content.decode()
    )


def test_each_part_of_the_verdicts_bar_has_a_colour() -> None:
    """A part without a rule is drawn black, as SVG does."""
    sheet = (settings.BASE_DIR / "static" / "css" / "card.css").read_text()
    assert [state for state in Record.Disposition.values if f".bar-{state}" not in sheet] == []

"""Web and store sales of the day side by side, in both systems' own numbers."""

from decimal import Decimal

from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from syncjobs.models import Record
from syncjobs.pages.dashboard.sales_today import Sold, sales_today
from tests import factories
from tests.flows.conftest import Pair


def sold(pair: Pair) -> dict[str, Sold]:
    cache.clear()
    (day,) = sales_today([pair.connection], timezone.now())
    assert (day.problem, {row.currency for row in day.rows}) == ("", {"USD"})
    return {row.channel: row for row in day.rows}


def test_web_orders_stand_beside_the_tills(pair: Pair) -> None:
    before = sold(pair).get("Harbor Main")
    web_id = pair.book()
    skipped = pair.place(status_id=8)
    pair.run(skipped)
    pair.heartland.post("/_sim/staff/pos_sale", {"location": "MAIN", "lines": [{"sku": "DOG-LEAD", "qty": 2}]})
    rows = sold(pair)
    web = rows["Harbor & Pine, web"]
    assert (web.amount, web.count, web.is_web) == (pair.record(web_id).source_total, 1, True)
    main = rows["Harbor Main"]
    assert main.count - (before.count if before else 0) == 1
    assert main.amount - (before.amount if before else 0) == Decimal("69.90")


def test_heartland_is_asked_once_a_minute_and_its_silence_is_said(pair: Pair, client: Client) -> None:
    cache.clear()
    pair.heartland.delete("/_sim/calls")
    for _ in range(3):
        sales_today([pair.connection], timezone.now())
    assert pair.heartland.get("/_sim/calls")["counts"] == {"GET /api/reporting/analyzer": 1}
    cache.clear()
    pair.heartland.post("/_sim/faults", {"path": "^/api/", "status": 503, "times": 9})
    client.force_login(factories.member(pair.connection.merchant))
    page = client.get("/sales/").content.decode()
    assert "The shops&#x27; sales could not be read" in page or "The shops' sales could not be read" in page
    assert "Harbor &amp; Pine, web" in page


def test_an_order_paid_in_another_currency_is_no_dollars(pair: Pair) -> None:
    pair.book()
    web_id = pair.place()
    pair.run(web_id)
    Record.objects.filter(external_id=web_id).update(currency="EUR", source_total="7.00", disposition="held")
    cache.clear()
    (day,) = sales_today([pair.connection], timezone.now())
    assert [(row.currency, row.count) for row in day.rows if row.is_web] == [("EUR", 1), ("USD", 1)]
    assert [row.amount for row in day.rows if row.currency == "EUR"] == [Decimal("7.00")]

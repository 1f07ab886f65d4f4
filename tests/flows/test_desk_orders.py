"""Orders made at Heartland's desk, recorded in BigCommerce by choice: once, marked, and never booked back."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from connections.models import OrderSettings
from ipaas import failpoints
from ipaas.types import JSON
from mappings.core.heartland.desk_marks import DeskMark, account_named
from mappings.models import StockLevel
from syncjobs.engine.orphans_release import orphan_release
from syncjobs.engine.running import job_run
from syncjobs.models import Attempt, Cursor, Record, Settlement, SyncJob
from syncjobs.money.day_span import placed_between
from syncjobs.proof.prove_day import day_of, proof_make
from tests import factories
from tests.bulk import link_all
from tests.flows import desk
from tests.flows.conftest import Pair
from tests.flows.test_c09_closing import pieces
from tests.flows.test_sales_orders import follow as follow_sales_orders
from tests.flows.test_shipments import MAIN, TRACKED, follow, shipments, shop, status

__all__ = ["shop"]
ANA = {"first_name": "Ana", "last_name": "Lopez", "email": "ana.lopez@example.org"}


@pytest.fixture(autouse=True)
def _linked(shop: Pair) -> None:
    OrderSettings.objects.filter(connection=shop.connection).update(sends_shipments=True)
    link_all(shop.connection)
    SyncJob.objects.all().delete()


def made(shop: Pair, number: str = "HT-1", *, tax: str = "1.84", who: JSON = ANA, **more: Any) -> str:
    """Somebody at the desk takes an order, which is paid; answers its id. Three pieces for 10.00 among its goods."""
    client = shop.heartland_client()
    customer = int(client.customer_create(who))
    lines = [desk.line(shop, "SUN-SPF50", 3, "3.33"), desk.line(shop, "CRD-SET", 1, "10.01")]
    order_id = desk.sales_order(
        shop, number, customer_id=customer, lines=lines, opened=False, shipping_charge=Decimal("6.95")
    )
    if Decimal(tax):
        client.order_tax_add(order_id, "TX", Decimal(tax))
    if more.get("pays", True):
        desk.pay(shop, order_id, Decimal(str(client.order_read(order_id)["balance"])))
        client.order_update(order_id, status="open")
    return order_id


def look(shop: Pair, client: Client, number: str = "HT-1") -> str:
    if "_auth_user_id" not in client.session:
        client.force_login(factories.member(shop.connection.merchant))
    page = client.get(f"/stores/{shop.connection.public_id}/desk-orders/", {"number": number})
    assert page.status_code == 200
    return page.content.decode()


def choose(shop: Pair, client: Client, number: str = "HT-1") -> None:
    """Look, and press what the page offers."""
    fields = dict(re.findall(r'type="hidden" name="(order|number|shown)" value="([^"]+)"', look(shop, client, number)))
    assert set(fields) == {"order", "number", "shown"}
    client.post(f"/stores/{shop.connection.public_id}/desk-orders/record/", fields)


def work(shop: Pair, *, at: timedelta = timedelta()) -> None:
    now = timezone.now() + at
    for _ in range(20):
        for job in SyncJob.objects.filter(status="pending", not_before__lte=now).order_by("pk"):
            job_run(job_id=job.pk, now=now)
    assert not SyncJob.objects.filter(status="pending", not_before__lte=now).exists()


def stored(shop: Pair) -> list[JSON]:
    """The store's orders that bear the mark, as its own API shows them."""
    client = shop.store_client()
    rows = [
        row for row in shop.bigcommerce.rows("orders") if str(row["external_order_id"]).startswith("heartland-desk/")
    ]
    return [client.order_read(str(row["id"])) for row in rows]


def recorded(shop: Pair, client: Client) -> tuple[str, str]:
    """The sales order, and the order of the store."""
    order_id = made(shop)
    choose(shop, client)
    work(shop)
    return order_id, str(stored(shop)[0]["id"])


def there(shop: Pair) -> list[tuple[str, str]]:
    """Every sales order that Heartland holds."""
    return sorted((row["public_id"], row["status"]) for row in shop.heartland.rows("orders"))


def of_desk(order_id: str) -> Record:
    return Record.objects.get(flow="desk_orders", external_id=order_id)


def test_what_is_shown_is_recorded_once_and_never_booked_back(shop: Pair, client: Client) -> None:
    order_id = made(shop)
    before = there(shop)
    page = look(shop, client)
    assert "ana.lopez@example.org" in page
    assert "For a guest" in page
    assert "28.79" in page
    assert stored(shop) == []
    choose(shop, client)
    choose(shop, client)  # not made yet: the form may be sent twice
    work(shop)
    (order,) = stored(shop)
    lines = [line for place in order["consignments"]["shipping"] for line in place["line_items"]]
    assert sum(int(line["quantity"]) for line in lines) == 4
    assert (Decimal(order["total_inc_tax"]), Decimal(order["total_tax"])) == (Decimal("28.79"), Decimal("1.84"))
    assert (order["status_id"], order["customer_id"], order["payment_method"]) == (11, 0, "Paid in Heartland")
    assert order["billing_address"]["email"] == "ana.lopez@example.org"
    assert order["external_order_id"] == str(DeskMark(account_named(shop.heartland.base), order_id))
    web_id = str(order["id"])
    kept = shop.record(web_id)
    assert (kept.disposition, kept.code, kept.target_id) == ("skipped", "made_in_heartland", order_id)
    assert "recorded in BigCommerce as order " + web_id in look(shop, client)
    assert "Made in Heartland" in client.get(f"/stores/{shop.connection.public_id}/orders/{web_id}/").content.decode()
    assert there(shop) == before
    assert shop.run(web_id) == "done"
    assert (there(shop), len(stored(shop))) == (before, 1)


def test_it_costs_five_calls(shop: Pair, client: Client) -> None:
    order_id = made(shop)
    choose(shop, client)
    (job,) = SyncJob.objects.filter(flow="desk_orders", status="pending")
    job_run(job_id=job.pk, now=timezone.now())
    attempt = Attempt.objects.get(job=job)
    called = [f"{call['method']} {call['path'].split('?')[0]}" for step in attempt.steps for call in step["calls"]]
    assert len(called) == 5, called
    assert of_desk(order_id).disposition == "booked"


def test_an_account_with_the_customers_address_gets_it(shop: Pair, client: Client) -> None:
    account = shop.bigcommerce.rows("customers")[0]
    made(shop, who=ANA | {"email": account["email"]})
    choose(shop, client)
    work(shop)
    assert [order["customer_id"] for order in stored(shop)] == [account["id"]]


@pytest.mark.parametrize("place", ["desk_orders.asks", "desk_orders.answered", "desk_orders.made"])
def test_a_process_that_dies_leaves_it_to_be_found(
    shop: Pair, client: Client, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    order_id = made(shop)
    choose(shop, client)

    def dies(where: str) -> None:
        if where == place:
            raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(failpoints, "passing", dies)
        with pytest.raises(SystemExit):
            work(shop)
    assert len(stored(shop)) == (0 if place == "desk_orders.asks" else 1)
    job = SyncJob.objects.get(flow="desk_orders", status="running")
    assert orphan_release(job.pk, timezone.now())
    work(shop, at=timedelta(minutes=4))
    work(shop, at=timedelta(minutes=8))
    assert len(stored(shop)) == 1
    assert of_desk(order_id).disposition == "booked"


def test_a_lost_answer_is_looked_for_by_the_mark(shop: Pair, client: Client) -> None:
    order_id = made(shop)
    choose(shop, client)
    shop.lose(shop.bigcommerce, "POST", "/v2/orders$")
    work(shop)
    assert of_desk(order_id).disposition == "retrying"
    work(shop, at=timedelta(minutes=5))
    assert (len(stored(shop)), of_desk(order_id).disposition) == (1, "booked")


def test_it_is_known_after_our_memory_was_lost(shop: Pair, client: Client) -> None:
    order_id, web_id = recorded(shop, client)
    before = there(shop)
    shop.forget(web_id)
    shop.forget(order_id)
    assert not Settlement.objects.exists()
    assert shop.run(web_id) == "done"
    assert (shop.record(web_id).code, there(shop)) == ("made_in_heartland", before)
    assert f"as order {web_id}" in look(shop, client)
    assert len(stored(shop)) == 1


def test_what_changed_since_it_was_seen_is_not_made(shop: Pair, client: Client) -> None:
    order_id = made(shop)
    choose(shop, client)
    (row, *_) = shop.heartland_client().order_lines(order_id)
    shop.heartland_client().order_line_update(order_id, str(row["id"]), adjusted_unit_price=Decimal("3.30"))
    shop.heartland_client().order_line_add(order_id, desk.line(shop, "LGT-LANT", 1, "0.09"))
    work(shop)
    assert (of_desk(order_id).code, stored(shop)) == ("desk_order_changed", [])
    choose(shop, client)
    work(shop)
    assert [Decimal(order["total_inc_tax"]) for order in stored(shop)] == [Decimal("28.79")]


def test_what_a_form_does_not_say_is_not_made(shop: Pair, client: Client) -> None:
    order_id = made(shop)
    look(shop, client)
    answer = client.post(
        f"/stores/{shop.connection.public_id}/desk-orders/record/", {"order": order_id, "number": "HT-1"}, follow=True
    )
    assert "Nothing is recorded" in answer.content.decode()
    assert not Record.objects.filter(flow="desk_orders").exists()


@pytest.mark.parametrize(
    ("recipe", "words"),
    [
        ({"who": {"first_name": "Abe", "last_name": "Other"}}, "no e-mail address"),
        ({"pays": False}, "it is pending"),
    ],
)
def test_what_says_too_little_is_not_recorded(shop: Pair, client: Client, recipe: JSON, words: str) -> None:
    order_id = made(shop, **recipe)
    page = look(shop, client)
    assert "Nothing would be recorded" in page
    assert words in page
    assert "record-it" not in page
    choose_blindly(shop, client, order_id)
    work(shop)
    assert (of_desk(order_id).code, stored(shop)) == ("desk_order_not_recorded", [])


def test_goods_without_a_product_of_the_store_are_named(shop: Pair, client: Client) -> None:
    item = shop.heartland_client().item_create(
        {"public_id": "ONLY-TILL", "description": "Only at the till", "cost": 1, "price": 5}
    )
    lines = [{"item_id": int(item), "qty": 1, "adjusted_unit_price": Decimal("5.00")}]
    customer = int(shop.heartland_client().customer_create(ANA))
    desk.sales_order(shop, "HT-2", customer_id=customer, lines=lines, opened=True)
    assert "the store sells no" in look(shop, client, "HT-2")


def test_a_web_orders_own_sales_order_is_not_recorded(shop: Pair, client: Client) -> None:
    web_id = shop.book()
    number = shop.record(web_id).target_label
    assert f"{number} is order {web_id} of the store already" in look(shop, client, number)
    record = Record.objects.create(
        connection=shop.connection, flow="desk_orders", external_id=shop.record(web_id).target_id,
        first_seen_at=timezone.now(), changed_at=timezone.now(),
    )  # fmt: skip
    choose_blindly(shop, client, record.external_id)
    work(shop)
    assert (of_desk(record.external_id).code, stored(shop)) == ("stands_for_web_order", [])


def choose_blindly(shop: Pair, client: Client, order_id: str) -> None:
    """By a form that shows nothing of what is there now."""
    fields = {"order": order_id, "number": "HT-1", "shown": "0123456789abcdef"}
    client.post(f"/stores/{shop.connection.public_id}/desk-orders/record/", fields)


def test_what_heartland_has_not_is_said(shop: Pair, client: Client) -> None:
    assert "Heartland holds no sales order numbered HT-404" in look(shop, client, "HT-404")
    choose_blindly(shop, client, "999999")
    work(shop)
    assert of_desk("999999").code == "not_in_heartland"


def test_two_that_bear_the_mark_are_asked_about(shop: Pair, client: Client) -> None:
    order_id, web_id = recorded(shop, client)
    shop.store_client().order_create(body_of(shop, web_id))
    choose_blindly(shop, client, order_id)
    work(shop)
    assert of_desk(order_id).code == "desk_order_recorded_twice"


def body_of(shop: Pair, web_id: str) -> JSON:
    """What somebody else might write of it."""
    order = shop.store_client().order_read(web_id)
    line = order["consignments"]["shipping"][0]["line_items"][0]
    return {
        "billing_address": {"first_name": "Ana", "last_name": "Lopez", "email": "ana.lopez@example.org"},
        "external_order_id": order["external_order_id"],
        "products": [{"product_id": line["product_id"], "variant_id": line["variant_id"], "quantity": 1}],
    }


def test_a_store_that_makes_another_sum_of_it_is_asked_about(shop: Pair, client: Client) -> None:
    order_id, web_id = recorded(shop, client)
    shop.store_client().order_update(web_id, total_inc_tax="28.80", total_ex_tax="26.96")
    choose_blindly(shop, client, order_id)
    work(shop)
    assert of_desk(order_id).code == "desk_order_sums_differ"


def test_what_was_archived_is_not_made_again(shop: Pair, client: Client) -> None:
    order_id, web_id = recorded(shop, client)
    path = f"/stores/a1b2c3d4e5/v2/orders/{web_id}"
    shop.bigcommerce.write("DELETE", path, None, {"X-Auth-Token": "sim-bigcommerce-token"})
    choose_blindly(shop, client, order_id)
    work(shop)
    assert of_desk(order_id).code == "stands_for_web_order"


def test_its_stock_counts_once(shop: Pair, client: Client) -> None:
    StockLevel.objects.filter(connection=shop.connection).update(is_dirty=False, quantity=5)
    order_id, web_id = recorded(shop, client)
    assert pieces(shop) == {"SUN-SPF50": 3, "CRD-SET": 1}  # as Heartland's order holds them: no location ships it yet
    dirty = StockLevel.objects.filter(connection=shop.connection, is_dirty=True).values_list("sku", flat=True)
    assert set(dirty) == {"SUN-SPF50", "CRD-SET"} & set(
        StockLevel.objects.filter(connection=shop.connection).values_list("sku", flat=True)
    )
    shop.heartland.post("/_sim/staff/distribute", {"order_id": int(order_id), "location_id": MAIN})
    assert shop.run(web_id) == "done"
    assert pieces(shop) == {}


def test_what_heartland_ships_is_told_to_the_store(shop: Pair, client: Client) -> None:
    order_id, web_id = recorded(shop, client)
    shop.heartland.post("/_sim/staff/distribute", {"order_id": int(order_id), "location_id": MAIN})
    shop.heartland.post("/_sim/staff/invoice", {"order_id": int(order_id), "custom": TRACKED})
    assert follow(shop).queued == 1
    left = sum(item["quantity"] for row in shipments(shop, web_id) for item in row["items"])
    assert (left, status(shop, web_id)) == (4, 2)


def test_what_had_left_before_is_told_too(shop: Pair, client: Client) -> None:
    order_id = made(shop)
    shop.heartland.post("/_sim/staff/distribute", {"order_id": int(order_id), "location_id": MAIN})
    shop.heartland.post("/_sim/staff/invoice", {"order_id": int(order_id), "custom": TRACKED})
    choose(shop, client)
    work(shop)
    (order,) = stored(shop)
    assert status(shop, str(order["id"])) == 2


def test_an_end_on_one_side_asks_and_goes_on_by_itself(shop: Pair, client: Client) -> None:
    Cursor.objects.create(connection=shop.connection, feed=Cursor.SALES_ORDERS, due_at=timezone.now())
    order_id, web_id = recorded(shop, client)
    assert follow_sales_orders(shop)[1] == 0
    desk.cancel(shop, order_id)
    assert follow_sales_orders(shop)[1] == 1
    kept = shop.record(web_id)
    assert (kept.disposition, kept.code) == ("held", "made_there_ended_on_one_side")
    assert "HT-1 is cancelled in Heartland" in kept.reason
    assert pieces(shop) == {}
    shop.bigcommerce.post(f"/_sim/orders/{web_id}/status", {"status_id": 5})
    assert shop.run(web_id) == "done"
    assert shop.record(web_id).code == "made_in_heartland"


def test_a_mark_of_another_account_is_never_booked(shop: Pair, client: Client) -> None:
    web_id = shop.place()
    shop.store_client().order_update(web_id, external_order_id="heartland-desk/other.retail.heartland.us/100318")
    before = there(shop)
    assert shop.run(web_id) == "hold"
    assert (shop.record(web_id).code, there(shop)) == ("made_there_unknown", before)


def test_proof_and_books_know_it(shop: Pair, client: Client) -> None:
    _, web_id = recorded(shop, client)
    now = timezone.now()
    proof = proof_make(connection=shop.connection, day=day_of(shop.connection, now), now=now)
    line = next(one for one in proof.lines if one["order"] == web_id)
    assert (line["disposition"], line["code"], line["number"]) == ("skipped", "made_in_heartland", "HT-1")
    sold = placed_between(shop.connection, now - timedelta(days=1), now + timedelta(days=1))
    assert not sold.filter(external_id=web_id, disposition__in=["booked", "settled"]).exists()


def test_nobody_closes_it_or_takes_it_back(shop: Pair, client: Client) -> None:
    _, web_id = recorded(shop, client)
    page = f"/stores/{shop.connection.public_id}/orders/{web_id}/"
    assert 'id="reopen"' not in client.get(page).content.decode()
    closing = Settlement.objects.get()
    client.post(f"/stores/{shop.connection.public_id}/reopen/orders/{web_id}/", {"closing": closing.pk, "next": page})
    assert Settlement.objects.filter(pk=closing.pk).exists()
    assert "No" in client.get(f"/stores/{shop.connection.public_id}/closed/").content.decode()

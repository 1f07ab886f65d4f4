"""The auditor finds nothing where all is well, and names every planted lie."""

import time

import pytest
from django.core.cache import cache
from django.utils import timezone

from connections.models import InventorySettings
from mappings.models import StockLevel, StockRule
from syncjobs.models import Cursor, Record
from syncjobs.proof.prove_day import day_of, proof_make
from syncjobs.stories.demo.sim import Sandbox
from tests.audit.conftest import Town
from tests.bulk import run_whole

STORE = "store a1b2c3d4e5"
TEE, LEAD = "HP-TEE-RED-XS", "DOG-LEAD"


def prove(town: Town) -> None:
    for pair in town.pairs:
        now = timezone.now()
        proof_make(connection=pair.connection, day=day_of(pair.connection, now), now=now)


def edit_by_hand(store: Sandbox, sku: str, quantity: int) -> None:
    """The owner types a number in the control panel."""
    store.put("/_sim/switches", {"product_identity": "any"})
    body = {"reason": "By hand", "items": [{"location_id": 1, "sku": sku, "quantity": quantity}]}
    url = f"{store.base}/stores/{store.get('/_sim/store')['store_hash']}/v3/inventory/adjustments/absolute"
    store.session.put(url, json=body, headers={"X-Auth-Token": "sim-bigcommerce-token"}).raise_for_status()


def test_where_all_is_well_nothing_is_found(village: Town) -> None:
    (shop,) = village.pairs
    booked, parted, unknown = shop.place(), shop.place(lines=[{"sku": TEE, "quantity": 2}]), shop.place(status_id=8)
    held = shop.place(custom_line={"name": "Engraving", "price": "10.00"}, lines=[])
    village.quiet()
    village.heartland.post("/_sim/staff/distribute", {"order": f"BC-{parted}", "location": "MAIN"})
    tracked = {"tracking_number": "1Z1", "carrier": "UPS"}
    village.heartland.post("/_sim/staff/invoice", {"order": f"BC-{parted}", "custom": tracked})
    village.quiet()
    states = {one: shop.record(one).disposition for one in (booked, unknown, held)}
    assert states == {booked: "booked", unknown: "skipped", held: "held"}
    prove(village)
    village.quiet()
    prove(village)
    assert village.audit(LEAD, TEE) == []


def test_sums_that_are_not_so_are_named(village: Town) -> None:
    """Money of the stages, what is sold today, and what webhooks missed."""
    (shop,) = village.pairs
    web_id = shop.place()
    village.quiet()
    village.heartland.post("/_sim/staff/pos_sale", {"location": "MAIN", "lines": [{"sku": LEAD, "qty": 2}]})
    time.sleep(1.1)  # Heartland's times are whole seconds: what it was asked for in the same one may lack the sale
    cache.clear()
    village.quiet()
    assert village.audit() == []
    Record.objects.filter(external_id=web_id).update(source_total="1.00", currency="EUR")
    Cursor.objects.filter(feed=Cursor.ORDERS).update(found=1, missed_by_hooks=2)
    key = f"sales-report:{shop.connection.heartland_id}:{day_of(shop.connection, timezone.now())}"
    asked_at, rows, *rest = cache.get(key)
    cache.set(key, [asked_at, [(name, net, count + 1) for name, net, count in rows], *rest])
    found = village.audit()
    for sentence in (
        "Store a1b2c3d4e5: “To distribute” is said to be worth EUR:1.00, it is 84.33 USD",
        "Store a1b2c3d4e5 is said to have sold 1.00 EUR today; it sold 84.33 USD",
        "Harbor Main is said to have sold ",
        "Store a1b2c3d4e5: webhooks are said to have missed 2 of 1 changes",
    ):
        assert [one for one in found if sentence in one], (sentence, found)


@pytest.mark.parametrize(
    "kept",
    [{"safety_units": 3, "last_units": 2}, {"safety_percent": 15, "counting": "on_hand"}],
)
def test_what_is_kept_back_is_reckoned_by_the_auditor_itself(village: Town, kept: dict[str, int | str]) -> None:
    (shop,) = village.pairs
    InventorySettings.objects.update(**kept)
    StockRule.objects.create(connection=shop.connection, value=TEE, safety_units=1)
    run_whole(shop.connection, "stock_sync")
    shop.place()
    village.quiet()
    assert village.audit(LEAD, TEE) == []
    StockLevel.objects.filter(sku=TEE).update(quantity=77)
    edit_by_hand(shop.bigcommerce, TEE, 77)
    assert f"Store a1b2c3d4e5 offers 77 of {TEE}" in " ".join(village.audit(TEE))


def test_every_planted_lie_is_named(village: Town) -> None:
    (shop,) = village.pairs
    desk, repriced, row, gone, unlisted, closed = (shop.place() for _ in range(6))
    village.quiet()
    prove(village)
    village.heartland.post("/_sim/staff/cancel", {"order": f"BC-{desk}", "refund": True})
    (order,) = shop.sales_orders(repriced)
    (line,) = shop.rows_of("order_lines", order["id"])
    shop.heartland_client().order_line_update(str(order["id"]), str(line["id"]), adjusted_unit_price=1)
    Record.objects.filter(external_id=row).update(disposition="cancelled", code="cancelled")
    shop.bigcommerce.post(f"/_sim/orders/{gone}/archive", {})
    Record.objects.filter(external_id=unlisted).delete()
    Record.objects.filter(external_id=closed).update(source_total="1.00", target_total="1.00")
    edit_by_hand(shop.bigcommerce, TEE, 77)
    found = village.audit(TEE)
    for sentence in (
        f"Order {desk} of {STORE} is said to be booked; in Heartland its sales order is cancelled",
        f"Order {repriced} of {STORE}: the page says 84.33 computed by Heartland",
        f"Order {repriced} of {STORE}: “Both agree”, while the store has 84.33",
        f"Order {row} of {STORE} is cancelled and said not to be in Heartland, which holds BC-{row}",
        f"Order {gone} of {STORE} is said to be booked; in the store it is archived",
        f"Heartland holds BC-{gone} for order {gone}, which {STORE} has no more",
        f"Order {unlisted} of {STORE} is in the store and on none of our pages",
        f"Order {closed} of {STORE}: the page says 1.00 charged, the store 84.33",
        f"Store a1b2c3d4e5 offers 77 of {TEE}",
        f"The proof says “open” of Order {desk} of {STORE}, Heartland “canceled”",
    ):
        assert [one for one in found if sentence in one], (sentence, found)
    assert not [one for one in found if f"the card of {TEE}" in one]  # it asks the store itself

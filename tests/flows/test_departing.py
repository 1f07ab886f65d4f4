"""What left from the store's side while Heartland waits: the order's page says from where, or calls it back."""

from decimal import Decimal

import pytest
from django.test import Client

from connections.models import OrderSettings, Role
from mappings.models import Link
from syncjobs.flows import SHIPMENTS
from syncjobs.models import Record
from syncjobs.pages.dashboard.dashboard_scope import Scope, undistributed
from syncjobs.pages.dashboard.needs_you import left_needs
from syncjobs.pages.shown import mark_of
from tests import factories
from tests.flows.conftest import Pair
from tests.flows.test_desk import set_status
from tests.flows.test_leaving import THREE, ship_by_hand, staged
from tests.flows.test_refunds import refund
from tests.flows.test_shipments import ANNEX, MAIN, TWO, follow, invoice, shipments, shop
from tests.flows.test_shipping import lines, ship

__all__ = ["shop"]


def departed(pair: Pair, client: Client, web_id: str, what: str, place: int | str = "", role: Role = Role.STAFF) -> str:
    if "_auth_user_id" not in client.session:
        client.force_login(factories.member(pair.connection.merchant, role))
    page = f"/stores/{pair.connection.public_id}/orders/{web_id}/"
    form = {"shown": mark_of(pair.record(web_id)), "what": what, "place": str(place)}
    return client.post(f"{page}departed/", form, follow=True).content.decode()


def stock(pair: Pair, place: int) -> tuple[int, int]:
    """Pieces of DOG-LEAD at a location: on hand, and promised."""
    item = int(Link.objects.get(kind="item", source_id="DOG-LEAD").target_id)
    row = next(
        row for row in pair.heartland.rows("stock") if (row["item_id"], row["location_id"]) == (item, place)
    )  # fmt: skip
    return int(row["on_hand"]), int(row["committed"])


def needs(pair: Pair) -> int:
    return sum(need.records for need in left_needs(pair.connection))


@pytest.fixture
def distributed(shop: Pair) -> str:
    """Three pieces that Harbor Main is to ship, and that staff ship by hand in the store."""
    OrderSettings.objects.filter(connection=shop.connection).update(sends_shipments=True)
    ship(shop, "one")
    web_id = shop.book(**THREE)
    assert lines(shop, web_id) == [(3, MAIN)]
    return web_id


def test_a_distributed_order_shipped_by_hand_is_in_an_alert_until_it_is_invoiced(
    shop: Pair, client: Client, distributed: str
) -> None:
    before = stock(shop, MAIN)
    assert (staged(shop), needs(shop)) == ({"Being packed": 1}, 0)
    ship_by_hand(shop, distributed, 3)
    assert shop.run(distributed) == "done"
    assert (shop.record(distributed).to_call_back, needs(shop)) == (3, 1)
    assert staged(shop) == {"Left, open in Heartland": 1}
    client.force_login(factories.member(shop.connection.merchant))
    page = client.get(f"/stores/{shop.connection.public_id}/orders/{distributed}/").content.decode()
    assert "3 pieces were shipped there" in page
    assert f"3 pieces of BC-{distributed} invoiced at Harbor Main." in departed(shop, client, distributed, "left")
    assert stock(shop, MAIN) == (before[0] - 3, before[1] - 3)
    assert (shop.record(distributed).to_call_back, needs(shop), staged(shop)) == (0, 0, {"Shipped": 1})
    assert follow(shop).queued == 1
    assert len(shipments(shop, distributed)) == 1  # the store is not told twice
    assert "nothing as shipped" not in departed(shop, client, distributed, "left")


def test_it_is_called_back_from_the_location(shop: Pair, client: Client, distributed: str) -> None:
    before = stock(shop, MAIN)
    ship_by_hand(shop, distributed, 3)
    shop.run(distributed)
    said = departed(shop, client, distributed, "call_back")
    assert f"No location ships 1 of BC-{distributed}&#x27;s lines any more." in said
    assert lines(shop, distributed) == [(3, None)]
    assert stock(shop, MAIN) == (before[0], before[1] - 3)
    kept = shop.record(distributed)
    assert (kept.is_distributed, kept.to_distribute, kept.to_call_back, kept.is_left_open) == (False, 0, 0, True)
    assert not undistributed(Scope(connections=[shop.connection])).exists()
    said = departed(shop, client, distributed, "left", ANNEX)
    assert "3 pieces of" in said
    assert shop.sales_orders(distributed)[0]["status"] == "closed"
    assert needs(shop) == 0


def test_of_a_line_that_left_in_part_only_that_part_is_invoiced(shop: Pair, client: Client, distributed: str) -> None:
    ship_by_hand(shop, distributed, 1)
    shop.run(distributed)
    assert shop.record(distributed).to_call_back == 1
    assert "1 piece has gone of lines that are still to ship" in departed(shop, client, distributed, "call_back")
    assert lines(shop, distributed) == [(3, MAIN)]
    assert f"1 piece of BC-{distributed} invoiced at Harbor Main" in departed(shop, client, distributed, "left")
    assert shop.record(distributed).to_call_back == 0
    assert staged(shop) == {"Partly shipped": 1}
    (order,) = shop.sales_orders(distributed)
    invoice(shop, order)
    follow(shop)
    assert sum(item["quantity"] for row in shipments(shop, distributed) for item in row["items"]) == 3


def test_what_nobody_was_to_ship_is_invoiced_where_a_person_says(shop: Pair, client: Client) -> None:
    web_id = shop.book(**TWO)
    ship_by_hand(shop, web_id, 2)
    set_status(shop, web_id, 2)
    shop.run(web_id)
    assert shop.record(web_id).is_left_open
    assert "Say from which location it left." in departed(shop, client, web_id, "left")
    assert "2 pieces of" in departed(shop, client, web_id, "left", ANNEX)
    assert lines(shop, web_id) == [(2, ANNEX), (1, None)]
    assert Record.objects.filter(flow=SHIPMENTS.name).count() == 0


def test_our_own_shipments_call_nothing_back(shop: Pair, distributed: str) -> None:
    (order,) = shop.sales_orders(distributed)
    invoice(shop, order, lines=[{"sku": "DOG-LEAD", "qty": 1}])
    follow(shop)
    assert shop.run(distributed) == "done"
    assert (shop.record(distributed).to_call_back, staged(shop)) == (0, {"Partly shipped": 1})
    invoice(shop, order)
    follow(shop)
    assert shop.run(distributed) == "done"
    assert (shop.record(distributed).to_call_back, staged(shop), needs(shop)) == (0, {"Shipped": 1}, 0)
    assert shop.record(distributed).source_total == Decimal(str(order["total"])).quantize(Decimal("0.01"))


def test_who_may_not_distribute_may_not_say_that_it_left(shop: Pair, client: Client, distributed: str) -> None:
    ship_by_hand(shop, distributed, 3)
    shop.run(distributed)
    page = departed(shop, client, distributed, "left", role=Role.OPS)
    assert "it-left" not in page
    assert lines(shop, distributed) == [(3, MAIN)]
    assert shop.sales_orders(distributed)[0]["status"] == "open"


@pytest.mark.parametrize("notifies", [True, False])
def test_what_the_store_shows_as_shipped_by_its_status_alone_is_told_no_second_time(
    shop: Pair, client: Client, distributed: str, notifies: bool
) -> None:
    OrderSettings.objects.filter(connection=shop.connection).update(notifies_shopper=notifies)
    set_status(shop, distributed, 2)
    shop.run(distributed)
    assert shop.record(distributed).is_left_open
    assert f"3 pieces of BC-{distributed} invoiced at Harbor Main." in departed(shop, client, distributed, "left")
    for _ in range(2):
        follow(shop)
        (told,) = Record.objects.filter(flow=SHIPMENTS.name)
        assert (told.disposition, told.code) == ("skipped", "shown_as_shipped")
        assert shipments(shop, distributed) == []
    assert (shop.run(distributed), staged(shop), needs(shop)) == ("done", {"Shipped": 1}, 0)
    shop.heartland_client().invoice_update(told.external_id, custom={"tracking_number": "1Z999AA10123456784"})
    follow(shop)
    assert [row["tracking_number"] for row in shipments(shop, distributed)] == ["1Z999AA10123456784"]


def test_what_was_given_back_left_from_nowhere(shop: Pair, client: Client) -> None:
    OrderSettings.objects.filter(connection=shop.connection).update(sends_shipments=True)
    ship(shop, "one")
    web_id = shop.book(**TWO)
    (order,) = shop.sales_orders(web_id)
    invoice(shop, order, lines=[{"sku": "DOG-LEAD", "qty": 2}])
    follow(shop)
    refund(shop, web_id, lines=[{"line": 1, "quantity": 1}])
    shop.run(web_id)
    assert shop.record(web_id).to_call_back == 1
    client.force_login(factories.member(shop.connection.merchant))
    page = client.get(f"/stores/{shop.connection.public_id}/orders/{web_id}/").content.decode()
    assert "1 piece was given back. Heartland still holds" in " ".join(page.split())
    assert ("it-left" in page, "call-back" in page) == (False, True)
    assert "No location ships 1 of" in departed(shop, client, web_id, "call_back")
    page = client.get(f"/stores/{shop.connection.public_id}/orders/{web_id}/").content.decode()
    assert "its pieces were given back" in " ".join(page.split())
    assert ("it-left" in page, "left-from" in page) == (False, False)

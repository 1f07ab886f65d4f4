"""A refund's page says what it will become, before anything is booked: and exactly that is booked (D10)."""

import re
from decimal import Decimal

import pytest
from django.test import Client

from connections.models import Location, OrderSettings, Role
from ipaas.types import JSON
from syncjobs.models import Record
from tests import factories
from tests.flows.conftest import Pair
from tests.flows.test_order_changes import choose, invoice
from tests.flows.test_refunds import lines, look, money, of, refund, returns, run_refunds

LEADS = {"lines": [{"sku": "DOG-LEAD", "quantity": 3}]}


@pytest.fixture
def shop(pair: Pair) -> Pair:
    """A pair whose merchant looks at each refund before it is booked."""
    OrderSettings.objects.filter(connection=pair.connection).update(books_refunds=False, fee_item_id="100412")
    return pair


def page(pair: Pair, web_id: str, role: Role = Role.OPS) -> tuple[Client, str]:
    client = Client()
    client.force_login(factories.member(pair.connection.merchant, role, f"{role}@example.com"))
    shown = client.get(f"/stores/{pair.connection.public_id}/orders/{web_id}/").content.decode()
    return client, re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", shown))


def plan(pair: Pair, web_id: str) -> list[JSON]:
    (told,) = of(pair, web_id)
    found: list[JSON] = told.facts["plan"]
    return found


@pytest.mark.parametrize(("restocks", "stock"), [(True, "back into stock"), (False, "not into stock")])
def test_pieces_delivery_tax_and_an_amount_are_shown_as_they_are_booked(shop: Pair, restocks: bool, stock: str) -> None:
    OrderSettings.objects.update(restocks_refunds=restocks)
    web_id = shop.book(**LEADS)
    invoice(shop, web_id)
    refund_id = refund(shop, web_id, lines=[{"line": 0, "quantity": 2}], shipping="2.00", amount="5.00")
    look(shop, web_id)
    (told,), (sold,) = of(shop, web_id), [r for r in shop.heartland.rows("transactions") if r["type"] == "Invoice"]
    assert (told.disposition, told.code, returns(shop)) == ("held", "refund_to_look_at", [])
    goods, free = plan(shop, web_id)
    place = Location.objects.get(external_id=str(sold["source_location_id"])).name
    assert [(one["number"], one["invoice"], one["place"]) for one in (goods, free)] == [
        (f"BC-{web_id}-R{refund_id}", str(sold["id"]), place), (f"BC-{web_id}-R{refund_id}-2", "", place),
    ]  # fmt: skip
    assert [(one["what"], one["pieces"], one["stock"]) for one in goods["entries"]] == [
        ("DOG-LEAD", 2, stock), ("Delivery", None, ""), ("Tax", None, ""),
    ]  # fmt: skip
    assert [(one["what"], one["pieces"], one["amount"]) for one in free["entries"]] == [
        ("Refund without goods", None, "-5.00")
    ]
    for part in (goods, free):
        assert sum(money(one["amount"]) for one in part["entries"]) == money(part["total"])
        assert [one["method"] for one in part["tenders"]] == ["squarev2"]
        assert sum(money(one["amount"]) for one in part["tenders"]) == -money(part["total"])
    client, shown = page(shop, web_id)
    assert f"Refund {refund_id} becomes return BC-{web_id}-R{refund_id} Of invoice {sold['id']}, at {place}." in shown
    assert f"DOG-LEAD 2 {stock} −$69.90" in shown
    assert "Of no invoice, as money alone" in shown
    book = f"/stores/{shop.connection.public_id}/refunds/{told.external_id}/choose/"
    client.post(book, {"choice": "store", "question": told.facts["question"]})
    run_refunds(shop)
    made = sorted(returns(shop), key=lambda row: int(row["id"]))
    assert [(row["public_id"], money(row["total"])) for row in made] == [
        (part["number"], money(part["total"])) for part in (goods, free)
    ]
    assert [money(line["value"]) for line in lines(shop, made[0]) if line["type"] == "ItemLine"] == [Decimal("-69.90")]
    assert "becomes return" not in page(shop, web_id, Role.OWNER)[1]


def test_a_kept_fee_and_both_tenders_are_shown_with_their_amounts(shop: Pair) -> None:
    web_id = shop.book(**LEADS, gift_certificate="new:40.00")
    invoice(shop, web_id)
    client, (line,) = shop.store_client(), [r for r in shop.bigcommerce.rows("lines") if r["order_id"] == int(web_id)]
    kept = [{"amount": Decimal("-3.00"), "description": "Restocking"}]
    items = [{"item_type": "PRODUCT", "item_id": line["id"], "quantity": 1, "adjustments": kept}]
    quote = client.refund_quote(web_id, items)
    total = Decimal(str(quote["total_refund_amount"]))
    paid = [{"provider_id": "giftcertificate", "amount": Decimal("9.00"), "offline": False}]
    paid.append({"provider_id": "squarev2", "amount": total - 9, "offline": False})
    client.refund_create(web_id, {"items": items, "payments": paid})
    shop.bigcommerce.post("/_sim/clock/advance", {"seconds": 5})
    look(shop, web_id)
    (part,) = plan(shop, web_id)
    assert [(one["what"], one["amount"]) for one in part["entries"][:2]] == [
        ("DOG-LEAD", "-34.95"), ("Kept of a return", "3.00"),
    ]  # fmt: skip
    assert [(one["method"], one["amount"]) for one in part["tenders"]] == [
        ("giftcertificate", "9.00"), ("squarev2", f"{total - 9:.2f}"),
    ]  # fmt: skip
    assert f"Paid back: $9.00 by giftcertificate and ${total - 9:.2f} by squarev2." in page(shop, web_id)[1]


def test_of_an_order_that_has_not_left_the_page_says_what_is_left(shop: Pair) -> None:
    web_id = shop.book(**LEADS)
    refund(shop, web_id, lines=[{"line": 0, "quantity": 1}])
    look(shop, web_id)
    shown = page(shop, web_id)[1]
    assert "what is left of it is booked in the place of this one" in shown
    assert "DOG-LEAD 2 $69.90 Delivery $8.00 Tax $6.43 Total $84.33" in shown
    left = money(shop.record(web_id).facts["what_is_left"]["total"])
    (refunded,) = shop.bigcommerce.rows("refunds")[-1:]
    assert left == money(shop.record(web_id).source_total) - money(refunded["total_amount"])
    assert choose(shop, web_id, Record.Choice.STORE) == "done"
    assert money(shop.sales_orders(web_id)[-1]["total"]) == left
    assert "What is left of it" not in page(shop, web_id, Role.OWNER)[1]

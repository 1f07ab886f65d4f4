"""The storefront and the Admin's orders, products and sources as people click through them."""

from decimal import Decimal
from typing import Any

import pytest

from ipaas.sandbox.magento.settings import setting_set
from tests.sandbox.conftest import Running
from tests.sandbox.magento.magento_api import Api
from tests.sandbox.shop_browser import Browser

SKU = "WHISTL"


@pytest.fixture
def person(magento_server: Running, shop: Api) -> Browser:
    return Browser(shop.url)


def bought(person: Browser, **choices: Any) -> int:
    """The order's id."""
    person.open(f"/p/{SKU}").submit("/cart/add", sku=SKU, quantity=2)
    person.open("/checkout").submit("/checkout", **choices)
    assert person.path.startswith("/thanks/"), person.text
    return int(person.path.removeprefix("/thanks/"))


def order(shop: Api, number: int) -> dict[str, Any]:
    return dict(shop.get(f"/V1/orders/{number}").json())


def test_a_guest_buys_and_the_api_shows_the_order(person: Browser, shop: Api) -> None:
    placed = order(shop, bought(person, email="lou@example.org", last_name="Reed"))
    assert (placed["state"], placed["customer_email"], placed["customer_is_guest"]) == (
        "processing",
        "lou@example.org",
        1,
    )
    assert [(row["sku"], row["qty_ordered"]) for row in placed["items"]] == [(SKU, 2)]
    assert placed["increment_id"] in person.text


def test_a_configurable_is_bought_by_its_child(person: Browser, shop: Api) -> None:
    person.open("/p/HP-TEE").submit("/cart/add", sku="HP-TEE-RED-XS")
    person.open("/checkout").submit("/checkout")
    rows = order(shop, int(person.path.removeprefix("/thanks/")))["items"]
    assert [(row["product_type"], row["sku"]) for row in rows] == [
        ("configurable", "HP-TEE-RED-XS"),
        ("simple", "HP-TEE-RED-XS"),
    ]


def test_an_account_pays_with_coupon_card_and_credit_where_the_edition_has_them(person: Browser, shop: Api) -> None:
    shop.switch(profile="commerce-2.4.8")
    account = next(iter(shop.state.customers.all()))["email"]
    wish = {"customer": account, "coupon": "SAVE10", "gift_certificate": "new:5.00", "store_credit": "3.00"}
    placed = order(shop, bought(person, **wish))
    extra = placed["extension_attributes"]
    assert (placed["customer_email"], placed["customer_is_guest"], placed["coupon_code"]) == (account, 0, "SAVE10")
    assert (extra["gift_cards_amount"], extra["customer_balance_amount"]) == (5, 3)
    parts = ("subtotal", "discount_amount", "shipping_amount", "tax_amount")
    assert placed["discount_amount"] < 0
    assert Decimal(str(placed["grand_total"])) == sum(Decimal(str(placed[one])) for one in parts) - 8


def test_prices_that_hold_the_tax_are_what_a_shopper_pays(person: Browser, shop: Api) -> None:
    """The same goods to the same address: the tax comes on top, or is taken out of the price."""
    without = order(shop, bought(person))
    setting_set(shop.state, "tax/calculation/price_includes_tax", 1)
    within = order(shop, bought(person))
    assert without["tax_amount"] > within["tax_amount"] > 0
    assert without["subtotal"] == within["subtotal_incl_tax"]


def test_more_than_the_shop_has_is_not_sold(person: Browser, shop: Api) -> None:
    before = len(shop.state.orders)
    person.open(f"/p/{SKU}").submit("/cart/add", sku=SKU, quantity=100_000)
    person.open("/checkout").submit("/checkout")
    assert person.path.startswith("/checkout?")
    assert f'The requested qty is not available for "{SKU}".' in person.text
    assert len(shop.state.orders) == before


def test_staff_ship_in_parts_hold_and_refund(person: Browser, shop: Api) -> None:
    number = bought(person)
    page, row = f"/admin/orders/{number}", order(shop, number)["items"][0]["item_id"]
    parcel = {f"qty_{row}": 1, "number": "1Z9", "carrier": "ups", "source": "depot"}
    person.open(page).submit(f"{page}/ship", **parcel)
    assert "The shipment has been created." in person.text
    person.submit(f"{page}/hold")
    assert order(shop, number)["state"] == "holded"
    person.submit(f"{page}/unhold")
    assert order(shop, number)["state"] == "processing"
    person.submit(f"{page}/refund", **{f"qty_{row}": 1})
    assert "You created the credit memo." in person.text
    shown = order(shop, number)["items"][0]
    assert (shown["qty_shipped"], shown["qty_refunded"]) == (1, 1)


def test_staff_give_back_a_configurable_by_its_one_row(person: Browser, shop: Api) -> None:
    person.open("/p/HP-TEE").submit("/cart/add", sku="HP-TEE-RED-XS")
    person.open("/checkout").submit("/checkout")
    number = int(person.path.removeprefix("/thanks/"))
    refund = f"/admin/orders/{number}/refund"
    person.open(f"/admin/orders/{number}")
    form = next(form for form in person.forms if form.action == refund)
    assert len([name for name in form.fields if name.startswith("qty_")]) == 1
    person.submit(refund)
    assert "You created the credit memo." in person.text
    assert [row["qty_refunded"] for row in order(shop, number)["items"]] == [1, 0]


@pytest.mark.parametrize(("act", "state"), [("accept", "processing"), ("deny", "canceled")])
def test_staff_end_a_payments_review(person: Browser, shop: Api, act: str, state: str) -> None:
    number = bought(person, payment="review")
    page = f"/admin/orders/{number}"
    person.open(page).submit(f"{page}/{act}")
    assert order(shop, number)["state"] == state
    assert [form.action for form in person.forms if form.action.endswith(f"/{act}")] == []


def test_an_order_that_owes_its_money_is_invoiced_cancelled_or_edited(person: Browser, shop: Api) -> None:
    number = bought(person, payment="offline")
    page = f"/admin/orders/{number}"
    person.open(page).submit(f"{page}/edit", line_0=5)
    assert person.path.startswith("/admin/orders/")
    assert "Edited from" in person.text
    assert order(shop, number)["state"] == "canceled"
    new = int(person.path.removeprefix("/admin/orders/").partition("?")[0])
    assert [row["qty_ordered"] for row in order(shop, new)["items"]] == [5]
    person.submit(f"/admin/orders/{new}/invoice")
    assert order(shop, new)["state"] == "processing"
    person.open(page).submit(f"{page}/comment", comment="Called back")
    assert "Called back" in person.text


def test_the_lists_find_by_words_and_every_order_has_a_page(person: Browser, shop: Api) -> None:
    assert person.open("/admin/").path == "/admin/orders"
    assert "No order matches." in person.open("/admin/orders?q=nobody-at-all").text
    bought(person)
    codes = {person.open(f"/admin/orders/{row['entity_id']}").last.status_code for row in shop.state.orders.all()}
    assert codes == {200}
    assert person.open("/admin/orders/999999").last.status_code == 404
    assert SKU in person.open(f"/?q={SKU.lower()}").text
    assert "Nothing here matches." in person.open("/?q=nothing-at-all").text


def test_a_product_is_added_counted_renamed_and_deleted(person: Browser, shop: Api) -> None:
    person.open("/admin/products").submit("/admin/products/new", sku="NEW-1", name="New thing", price="12.50")
    page = person.path.partition("?")[0]
    assert shop.get("/V1/products/NEW-1").json()["price"] == 12.5
    person.submit(f"{page}/stock", qty_default=7)
    assert "You saved the quantities." in person.text
    person.open(page).submit(f"{page}/save", sku="NEW-2", price="13")
    assert shop.get("/V1/products/NEW-2").json()["price"] == 13
    person.submit(f"{page}/save", price="cheap")
    assert "That is no price." in person.text
    person.open(page).submit(f"{page}/delete")
    assert shop.get("/V1/products/NEW-2").status_code == 404


def test_a_disabled_source_sells_nothing(person: Browser, shop: Api) -> None:
    person.open("/admin/sources").submit("/admin/sources/default/switch")
    (row,) = [row for row in shop.state.sources.all() if row["source_code"] == "default"]
    assert not row["enabled"]
    assert "is disabled" in person.text


def test_an_account_is_edited_given_an_address_put_together_and_deleted(person: Browser, shop: Api) -> None:
    names = {"firstname": "Ana", "lastname": "Lopez"}
    one, other = (
        shop.post("/V1/customers", {"customer": {**names, "email": email}}).json()["id"]
        for email in ("ana.1@example.org", "ana.2@example.org")
    )
    page = f"/admin/customers/{other}"
    assert "Ana Lopez" in person.open("/admin/customers?q=ana.2").text
    person.open(page).submit(page, lastname="Diaz", group_id="2", subscribed="1")
    row = shop.get(f"/V1/customers/{other}").json()
    assert (row["lastname"], row["group_id"], row["extension_attributes"]["is_subscribed"]) == ("Diaz", 2, True)
    home = {"street": "1 Elm", "city": "Austin", "region_code": "TX", "postcode": "78701", "telephone": "5125550100"}
    person.open(page).submit(f"{page}/addresses", **home)
    person.open(page).submit(f"{page}/addresses", **(home | {"street": "2 Elm"}))
    assert [one["street"] for one in shop.get(f"/V1/customers/{other}").json()["addresses"]] == [["1 Elm"], ["2 Elm"]]
    person.open(page).submit(f"{page}/merge", into="999999")
    assert "No such entity" in person.text
    person.open(page).submit(f"{page}/merge", into=str(one))
    assert f"The account is {one} now." in person.text
    person.open(page).submit(f"{page}/delete")
    assert shop.get(f"/V1/customers/{other}").status_code == 404

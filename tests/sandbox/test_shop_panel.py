"""The control panel and the install flow in a browser."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.sandbox.bigcommerce_api import Api
from tests.sandbox.conftest import Receiver, Running
from tests.sandbox.shop_browser import Browser

APP = "/app/simclientid0001/install"


@pytest.fixture
def panel(bigcommerce_server: Running, bigcommerce_url: str) -> Browser:
    return Browser(bigcommerce_url)


@pytest.fixture
def api(bigcommerce_server: Running, bigcommerce_url: str) -> Api:
    return Api(bigcommerce_server)


def placed(api: Api, **more: Any) -> int:
    recipe = {"lines": [{"sku": "WHISTL", "quantity": 3}, {"sku": "SOP-BAR"}], **more}
    return int(requests.post(f"{api.url}/_sim/orders", json=recipe, timeout=10).json()["ids"][0])


def line_ids(api: Api, number: int) -> list[int]:
    return [row["id"] for row in api.get(f"/v2/orders/{number}/products").json()]


# --- orders ---------------------------------------------------------------------------------------


def test_the_list_filters_by_status_and_text(panel: Browser) -> None:
    assert panel.open("/manage/").path == "/manage/orders"
    assert "60 orders" in panel.text
    assert "4 orders" in panel.open("/manage/orders?status=14").text
    assert "1 order " in panel.open("/manage/orders?q=10012").text
    assert "No order matches." in panel.open("/manage/orders?q=nobody-at-all").text
    assert panel.open("/manage/orders/1").last.status_code == 404


def test_every_seeded_order_has_a_page(panel: Browser) -> None:
    codes = {panel.open(f"/manage/orders/{number}").last.status_code for number in range(10001, 10061)}
    assert codes == {200}


def test_staff_ships_refunds_and_cancels_by_hand(panel: Browser, api: Api) -> None:
    number = placed(api)
    page, first = f"/manage/orders/{number}", line_ids(api, number)[0]
    panel.open(page).submit(f"{page}/ship", **{f"line__{first}": 2, "tracking": "T1"})
    assert "Shipped." in panel.text
    assert api.get(f"/v2/orders/{number}").json()["status_id"] == 3
    panel.submit(f"{page}/refund", do="part", **{f"line__{first}": 1})
    assert "Refund sent to the gateway." in panel.text
    assert api.get(f"/v2/orders/{number}/products").json()[0]["quantity_refunded"] == 1
    panel.submit(f"{page}/status", status_id=9)
    panel.submit(f"{page}/cancel", note="Changed their mind")
    order = api.get(f"/v2/orders/{number}").json()
    assert (order["status_id"], order["staff_notes"]) == (5, "Changed their mind")


def test_refunding_all_from_the_panel_names_the_user(panel: Browser, api: Api) -> None:
    number = placed(api)
    panel.open(f"/manage/orders/{number}").submit(f"/manage/orders/{number}/refund", do="all")
    (refund,) = api.get(f"/v3/orders/{number}/payment_actions/refunds").json()["data"]
    assert (refund["user_id"], api.get(f"/v2/orders/{number}").json()["status_id"]) == (500, 4)


def test_a_refusal_is_shown_and_changes_nothing(panel: Browser, api: Api) -> None:
    number = placed(api)
    page = f"/manage/orders/{number}"
    panel.open(page).submit(f"{page}/refund", do="part", amount="9999.00")
    assert "exceeds the refundable amount" in panel.text
    panel.submit(f"{page}/refund", do="part", amount="many")
    assert "That is not a number." in panel.text
    panel.submit(f"{page}/refund", do="part")
    assert "Nothing was chosen to refund." in panel.text
    assert api.get(f"/v3/orders/{number}/payment_actions/refunds").json()["data"] == []
    panel.submit(f"{page}/edit", sku="NO-SUCH")
    assert "We do not sell NO-SUCH." in panel.text


def test_items_and_addresses_are_edited(panel: Browser, api: Api) -> None:
    number = placed(api)
    page, lines = f"/manage/orders/{number}", line_ids(api, number)
    address = api.get(f"/v2/orders/{number}/shipping_addresses").json()[0]["id"]
    panel.open(page).submit(f"{page}/edit", **{f"line__{lines[0]}": 1, f"line__{lines[1]}": 0, "sku": "LIP-BALM"})
    rows = api.get(f"/v2/orders/{number}/products").json()
    assert [(row["sku"], row["quantity"]) for row in rows] == [("WHISTL", 1), ("LIP-BALM", 1)]
    panel.submit(f"{page}/address/{address}", city="Dallas")
    panel.submit(f"{page}/billing", zip="78799")
    panel.submit(f"{page}/message", text="Where is it?", by="customer")
    assert api.get(f"/v2/orders/{number}/shipping_addresses").json()[0]["city"] == "Dallas"
    assert api.get(f"/v2/orders/{number}").json()["billing_address"]["zip"] == "78799"
    assert "Customer: Where is it?" in panel.text


# --- goods and people -----------------------------------------------------------------------------


def test_stock_skus_and_prices_are_changed_by_hand(panel: Browser, api: Api) -> None:
    variant = api.get("/v3/catalog/variants", params={"sku": "HP-TEE-RED-M"}).json()["data"][0]
    page = f"/manage/products/{variant['product_id']}"
    level, sku = f"level__{variant['id']}__1", f"sku__{variant['id']}"
    panel.open(page).submit(f"{page}/stock", **{level: 41, sku: "HP-TEE-RED-MM"})
    after = api.get("/v3/catalog/variants", params={"sku": "HP-TEE-RED-MM"}).json()["data"][0]
    assert (after["id"], after["inventory_level"]) == (variant["id"], 41)
    panel.submit(f"{page}/stock", **{sku: "HP-TEE-RED-S"})
    assert "duplicate" in panel.text
    panel.submit(page, price="25.50", is_visible=None)
    product = api.get(f"/v3/catalog/products/{variant['product_id']}").json()["data"]
    assert (product["price"], product["is_visible"]) == (25.5, False)


def test_lists_find_products_and_people(panel: Browser) -> None:
    assert "Harbor Tee" in panel.open("/manage/products?q=HP-TEE-RED-M").text
    assert "No product matches." in panel.open("/manage/products?q=zzz").text
    assert "Ana" in panel.open("/manage/customers?q=lopez").text
    panel.open("/manage/customers/1").submit("/manage/customers/1", store_credit="12.50", phone="1")
    assert "Customer saved." in panel.text
    assert panel.forms[0].fields["store_credit"] == "12.50"
    assert "GC7-PIN-HRB-007" in panel.open("/manage/marketing").text


def test_a_customer_is_edited_given_an_address_and_deleted(panel: Browser, api: Api) -> None:
    page = "/manage/customers/1"
    panel.open(page).submit(page, company="Lopez LLC", consent="1")
    row = api.get("/v3/customers?id:in=1").json()["data"][0]
    assert (row["company"], row["accepts_product_review_abandoned_cart_emails"]) == ("Lopez LLC", True)
    home = {"address1": "1 Elm", "city": "Austin", "state_or_province": "Texas", "postal_code": "78701"}
    panel.open(page).submit(f"{page}/addresses", **home)
    assert "1 Elm" in panel.text
    panel.open(page).submit(f"{page}/addresses", **(home | {"state_or_province": "Nowhere"}))
    assert "The state is not valid" in panel.text
    panel.open(page).submit(f"{page}/delete")
    assert api.get("/v3/customers?id:in=1").json()["data"] == []


# --- the app --------------------------------------------------------------------------------------


@pytest.fixture
def app_url(panel: Browser, hook_receiver: Receiver) -> str:
    """Where the app's callbacks point: nobody has to answer."""
    names = ("auth", "load", "uninstall", "remove_user")
    settings = {f"{name}_callback": f"{panel.url}/_sim/health?at={name}" for name in names}
    requests.put(f"{panel.url}/_sim/app", json=settings, timeout=10).raise_for_status()
    return f"{panel.url}/_sim/health"


def test_an_external_install_goes_through_log_in_and_consent(panel: Browser, app_url: str) -> None:
    panel.open(APP)
    assert "Log in" in panel.text
    panel.submit(APP, email="staff@example.com", do="log-in")
    assert "Logged in as staff@example.com" in panel.text
    assert panel.text.count("store_") == 13
    panel.submit(APP, do="allow")
    query = parse_qs(urlsplit(panel.last.url).query)
    assert panel.last.url.startswith(app_url)
    assert (query["context"], query["external_install"], len(query["scope"][0].split())) == (
        ["stores/a1b2c3d4e5"],
        ["1"],
        13,
    )
    assert len(panel.last.history) == 1
    assert panel.last.history[0].status_code == 302


def test_denying_shares_nothing(panel: Browser, app_url: str) -> None:
    panel.open(APP).submit(APP, do="log-in")
    panel.submit(APP, do="deny")
    assert "nothing was shared" in panel.text
    assert requests.get(f"{panel.url}/_sim/state/grants", timeout=10).json()["total"] == 0
    panel.open(APP).submit(APP, do="log-out")
    assert "Any password will do." in panel.text


def test_auto_redirects_at_once_with_a_code_that_works(panel: Browser, app_url: str) -> None:
    reply = requests.get(f"{panel.url}{APP}?auto=1", allow_redirects=False, timeout=10)
    query = {name: values[0] for name, values in parse_qs(urlsplit(reply.headers["Location"]).query).items()}
    assert reply.status_code == 302
    token = requests.post(
        f"{panel.url}/oauth2/token",
        timeout=10,
        json={
            "client_id": "simclientid0001",
            "client_secret": "sim-client-secret-0001",
            "code": query["code"],
            "scope": query["scope"],
            "context": query["context"],
            "grant_type": "authorization_code",
            "redirect_uri": f"{app_url}?at=auth",
        },
        headers={"Accept": "application/json"},
    )
    assert token.status_code == 200
    assert token.json()["owner"]["email"] == "owner@example.com"


def test_an_install_from_the_panel_is_framed_and_carries_no_external_mark(panel: Browser, app_url: str) -> None:
    panel.open(f"{APP}?from=panel").submit(APP, do="log-in")
    panel.submit(APP, do="allow")
    source = panel.last.text.split('<iframe src="', 1)[1].split('"', 1)[0]
    assert source.startswith(f"{app_url}?at=auth&amp;account_uuid=")
    assert "external_install" not in source


def test_the_installed_app_is_opened_removed_and_uninstalled(panel: Browser, app_url: str) -> None:
    test_auto_redirects_at_once_with_a_code_that_works(panel, app_url)
    panel.open("/manage/app/simclientid0001?user=501")
    source = panel.last.text.split('<iframe src="', 1)[1].split('"', 1)[0]
    assert source.startswith(f"{app_url}?at=load&amp;signed_payload_jwt=")
    panel.open("/manage/apps").submit("/manage/apps/remove-user")
    assert "The user is removed." in panel.text
    panel.submit("/manage/apps/uninstall")
    assert "The app is uninstalled." in panel.text
    assert "not installed" in panel.text
    panel.submit("/manage/apps", load_callback="https://app.example.com/load", scopes="store_v2_orders")
    row = requests.get(f"{panel.url}/_sim/app", timeout=10).json()
    assert (row["load_callback"], row["scopes"]) == ("https://app.example.com/load", ["store_v2_orders"])


def test_the_result_pages_and_wrong_apps(panel: Browser) -> None:
    assert "The app is installed" in panel.open(f"{APP}/succeeded").text
    assert "could not be installed" in panel.open(f"{APP}/failed").text
    assert panel.open("/app/other/install").last.status_code == 404
    assert panel.open(APP).last.status_code == 409

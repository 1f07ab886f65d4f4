"""The desk: what staff see and do in pages, by plain forms (§18)."""

import http.client
import re
from urllib.parse import unquote_plus, urlencode, urlsplit

import pytest

from tests.sandbox.heartland_client import Caller
from tests.sandbox.heartland_orders import ANNEX, MAIN, Shop

TEE = 100_003


@pytest.fixture
def api(heartland_url: str) -> Caller:
    return Caller(heartland_url)


class Browser:
    """Follows one redirect after a form; answers status and text."""

    def __init__(self, url: str) -> None:
        self.place = urlsplit(url).netloc

    def get(self, path: str, expect: int = 200) -> str:
        line = http.client.HTTPConnection(self.place, timeout=10)
        line.request("GET", path)
        answer = line.getresponse()
        text = answer.read().decode()
        assert answer.status == expect, (path, answer.status)
        return text

    def send(self, path: str, fields: dict[str, object] | list[tuple[str, object]], referer: str = "/desk/") -> str:
        """Post a form; the message shown afterwards."""
        line = http.client.HTTPConnection(self.place, timeout=10)
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Referer": f"http://{self.place}{referer}"}
        line.request("POST", path, urlencode(fields), headers)
        answer = line.getresponse()
        answer.read()
        assert answer.status == 303, (path, answer.status)
        target = answer.headers["Location"]
        word = re.search(r"(?:done|sorry)=([^&]*)", target)
        told = unquote_plus(word.group(1)) if word else ""
        assert told.split(".")[0][:20].replace("'", "&#39;") in self.get(target).replace("&quot;", '"')
        return told


@pytest.fixture
def desk(api: Caller) -> Browser:
    return Browser(api.url)


def test_every_page_opens(api: Caller, desk: Browser) -> None:
    order = Shop(api).opened({"item_id": TEE, "qty": 1})
    pages = ["/", "/desk/", "/desk/orders", f"/desk/orders/{order}", "/desk/distribute", "/desk/fulfill", "/desk/sale"]
    pages += ["/desk/return", "/desk/tickets", "/desk/items", "/desk/items?q=tee", f"/desk/items/{TEE}", "/desk/adjust"]
    pages += [
        "/desk/customers",
        "/desk/customers?q=lopez",
        "/desk/customers/100002",
        "/desk/gift-cards",
        "/desk/account",
    ]
    for page in pages:
        text = desk.get(page)
        assert 'data-system="heartland"' in text
        assert "sandbox" in text
    assert "Nothing here" in desk.get("/desk/orders/5", 404)


def test_deep_links_are_led_to_the_desk(desk: Browser) -> None:
    assert "/desk/" in desk.get("/")


def test_an_order_is_found_by_number_and_customer(api: Caller, desk: Browser) -> None:
    order = Shop(api).opened({"item_id": TEE, "qty": 1}, public_id="BC-77")
    for text in ("BC-77", "ruiz", "ann.ruiz@example.com"):
        assert f"/desk/orders/{order}" in desk.get(f"/desk/orders?{urlencode({'q': text})}")
    assert f"/desk/orders/{order}" not in desk.get("/desk/orders?q=nobody")


def test_names_are_escaped(api: Caller, desk: Browser) -> None:
    api.post("/customers", {"first_name": "<script>x</script>", "last_name": "B"})
    text = desk.get("/desk/customers?q=script")
    assert "&lt;script&gt;x" in text
    assert "<script>x" not in text


def test_staff_distribute_pick_and_invoice(api: Caller, desk: Browser) -> None:
    order = Shop(api).opened({"item_id": TEE, "qty": 2}, public_id="BC-1")
    (line,) = api.rows(f"/sales/orders/{order}/lines")
    page = desk.get("/desk/distribute")
    assert "Harbor Main (2 available)" not in page or "BC-1" in page
    assert "Pine Annex" not in page  # no stock there, so no choice
    assert ">1</td>" in desk.get("/desk/")
    told = desk.send(f"/desk/orders/{order}/distribute", {f"line-{line['id']}": MAIN})
    assert told == "Order BC-1 saved; every line has its location."
    assert api.get(f"/sales/orders/{order}/lines/{line['id']}")["ship_from_location_id"] == MAIN
    assert "BC-1" in desk.get(f"/desk/fulfill?location={MAIN}")
    assert "BC-1" not in desk.get(f"/desk/fulfill?location={ANNEX}")
    assert "HP-TEE-RED-M" in desk.get(f"/desk/orders/{order}/pick?location={MAIN}")
    assert "Tracking number" in desk.get(f"/desk/orders/{order}/invoice?location={MAIN}")
    form = {"location": MAIN, f"qty-{TEE}": "2", "tracking_number": "1Z9", "carrier": "UPS"}
    assert desk.send(f"/desk/orders/{order}/invoice", form) == "Invoice 100001 completed."
    (invoice,) = api.rows("/sales/invoices", {"order_id": order})
    assert invoice["custom"] == {"tracking_number": "1Z9", "carrier": "UPS"}
    assert api.get(f"/sales/orders/{order}")["status"] == "closed"
    assert "1Z9" in desk.get(f"/desk/orders/{order}")


def test_a_refused_action_says_why_and_changes_nothing(api: Caller, desk: Browser) -> None:
    order = Shop(api).opened({"item_id": TEE, "qty": 2})
    told = desk.send(f"/desk/orders/{order}/status", {"status": "canceled"}, f"/desk/orders/{order}")
    assert told == "payments must be refunded before the order is canceled"
    assert api.get(f"/sales/orders/{order}")["status"] == "open"
    told = desk.send(f"/desk/orders/{order}/invoice", {"location": MAIN, f"qty-{TEE}": "2"})
    assert told == "qty is more than the order has open at this location"
    assert api.get("/sales/invoices")["total"] == 0


def test_refund_cancel_and_charge(api: Caller, desk: Browser) -> None:
    shop = Shop(api)
    order = shop.opened({"item_id": TEE, "qty": 1})
    (payment,) = api.rows(f"/sales/orders/{order}/payments")
    assert desk.send(f"/desk/orders/{order}/payments/{payment['id']}/refund", {}) == "Payment refunded."
    assert [row["amount"] for row in api.rows(f"/sales/orders/{order}/payments")] == [24, -24]
    assert desk.send(f"/desk/orders/{order}/status", {"status": "canceled"}) == "The order is canceled."
    other = api.post("/sales/orders", shop.header(lines=[{"item_id": TEE, "qty": 1}]))
    pending = shop.pay(other, 24, status="pending")
    assert "Charge Payment" in desk.get(f"/desk/orders/{other}")
    assert desk.send(f"/desk/orders/{other}/payments/{pending}/charge", {}) == "Payment charged."
    assert api.get(f"/sales/orders/{other}")["total_paid"] == 24
    assert desk.send(f"/desk/orders/{other}/status", {"status": "open"}) == "The order is open."


def test_a_line_that_cannot_be_filled_is_closed(api: Caller, desk: Browser) -> None:
    stove = {"item_lookup": "CMP-STOVE1", "qty": 1, "ship_from_location_id": MAIN}
    order = Shop(api).opened({"item_id": TEE, "qty": 1, "ship_from_location_id": MAIN}, stove)
    first, second = api.rows(f"/sales/orders/{order}/lines")
    held = api.stock(TEE, MAIN)
    assert desk.send(f"/desk/orders/{order}/lines/{first['id']}/close", {}) == "Line closed."
    assert api.stock(TEE, MAIN)["qty_committed"] == held["qty_committed"] - 1
    shown = api.get(f"/sales/orders/{order}")
    assert (shown["status"], shown["balance"]) == ("open", -24)
    api.sim("POST", "/staff/invoice", {"order": order})
    assert api.get(f"/sales/orders/{order}")["status"] == "closed"
    assert api.get(f"/sales/orders/{order}/lines/{second['id']}")["qty_open"] == 0


def test_a_complete_invoice_is_voided(api: Caller, desk: Browser) -> None:
    order = Shop(api).opened({"item_id": TEE, "qty": 1, "ship_from_location_id": MAIN})
    (invoice,) = api.sim("POST", "/staff/invoice", {"order": order})["invoices"]
    assert "Void this invoice" in desk.get(f"/desk/tickets/{invoice['id']}")
    assert desk.send(f"/desk/tickets/{invoice['id']}/void", {}) == "The invoice is void."
    assert api.get(f"/sales/invoices/{invoice['id']}")["status"] == "void"
    assert "Void this invoice" not in desk.get(f"/desk/tickets/{invoice['id']}")


def test_sell_take_back_and_adjust(api: Caller, desk: Browser) -> None:
    held = api.stock(TEE, MAIN)["qty_on_hand"]
    sale = [
        ("location", MAIN),
        ("sku", "HP-TEE-RED-M"),
        ("qty", "2"),
        ("price", "20"),
        ("sku", ""),
        ("qty", ""),
        ("price", ""),
    ]
    assert desk.send("/desk/sale", [*sale, ("tax", "3.2"), ("payment_type", "Cash")]) == "Sold for 43.20."
    assert api.stock(TEE, MAIN)["qty_on_hand"] == held - 2
    ticket = api.rows("/sales/tickets")[0]["id"]
    assert "HP-TEE-RED-M" in desk.get(f"/desk/return?parent={ticket}")
    back = [("parent", ticket), ("location", MAIN), ("sku", "HP-TEE-RED-M"), ("qty", "1"), ("affect_inventory", "1")]
    assert desk.send("/desk/return", back) == "Returned, 21.60 given back."
    adjust = {"location": MAIN, "sku": "HP-TEE-RED-M", "qty": "", "set_to": "50", "reason": "Count"}
    assert desk.send("/desk/adjust", adjust) == "On hand there: 50."
    assert desk.send("/desk/adjust", {**adjust, "sku": "nope"}) == "Item not found"
    assert desk.send("/desk/adjust", {**adjust, "set_to": "many"}) == "“many” is not a number"


def test_tokens_are_made_and_revoked(api: Caller, desk: Browser) -> None:
    assert desk.send("/desk/account", {"description": "Bridge"}) == "Token made."
    row = api.sim("GET", "/tokens")["tokens"][-1]
    assert Caller(api.url, row["token"]).get("/system/whoami")["id"] == 100001
    assert desk.send(f"/desk/account/{row['id']}/revoke", {}) == "Token “Bridge” revoked."
    assert Caller(api.url, row["token"]).refused("GET", "/system/whoami")[0] == 401


def test_gift_cards_are_issued(api: Caller, desk: Browser) -> None:
    assert desk.send("/desk/gift-cards", {"number": "ab 1", "balance": "12.50"}) == "Card AB1 issued."
    assert float(api.get("/gift_cards/AB1")["balance"]) == 12.5


def test_a_customer_is_edited_given_an_address_and_merged(api: Caller, desk: Browser) -> None:
    people = [api.post("/customers", {"first_name": "Ana", "last_name": name}) for name in ("Lopez", "Lopes")]
    page = f"/desk/customers/{people[1]}"
    form: dict[str, object] = {"first_name": "Ana", "last_name": "Lopes-Diaz", "email": "ana@x.org", "active": "1"}
    assert desk.send(page, form) == "Ana Lopes-Diaz is saved."
    row = api.get(f"/customers/{people[1]}")
    assert (row["email"], row["active?"], row["promotional_emails?"]) == ("ana@x.org", True, False)
    assert "is not a valid e-mail" in desk.send(page, form | {"email": "nonsense"}, referer=page)
    home: dict[str, object] = {
        "first_name": "Ana",
        "last_name": "L",
        "line_1": "1 Elm",
        "city": "Austin",
        "state": "TX",
    }
    desk.send(f"{page}/addresses", home | {"postal_code": "78701", "country": "US"})
    assert "1 Elm" in desk.get(page)
    assert "no other living customer" in desk.send(f"{page}/merge", {"into": "nobody"}, referer=page)
    number = api.get(f"/customers/{people[0]}")["public_id"]
    assert desk.send(f"{page}/merge", {"into": number}) == "Both are Ana Lopez now."
    assert api.get(f"/customers/{people[1]}")["deleted_at"]
    assert "Merge into that one" not in desk.get(page)

"""A small client of the BigCommerce sandbox for tests, the orders they place, and a receiver of webhooks."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal as D
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

import requests

from ipaas.sandbox.bigcommerce import actions
from ipaas.sandbox.bigcommerce.rows import PayOutcome, PricedOrder
from ipaas.sandbox.bigcommerce.service import BigCommerce
from ipaas.sandbox.bigcommerce.state import Row
from tests.sandbox.conftest import Running

TOKEN = "sim-bigcommerce-token"
HASH = "a1b2c3d4e5"
NOON = "2026-01-06T12:00:00+00:00"  # 1767700800


class Api:
    """Calls to one sandbox with a token; `stop_time` freezes the clock so that every value is exact."""

    def __init__(self, server: Running, token: str = TOKEN) -> None:
        self.server, self.url, self.token = server, server.url, token
        self.session = requests.Session()

    @property
    def service(self) -> BigCommerce:
        """The service in this process, to act as shopper or to look at rows."""
        return cast(BigCommerce, self.server.app.service)

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> requests.Response:
        """One API call: `path` begins with /v2 or /v3."""
        headers = {"X-Auth-Token": self.token, "Accept": "application/json", **more.pop("headers", {})}
        if body is not None:
            more["data"] = json.dumps(body, default=str)
            headers.setdefault("Content-Type", "application/json")
        return self.session.request(method, f"{self.url}/stores/{HASH}{path}", headers=headers, timeout=10, **more)

    def get(self, path: str, **more: Any) -> requests.Response:
        """GET."""
        return self.call("GET", path, **more)

    def post(self, path: str, body: Any = None, **more: Any) -> requests.Response:
        """POST."""
        return self.call("POST", path, body, **more)

    def put(self, path: str, body: Any = None, **more: Any) -> requests.Response:
        """PUT."""
        return self.call("PUT", path, body, **more)

    def delete(self, path: str, **more: Any) -> requests.Response:
        """DELETE."""
        return self.call("DELETE", path, **more)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """A call of the control API."""
        answer = self.session.request(method, f"{self.url}/_sim/{path}", json=body, timeout=10)
        answer.raise_for_status()
        return answer.json()

    def switch(self, **values: Any) -> None:
        """Set switches."""
        self.control("PUT", "switches", values)

    def stop_time(self, at: str = NOON) -> None:
        """Freeze the clock."""
        self.control("PUT", "clock", {"frozen_at": at})

    def advance(self, seconds: float) -> None:
        """Move the clock on."""
        self.control("POST", "clock/advance", {"seconds": seconds})

    def act(self, action: Callable[..., Any], *arguments: Any, **more: Any) -> Any:
        """Run an action of the state machine in a transaction."""
        with self.service.transaction():
            return action(self.service.state, *arguments, **more)

    def place(self, priced: PricedOrder, outcome: PayOutcome = "captured") -> Row:
        """A shopper's order, placed and paid."""
        order = self.act(actions.order_place, priced)
        return cast(Row, self.act(actions.order_pay, order["id"], outcome))

    def events(self, scope: str | None = None) -> list[Row]:
        """Bodies of queued and sent webhooks, oldest first."""
        found = self.control("GET", "deliveries")["deliveries"]
        return [row["body"] for row in found if scope in (None, row["scope"])]

    def listen(self, *scopes: str) -> None:
        """Hooks on scopes to a receiver that is never reached, so that events pile up in the delivery log.

        Wildcards hear all there is below them here: what is sent at all is the question of most tests.
        """
        self.switch(wildcard_covers_deep=True)
        self.control("PUT", "deliveries/controls", {"paused": True})
        for scope in scopes:
            answer = self.post("/v3/hooks", {"scope": scope, "destination": "https://receiver.example.com/hooks"})
            assert answer.status_code == 200, answer.text


ANA = {
    "first_name": "Ana",
    "last_name": "Lopez",
    "street_1": "12 Elm St",
    "city": "Austin",
    "state": "Texas",
    "zip": "78701",
    "country": "United States",
    "country_iso2": "US",
    "phone": "5125550100",
    "email": "ana@example.com",
}


def stocked(api: Api, sku: str = "T-BOTTLE", *, tracking: str = "product", level: int = 10, **more: Any) -> Row:
    """A plain product with stock at the default location; answers its base variant."""
    body = {
        "name": f"Test {sku}",
        "type": "physical",
        "weight": D("0.4"),
        "price": D(20),
        "sku": sku,
        "inventory_tracking": tracking,
        **more,
    }
    product = api.act(actions.product_create, body)
    variant = api.service.state.variants.first(product_id=product["id"])
    assert variant is not None
    with api.service.transaction():
        actions.stock_set(api.service.state, variant, 1, level)
    return variant


def bottle_order(variant: Row | None = None, *, tenders: list[Row] | None = None, **order: Any) -> PricedOrder:
    """The order of note §9.2: 3 pieces, 10 % off by coupon, 25 of 125.57 paid by certificate when `tenders` says so."""
    names = {"product_id": variant["product_id"], "variant_id": variant["id"], "sku": variant["sku"]} if variant else {}
    bottle: Row = {
        **names,
        "address": 0,
        "name": "Steel Bottle",
        "quantity": 2,
        "base_price": D(20),
        "price_ex_tax": D(20),
        "price_inc_tax": D("21.65"),
        "price_tax": D("1.65"),
        "base_total": D(40),
        "total_ex_tax": D(40),
        "total_inc_tax": D("43.30"),
        "total_tax": D("2.97"),
        "discounted_total_inc_tax": D("38.97"),
        "weight": D("0.4"),
        "brand": "Nordic",
        "applied_discounts": [{"id": "coupon", "amount": D(4), "name": "10% off", "code": "SAVE10", "target": "order"}],
        "product_options": [
            {
                "option_id": 44,
                "product_option_id": 190,
                "display_name": "Color",
                "display_value": "Black",
                "value": "611",
                "type": "Swatch",
                "name": "Color-190",
            }
        ],
    }
    jacket: Row = {
        "address": 0,
        "name": "Jacket",
        "sku": "T-JACKET",
        "quantity": 1,
        "base_price": D(80),
        "price_ex_tax": D(80),
        "price_inc_tax": D("86.60"),
        "price_tax": D("6.60"),
        "base_total": D(80),
        "total_ex_tax": D(80),
        "total_inc_tax": D("86.60"),
        "total_tax": D("5.94"),
        "discounted_total_inc_tax": D("77.94"),
        "applied_discounts": [{"id": "coupon", "amount": D(8), "name": "10% off", "code": "SAVE10", "target": "order"}],
    }
    head: Row = {
        "customer_id": 0,
        "billing_address": ANA,
        "subtotal_ex_tax": D(120),
        "subtotal_inc_tax": D("129.90"),
        "subtotal_tax": D("8.91"),
        "base_shipping_cost": D(8),
        "shipping_cost_ex_tax": D(8),
        "shipping_cost_inc_tax": D("8.66"),
        "shipping_cost_tax": D("0.66"),
        "total_ex_tax": D(116),
        "total_inc_tax": D("125.57"),
        "total_tax": D("9.57"),
        "coupon_discount": D(12),
        "payment_method": "Credit Card",
        "payment_provider_id": "ch_9x1",
        "customer_message": "Leave at the door",
    }
    place = {
        **ANA,
        "shipping_method": "Flat Rate",
        "base_cost": D(8),
        "cost_ex_tax": D(8),
        "cost_inc_tax": D("8.66"),
        "cost_tax": D("0.66"),
    }
    card: Row = {
        "method": "credit_card",
        "gateway": "squarev2",
        "amount": D("125.57"),
        "payment_method_id": "squarev2.card",
        "gateway_transaction_id": "Kx83",
        "credit_card": {
            "card_type": "visa",
            "card_iin": "411111",
            "card_last4": "1111",
            "card_expiry_month": 12,
            "card_expiry_year": 2030,
        },
    }
    return PricedOrder(
        order={**head, **order},
        lines=[bottle, jacket],
        addresses=[place],
        tenders=tenders or [card],
        taxes=[
            {
                "line": 0,
                "address": 0,
                "name": "State Tax",
                "rate": D("8.25"),
                "priority_amount": D("9.57"),
                "line_amount": D("2.97"),
            }
        ],
        coupons=[{"coupon_id": 4, "code": "SAVE10", "amount": D(10), "type": 1, "discount": D(12)}],
    )


class Receiver:
    """A webhook receiver on a free port that answers as told and keeps what it got."""

    def __init__(self) -> None:
        self.got: list[tuple[Mapping[str, str], bytes, str]] = []
        self.status = 200
        self.headers: dict[str, str] = {}
        receiver, self._news = self, threading.Condition()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self._keep(body)

            def do_GET(self) -> None:
                self._keep(b"")

            def _keep(self, body: bytes) -> None:
                with receiver._news:
                    receiver.got.append((dict(self.headers.items()), body, self.path))
                    receiver._news.notify_all()
                self.send_response(receiver.status)
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Keep the test output clean."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def wait(self, count: int, seconds: float = 5) -> None:
        """Wait until so many calls came; fails when they do not."""
        with self._news:
            assert self._news.wait_for(lambda: len(self.got) >= count, seconds), f"{len(self.got)} of {count} came"

    def bodies(self) -> list[Row]:
        """The JSON bodies so far."""
        return [json.loads(body) for _, body, _ in self.got]

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def receiver() -> Iterator[Receiver]:
    """A receiver for the length of a test."""
    found = Receiver()
    try:
        yield found
    finally:
        found.close()

"""A Magento shop of the sandbox, as stories meet it."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from html import unescape
from typing import Any

from requests_oauthlib import OAuth1

from ipaas.types import JSON
from syncjobs.stories.demo.sim import TIMEOUT_SECONDS, cents, sums
from syncjobs.stories.demo.visitor import Visitor
from syncjobs.stories.shops.shop_side import (
    BY_HAND,
    OVER,
    PACKING,
    PARTLY,
    SHIPPED,
    Books,
    Moved,
    NotThere,
    PaidByCard,
    ShopSide,
    Sold,
    StockRoutes,
)

WEBSITE = "base"  # the one that stories connect
AUDITOR, BRIDGE = "Auditor", "Tillbridge story"  # integrations
FIRST_VIEW = 1
PAGE = 100
GONE = {"complete", "closed", "canceled"}
COMPOSITE = {"configurable", "bundle"}
INTANGIBLE = {"virtual", "downloadable", "giftcard"}
POINTS = "loyalty_points"  # an attribute of accounts
BESIDE = ("base_gift_cards_amount", "base_customer_balance_amount")  # tenders that grand_total leaves out
PAID, CANCELED = 2, 3  # states of invoices and credit memos
READ_ONLY = re.compile(r'<input id="(callback|identity)"[^>]*value="([^"]*)"')
VALUES = re.compile(r"<dt>([^<]*)</dt><dd><code>([^<]*)</code></dd>")


class MagentoShop(ShopSide):
    kind = "magento"
    ships_what_it_holds = True
    hears_of_tills = False
    topics = "order"
    api = "^/rest/"
    crowded = {"probability": 0.02, "status": 429, "html": True, "headers": {"Retry-After": "1"}}
    stock_routes = StockRoutes(
        levels="GET /V1/inventory/source-items",
        write="POST /V1/inventory/source-items",
        levels_per_call=1_000,
        writes_per_call=500,
        looks_before_writes=True,  # whether the source sells it stands in the row that is written
    )

    def join(self, owner: Visitor, web: str, *, uses_token: bool) -> None:
        self._sell_from_one_source()
        owner.open(f"{web}/settings/integrations/magento/")
        owner.follow("Add a Magento website")
        if uses_token:
            self._join_by_token(owner)
        else:
            self._join_by_activation(owner)
        owner.submit("Choose", website=WEBSITE)

    def _sell_from_one_source(self) -> None:
        """As a merchant whose web orders leave from one pool: what else lies in other sources is not sold."""
        for code in self._sources[1:]:
            address = f"{self.sandbox.base}/admin/sources/{code}/switch"
            self.sandbox.session.post(address, timeout=TIMEOUT_SECONDS).raise_for_status()

    def _join_by_activation(self, owner: Visitor) -> None:
        owner.follow("Begin")
        owner.submit("Get the two addresses", address=self.sandbox.base)
        given = {name: unescape(value) for name, value in READ_ONLY.findall(owner.page)}
        owner.open(f"{self.sandbox.base}/admin/integrations")
        owner.submit("Save", name=BRIDGE, endpoint=given["callback"], identity_link_url=given["identity"])
        owner.submit("Activate")
        owner.submit("Confirm and connect")
        owner.follow("Go on here")

    def _join_by_token(self, owner: Visitor) -> None:
        owner.follow("Paste a token")
        ours = owner.url
        owner.open(f"{self.sandbox.base}/admin/integrations")
        owner.submit("Save config", on="1")
        owner.submit("Save", name=BRIDGE)
        owner.submit("Activate")
        values = dict(VALUES.findall(owner.page))
        owner.open(ours)
        owner.submit("Check and connect", address=self.sandbox.base, token=values["Access Token"])

    # --- staff and shoppers --------------------------------------------------------------------------

    def numbered(self, recipe: JSON, number: str) -> JSON:
        return {**recipe, "increment_id": number}

    def cancel(self, order: int) -> None:
        """What was paid already is refunded instead, and what left has left."""
        if any(row.get("qty_invoiced") or row.get("qty_shipped") for row in self._items(order)):
            raise NotThere
        self._act(order, "cancel")

    def edit(self, order: int, change: Callable[[int], int]) -> int:
        first = next(row for row in self._items(order) if not row.get("parent_item_id"))
        wish = {"lines": [{"line": 0, "quantity": change(int(first["qty_ordered"]))}]}
        return int(self._act(order, "edit", **wish)["id"])

    def refund(self, order: int, amount: str) -> None:
        self._act(order, "refund", amount=amount)

    def give_back(self, order: int, wish: JSON) -> Decimal:
        made = self._act(order, "refund", **wish)["refund_id"]
        return _all_tenders(next(row for row in self.sandbox.rows("creditmemos") if row["entity_id"] == made))

    def let_promise(self) -> None:
        """They are in this store."""

    def refuse_captures(self, *, is_on: bool) -> None:
        self.sandbox.put("/_sim/switches", {"capture_refused": is_on})

    def sell_card(self, value: Decimal) -> tuple[int, str]:
        line = {"sku": "GIFT-CERT", "quantity": 1, "certificate": {"amount": str(value)}}
        (order,) = self.buy([{"lines": [line], "payment": "card"}])
        (item,) = (row for row in self.sandbox.rows("order_items") if row["order_id"] == order)
        option = item["product_option"]["giftcard_item_option"]["extension_attributes"]
        return order, str(option["giftcard_created_codes"][0])

    def spend_card(self, number: str, amount: Decimal) -> PaidByCard:
        line = {"sku": "DOG-LEAD", "quantity": 1, "price": str(amount)}
        (order,) = self.buy([{"lines": [line], "gift_certificate": number, "payment": "card"}])
        row = next(row for row in self.sandbox.rows("orders") if row["entity_id"] == order)
        return PaidByCard(amount=cents(row["base_gift_cards_amount"]), order=order)

    def rename(self, account: str, last_name: str) -> None:
        customer = {**self._get(f"/V1/customers/{account}"), "lastname": last_name}
        self._send("PUT", f"/V1/customers/{account}", {"customer": customer})

    def register(self, email: str, first_name: str, last_name: str) -> str:
        customer = {"email": email, "firstname": first_name, "lastname": last_name, "website_id": self._website_id}
        return str(self._send("POST", "/V1/customers", {"customer": customer})["id"])

    def points_field(self) -> str:
        """What this shop's people added."""
        return POINTS

    def show_points(self, account: str, field: str, points: int) -> None:
        said = {"custom_attributes": [{"attribute_code": field, "value": str(points)}]}
        self._send("PUT", f"/V1/customers/{account}", {"customer": {**self._get(f"/V1/customers/{account}"), **said}})

    def _act(self, order: int, act: str, **wish: Any) -> Any:
        return self.sandbox.post(f"/_sim/orders/{order}/{act}", wish)

    def type_stock(self, sku: str, quantity: int) -> None:
        """Counted by hand so that the shop sells as many, whatever its orders keep."""
        kept = Decimal(str(self.sandbox.get("/_sim/stock", sku=sku)["reserved"][WEBSITE]))
        wish = {"sku": sku, "quantity": str(quantity - kept), "source_code": self._sources[0], "status": 1}
        self.sandbox.put("/_sim/stock", wish)

    def take_by_phone(self, sku: str, *, currency: str, contact: JSON) -> int:
        guest = {"first_name": "Quinn", "last_name": "Abbott", "email": "phone@example.org", **contact}
        address = {"street_1": "12 Elm St", "city": "Austin", "state": "Texas", "zip": "78701", "country_iso2": "US"}
        line = {"sku": sku, "quantity": 1, "price": "100.00"}
        wish: JSON = {"lines": [line], "guest": {**guest, **address}, "payment": "card"}
        foreign = {"currency": currency, "rate": "0.92"} if currency != "USD" else {}
        (order,) = self.buy([{**wish, **foreign}])
        return order

    # --- its books -----------------------------------------------------------------------------------

    def books(self) -> Books:
        rows = list(self._rows("/V1/orders", key="entity_id"))
        views = {row["id"] for row in self._get("/V1/store/storeViews") if row["website_id"] == self._website_id}
        return Books(
            orders={str(row["entity_id"]): _sold(row) for row in rows if row["store_id"] in views},
            stock=self.stock(),
        )

    @cached_property
    def _website_id(self) -> int:
        return int(next(row["id"] for row in self._get("/V1/store/websites") if row["code"] == WEBSITE))

    def given_back(self) -> dict[int, Decimal]:
        rows = [row for row in self.sandbox.rows("creditmemos") if row["state"] != CANCELED]
        return sums((row["order_id"], _all_tenders(row)) for row in rows)

    def moved(self) -> list[Moved]:
        return [
            Moved(
                id=str(row["txn_id"]),
                order=row["order_id"],
                reference=str(row["txn_id"] if row["txn_type"] == "capture" else row["parent_txn_id"]),
                amount=cents(json.loads(row["additional_information"][0])["amount"])
                * (1 if row["txn_type"] == "capture" else -1),
                at=datetime.fromisoformat(str(row["created_at"])).replace(tzinfo=UTC),
            )
            for row in self.sandbox.rows("transactions")
            if row["txn_type"] in {"capture", "refund"}
        ]

    def taken(self) -> dict[int, Decimal]:
        rows = [row for row in self.sandbox.rows("invoices") if row["state"] == PAID]
        return sums((row["order_id"], _all_tenders(row)) for row in rows)

    def promised(self) -> set[int]:
        return {row["order_id"] for row in self.sandbox.rows("transactions") if row["txn_type"] == "authorization"}

    def cards(self) -> dict[str, Decimal]:
        if not str(self.sandbox.get("/_sim/switches")["profile"]["value"]).startswith("commerce"):
            raise NotThere
        return {str(row["code"]): cents(row["balance"]) for row in self.sandbox.rows("gift_cards")}

    def account(self, account: str) -> dict[str, str]:
        row = self._get(f"/V1/customers/{account}")
        phones = [one["telephone"] for one in row["addresses"] if one.get("default_billing")]
        return {"last_name": str(row["lastname"]), "phone": str(phones[0] if phones else "")}

    def points(self, account: str, field: str) -> int:
        values = self._get(f"/V1/customers/{account}").get("custom_attributes") or ()
        return next((int(one["value"]) for one in values if one["attribute_code"] == field), 0)

    def stock(self) -> dict[str, int]:
        """What the website can sell: what lies in its sources, less what its open orders keep."""
        rows = self._rows(f"/V1/inventory/export-stock-salable-qty/website/{WEBSITE}", key="entity_id")
        composite = {row["sku"] for row in self.sandbox.rows("products") if row["type_id"] != "simple"}
        return {row["sku"]: int(row["qty"]) for row in rows if row["sku"] not in composite}

    @cached_property
    def _sources(self) -> list[str]:
        """Codes of the sources that the website sells from, in its order."""
        stock = self._get(f"/V1/inventory/stock-resolver/website/{WEBSITE}")["stock_id"]
        rows = self._get(f"/V1/inventory/get-sources-assigned-to-stock-ordered-by-priority/{stock}")
        return [row["source_code"] for row in rows if row.get("enabled")]

    def mailed_without_tracking(self) -> set[int]:
        tracked = {row["parent_id"] for row in self.sandbox.rows("tracks")}
        numbers = {row["increment_id"]: row["entity_id"] for row in self.sandbox.rows("shipments")}
        mails = [row for row in self.sandbox.rows("mails") if row["kind"] == "shipment"]
        return {row["order_id"] for row in mails if numbers[row["number"]] not in tracked}

    def newest(self) -> int:
        return max((int(row["entity_id"]) for row in self.sandbox.rows("orders")), default=0)

    def upcoming(self, count: int) -> list[str]:
        """Numbers of the website's first view."""
        last = max(
            (row["increment_id"] for row in self.sandbox.rows("orders") if row["store_id"] == 1), default="0" * 9
        )
        return [f"{int(last) + 1 + ahead:09d}" for ahead in range(count)]

    def _items(self, order: int) -> Sequence[JSON]:
        return list(self._get(f"/V1/orders/{order}")["items"])

    # --- its API, signed as an integration of the auditor's own --------------------------------------

    @cached_property
    def _signed(self) -> OAuth1:
        known = {row["name"]: row for row in self.sandbox.get("/_sim/integrations")}
        if AUDITOR not in known:
            made = self.sandbox.post("/_sim/integrations", {"name": AUDITOR})
            self.sandbox.post(f"/_sim/integrations/{made['id']}/activate", {})
            known = {row["name"]: row for row in self.sandbox.get("/_sim/integrations")}
        row = known[AUDITOR]
        return OAuth1(
            row["consumer_key"],
            row["consumer_secret"],
            row["access_token"],
            row["access_token_secret"],
            signature_method="HMAC-SHA256",
        )

    def _get(self, path: str, params: Sequence[tuple[str, str]] = ()) -> Any:
        query = "&".join([BY_HAND, *(f"{name}={value}" for name, value in params)])
        address = f"{self.sandbox.base}/rest/all{path}?{query}"
        answer = self.sandbox.session.get(address, auth=self._signed, timeout=TIMEOUT_SECONDS)
        answer.raise_for_status()
        return answer.json(parse_float=Decimal)

    def _send(self, method: str, path: str, body: JSON) -> Any:
        answer = self.sandbox.session.request(
            method,
            f"{self.sandbox.base}/rest/all{path}?{BY_HAND}",
            data=json.dumps(body, default=str),
            headers={"Content-Type": "application/json"},
            auth=self._signed,
            timeout=TIMEOUT_SECONDS,
        )
        answer.raise_for_status()
        return answer.json(parse_float=Decimal)

    def _rows(self, path: str, *, key: str = "") -> Iterator[JSON]:
        """Every row of a list, by its key where it has one to sort by."""
        order = [("searchCriteria[sortOrders][0][field]", key), ("searchCriteria[sortOrders][0][direction]", "ASC")]
        for page in range(1, 100_000):
            size = [("searchCriteria[pageSize]", str(PAGE)), ("searchCriteria[currentPage]", str(page))]
            answer = self._get(path, [*(order if key else ()), *size])
            yield from answer["items"]
            if page * PAGE >= answer["total_count"]:
                return


def _sold(row: JSON) -> Sold:
    state, goods = str(row["state"]), _pieces(row, "qty_ordered", is_shipped=True)
    cancelled = _pieces(row, "qty_canceled", is_shipped=True)
    shipped, refunded = (_pieces(row, name, is_shipped=True) for name in ("qty_shipped", "qty_refunded"))
    pieces = _pieces(row, "qty_ordered") - _pieces(row, "qty_canceled")
    beside = sum((cents(row["extension_attributes"].get(name)) for name in BESIDE), Decimal(0))
    given_up = cents(row.get("base_total_canceled")) if state != "canceled" else Decimal(0)
    stages = {"complete": SHIPPED, "closed": OVER}
    return Sold(
        id=str(row["entity_id"]),
        number=str(row["increment_id"]),
        total=cents(row["base_grand_total"]) + beside - given_up,
        currency=str(row["base_currency_code"]),
        status=state,
        has_ended=state == "canceled",
        is_over=state in GONE,
        is_promised=state not in GONE,
        stage=stages.get(state, PARTLY if shipped else PACKING),
        placed_at=datetime.fromisoformat(str(row["created_at"])).replace(tzinfo=UTC),
        pieces=pieces,
        goods=goods - cancelled,
        shipped=shipped,
        given_back=refunded,
        kept=Counter() if state in GONE else goods - cancelled - (shipped | refunded),
    )


def _pieces(row: JSON, counter: str, *, is_shipped: bool = False) -> Counter[str]:
    """Pieces by SKU as they lie in stock. A configurable counts for its child, a bundle's parts in proportion to it.

    `is_shipped`: of what goes to an address alone.
    """
    parents = {item["item_id"]: item for item in row["items"]}
    found: Counter[str] = Counter()
    for item in row["items"]:
        if item["product_type"] in COMPOSITE or (is_shipped and item["product_type"] in INTANGIBLE):
            continue
        count, parent = Decimal(item.get(counter) or 0), parents.get(item.get("parent_item_id") or 0)
        if parent is not None and not count:
            count = Decimal(parent.get(counter) or 0) * Decimal(item["qty_ordered"]) / Decimal(parent["qty_ordered"])
        found[item["sku"]] += int(count)
    return +found


def _all_tenders(document: JSON) -> Decimal:
    """The total of an invoice or a credit memo, with what its grand total leaves out."""
    return sum((cents(document.get(name)) for name in ("base_grand_total", *BESIDE)), Decimal(0))

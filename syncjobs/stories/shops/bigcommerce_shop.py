"""A BigCommerce store of the sandbox, as stories meet it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

from ipaas.types import JSON
from syncjobs.stories.demo.sim import cents, sums
from syncjobs.stories.demo.visitor import Visitor
from syncjobs.stories.shops.shop_side import (
    BY_HAND,
    OVER,
    PACKING,
    PARTLY,
    SHIPPED,
    Books,
    Moved,
    PaidByCard,
    ShopSide,
    Sold,
    StockRoutes,
)

TOKEN = "auditor-token"  # noqa: S105 (of the sandbox)
PAGE, LEVELS = 250, 1_000  # rows that a call of orders and of stock answers at most
ENDED = {"Cancelled", "Declined"}
LEFT = {"Shipped", "Completed"}  # goods of these statuses are gone
NEVER = {"Incomplete", "Refunded", *ENDED}  # goods of these are not promised to anybody
STAGES = {"Partially Shipped": PARTLY, "Refunded": OVER, "Shipped": SHIPPED, "Completed": SHIPPED}
TAKES, GIVES = {"purchase", "capture"}, {"refund"}  # events of transactions
OWN_MONEY = {"giftcertificate", "storecredit"}
ADDRESS: JSON = {
    "first_name": "Quinn", "last_name": "Abbott", "street_1": "12 Elm St", "city": "Austin", "state": "Texas",
    "zip": "78701", "country": "United States", "country_iso2": "US",
}  # fmt: skip


class BigCommerceShop(ShopSide):
    kind = "bigcommerce"
    to_ship = "11"  # Awaiting Fulfillment
    statuses_of_cards = ("10",)  # Completed
    topics = "store/order"
    api = "^/stores/"
    stock_routes = StockRoutes(
        levels="GET /stores/<store_hash>/v3/inventory/locations/<int:location_id>/items",
        write="PUT /stores/<store_hash>/v3/inventory/adjustments/absolute",
        levels_per_call=LEVELS,
        writes_per_call=2_000,
    )
    throttled = {"quota": 450}
    unthrottled = {"quota": 1_000_000}

    @property
    def hash(self) -> str:
        return str(self.sandbox.rows("store")[0]["store_hash"])

    def join(self, owner: Visitor, web: str, *, uses_token: bool) -> None:
        owner.open(f"{web}/settings/integrations/bigcommerce/")
        owner.submit("Add a BigCommerce website")
        if owner.has_button("Log in"):
            owner.submit("Log in")
        if not owner.url.startswith(self.sandbox.base):  # the log-in page knows the host's first store only
            owner.open(f"{self.sandbox.base}/app/simclientid0001/install")
        owner.submit("Allow")
        owner.submit("Confirm")

    # --- staff and shoppers --------------------------------------------------------------------------

    def cancel(self, order: int) -> None:
        self._act(order, "cancel")

    def edit(self, order: int, change: Callable[[int], int]) -> int:
        first = min((row for row in self.sandbox.rows("lines") if row["order_id"] == order), key=lambda row: row["id"])
        self._act(order, "edit", lines=[{"line": 0, "quantity": change(int(first["quantity"]))}])
        return order

    def refund(self, order: int, amount: str) -> None:
        self._act(order, "refund", amount=amount)

    def give_back(self, order: int, wish: JSON) -> Decimal:
        return cents(self._act(order, "refund", **wish)["total"])

    def let_promise(self) -> None:
        self.sandbox.put("/_sim/switches", {"authorized_status": int(self.to_ship)})

    def refuse_captures(self, *, is_on: bool) -> None:
        self.sandbox.put("/_sim/switches", {"capture_outcome": "authorized" if is_on else "captured"})

    def spend_card(self, number: str, amount: Decimal) -> PaidByCard:
        row = next(row for row in self.sandbox.rows("gift_certificates") if _spelled(row["code"]) == number)
        kept = {name: row[name] for name in ("to_name", "to_email", "from_name", "from_email")}
        numbers = {"amount": str(row["amount"]), "balance": str(cents(row["balance"]) - amount)}
        self._write("PUT", f"/v2/gift_certificates/{row['id']}", {**kept, **numbers})
        return PaidByCard(amount=amount)

    def sell_card(self, value: Decimal) -> tuple[int, str]:
        line = {"sku": "GIFT-CERT", "quantity": 1, "certificate": {"amount": str(value)}}
        (order,) = self.buy([{"lines": [line]}])
        row = next(row for row in self.sandbox.rows("gift_certificates") if row["order_id"] == order)
        return order, _spelled(row["code"])

    def rename(self, account: str, last_name: str) -> None:
        self._write("PUT", "/v3/customers", [{"id": int(account), "last_name": last_name}])

    def register(self, email: str, first_name: str, last_name: str) -> str:
        body = [{"first_name": first_name, "last_name": last_name, "email": email}]
        (row,) = self._write("POST", "/v3/customers", body)["data"]
        return str(row["id"])

    def points_field(self) -> str:
        (row,) = self._write("POST", "/v3/customers/attributes", [{"name": "Points", "type": "number"}])["data"]
        return str(row["id"])

    def show_points(self, account: str, field: str, points: int) -> None:
        value = {"customer_id": int(account), "attribute_id": int(field), "value": str(points)}
        self._write("PUT", "/v3/customers/attribute-values", [value])

    def move(self, order: int, status: str) -> None:
        self._act(order, "status", status_id=int(status))

    def archive(self, order: int) -> None:
        self._act(order, "archive")

    def _act(self, order: int, act: str, **wish: Any) -> Any:
        return self.sandbox.post(f"/_sim/orders/{order}/{act}", wish)

    def type_stock(self, sku: str, quantity: int) -> None:
        variant = self._variant(sku)
        is_base = variant["sku_id"] is None  # counted under its product's id (BigCommerce notes §20.2)
        who = {"product_id": variant["product_id"]} if is_base else {"variant_id": variant["id"]}
        items = [{"location_id": 1, **who, "quantity": quantity}]
        self._write("PUT", "/v3/inventory/adjustments/absolute", {"reason": "By hand", "items": items})

    def take_by_phone(self, sku: str, *, currency: str, contact: JSON) -> int:
        variant = self._variant(sku)
        body = {
            "billing_address": {**ADDRESS, "email": "", "phone": "", **contact},
            "status_id": int(self.to_ship),
            "payment_method": "Credit card",
            "default_currency_code": currency,
            "products": [
                {"product_id": variant["product_id"], "variant_id": variant["id"], "quantity": 1,
                 "price_ex_tax": "100.00", "price_inc_tax": "100.00"}
            ],
        }  # fmt: skip
        return int(self._write("POST", "/v2/orders", body)["id"])

    def give_to_new_account(self, order: int) -> None:
        account = self.register(f"newcomer{order}@example.org", "Nora", "Newcomer")
        self._write("PUT", f"/v2/orders/{order}", {"customer_id": int(account)})

    def _variant(self, sku: str) -> JSON:
        return next(row for row in self.sandbox.rows("variants") if row["sku"] == sku)

    # --- its books -----------------------------------------------------------------------------------

    def books(self) -> Books:
        self._let_in()
        orders = {str(row["id"]): _sold(row, is_archived=False) for row in self._v2("/v2/orders")}
        for row in self._v2("/v2/orders", is_deleted="true"):
            orders[str(row["id"])] = _sold(row, is_archived=True)
        for line in self.sandbox.rows("lines"):  # the API would have to be asked for the lines of each order
            if order := orders.get(str(line["order_id"])):
                order.pieces[line["sku"]] += int(line["quantity"])
                if line["type"] == "physical":
                    order.goods[line["sku"]] += int(line["quantity"])
                if line["quantity_shipped"]:
                    order.shipped[line["sku"]] += int(line["quantity_shipped"])
                order.given_back[line["sku"]] += int(line["quantity_refunded"])
        return Books(orders=orders, stock=self.stock(), told=set(self._told()))

    def given_back(self) -> dict[int, Decimal]:
        return sums((row["order_id"], row["total_amount"]) for row in self.sandbox.rows("refunds"))

    def moved(self) -> list[Moved]:
        rows = {row["id"]: row for row in self.sandbox.rows("transactions")}
        found = []
        for row in rows.values():
            if row["gateway"] in OWN_MONEY or row["status"] != "ok" or row["event"] not in TAKES | GIVES:
                continue
            first = row
            while first["reference_transaction_id"]:
                first = rows[first["reference_transaction_id"]]
            found.append(
                Moved(
                    id=f"bc{row['id']}",
                    order=row["order_id"],
                    reference=str(first["gateway_transaction_id"]),
                    amount=cents(row["amount"]) * (1 if row["event"] in TAKES else -1),
                    at=datetime.fromtimestamp(float(row["date_created"]), UTC),
                )
            )
        return found

    def taken(self) -> dict[int, Decimal]:
        rows = [row for row in self.sandbox.rows("transactions") if row["event"] in TAKES and row["status"] == "ok"]
        return sums((row["order_id"], row["amount"]) for row in rows)

    def promised(self) -> set[int]:
        return {row["order_id"] for row in self.sandbox.rows("transactions") if row["event"] == "authorization"}

    def cards(self) -> dict[str, Decimal]:
        return {_spelled(row["code"]): cents(row["balance"]) for row in self.sandbox.rows("gift_certificates")}

    def account(self, account: str) -> dict[str, str]:
        row = next(row for row in self.sandbox.rows("customers") if str(row["id"]) == account)
        return {"last_name": str(row["last_name"]), "phone": str(row["phone"])}

    def points(self, account: str, field: str) -> int:
        rows = self.sandbox.rows("attribute_values")
        said = [row["value"] for row in rows if (str(row["customer_id"]), str(row["attribute_id"])) == (account, field)]
        return int(said[0]) if said else 0

    def stock(self) -> dict[str, int]:
        self._let_in()
        rows = self._v3("/v3/inventory/locations/1/items")
        return {sku: int(row["total_inventory_onhand"]) for row in rows if (sku := row["identity"]["sku"])}

    def mailed_without_tracking(self) -> set[int]:
        return {row["order_id"] for row in self.sandbox.rows("mails") if not row["number"]}

    def upcoming(self, count: int) -> list[str]:
        return [str(self.newest() + 1 + ahead) for ahead in range(count)]

    def _told(self) -> Iterator[str]:
        """Orders of which a webhook was accepted."""
        for row in self.sandbox.get("/_sim/deliveries", status="delivered")["deliveries"]:
            if isinstance(row["body"], dict) and str(row["body"].get("scope")).startswith("store/order/"):
                yield str(row["body"]["data"].get("orderId") or row["body"]["data"]["id"])

    # --- its API, with a token of the auditor's own --------------------------------------------------

    def _let_in(self) -> None:
        if TOKEN not in {row["token"] for row in self.sandbox.rows("tokens")}:
            self.sandbox.post("/_sim/tokens", {"token": TOKEN, "description": "Auditor"})

    def _v2(self, path: str, **params: Any) -> Iterator[JSON]:
        for number in range(1, 1_000):
            rows = self._get(path, {**params, "limit": PAGE, "page": number}) or []
            yield from rows
            if len(rows) < PAGE:
                return

    def _v3(self, path: str) -> Iterator[JSON]:
        for number in range(1, 2_000):
            rows = self._get(path, {"limit": LEVELS, "page": number})["data"]
            yield from rows
            if len(rows) < LEVELS:
                return

    def _get(self, path: str, params: JSON) -> Any:
        headers = {"X-Auth-Token": TOKEN, "Accept": "application/json"}
        return self.sandbox.read(f"/stores/{self.hash}{path}?{BY_HAND}", list(params.items()), headers)

    def _write(self, method: str, path: str, body: Any) -> Any:
        self._let_in()
        headers = {"X-Auth-Token": TOKEN, "Accept": "application/json"}
        return self.sandbox.write(method, f"/stores/{self.hash}{path}?{BY_HAND}", body, headers)


def _spelled(code: Any) -> str:
    """A card's number as a till takes it."""
    return str(code).replace("-", "")


def _sold(row: JSON, *, is_archived: bool) -> Sold:
    status = str(row["status"])
    return Sold(
        id=str(row["id"]),
        number=str(row["id"]),
        total=cents(row["total_inc_tax"]),
        currency=str(row["default_currency_code"]),
        status=status,
        is_archived=is_archived,
        has_ended=status in ENDED,
        is_over=status in ENDED | LEFT | {"Refunded"},
        is_promised=not is_archived and status not in LEFT | NEVER,
        stage=STAGES.get(status, PACKING),
        placed_at=parsedate_to_datetime(row["date_created"]),
    )

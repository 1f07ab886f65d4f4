"""BigCommerce under the contract suite."""

from decimal import Decimal
from typing import Any, ClassVar

import pytest

from connections.connectors.bigcommerce import base, inventory, orders
from connections.models import Store
from ipaas.sandbox.bigcommerce.actions.stock import PRODUCT, VARIANT, item_key
from ipaas.types import JSON
from syncjobs.stores.bigcommerce import orders as walking
from syncjobs.stores.bigcommerce.bigcommerce_hooks import TOPICS
from tests import factories
from tests.sandbox.bigcommerce_api import Api, bottle_order, stocked
from tests.sandbox.conftest import Running, running
from tests.stores.under_test import (
    CARD,
    CHARGE,
    EDIT,
    LIST,
    MAKE,
    MOVE,
    NUMBER,
    ON_BOTH,
    ORDER,
    ORDERS,
    PAGES,
    RECORD,
    REFUND,
    SHIP,
    WRITE,
    StoreUnderTest,
)

HASH = "a1b2c3d4e5"
TOKEN = "sim-bigcommerce-token"
ADDRESS = {
    "address1": "1 Pier", "city": "Austin", "state": "Texas", "zip": "78701", "email": "pier@example.com",
    "country_code": "US", "geo_coordinates": {"latitude": 30, "longitude": -97},
}  # fmt: skip


class BigCommerceUnderTest(StoreUnderTest):
    kind = "bigcommerce"
    place = "1"
    offers = ON_BOTH | {"gift_cards", "store_credit", "desk_orders", "hooks"}
    moves = ("9", "10")  # Awaiting Shipment, Completed
    costs: ClassVar = {MOVE: 0}  # the number takes it along
    calls: ClassVar = {
        WRITE: ("PUT", "/v3/inventory/adjustments/absolute"),
        PAGES: ("GET", "/v3/inventory/locations/[0-9]+/items"),
        MAKE: ("POST", "/v3/catalog/products$"),
        LIST: ("GET", r"/v3/catalog/products\?"),
        ORDER: ("GET", r"/v2/orders/[0-9]+\?"),
        ORDERS: ("GET", r"/v2/orders\?"),
        NUMBER: ("PUT", "/v2/orders/[0-9]+$"),
        RECORD: ("POST", "/v2/orders$"),
        SHIP: ("POST", "/v2/orders/[0-9]+/shipments"),
        REFUND: ("POST", "/v3/orders/[0-9]+/payment_actions/refunds"),
        CHARGE: ("POST", "/v3/orders/[0-9]+/payment_actions/capture"),
        EDIT: ("PUT", "/v3/catalog/products$"),
        CARD: ("POST", "/v2/gift_certificates$"),
    }

    def started(self) -> Running:
        switches = ("quota=1000000", "inventory_delay=0", "allow_http_loopback=true", "signature=true")
        return running("bigcommerce", *(part for switch in switches for part in ("--switch", switch)))

    def credit_opened(self) -> None:
        """It lets everybody who may change customers."""

    def row(self) -> Store:
        made = factories.store(factories.merchant(), HASH, api_base=self.sandbox.base)
        made.credential = factories.credential(TOKEN)
        return made

    def throttled(self, seconds: int) -> dict[str, Any]:
        return {"status": 429, "headers": {"X-Rate-Limit-Time-Reset-Ms": str(1000 * seconds)}, "body": {"status": 429}}

    def pages_of(self, monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
        monkeypatch.setattr(inventory, "LEVELS_PER_PAGE", rows)
        for module in (base, orders, walking):
            monkeypatch.setattr(module, "ROWS_PER_PAGE", rows)

    def held(self, place: str) -> dict[str, int]:
        products = {row["id"]: row for row in self.sandbox.rows("products")}
        stored = {(row["item"], row["location_id"]): row["onhand"] for row in self.sandbox.rows("stock")}
        found = {}
        for variant in self.sandbox.rows("variants"):
            product = products[variant["product_id"]]
            is_by_variant = product["inventory_tracking"] == "variant"
            item = item_key(VARIANT, variant["id"]) if is_by_variant else item_key(PRODUCT, product["id"])
            base = dict(variant.get("base_stock") or ()).get(int(place), 0)
            found[variant["sku"] or product["sku"]] = int(stored.get((item, int(place)), base))
        return found

    def place_open(self, name: str) -> str:
        body = {"label": name, "managed_by_external_source": False, "type_id": "PHYSICAL", "time_zone": "Etc/UTC"}
        self._api("POST", "/inventory/locations", [body | {"address": ADDRESS, "enabled": True}])
        return str(next(row["id"] for row in self.sandbox.rows("locations") if row["label"] == name))

    def place_close(self, place: str) -> None:
        self._api("DELETE", f"/inventory/locations?location_id:in={place}", None)

    def sku_rename(self, sku: str, new: str) -> None:
        variant = self._variant(sku)
        self._api("PUT", f"/catalog/products/{variant['product_id']}", {"sku": new})

    def count_stop(self, sku: str) -> None:
        number = self._variant(sku)["product_id"]
        self._api("PUT", f"/catalog/products/{number}", {"inventory_tracking": "none"})

    def account(self) -> str:
        return str(self.sandbox.rows("customers")[0]["email"]).lower()

    def points_field(self) -> str:
        self._api("POST", "/customers/attributes", [{"name": "Points", "type": "number"}])
        return str(self.sandbox.rows("attributes")[-1]["id"])

    def group_made(self, name: str) -> str:
        self._api("POST", "/customer_groups", {"name": name}, version="v2")
        return str(self.sandbox.rows("customer_groups")[-1]["id"])

    def order_total(self, order_id: str) -> Decimal:
        return Decimal(self._order(order_id)["total_inc_tax"])

    def order_move(self, order_id: str, status: str) -> None:
        self.sandbox.post(f"/_sim/orders/{order_id}/status", {"status_id": int(status)})

    def order_remove(self, order_id: str) -> None:
        self._api("DELETE", f"/orders/{order_id}", None, version="v2")

    def order_note(self, order_id: str, text: str) -> None:
        self._api("PUT", f"/orders/{order_id}", {"staff_notes": text}, version="v2")

    def number_shown(self, order_id: str) -> str:
        return str(self._order(order_id)["external_order_id"] or "")

    def taken(self, order_id: str) -> Decimal:
        rows = [row for row in self.sandbox.rows("transactions") if str(row["order_id"]) == order_id]
        taken = [row for row in rows if row["status"] == "ok" and row["event"] in {"purchase", "capture"}]
        return sum((Decimal(str(row["amount"])) for row in taken if row["method"] != "offline"), Decimal(0))

    def tracking_shown(self, order_id: str) -> list[str]:
        rows = self.sandbox.rows("shipments")
        return [str(row["tracking_number"]) for row in rows if str(row["order_id"]) == order_id]

    def _order(self, order_id: str) -> JSON:
        return next(row for row in self.sandbox.rows("orders") if str(row["id"]) == order_id)

    def products(self) -> dict[str, str]:
        return {str(row["id"]): str(row["name"]) for row in self.sandbox.rows("products")}

    def product_price(self, product_id: str, price: str) -> None:
        self._api("PUT", f"/catalog/products/{product_id}", {"price": float(price)})

    def product_remove(self, product_id: str) -> None:
        self._api("DELETE", f"/catalog/products/{product_id}", None)

    def signed_with(self) -> str:
        return str(self.sandbox.get("/_sim/app")["client_secret"])

    def happen(self) -> dict[str, str]:
        api = Api(self.server)
        variant = stocked(api)
        product, order = str(variant["product_id"]), api.place(bottle_order(variant), "authorized")["id"]
        api.put(f"/v3/catalog/products/{product}", {"description": "Of steel"})
        api.post(f"/v3/orders/{order}/payment_actions/capture")
        api.advance(60)
        line = api.get(f"/v2/orders/{order}/products").json()[0]
        pieces = {"items": [{"order_product_id": line["id"], "quantity": 1}]}
        path = f"/v2/orders/{order}/shipments"
        shipment = api.post(path, {"order_address_id": line["order_address_id"], **pieces}).json()
        api.put(f"{path}/{shipment['id']}", {"tracking_number": "77"})
        api.delete(f"{path}/{shipment['id']}")
        refunded = {"items": [{"item_type": "PRODUCT", "item_id": line["id"], "quantity": 1}]}
        payments = [{"provider_id": "custom", "amount": 19.49, "offline": True}]
        api.post(f"/v3/orders/{order}/payment_actions/refunds", {**refunded, "payments": payments})
        moved = {
            "type": "transaction",
            "order_id": str(order),
            "transaction_id": "90065",
        }
        api.control("POST", "events", {"scope": "store/order/transaction/updated", "data": moved})
        api.delete(f"/v2/orders/{order}")
        account = self._account_lives(api)
        api.control("POST", "deliveries/flush", {"wait": 10, "everything": True})
        subjects = {"product": product, "customer": account}
        return {topic: subjects.get(topic.split("/")[1], str(order)) for topic in TOPICS}

    def _account_lives(self, api: Api) -> str:
        """An account comes, moves, and goes; answers its id."""
        person = {"email": "ana@example.org", "first_name": "Ana", "last_name": "Lopez"}
        account = api.post("/v3/customers", [person]).json()["data"][0]["id"]
        api.put("/v3/customers", [{"id": account, "first_name": "Bea"}])
        home = {
            "customer_id": account, "first_name": "Ana", "last_name": "Lopez", "address1": "12 Elm St",
            "city": "Austin", "state_or_province": "Texas", "postal_code": "78701", "country_code": "US",
        }  # fmt: skip
        address = api.post("/v3/customers/addresses", [home]).json()["data"][0]["id"]
        api.put("/v3/customers/addresses", [{"id": address, "city": "Dallas"}])
        api.delete(f"/v3/customers/addresses?id:in={address}")
        api.delete(f"/v3/customers?id:in={account}")
        return str(account)

    def _variant(self, sku: str) -> JSON:
        return next(row for row in self.sandbox.rows("variants") if row["sku"] == sku)

    def _api(self, method: str, path: str, body: object, *, version: str = "v3") -> None:
        """As another app of the store writes to it."""
        self.sandbox.write(method, f"/stores/{HASH}/{version}{path}", body, {"X-Auth-Token": TOKEN})

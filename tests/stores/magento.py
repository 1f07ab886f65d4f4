"""Magento under the contract suite: its main website, which sells from sources of its own."""

import json
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any, ClassVar

import pytest

from connections.connect.magento.clients import magento_client
from connections.connect.magento.websites import described, installation_read
from connections.connectors.magento import MagentoClient, products
from connections.connectors.needs import gathered
from connections.models import Credential, Store
from ipaas.sandbox.magento import furnish
from ipaas.sandbox.magento.goods.product_rows import product_values
from ipaas.types import JSON
from mappings.core.canonical.product import Product
from syncjobs.stores import port
from syncjobs.stores.magento import catalogue, levels
from syncjobs.stores.opening import store_of
from tests import factories
from tests.pictures import PictureServer
from tests.sandbox.conftest import Running, running
from tests.stores.magento_orders import ORDER_CALLS, OrdersOfMagento
from tests.stores.under_test import EDIT, LIST, MAKE, ON_BOTH, PAGES, WRITE, Counted

SECRETS = {
    "consumer_key": furnish.CONSUMER_KEY,
    "consumer_secret": furnish.CONSUMER_SECRET,
    "token": furnish.ACCESS_TOKEN,
    "token_secret": furnish.ACCESS_SECRET,
}
STOCK = 2  # that the main website sells from


class MagentoUnderTest(OrdersOfMagento):
    kind = "magento"
    place = "harbor_main"
    writing = 3  # whether there are such products, and what is there already
    refuses_uncounted = False
    offers = ON_BOTH | {"order_sweeps", "order_parts", "pickups", "order_cards", "store_credit"}
    calls: ClassVar = ORDER_CALLS | {
        WRITE: ("POST", "/V1/inventory/source-items"),
        PAGES: ("GET", r"/V1/inventory/source-items\?"),
        MAKE: ("POST", "/V1/products$"),
        LIST: ("GET", r"/V1/products\?"),
        EDIT: ("", "/V1/products/[^/?]+$"),  # of a product, or of prices
    }

    def __init__(self) -> None:
        super().__init__()
        self.pictures = PictureServer()
        self.counted = Counted()

    def started(self) -> Running:
        return running("magento", "--switch", "integration_as_bearer=true")

    def credit_opened(self) -> None:
        self.sandbox.put("/_sim/switches", {"profile": "commerce-2.4.9"})

    def card_sold(self, worth: Decimal) -> tuple[str, str]:
        self.sandbox.put("/_sim/switches", {"profile": "commerce-2.4.8"})
        card = {"sku": "GIFT-CERT", "quantity": 1, "certificate": {"amount": f"{worth}"}}
        order_id = self.order_place(lines=[card], payment="card")
        (item,) = (row for row in self.sandbox.rows("order_items") if str(row["order_id"]) == order_id)
        option = item["product_option"]["giftcard_item_option"]
        return order_id, option["extension_attributes"]["giftcard_created_codes"][0]

    def row(self) -> Store:
        made = factories.store(factories.merchant(), "magento.example", kind=self.kind, api_base=self.sandbox.base)
        made.credential = Credential.objects.create(secret=json.dumps(SECRETS))
        client = magento_client(made)
        installation = installation_read(client)
        made.facts = described(client, installation, installation.websites[0]).facts
        made.save()
        return made

    def close(self) -> None:
        self.server.close()
        self.pictures.close()

    def reopened(self) -> port.Store:
        """As the next run opens the same shop: with what was learnt of it, and nothing else."""
        return store_of(Store.objects.latest("pk"), self.counted)

    def points_field(self) -> str:
        return "loyalty_points"

    def mails(self, order_id: str) -> int:
        mails = [row for row in self.sandbox.rows("mails") if str(row.get("order_id")) == order_id]
        return len([row for row in mails if row["kind"] != "order"])

    def group_made(self, name: str) -> str:
        state = self.server.app.service.state
        return str(state.groups.insert({"code": name, "tax_class_id": 3, "tax_class_name": "Retail Customer"})["id"])

    def rights_without(self, resource: str) -> None:
        """The merchant unticks a right of our integration."""
        state = self.server.app.service.state
        rights = sorted({need.scope for need in gathered(MagentoClient)} - {resource})
        for row in state.integrations.all():
            state.integrations.update(row["id"], resources=rights)

    def settle(self, is_so: Callable[[], bool]) -> None:
        """Until the consumer of the queue has come to it."""
        for _ in range(100):
            if is_so():
                return
            time.sleep(0.05)
        raise AssertionError("it never came to be so")

    def row_at(self, sku: str) -> tuple[int, int]:
        """Quantity and status of a SKU at the place."""
        rows = self.sandbox.rows("source_items")
        found = next(row for row in rows if (row["sku"], row["source_code"]) == (sku, self.place))
        return int(found["quantity"]), int(found["status"])

    def throttled(self, seconds: int) -> dict[str, Any]:
        return {"status": 429, "headers": {"Retry-After": str(seconds)}, "body": {"message": "Too many requests"}}

    def pages_of(self, monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
        self.order_pages_of(monkeypatch, rows)
        monkeypatch.setattr(levels, "LEVELS_PER_PAGE", rows)
        monkeypatch.setattr(catalogue, "LISTED", rows)

    def held(self, place: str) -> dict[str, int]:
        rows = self.sandbox.rows("source_items")
        return {row["sku"]: int(row["quantity"]) for row in rows if row["source_code"] == place}

    def place_open(self, name: str) -> str:
        code = name.lower()
        source = {"source_code": code, "name": name, "enabled": True, "country_id": "US", "postcode": "78701"}
        self.api("POST", "/inventory/sources", {"source": source})
        links = [{"source_code": code, "stock_id": STOCK, "priority": 9}]
        self.api("POST", "/inventory/stock-source-links", {"links": links})
        return code

    def place_close(self, place: str) -> None:
        """Nothing of the shop's own removes a source: somebody does in its database."""
        state = self.server.app.service.state
        for table in (state.sources, state.source_items, state.stock_source_links):
            for row in table.find(source_code=place):
                table.delete(row["id"])

    def sku_rename(self, sku: str, new: str) -> None:
        self.sandbox.post("/_sim/products/rename", {"sku": sku, "new_sku": new})

    def count_stop(self, sku: str) -> None:
        item = {"manage_stock": False, "use_config_manage_stock": False}
        self.api("PUT", f"/products/{sku}/stockItems/1", {"stockItem": item})

    def making(self, product: Product) -> int:
        """Whether it is there, the set with its attributes, the tax classes; then each child, and what holds them.

        Of options besides which attributes there are, and those of which a value is made twice.
        """
        asked = 4
        if not product.has_options:
            return asked + 1
        return asked + 1 + len(product.variants) + 1

    def picture(self) -> str:
        return f"{self.pictures.url}/cup.png"

    def products(self) -> dict[str, str]:
        return {str(row["id"]): self._name(row) for row in self._products()}

    def product_price(self, product_id: str, price: str) -> None:
        rows = {row["id"]: row for row in self.sandbox.rows("products")}
        row = rows[int(product_id)]
        self.sandbox.post("/_sim/clock/advance", {"seconds": 2})
        for one in [rows[child] for child in row.get("child_ids") or []] or [row]:
            self.api("PUT", f"/products/{one['sku']}", {"product": {"price": float(price)}})

    def product_remove(self, product_id: str) -> None:
        row = next(row for row in self.sandbox.rows("products") if row["id"] == int(product_id))
        self.api("DELETE", f"/products/{row['sku']}", None)

    def _products(self) -> list[JSON]:
        """What is sold by itself: no children, and nothing that others make up."""
        rows = self.sandbox.rows("products")
        children = {child for row in rows for child in row.get("child_ids") or []}
        kinds = set(products.SOLD.split(","))
        return [row for row in rows if row["id"] not in children and row["type_id"] in kinds]

    def _name(self, row: JSON) -> str:
        return str(product_values(row)["name"])

    def api(self, method: str, path: str, body: object = None, *, store: str = "all") -> Any:
        """As people or another app of the store read and write."""
        headers = {"Authorization": f"Bearer {furnish.ACCESS_TOKEN}"}
        return self.sandbox.write(method, f"/rest/{store}/V1{path}", body, headers)

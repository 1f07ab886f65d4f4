"""A Magento shop and a Heartland account over real HTTP, connected by its signed integration; flows run in here."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.conf import LazySettings
from django.utils import timezone

from connections import clients
from connections.connect.magento.connecting import store_connect
from connections.connectors.heartland import HeartlandClient
from connections.headless import pairs_set_up
from connections.models import Connection, Merchant
from connections.services import heartland_connect
from ipaas.types import JSON
from syncjobs.engine.enqueueing import job_enqueue
from syncjobs.engine.running import job_run
from syncjobs.intake.follow_invoices import invoices_follow
from syncjobs.intake.polls import Polled, poll_orders
from syncjobs.models import Attempt, Cursor, Record, SyncJob
from syncjobs.stories.demo.sim import Sandbox
from tests.sandbox.conftest import Running, heartland_server, running
from tests.stores.magento import SECRETS

__all__ = ["heartland_server"]

BUYER = {
    "first_name": "Ann", "last_name": "Ruiz", "email": "ann.ruiz@example.com", "phone": "2515550100",
    "street_1": "12 Bay St", "city": "Austin", "state": "Texas", "zip": "78701", "country": "United States",
    "country_iso2": "US",
}  # fmt: skip
PLAIN = {"guest": BUYER, "payment": "card", "shipping_amount": "0", "tax": {}}  # paid, nothing beside the goods


def line(sku: str, price: str, quantity: Any = 1, **more: Any) -> JSON:
    """A line spelled out: it costs what is said here."""
    return {"sku": sku, "type": "simple", "price": price, "quantity": quantity, **more}


@pytest.fixture(scope="session")
def open_shop() -> Iterator[Running]:
    server = running("magento")
    yield server
    server.close()


@dataclass
class Pair:
    """Both systems and our side of them. `run` works one order, `poll` and `settle` what is heard of."""

    heartland: Sandbox
    magento: Sandbox
    shop: Running
    connection: Connection

    def heartland_client(self) -> HeartlandClient:
        """Heartland as its staff write to it."""
        return clients.heartland_client(self.connection.heartland)

    def switch(self, **values: Any) -> None:
        self.magento.put("/_sim/switches", values)

    def place(self, *lines: JSON, **recipe: Any) -> str:
        """A shopper orders; answers the order's id."""
        return str(self.magento.post("/_sim/orders", {**PLAIN, "lines": list(lines), **recipe})["ids"][0])

    def act(self, order_id: str, what: str, **wish: Any) -> JSON:
        """Staff do something with an order in Admin."""
        done: JSON = self.magento.post(f"/_sim/orders/{order_id}/{what}", wish)
        return done

    def order(self, order_id: str) -> JSON:
        """The order as Magento has it, whole."""
        found: JSON = self.magento.get(f"/_sim/orders/{order_id}")
        return found

    def run(self, order_id: str, *, at: datetime | None = None) -> str:
        """Look at an order now, as after a hint; answers how the job ended."""
        now = at or timezone.now()
        job = job_enqueue(connection=self.connection, flow="orders", external_id=order_id, cause="retry", now=now)
        return job_run(job_id=job.pk, now=now)

    def book(self, *lines: JSON, **recipe: Any) -> str:
        """Place an order and book it; answers its id."""
        order_id = self.place(*lines, **recipe)
        assert self.run(order_id) == "done", self.record(order_id).reason
        assert self.record(order_id).disposition == Record.Disposition.BOOKED, self.record(order_id).reason
        return order_id

    def poll(self) -> Polled:
        """Look for changed orders, and work what that queued."""
        now = timezone.now()
        Cursor.objects.get_or_create(
            connection=self.connection, feed=Cursor.ORDERS, defaults={"due_at": now}
        )  # made when it was switched on
        Cursor.objects.filter(feed=Cursor.ORDERS).update(due_at=now)
        polled = poll_orders(connection=self.connection, now=now)
        assert polled is not None, Cursor.objects.get(feed=Cursor.ORDERS).failure
        self.settle()
        return polled

    def follow_invoices(self) -> None:
        """Look at Heartland's invoices, and work what that queued."""
        now = timezone.now()
        Cursor.objects.get_or_create(connection=self.connection, feed=Cursor.INVOICES, defaults={"due_at": now})
        Cursor.objects.filter(feed=Cursor.INVOICES).update(due_at=now)
        assert invoices_follow(connection=self.connection, now=now)
        self.settle()

    def settle(self, *, at: timedelta = timedelta()) -> None:
        """Work all that is due, and what comes of it."""
        now = timezone.now() + at
        while job := SyncJob.objects.filter(status=SyncJob.Status.PENDING, not_before__lte=now).order_by("pk").first():
            job_run(job_id=job.pk, now=now)

    def record(self, order_id: str, flow: str = "orders") -> Record:
        return Record.objects.get(connection=self.connection, flow=flow, external_id=order_id)

    def calls(self, external_id: str, system: str = "") -> list[str]:
        """The calls of the last try in order, ids and scope left out of paths: "POST /orders/comments"."""
        attempt = Attempt.objects.filter(job__external_id=external_id).latest("pk")
        calls = [call for step in attempt.steps for call in step["calls"] if system in {"", call["system"]}]
        return [f"{call['method']} {bare(call['path'])}" for call in calls]

    def sales_orders(self) -> list[JSON]:
        """What Heartland holds under the shop's prefix, cancelled ones too, by number."""
        rows = [row for row in self.heartland.rows("orders") if str(row["public_id"]).startswith("MG-")]
        return sorted(rows, key=lambda row: str(row["public_id"]))

    def living(self) -> list[JSON]:
        return [row for row in self.sales_orders() if row["status"] != "canceled"]

    def there(self, order_id: str) -> JSON:
        """The order's sales order as Heartland computes it, with lines and payments."""
        return self.heartland_client().order_read(self.record(order_id).target_id)

    def goods(self, order_id: str) -> dict[str, tuple[int, Decimal]]:
        """Pieces and what one costs on the sales order, by Item #."""
        numbers = {row["id"]: row["public_id"] for row in self.heartland.rows("items")}
        return {
            numbers[row["item_id"]]: (int(row["qty"]), Decimal(str(row["adjusted_unit_price"])))
            for row in self.there(order_id)["lines"]
        }

    def paid(self, order_id: str) -> list[Decimal]:
        """What is recorded as paid on the sales order, tender by tender."""
        rows = self.there(order_id)["payments"]
        return [Decimal(str(row["amount"])) for row in rows if row["status"] == "complete"]

    def invoice(self, order_id: str, **wish: Any) -> str:
        """Staff give the sales order to a location and ship it there; answers the invoice's id."""
        sales_order = int(self.record(order_id).target_id)
        self.heartland.post("/_sim/staff/distribute", {"order_id": sales_order, "location_id": MAIN})
        made = self.heartland.post("/_sim/staff/invoice", {"order_id": sales_order, "custom": TRACKED, **wish})
        return str(made["invoices"][0]["id"])

    def shipments(self, order_id: str) -> list[JSON]:
        """The shipments that Magento has of an order."""
        return [row for row in self.magento.rows("shipments") if str(row["order_id"]) == order_id]

    def shipped(self, shipment: JSON) -> dict[int, Decimal]:
        """Pieces of a shipment by the order's row."""
        rows = [row for row in self.magento.rows("shipment_items") if row["parent_id"] == shipment["entity_id"]]
        return {row["order_item_id"]: Decimal(str(row["qty"])) for row in rows}


MAIN = 100005
TRACKED = {"tracking_number": "1Z999AA10123456784", "carrier": "UPS Ground"}


def bare(path: str) -> str:
    """A path without what stands before its route, and without ids."""
    parts = path.partition("/V1/")[2].split("/") if "/V1/" in path else path.strip("/").split("/")
    return "/" + "/".join(part for part in parts if not part.isdigit())


@pytest.fixture
def pair(db: None, heartland_server: Running, open_shop: Running, settings: LazySettings) -> Pair:
    settings.HEARTLAND_CALLS_PER_SECOND = 10_000
    heartland, magento = Sandbox(heartland_server.fresh()), Sandbox(open_shop.fresh())
    for system in (heartland, magento):
        system.delete("/_sim/faults")
    merchant = Merchant.objects.create(name="Harbor & Pine")
    heartland_connect(merchant=merchant, base_url=f"{heartland.base}/api", token="sim-heartland-token")
    store_connect(merchant=merchant, address=magento.base, secrets=SECRETS, website="base")
    (done,) = pairs_set_up(merchant, currency="USD", shipping_method="Ground", books_other_payments=True)
    assert done["state"] == "active", done
    connection = Connection.objects.get()
    order_settings = connection.order_settings
    order_settings.tracking_field, order_settings.carrier_field = "tracking_number", "carrier"
    order_settings.save()
    return Pair(heartland, magento, open_shop, connection)

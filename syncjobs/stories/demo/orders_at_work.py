"""What stories of orders' lives share: people who order, ship and wait while everything acts up."""

import random
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone

from connections import clients
from connections.models import Connection, InventorySettings, Location, User
from errors.failures import SyncFailure
from ipaas.types import JSON
from syncjobs.catalogue.walk_catalogues import CHECK as ITEMS_CHECK
from syncjobs.flows.shipments import SHIPMENTS
from syncjobs.models import Record, Run, SyncJob
from syncjobs.pages.orders.distribute import order_distribute
from syncjobs.stock.follow_locations import SYNC
from syncjobs.stories.auditor.reach import shops_of
from syncjobs.stories.demo.begin_run import run_when_free
from syncjobs.stories.demo.life_report import alive
from syncjobs.stories.demo.report import FINAL, FLOW
from syncjobs.stories.demo.sim import Sandbox
from syncjobs.stories.demo.stock_story import outside
from syncjobs.stories.demo.story import Deliveries, shop, sides_of
from syncjobs.stories.demo.world import World
from syncjobs.stories.shops.shop_side import OURS, Sold

LOST_ANSWERS = {"probability": 0.03, "after": True, "lose": True}
WEBHOOKS = Deliveries(copies=2, drop=0.3, order="shuffle", batch_seconds=0.3)
PLACE = "100005"  # where staff ship from
CLICKS = 120  # for a minute a person tries again when the page says that something did not answer
ORDERS_AT_ONCE = 20
LOOK_SECONDS = 0.5


@dataclass
class OrdersAtWork(ABC):
    """One world, its connection, and what was done so far."""

    shares: ClassVar[Mapping[Any, int]]  # acts, of a hundred booked orders

    world: World
    told: Callable[[str], None]
    seconds: float  # longest wait after each act
    seed: int
    at: int = 0  # which of the world's stores
    placed: dict[int, str] = field(default_factory=dict)
    totals: dict[int, Decimal] = field(default_factory=dict)
    labels: dict[int, str] = field(default_factory=dict)
    acts: dict[int, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @abstractmethod
    def begin(self, web_id: int, act: Any) -> Any:
        """The first step with an order; answers the act that it became."""

    def take_orders(self, count: int) -> None:
        """Shoppers place them, and people begin with what is booked, until all are taken in."""
        while len(self.placed) < count:
            more = min(ORDERS_AT_ONCE, count - len(self.placed))
            self.placed |= shop(self.store, self.store.wishes(more, self.seed + len(self.placed)), WEBHOOKS)
            self.begin_acts()
        self.wait("orders are taken in", self.all_are_final)
        self.begin_acts()

    def __post_init__(self) -> None:
        self.heartland = Sandbox(self.world.url("heartland"))
        self.store = sides_of(self.world)[self.at]
        rows = Connection.objects.select_related("merchant", "heartland", "store", "order_settings").order_by("pk")
        self.connection = rows[self.at]
        self.shops = shops_of(self.world)
        self.staff = User.objects.get(email__startswith="staff@")
        self.chance = random.Random(self.seed)  # noqa: S311 (a script, no secret)

    def tell_stock(self) -> None:
        """The store is told what Heartland has, else it would ship nothing."""
        InventorySettings.objects.update_or_create(connection=self.connection, defaults={"counts_all_locations": True})
        for kind in (ITEMS_CHECK, SYNC):
            run = run_when_free(self.connection, kind, self.seconds)
            self.wait(f"stock ({kind})", partial(self.run_left, run))

    def run_left(self, run: Run) -> list[str]:
        run.refresh_from_db()
        return [str(run)] if run.state == Run.State.RUNNING else []

    def spoil(self) -> None:
        """Webhooks are lost, doubled and shuffled, both systems throttle, answers get lost after the work was done.

        Heartland is spoilt with the first store.
        """
        for system, throttled, api in outside(self.heartland, self.store)[int(self.at > 0) :]:
            system.put("/_sim/switches", throttled)
            system.put("/_sim/deliveries/controls", vars(WEBHOOKS))
            system.post("/_sim/faults", LOST_ANSWERS | {"path": f"{api}{OURS}"})
        if self.store.crowded:
            self.store.sandbox.post("/_sim/faults", self.store.crowded | {"path": f"{self.store.api}{OURS}"})

    def clear_up(self) -> None:
        for system in (self.heartland, self.store.sandbox):
            system.delete("/_sim/faults")

    def begin_acts(self) -> None:
        """Whatever is booked and nobody has touched yet gets its act."""
        booked = self.records(FLOW).filter(disposition=Record.Disposition.BOOKED)
        sold = self.store.books().orders
        for web_id in map(int, booked.values_list("external_id", flat=True)):
            if web_id in self.placed and web_id not in self.acts:
                self.know(web_id, sold[str(web_id)])
                self.acts[web_id] = self.begin(web_id, self.drawn(web_id))
        self.told(f"{len(self.placed)} orders placed, {len(self.acts)} in people's hands")

    def drawn(self, web_id: int) -> Any:
        """What is to become of an order."""
        (wish,) = self.chance.choices(list(self.shares), list(self.shares.values()))
        return wish

    def know(self, web_id: int, sold: Sold) -> None:
        self.totals[web_id] = sold.total
        self.labels[web_id] = self.label(sold)

    def ship(self, web_id: int, number: str, *, part: bool = False) -> None:
        """Distribute on our page or at Heartland's desk, then invoice there; what is shipped already stays."""
        for order in self.sales_orders(web_id):
            if order["status"] != "open":
                continue
            place = Location.objects.get(account=self.connection.heartland, external_id=PLACE)
            if self.chance.random() < 0.5 and not self.is_distributed(order):
                self.by_hand(partial(self.distribute, web_id, place))
            if not self.is_distributed(order):
                self.heartland.post("/_sim/staff/distribute", {"order_id": order["id"], "location_id": int(PLACE)})
            wish: dict[str, Any] = {"order_id": order["id"]}
            if number:
                wish["custom"] = {"tracking_number": number, "carrier": "UPS"}
            if part:
                wish["lines"] = [{"item_id": self.order_lines(order)[0]["item_id"], "qty": 1}]
            self.heartland.post("/_sim/staff/invoice", wish)

    def distribute(self, web_id: int, place: Location) -> None:
        order_distribute(record=self.record(web_id), places=[place], actor=self.staff, now=timezone.now())

    def number_late(self, invoice: JSON, web_id: int) -> None:
        fields = {"tracking_number": self.number(web_id), "carrier": "UPS"}
        clients.heartland_client(self.connection.heartland).invoice_update(str(invoice["id"]), custom=fields)

    def by_hand(self, click: Callable[[], object]) -> None:
        said = ""
        for _ in range(CLICKS):
            try:
                click()
            except SyncFailure as failure:
                said = failure.in_full
                time.sleep(LOOK_SECONDS)
            else:
                return
        self.problems.append(f"A person clicked in vain: {said}")

    def wait(self, what: str, left: Callable[[], list[str]]) -> None:
        """Until nothing is left, or time is up: then what is left is a problem."""
        deadline, missing = time.monotonic() + self.seconds, left()
        while missing and time.monotonic() < deadline:
            self.told(f"{what}: {len(missing)} to go")
            time.sleep(LOOK_SECONDS * 2)
            missing = left()
        self.problems += [f"Not in time ({what}): {one}" for one in missing]

    def all_are_final(self) -> list[str]:
        done = self.records(FLOW).filter(disposition__in=FINAL).values_list("external_id", flat=True)
        return [f"order {one}" for one in self.placed.keys() - set(map(int, done))] + self.jobs()

    def all_invoices_are_carried(self) -> list[str]:
        carried = self.records(SHIPMENTS.name).filter(disposition__in=FINAL)
        done = set(carried.values_list("external_id", flat=True))
        ours = {row["id"] for web_id in self.acts for row in self.sales_orders(web_id)}
        invoices = [row for row in self.all_invoices() if row["order_id"] in ours]
        return [f"invoice {row['id']}" for row in invoices if str(row["id"]) not in done] + self.jobs()

    def jobs(self) -> list[str]:
        waiting = SyncJob.objects.filter(status__in=[SyncJob.Status.PENDING, SyncJob.Status.RUNNING])
        return [str(job) for job in waiting.filter(flow__in=[FLOW, SHIPMENTS.name])]

    def number(self, web_id: int) -> str:
        return f"1Z{web_id}"

    def record(self, web_id: int) -> Record:
        record = self.records(FLOW).get(external_id=web_id)
        record.connection = self.connection
        return record

    def records(self, flow: str) -> QuerySet[Record]:
        return Record.objects.filter(connection=self.connection, flow=flow)

    def label(self, sold: Sold) -> str:
        """The number of its first sales order."""
        return f"{self.connection.order_settings.order_prefix}{sold.number}"

    def sales_orders(self, web_id: int) -> list[JSON]:
        return alive(self.heartland.rows("orders"), self.labels[web_id])

    def order_lines(self, order: JSON) -> list[JSON]:
        return [row for row in self.heartland.rows("order_lines") if row["order_id"] == order["id"]]

    def is_distributed(self, order: JSON) -> bool:
        return all(row["ship_from_location_id"] for row in self.order_lines(order))

    def all_invoices(self) -> list[JSON]:
        rows = self.heartland.rows("transactions")
        return [row for row in rows if row.get("type") == "Invoice" and row["status"] == "complete"]

    def invoices(self, web_id: int) -> list[JSON]:
        ours = {row["id"] for row in self.sales_orders(web_id)}
        return [row for row in self.all_invoices() if row["order_id"] in ours]

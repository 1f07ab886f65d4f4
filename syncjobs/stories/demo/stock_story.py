"""The measured stock story: a full sync, then tills, counts and shoppers at once while both systems act up."""

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import requests
from django.utils import timezone

from connections.connectors.heartland.stock import ITEMS_PER_CALL, ROWS
from connections.models import Connection, InventorySettings, OrderSettings
from ipaas.supervisor import Supervisor
from ipaas.types import JSON
from mappings.core.rules.stock_arithmetic import Figures, Rule, sellable
from mappings.models import LEFT_ALONE, StockLevel
from syncjobs.catalogue.walk_catalogues import CHECK as ITEMS_CHECK
from syncjobs.models import Cursor, Record, Run
from syncjobs.stock.follow_locations import SYNC
from syncjobs.stock.level_rows import levels_to_look_at
from syncjobs.stock.pending_pieces import pieces_pending
from syncjobs.stories.auditor.audit_rules import kept_for_others
from syncjobs.stories.auditor.reach import audited, shops_of
from syncjobs.stories.auditor.read_systems import Shop, StoreSide
from syncjobs.stories.demo.begin_run import run_when_free
from syncjobs.stories.demo.sim import Sandbox
from syncjobs.stories.demo.stock_report import Feed, Sale, StockReport, differences, oversold, percentiles
from syncjobs.stories.demo.story import is_quiet, sides_of
from syncjobs.stories.demo.world import World
from syncjobs.stories.shops.shop_side import OURS, ShopSide

FENCE = "GET /api/inventory/transactions"
VALUES = "GET /api/inventory/values"
HEARTLAND_API = "^/api/"
THROTTLED = {"rate_limit": True, "rate_per_second": 40, "rate_burst": 80}
FAILING = {"probability": 0.02, "status": 503}
LOOK_SECONDS = 0.3
KILL_SECONDS = 2.0
STORE_LAG_SECONDS = 2.5  # the store applies an adjustment later than it accepts it
PLACES = ("MAIN", "DEPOT", "ANNEX")
BUYER = {
    "first_name": "Ann", "last_name": "Ruiz", "email": "ann.ruiz@example.com", "phone": "2515550100",
    "street_1": "12 Bay St", "city": "Austin", "state": "Texas", "zip": "78701", "country": "United States",
    "country_iso2": "US",
}  # fmt: skip

Told = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Storm:
    """How much happens at once."""

    moves: int = 500  # at the tills and in the stock room
    orders: int = 200  # of shoppers
    kills: int = 0  # of all stock workers at once, while it goes on
    seed: int = 7


@dataclass
class Happened:
    """What was done to the stock."""

    pos_sales: list[Sale] = field(default_factory=list)
    web_sales: list[Sale] = field(default_factory=list)
    moved: Counter[str] = field(default_factory=Counter)  # moves by SKU
    orders: dict[int, tuple[str, int]] = field(default_factory=dict)  # web id → SKU and pieces


class Killer(threading.Thread):
    """`kill -9` of every process that writes stock, again and again."""

    def __init__(self, supervisor: Supervisor, kills: int) -> None:
        super().__init__(daemon=True)
        self.supervisor = supervisor
        self.left = kills
        self.is_over = threading.Event()

    def run(self) -> None:
        while self.left and not self.is_over.wait(KILL_SECONDS):
            for name in ("workers-bulk", "workers-soon"):
                with suppress(ProcessLookupError):
                    os.killpg(self.supervisor.pid(name), signal.SIGKILL)
            self.left -= 1


def outside(heartland: Sandbox, store: ShopSide) -> list[tuple[Sandbox, Mapping[str, Any], str]]:
    """Both systems, with the switches of a day on which they throttle, and their APIs' paths as a pattern."""
    return [(heartland, THROTTLED, HEARTLAND_API), (store.sandbox, dict(store.throttled), store.api)]


@dataclass(frozen=True, kw_only=True)
class StockStory:
    """One world and its connection."""

    world: World
    supervisor: Supervisor
    told: Told
    seconds: float  # longest wait for either part

    @property
    def heartland(self) -> Sandbox:
        return Sandbox(self.world.url("heartland"))

    @property
    def store(self) -> ShopSide:
        return sides_of(self.world)[0]

    def play(self, storm: Storm) -> StockReport:
        """The whole story; answers its judgement."""
        connection = Connection.objects.select_related("heartland", "store", "merchant").get()
        InventorySettings.objects.update_or_create(connection=connection, defaults={"counts_all_locations": True})
        self.finished(connection, ITEMS_CHECK)
        shops = shops_of(self.world)
        killer = Killer(self.supervisor, storm.kills)
        killer.start()
        full = self.full_sync(connection)
        self.calls()
        self.spoil()
        began = timezone.now()
        happened = self.storm(storm)
        problems = self.wait_until_quiet(happened)
        killer.is_over.set()
        self.clear_up()
        problems += self.wait_until_quiet(happened)
        time.sleep(STORE_LAG_SECONDS)
        report = self.judged(full, happened, problems, began, shops[0])
        return replace(report, disagreements=audited(self.world, shops).disagreements)

    def finished(self, connection: Connection, kind: str) -> Run:
        """A run by the workers, from its start to its end."""
        began = time.monotonic()
        run = run_when_free(connection, kind, self.seconds)
        while run.state == Run.State.RUNNING and time.monotonic() - began < self.seconds:
            time.sleep(LOOK_SECONDS)
            run.refresh_from_db()
            self.told(f"{run.kind}: {run.done} of {run.total or '?'}")
        return run

    def full_sync(self, connection: Connection) -> JSON:
        """Start Sync, and its calls beside the smallest number."""
        self.calls()
        began = time.monotonic()
        run = self.finished(connection, SYNC)
        seconds, calls = time.monotonic() - began, self.calls()
        rows, variants, routes = len(self.values()), len(self.web()), self.store.stock_routes
        changed = run.changes.count()
        least = -(-variants // routes.levels_per_call)
        if routes.looks_before_writes:
            least += -(-changed // routes.levels_per_call)
        feeds = {
            "fence": Feed(calls=calls[FENCE], least=1),
            "values": Feed(calls=calls[VALUES], least=-(-rows // ROWS)),
            "store_levels": Feed(calls=calls[routes.levels], least=least),
            "writes": Feed(calls=calls[routes.write], least=-(-changed // routes.writes_per_call)),
        }
        return {
            "seconds": round(seconds, 1),
            "state": run.state,
            "looked_at": run.done,
            "changed": changed,
            "calls": {name: vars(feed) for name, feed in feeds.items()},
        }

    def spoil(self) -> None:
        """Both systems throttle, and fail now and then."""
        for system, throttled, api in outside(self.heartland, self.store):
            system.put("/_sim/switches", throttled)
            system.post("/_sim/faults", FAILING | {"path": f"{api}{OURS}"})
        self.heartland.put("/_sim/switches", {"count_lag_seconds": 3})

    def clear_up(self) -> None:
        self.heartland.delete("/_sim/faults")
        self.store.sandbox.delete("/_sim/faults")

    def storm(self, storm: Storm) -> Happened:
        """Everything at once, in an order that the seed decides."""
        chance, happened = random.Random(storm.seed), Happened()  # noqa: S311 (a script, no secret)
        skus = list(StockLevel.objects.filter(quantity__gte=3, refusal="").values_list("sku", flat=True)[:2_000])
        acts = ["move"] * storm.moves + ["order"] * storm.orders
        chance.shuffle(acts)
        for act in acts:
            sku = chance.choice(skus)
            if act == "order":
                self.order(sku, chance, happened)
            else:
                self.move(sku, chance, happened)
        self.told(f"{len(happened.orders)} web orders, {sum(happened.moved.values())} moves in the shops")
        return happened

    def move(self, sku: str, chance: random.Random, happened: Happened) -> None:
        place, kind = chance.choice(PLACES), chance.choice(("sale", "sale", "sale", "return", "adjust", "count"))
        if kind == "sale":
            self.heartland.post("/_sim/staff/pos_sale", {"location": place, "lines": [{"sku": sku, "qty": 1}]})
            happened.pos_sales.append(Sale(sku=sku, pieces=1, at=datetime.now(UTC)))
        elif kind == "return":
            self.heartland.post("/_sim/staff/pos_return", {"location": place, "lines": [{"sku": sku, "qty": 1}]})
        elif kind == "adjust":
            self.heartland.post("/_sim/staff/adjust", {"location": place, "sku": sku, "qty": chance.choice((-1, 2, 5))})
        else:
            self.heartland.post("/_sim/staff/count", {"location": place, "lines": [{"sku": sku, "qty": 8}]})
        happened.moved[sku] += 1

    def order(self, sku: str, chance: random.Random, happened: Happened) -> None:
        """A shopper buys one or two pieces, when the shop has them."""
        pieces = chance.choice((1, 1, 2))
        with suppress(requests.HTTPError):
            (web_id,) = self.store.buy([{"lines": [{"sku": sku, "quantity": pieces}], "guest": BUYER}])
            happened.orders[web_id] = (sku, pieces)
            happened.web_sales.append(Sale(sku=sku, pieces=pieces, at=datetime.now(UTC)))

    def wait_until_quiet(self, happened: Happened) -> list[str]:
        """Until every order has its disposition and the ledger is followed to its end; what is left when time is up."""
        deadline = time.monotonic() + self.seconds
        while time.monotonic() < deadline:
            left = self.left_over(happened)
            if not left:
                return []
            self.told(f"waiting: {'; '.join(left)}")
            time.sleep(LOOK_SECONDS * 3)
        return left

    def left_over(self, happened: Happened) -> list[str]:
        left = [] if is_quiet() else ["orders are on their way"]
        if unheard := len(happened.orders) - Record.objects.filter(external_id__in=map(str, happened.orders)).count():
            left.append(f"{unheard} orders were not heard of yet")
        counts = self.heartland.get("/_sim/state/counts", limit=5_000)["rows"]
        if any(row.get("apply_at") for row in counts):
            left.append("a physical count is not posted yet")
        position = Cursor.objects.get(feed=Cursor.STOCK).position
        if self.heartland.get("/_sim/state/ledger", limit=1, after=position)["rows"]:
            left.append("the ledger is not followed to its end")
        pending = pieces_pending(Connection.objects.get(), timezone.now())
        if levels_to_look_at(Connection.objects.get(), (), pending, most=1):
            left.append("pieces on orders are not taken off yet")
        if marked := StockLevel.objects.filter(is_dirty=True, refusal="").count():
            left.append(f"{marked} SKUs are to be sent")
        return left

    def judged(self, full: JSON, happened: Happened, problems: list[str], began: datetime, shop: Shop) -> StockReport:
        calls, routes = self.calls(), self.store.stock_routes
        stock, pending = self.stock_by_sku(), self.pending(happened)
        levels = list(StockLevel.objects.filter(refusal="").exclude(LEFT_ALONE))
        kept = kept_for_others(StoreSide(shop=shop, **vars(self.store.books())))
        expected = {
            one.sku: sellable(stock[one.sku], Rule(), pending[one.sku]).quantity - kept[one.sku] for one in levels
        }
        seconds = self.sale_to_store(happened)
        free = {sku: int(stock[sku].available) - pending[sku] for sku, _ in happened.orders.values()}
        slowest = max(seconds, default=0.0) + STORE_LAG_SECONDS
        return StockReport(
            skus=len(levels),
            full_sync=full,
            afterwards={
                "moved_skus": len(happened.moved),
                "ordered_skus": len({sku for sku, _ in happened.orders.values()}),
                "written_skus": StockLevel.objects.filter(pushed_at__gte=began).count(),
                "calls": {
                    name: calls[route]
                    for name, route in (("ledger", FENCE), ("values", VALUES), ("writes", routes.write))
                },
                "least": {
                    "values": -(-len(happened.moved) // ITEMS_PER_CALL),
                    "writes": -(-len(happened.moved) // routes.writes_per_call),
                },
            },
            sale_to_store_seconds=percentiles(seconds),
            oversold=oversold(free, happened.web_sales, happened.pos_sales, slowest),
            differences=differences(self.web(), expected),
            problems=problems,
        )

    # --- seen from outside ---------------------------------------------------------------------------

    def stock_by_sku(self) -> dict[str, Figures]:
        """Heartland's own rows, added up over all locations."""
        wanted = {level.item_id: level.sku for level in StockLevel.objects.all()}
        found = dict.fromkeys(wanted.values(), Figures())
        for row in self.values():
            if row["item_id"] in wanted:
                available = Decimal(row["qty_available"])
                found[wanted[row["item_id"]]] += Figures(on_hand=Decimal(row["qty_on_hand"]), available=available)
        return found

    def values(self) -> list[JSON]:
        rows: list[JSON] = []
        token, url = {"Authorization": "Bearer sim-heartland-token"}, f"{self.heartland.base}/api/inventory/values"
        self.heartland.put("/_sim/switches", {"rate_limit": False})
        for page in range(1, 1_000):
            params: dict[str, Any] = {"group[]": "item_id", "per_page": ROWS, "page": page}
            answer = self.heartland.session.get(url, params=params, headers=token, timeout=60).json()
            rows += answer["results"]
            if page >= answer["pages"]:
                break
        return rows

    def pending(self, happened: Happened) -> Counter[str]:
        """Pieces on orders that Heartland does not hold, or that no location ships."""
        held = {row["public_id"]: row for row in self.heartland.rows("orders")}
        shipped = {row["order_id"] for row in self.heartland.rows("order_lines") if row["ship_from_location_id"]}
        pieces: Counter[str] = Counter()
        numbers, prefix = self.store.books().orders, OrderSettings.objects.get().order_prefix
        for web_id, (sku, count) in happened.orders.items():
            order = held.get(f"{prefix}{numbers[str(web_id)].number}")
            if order is None or (order["status"] == "open" and order["id"] not in shipped):
                pieces[sku] += count
        return pieces

    def web(self) -> dict[str, int]:
        """What the store offers at its default place, by SKU."""
        self.store.sandbox.put("/_sim/switches", dict(self.store.unthrottled))
        return self.store.stock()

    def sale_to_store(self, happened: Happened) -> list[float]:
        """Seconds from a till's sale to the store's yes, of SKUs that moved once."""
        once = {sale.sku: sale.at for sale in happened.pos_sales if happened.moved[sale.sku] == 1}
        once = {sku: at for sku, at in once.items() if sku not in {sku for sku, _ in happened.orders.values()}}
        told = StockLevel.objects.filter(sku__in=once, pushed_at__isnull=False).values_list("sku", "pushed_at")
        return [(at - once[sku]).total_seconds() for sku, at in told if at and at > once[sku]]

    def calls(self) -> Counter[str]:
        """Calls that both systems counted since the last time."""
        found: Counter[str] = Counter()
        for system in (self.heartland, self.store.sandbox):
            found.update(system.get("/_sim/calls")["counts"])
            system.delete("/_sim/calls")
        return found

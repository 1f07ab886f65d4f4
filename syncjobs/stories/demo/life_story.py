"""The measured life of orders: shipped, parted, cancelled, edited and refunded by people while everything acts up."""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import requests
from django.db.models import Q
from django.utils import timezone

from connections import clients
from connections.models import Connection, InventorySettings, Location, User
from errors.failures import SyncFailure
from ipaas.types import JSON
from syncjobs import engine
from syncjobs.catalogue.walk_catalogues import CHECK as ITEMS_CHECK
from syncjobs.flows.orders.changing import CHOICES
from syncjobs.flows.shipments import SHIPMENTS
from syncjobs.models import Record, Run, SyncJob
from syncjobs.pages.orders.distribute import order_distribute
from syncjobs.proof.prove_day import chain_verify, day_of, proof_make
from syncjobs.stock.follow_locations import SYNC
from syncjobs.stories.auditor.reach import audited, shops_of
from syncjobs.stories.demo.begin_run import run_when_free
from syncjobs.stories.demo.life_report import ALL_LEAVES, Act, Findings, LifeReport, Seen, alive
from syncjobs.stories.demo.report import FINAL, FLOW, Problems, payments_by_order
from syncjobs.stories.demo.sim import Sandbox
from syncjobs.stories.demo.stock_story import outside
from syncjobs.stories.demo.story import Deliveries, shop, sides_of
from syncjobs.stories.demo.world import World
from syncjobs.stories.shops.shop_side import OURS, NotThere, Sold

LOST_ANSWERS = {"probability": 0.03, "after": True, "lose": True}
WEBHOOKS = Deliveries(copies=2, drop=0.3, order="shuffle", batch_seconds=0.3)
SHARES = {  # of a hundred booked orders
    Act.SHIP: 35, Act.PARTS: 20, Act.LATE_NUMBER: 10, Act.CANCEL: 10, Act.CANCEL_LATE: 5, Act.EDIT_ACCEPT: 8,
    Act.EDIT_KEEP: 6, Act.REFUND: 6,
}  # fmt: skip
WAITS = {  # what a record must say before people go on
    Act.CANCEL: Q(disposition="cancelled"),
    Act.CANCEL_LATE: Q(code__in=["cancelled_after_invoice", "kept_though_ended"]),
    Act.EDIT_ACCEPT: Q(code__in=["changed_after_booking", "changed_after_invoice"]) | Q(target_label__endswith="-2"),
    Act.EDIT_KEEP: Q(code__in=["changed_after_booking", "kept_as_booked"]),
    Act.REFUND: Q(code__in=["refunded_after_booking", "kept_as_booked"]),
}
PLACE = "100005"  # where staff ship from
CLICKS = 30  # a person tries again when the page says that something did not answer
ORDERS_AT_ONCE = 20
LOOK_SECONDS = 0.5


@dataclass
class LifeStory:
    """One world, its connection, and what was done so far."""

    world: World
    told: Callable[[str], None]
    seconds: float  # longest wait after each act
    seed: int
    placed: dict[int, str] = field(default_factory=dict)
    totals: dict[int, Decimal] = field(default_factory=dict)
    labels: dict[int, str] = field(default_factory=dict)
    acts: dict[int, Act] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.heartland = Sandbox(self.world.url("heartland"))
        self.store = sides_of(self.world)[0]
        self.connection = Connection.objects.select_related("merchant", "heartland", "store", "order_settings").get()
        self.shops = shops_of(self.world)
        self.staff = User.objects.get(email__startswith="staff@")
        self.chance = random.Random(self.seed)  # noqa: S311 (a script, no secret)

    def play(self, orders: int) -> LifeReport:
        """The whole story; answers its judgement."""
        if self.store.ships_what_it_holds:
            self.tell_stock()
        self.spoil()
        while len(self.placed) < orders:
            count = min(ORDERS_AT_ONCE, orders - len(self.placed))
            self.placed |= shop(self.world, count=count, seed=self.seed + len(self.placed), deliveries=WEBHOOKS)
            self.begin_acts()
        self.wait("orders are taken in", self.all_are_final)
        self.begin_acts()
        self.wait("changes are heard of", self.all_changes_are_heard_of)
        for web_id, act in self.acts.items():
            self.go_on(web_id, act)
        self.wait("choices are carried out", self.all_choices_are_made)
        for web_id, act in self.acts.items():
            if act == Act.EDIT_ACCEPT:
                self.ship(web_id, self.number(web_id))
        self.wait("shipments are carried back", self.all_invoices_are_carried)
        self.clear_up()
        proof = self.prove()
        return self.judged(proof)

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
        """Webhooks are lost, doubled and shuffled, both systems throttle, answers get lost after the work was done."""
        for system, throttled, api in outside(self.heartland, self.store):
            system.put("/_sim/switches", throttled)
            system.put("/_sim/deliveries/controls", vars(WEBHOOKS))
            system.post("/_sim/faults", LOST_ANSWERS | {"path": f"{api}{OURS}"})

    def clear_up(self) -> None:
        for system in (self.heartland, self.store.sandbox):
            system.delete("/_sim/faults")

    # --- what people do ------------------------------------------------------------------------------

    def begin_acts(self) -> None:
        """Whatever is booked and nobody has touched yet gets its act."""
        booked = Record.objects.filter(connection=self.connection, flow=FLOW, disposition=Record.Disposition.BOOKED)
        sold = self.store.books().orders
        for web_id in map(int, booked.values_list("external_id", flat=True)):
            if web_id in self.placed and web_id not in self.acts:
                self.totals[web_id] = sold[str(web_id)].total
                self.labels[web_id] = self.label(sold[str(web_id)])
                (wish,) = self.chance.choices(list(SHARES), list(SHARES.values()))
                self.acts[web_id] = self.begin(web_id, wish)
        self.told(f"{len(self.placed)} orders placed, {len(self.acts)} in people's hands")

    def begin(self, web_id: int, act: Act) -> Act:
        """The first step; answers the act that it became, as not every order can be edited."""
        match act:
            case Act.SHIP:
                self.ship(web_id, self.number(web_id))
            case Act.LATE_NUMBER:
                self.ship(web_id, "")
            case Act.PARTS:
                self.ship(web_id, self.number(web_id), part=True)
            case Act.CANCEL_LATE:
                self.ship(web_id, self.number(web_id), part=True)
                if not self.is_done(partial(self.store.cancel, web_id)):
                    return Act.PARTS
            case Act.CANCEL:
                if not self.is_done(partial(self.store.cancel, web_id)):
                    return self.begin(web_id, Act.SHIP)
            case Act.REFUND:
                if not self.is_done(partial(self.store.refund, web_id, "1.00")):
                    return self.begin(web_id, Act.SHIP)
            case Act.EDIT_ACCEPT | Act.EDIT_KEEP:
                held_by = self.edited(web_id)
                if held_by is None:
                    return self.begin(web_id, Act.SHIP)
                if held_by != web_id:  # another order has taken its place
                    self.placed[held_by] = "edited"
                    return Act.CANCEL
        return act

    def is_done(self, act: Callable[[], None]) -> bool:
        """Something that the shop's owner does; False where the store refuses it."""
        try:
            act()
        except (NotThere, requests.HTTPError):
            return False
        return True

    def edited(self, web_id: int) -> int | None:
        """The shop owner edits; which order has it then, None where the store refuses that."""
        try:
            return self.store.edit(web_id, lambda quantity: quantity + 1)
        except requests.HTTPError:
            return None

    def go_on(self, web_id: int, act: Act) -> None:
        """The second step: the rest of a parted order, a number that comes late, or a choice."""
        if act == Act.PARTS:
            self.ship(web_id, f"{self.number(web_id)}B")
        elif act == Act.LATE_NUMBER:
            for invoice in self.invoices(web_id):
                self.by_hand(partial(self.number_late, invoice, web_id))
        elif act in WAITS and act != Act.CANCEL:
            record = self.record(web_id)
            choice = Record.Choice.STORE if act == Act.EDIT_ACCEPT else Record.Choice.HEARTLAND
            if choice in CHOICES.get(record.code, ()):
                engine.order_choose(record=record, choice=choice, actor=self.staff)

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

    def by_hand(self, click: Callable[[], None]) -> None:
        said = ""
        for _ in range(CLICKS):
            try:
                return click()
            except SyncFailure as failure:
                said = failure.in_full
                time.sleep(LOOK_SECONDS)
        self.problems.append(f"A person clicked in vain: {said}")
        return None

    # --- waiting -------------------------------------------------------------------------------------

    def wait(self, what: str, left: Callable[[], list[str]]) -> None:
        """Until nothing is left, or time is up: then what is left is a problem."""
        deadline, missing = time.monotonic() + self.seconds, left()
        while missing and time.monotonic() < deadline:
            self.told(f"{what}: {len(missing)} to go")
            time.sleep(LOOK_SECONDS * 2)
            missing = left()
        self.problems += [f"Not in time ({what}): {one}" for one in missing]

    def all_are_final(self) -> list[str]:
        done = Record.objects.filter(flow=FLOW, disposition__in=FINAL).values_list("external_id", flat=True)
        return [f"order {one}" for one in self.placed.keys() - set(map(int, done))] + self.jobs()

    def all_changes_are_heard_of(self) -> list[str]:
        waiting = [web_id for web_id, act in self.acts.items() if act in WAITS and not self.says(web_id, WAITS[act])]
        return [f"order {web_id} ({self.acts[web_id]})" for web_id in waiting] + self.jobs()

    def all_choices_are_made(self) -> list[str]:
        records = Record.objects.filter(flow=FLOW, external_id__in=map(str, self.acts), disposition="held")
        return [str(record) for record in records] + self.jobs()

    def all_invoices_are_carried(self) -> list[str]:
        carried = Record.objects.filter(flow=SHIPMENTS.name, disposition__in=FINAL)
        done = set(carried.values_list("external_id", flat=True))
        ours = {row["id"] for web_id in self.acts for row in self.sales_orders(web_id)}
        invoices = [row for row in self.all_invoices() if row["order_id"] in ours]
        return [f"invoice {row['id']}" for row in invoices if str(row["id"]) not in done] + self.jobs()

    def jobs(self) -> list[str]:
        waiting = SyncJob.objects.filter(status__in=[SyncJob.Status.PENDING, SyncJob.Status.RUNNING])
        return [str(job) for job in waiting.filter(flow__in=[FLOW, SHIPMENTS.name])]

    def says(self, web_id: int, condition: Q) -> bool:
        return Record.objects.filter(condition, flow=FLOW, external_id=web_id).exists()

    # --- the judgement -------------------------------------------------------------------------------

    def prove(self) -> JSON:
        """Prove the day: orders from before the connection are found, looked at, and the day proved again."""
        days = {day_of(self.connection, timezone.now() - timedelta(hours=back)) for back in (0, 1)}
        for day in sorted(days):
            proof_make(connection=self.connection, day=day, now=timezone.now())
        self.wait("the proof's repairs", self.jobs)
        proofs = [proof_make(connection=self.connection, day=day, now=timezone.now()) for day in sorted(days)]
        count, trouble = chain_verify(self.connection)
        self.problems += [trouble] if trouble else []
        repaired = [one for proof in proofs for one in proof.repaired]
        return {
            "orders": sum(proof.orders for proof in proofs),
            "counts": dict(sum((Counter(proof.counts) for proof in proofs), Counter())),
            "is_closed": all(proof.is_closed for proof in proofs) and not repaired,
            "unbroken": count,
        }

    def judged(self, proof: JSON) -> LifeReport:
        findings, untouched = Findings(), Problems()
        disagreements = audited(self.world, self.shops).disagreements
        for seen in self.seen():
            findings.look_at(seen)
        self.judge_untouched(untouched)
        held = Record.objects.filter(flow=SHIPMENTS.name, disposition__in=["held", "dead"])
        expected = {str(web_id) for web_id, act in self.acts.items() if act not in ALL_LEAVES}
        findings.lost += [f"{record}: {record.reason}" for record in held.exclude(order_id__in=expected)]
        early = self.store.mailed_without_tracking() & self.placed.keys()
        records = Record.objects.filter(flow=FLOW, external_id__in=map(str, self.placed))
        return LifeReport(
            orders=len(self.placed),
            acts=dict(Counter(self.acts.values())),
            dispositions=dict(Counter(records.values_list("disposition", flat=True))),
            lost=len(findings.lost) + len(untouched.lost),
            doubled=len(findings.doubled) + len(untouched.doubled),
            shipped_twice=len(findings.shipped_twice),
            notified_before_tracking=len(early),
            cent_differences=len(findings.cents) + len(untouched.cents),
            disagreements=len(disagreements),
            proof=proof,
            webhooks={
                "heartland": dict(Counter(row["status"] for row in self.heartland.rows("deliveries"))),
                self.store.kind: self.store.deliveries(),
            },
            problems=[
                *disagreements,
                *self.problems, *findings.lost, *findings.doubled, *findings.shipped_twice, *findings.cents,
                *untouched.lost, *untouched.doubled, *untouched.cents,
            ],
        )  # fmt: skip

    def judge_untouched(self, problems: Problems) -> None:
        """Orders that were never booked are judged like those of the short story."""
        sales_orders, paid = self.heartland.rows("orders"), payments_by_order(self.heartland)
        stores = self.store.books().orders
        for web_id in self.placed.keys() - self.acts.keys():
            record = Record.objects.filter(flow=FLOW, external_id=web_id).first()
            sold = stores[str(web_id)]
            problems.look_at(web_id, record, alive(sales_orders, self.label(sold)), paid, sold.total)

    def seen(self) -> Iterator[Seen]:
        """Every order that people touched, as both systems show it."""
        sales_orders, paid = self.heartland.rows("orders"), payments_by_order(self.heartland)
        stores, invoiced = self.store.books().orders, self.invoiced()
        for web_id, act in self.acts.items():
            sold = stores[str(web_id)]
            found = alive(sales_orders, self.label(sold))
            held: Counter[str] = sum((invoiced.get(row["id"], Counter()) for row in found), Counter())
            yield Seen(
                web_id=web_id,
                act=act,
                placed_total=self.totals[web_id],
                sold=sold,
                alive=found,
                paid=paid.get(found[0]["id"], Decimal(0)) if found else Decimal(0),
                invoiced={sku: count for sku, count in held.items() if sku in sold.goods},
            )

    def invoiced(self) -> dict[int, Counter[str]]:
        """Pieces by SKU that completed invoices took, by sales order."""
        numbers = {row["id"]: row["public_id"] for row in self.heartland.rows("items")}
        orders = {row["id"]: row["order_id"] for row in self.all_invoices()}
        found: dict[int, Counter[str]] = {}
        for line in self.heartland.rows("transaction_lines"):
            if order := orders.get(line["transaction_id"]):
                found.setdefault(order, Counter())[numbers[line["item_id"]]] += int(line["qty"])
        return found

    # --- seen from outside ---------------------------------------------------------------------------

    def number(self, web_id: int) -> str:
        return f"1Z{web_id}"

    def record(self, web_id: int) -> Record:
        record = Record.objects.get(flow=FLOW, external_id=web_id)
        record.connection = self.connection
        return record

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

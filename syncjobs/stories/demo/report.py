"""The judgement: what both outside systems hold at the end, beside what we say of each order."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal

from django.db.models import Sum

from ipaas.types import JSON
from syncjobs.models import Attempt, InboxEvent, Record
from syncjobs.stories.demo.sim import Sandbox, by_prefix, cents
from syncjobs.stories.shops.shop_side import ShopSide

FLOW = "orders"
ALIVE = {"pending", "open", "closed"}
FINAL = {
    Record.Disposition.BOOKED,
    Record.Disposition.CANCELLED,
    Record.Disposition.SKIPPED,
    Record.Disposition.HELD,
    Record.Disposition.DEAD,
    Record.Disposition.SETTLED,
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One store order at the end. Totals as text in the order's currency."""

    web_id: int
    kind: str  # what the shopper did
    disposition: str
    heartland_id: str
    reason: str
    store_total: str
    heartland_total: str
    calls_store: int
    calls_heartland: int
    seconds: float | None  # from the first webhook to booked


@dataclass(frozen=True, kw_only=True)
class Report:
    """Exit status 0 only when lost, doubled and cent_differences are 0 and every order has its disposition."""

    orders: list[Row]
    dispositions: dict[str, int]
    lost: int
    doubled: int
    cent_differences: int
    problems: list[str] = field(default_factory=list)  # a sentence for each of the three

    @property
    def is_clean(self) -> bool:
        return self.lost == self.doubled == self.cent_differences == 0

    def as_json(self) -> JSON:
        return asdict(self)


def judge(placed: dict[int, str], heartland: Sandbox, side: ShopSide, prefix: str) -> Report:
    """Compare every placed order ({web id: kind}) with what Heartland holds now."""
    sales_orders = heartland.rows("orders")
    paid = payments_by_order(heartland)
    store, given_back = side.books().orders, side.given_back()
    records = {record.external_id: record for record in Record.objects.filter(flow=FLOW)}
    rows, problems = [], Problems()
    for web_id, kind in placed.items():
        record = records.get(str(web_id))
        sold = store[str(web_id)]
        found = [row for row in by_prefix(sales_orders, f"{prefix}{sold.number}") if row["status"] in ALIVE]
        owed = sold.total - given_back.get(web_id, Decimal(0))  # an order comes as what is left of it
        problems.look_at(web_id, record, found, paid, owed)
        rows.append(row_of(web_id, kind, record, sold.total, side.topics))
    return Report(
        orders=rows,
        dispositions=dict(Counter(row.disposition for row in rows)),
        lost=len(problems.lost),
        doubled=len(problems.doubled),
        cent_differences=len(problems.cents),
        problems=[*problems.lost, *problems.doubled, *problems.cents],
    )


@dataclass
class Problems:
    """What is wrong, in sentences."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    cents: list[str] = field(default_factory=list)

    def look_at(
        self, web_id: int, record: Record | None, found: Sequence[JSON], paid: dict[int, Decimal], owed: Decimal
    ) -> None:
        """Judge one order by what Heartland holds, never by our own word."""
        if record is None or record.disposition not in FINAL:
            self.lost.append(f"Order {web_id} has no disposition")
        elif record.disposition == Record.Disposition.BOOKED and not found:
            self.lost.append(f"Order {web_id} is said to be booked, but Heartland does not hold it")
        elif record.disposition != Record.Disposition.BOOKED and found:
            self.lost.append(f"Order {web_id} is {record.disposition}, but Heartland holds {found[0]['public_id']}")
        if len(found) > 1:
            self.doubled.append(f"Order {web_id} stands {len(found)} times in Heartland")
        for row in found:
            total, settled = cents(row["total"]), paid.get(row["id"], Decimal(0))
            if not total == settled == owed:
                self.cents.append(f"Order {web_id}: store {owed}, Heartland {total}, paid {settled}")


def payments_by_order(heartland: Sandbox) -> dict[int, Decimal]:
    """What is recorded as paid on each sales order."""
    paid: dict[int, Decimal] = {}
    for row in heartland.rows("payments"):
        if row.get("order_id"):
            paid[row["order_id"]] = paid.get(row["order_id"], Decimal(0)) + cents(row["amount"])
    return paid


def row_of(web_id: int, kind: str, record: Record | None, store_total: Decimal, topics: str) -> Row:
    """What we say of one order, with its calls."""
    attempts = Attempt.objects.filter(job__flow=FLOW, job__external_id=str(web_id))
    calls = attempts.aggregate(store=Sum("calls_store"), heartland=Sum("calls_heartland"))
    heard = InboxEvent.objects.filter(external_id=str(web_id), topic__startswith=topics).order_by("received_at")
    first = heard.first()
    seconds = None
    if record and record.booked_at and first:
        seconds = round((record.booked_at - first.received_at).total_seconds(), 3)
    return Row(
        web_id=web_id,
        kind=kind,
        disposition=record.disposition if record else "missing",
        heartland_id=record.target_label if record else "",
        reason=record.reason if record else "",
        store_total=str(store_total),
        heartland_total=str(record.target_total) if record and record.target_total is not None else "",
        calls_store=calls["store"] or 0,
        calls_heartland=calls["heartland"] or 0,
        seconds=seconds,
    )

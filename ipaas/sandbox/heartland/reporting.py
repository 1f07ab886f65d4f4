"""Reports for reconciliation: the analyzer's confirmed metrics and the flat sale lines (§19)."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from ipaas.sandbox.core.store import Row
from ipaas.sandbox.core.web import Reply, Request, Router, json_reply
from ipaas.sandbox.heartland.errors import invalid_request
from ipaas.sandbox.heartland.fields import ID, READ, Field, Resource, number, text, whole
from ipaas.sandbox.heartland.listing import read_page
from ipaas.sandbox.heartland.replies import list_reply
from ipaas.sandbox.heartland.service import Heartland
from ipaas.sandbox.heartland.transaction_model import lines_of

routes: Router[Heartland] = Router()


@dataclass(frozen=True, slots=True)
class Sale:
    """One sold or returned line, booked at a location on a local day."""

    source: Row  # location credited with the sale
    location: Row  # location that gave the goods
    day: str
    transaction: Row
    line: Row
    item: Row | None


def sales(service: Heartland) -> Iterator[Sale]:
    """Item lines of every completed transaction. Orders sell for their source location, ship from another (§18)."""
    places = {row["id"]: row for row in service.table("locations").all()}
    for row in service.table("transactions").all():
        if row["status"] != "complete":
            continue
        order = service.table("orders").get(row.get("order_id") or 0)
        here = places[row["source_location_id"]]
        source = places[order["source_location_id"]] if order else here
        for line in lines_of(service, row["id"]):
            if line["type"] == "ItemLine":
                item = service.table("items").get(line["item_id"])
                yield Sale(source, here, row["local_completed_at"][:10], row, line, item)


def _gross(sale: Sale) -> Decimal:
    return Decimal(sale.line["qty"]) * Decimal(sale.line["original_unit_price"] or 0)


METRICS: dict[str, Callable[[Sale], Any]] = {
    "gross_sales": lambda sale: _gross(sale) if sale.line["qty"] > 0 else 0,
    "net_sales": lambda sale: sale.line["value"],
    "gross_returns": lambda sale: _gross(sale) if sale.line["qty"] < 0 else 0,
    "net_markdowns": lambda sale: sale.line["value"] - _gross(sale),
    "gross_qty_sold": lambda sale: max(0, sale.line["qty"]),
    "net_qty_sold": lambda sale: sale.line["qty"],
    "gross_qty_returned": lambda sale: max(0, -sale.line["qty"]),
    "total_cost": lambda sale: Decimal(sale.line["qty"]) * Decimal(sale.line["unit_cost"] or 0),
}
FAMILIES = ("source_sales", "location_sales")
COUNT = "transaction_count"


def _group(name: str, family: str) -> Callable[[Sale], Any]:
    """The value of a group for a sale. Raises 400 for an unknown group."""
    if name.startswith("item.custom@"):
        key = name.partition("@")[2]
        return lambda sale: (sale.item or {}).get("custom", {}).get(key)
    groups: dict[str, Callable[[Sale], Any]] = {
        "date.date": lambda sale: sale.day,
        "date.month_of_year": lambda sale: int(sale.day[5:7]),
        "date.year": lambda sale: int(sale.day[:4]),
        "location.name": lambda sale: _place(sale, family)["name"],
        "location.public_id": lambda sale: _place(sale, family)["public_id"],
        "item.public_id": lambda sale: (sale.item or {}).get("public_id"),
        "item.description": lambda sale: (sale.item or {}).get("description"),
    }
    if name not in groups:
        raise invalid_request(f"unknown group: {name}")
    return groups[name]


def _place(sale: Sale, family: str) -> Row:
    return sale.source if family == "source_sales" else sale.location


@routes.route("GET", "/api/reporting/analyzer", needs="reporting.read")
def analyzer(service: Heartland, request: Request) -> Reply:
    """Sales metrics by group. Other families of metrics are not known by name (§19.1): 400."""
    args = request.args
    metrics = args.getlist("metrics[]")
    groups = args.getlist("group[]") + args.getlist("groups[]")
    wanted = [_split(name) for name in metrics]
    if not wanted:
        raise invalid_request("metrics[] is missing")
    first, last = args.get("start_date", "0000"), args.get("end_date", "9999")
    chosen = [sale for sale in sales(service) if first <= sale.day <= last]
    rows = list(_rows(chosen, wanted, groups))
    for text_sort in reversed(args.getlist("sort[]")):
        name, _, direction = text_sort.partition(",")
        rows.sort(key=lambda row, n=name: (row.get(n) is not None, row.get(n)), reverse=direction == "desc")  # type: ignore[misc]
    if args.get("exclude_zeroes") == "true":
        rows = [row for row in rows if any(row[name] for name in metrics)]
    page, per_page = read_page(args.get("page"), args.get("per_page"))
    start = 0 if per_page is None else (page - 1) * per_page
    cut = rows[start : None if per_page is None else start + per_page]
    answer: dict[str, Any] = {"total": len(rows), "pages": 1 if per_page is None else -(-len(rows) // per_page)}
    answer["results"] = cut
    if args.get("grand_total") == "true":
        answer["grand_total"] = next(_rows(chosen, wanted, ()), dict.fromkeys(metrics, 0))
    return json_reply(answer)


def _split(name: str) -> tuple[str, str]:
    family, _, metric = name.partition(".")
    if family not in FAMILIES or (metric not in METRICS and metric != COUNT):
        raise invalid_request(f"unknown metric: {name}")
    return family, metric


def _rows(chosen: list[Sale], wanted: list[tuple[str, str]], groups: Iterable[str]) -> Iterator[dict[str, Any]]:
    """One row per combination of group values; keys are the dotted names."""
    names = list(groups)
    buckets: dict[tuple[Any, ...], dict[str, Any]] = {}
    counted: dict[tuple[tuple[Any, ...], str], set[int]] = {}
    for family, metric in wanted:
        keys = [_group(name, family) for name in names]
        full = f"{family}.{metric}"
        for sale in chosen:
            key = tuple(one(sale) for one in keys)
            row = buckets.setdefault(key, {**dict(zip(names, key, strict=True)), **{f"{f}.{m}": 0 for f, m in wanted}})
            if metric == COUNT:
                seen = counted.setdefault((key, full), set())
                seen.add(sale.transaction["id"])
                row[full] = len(seen)
            else:
                row[full] += METRICS[metric](sale)
    yield from buckets.values()


SALE_LINES = Resource(
    table="transaction_lines",
    path="/reporting/sales",
    fields={
        **ID,
        **{name: whole(**READ) for name in ("transaction_id", "transaction_line_id", "customer_id", "item_id")},
        "datetime": Field("time", write=False),
        "date": Field("local", write=False),
        "location_name": text(**READ),
        **{name: number(**READ) for name in ("net_qty_sold", "unit_price", "net_sales")},
    },
)


@routes.route("GET", "/api/reporting/sales", needs="reporting.read")
def sale_lines(service: Heartland, request: Request) -> Reply:
    """Flat sale lines; `datetime` is when the ticket was opened."""
    return list_reply(service, request, SALE_LINES, [_flat(service, sale) for sale in sales(service)])


def _flat(service: Heartland, sale: Sale) -> Row:
    opened = sale.transaction["created_at"]
    local = service.local(opened, sale.location["id"])
    return {
        "id": sale.line["id"],
        "transaction_id": sale.transaction["id"],
        "transaction_line_id": sale.line["id"],
        "customer_id": sale.transaction.get("customer_id"),
        "item_id": sale.line["item_id"],
        "datetime": opened,
        "date": datetime.fromisoformat(local).date().isoformat(),
        "location_name": sale.location["name"],
        "net_qty_sold": sale.line["qty"],
        "unit_price": sale.line["unit_price"],
        "net_sales": sale.line["value"],
    }

"""Reports for reconciliation: the analyzer's confirmed metrics and the flat sale lines (§19)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from ipaas.sandbox.core.tables import Row
from ipaas.sandbox.core.web import Reply, Request, Router, json_reply
from ipaas.sandbox.heartland.errors import invalid_request
from ipaas.sandbox.heartland.fields import ID, READ, Field, Resource, number, text, whole
from ipaas.sandbox.heartland.listing import read_page
from ipaas.sandbox.heartland.replies import list_reply
from ipaas.sandbox.heartland.reporting_facts import (
    COUNT,
    FAMILIES,
    UNKNOWN_DATES,
    Fact,
    Sale,
    facts,
    group_of,
    sales,
)
from ipaas.sandbox.heartland.service import Heartland

routes: Router[Heartland] = Router()


@routes.route("GET", "/api/reporting/analyzer", needs="reporting.read")
def analyzer(service: Heartland, request: Request) -> Reply:
    """Metrics by group. Families and groups that nobody saw working are refused (§19.1): 400."""
    args = request.args
    metrics = args.getlist("metrics[]")
    groups = args.getlist("group[]") + args.getlist("groups[]")
    wanted = [_split(name) for name in metrics]
    if not wanted:
        raise invalid_request("metrics[] is missing")
    first, last = args.get("start_date", "0000"), args.get("end_date", "9999")
    counted = {family: facts(service, family, first, last) for family in dict.fromkeys(f for f, _ in wanted)}
    rows = list(_rows(service, counted, wanted, groups))
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
        answer["grand_total"] = next(_rows(service, counted, wanted, ()), dict.fromkeys(metrics, 0))
    return json_reply(answer)


def _split(name: str) -> tuple[str, str]:
    family, _, metric = name.partition(".")
    if metric not in FAMILIES.get(family, ()):
        raise invalid_request(f"unknown metric: {name}")
    return family, metric


def _rows(
    service: Heartland, counted: Mapping[str, list[Fact]], wanted: Sequence[tuple[str, str]], names: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """One row per combination of group values; keys are the dotted names."""
    keys = [group_of(service, name) for name in names]
    blank = {f"{family}.{metric}": None if metric in UNKNOWN_DATES else 0 for family, metric in wanted}
    buckets: dict[tuple[Any, ...], dict[str, Any]] = {}
    seen: dict[tuple[tuple[Any, ...], str], set[int]] = {}
    for family, metric in wanted:
        full = f"{family}.{metric}"
        for fact in counted[family]:
            key = tuple(one(fact) for one in keys)
            row = buckets.setdefault(key, {**dict(zip(names, key, strict=True)), **blank})
            if metric == COUNT:
                tickets = seen.setdefault((key, full), set())
                tickets.add(fact.transaction["id"])
                row[full] = len(tickets)
            elif metric not in UNKNOWN_DATES:
                row[full] += fact.figures[metric]
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

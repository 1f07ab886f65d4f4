"""Both outside systems as they are: by their public APIs with a token of the auditor's own, else by control state."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from ipaas.types import JSON
from syncjobs.stories.demo.sim import Sandbox, cents
from syncjobs.stories.shops.shop_kinds import side_of
from syncjobs.stories.shops.shop_side import Books

PAGE = 250
ALIVE = {"pending", "open", "closed"}
TOKEN = "auditor-token"  # noqa: S105 (of the sandbox)


@dataclass(frozen=True, kw_only=True)
class Shop:
    """A store as the auditor reaches it: its kind, its control address, our pages of it, the mark of its orders."""

    kind: str
    control: str
    hash: str
    page_id: str  # of our pages
    number_field: str  # of a sales order's custom fields, which names the web order
    store_field: str  # … and which names the store
    since: int = 0  # web orders before it are from before the connection


@dataclass(kw_only=True)
class Booked:
    """A sales order by Heartland's own word."""

    id: int
    number: str
    status: str
    total: Decimal
    paid: Decimal
    custom: JSON
    pieces: Counter[int] = field(default_factory=Counter)  # by item id
    undistributed: Counter[int] = field(default_factory=Counter)  # open pieces that no location ships, by item id
    asked: Counter[int] = field(default_factory=Counter)  # … and those that one is to ship

    @property
    def is_alive(self) -> bool:
        return self.status in ALIVE


@dataclass(kw_only=True)
class StoreSide(Books):
    """One store."""

    shop: Shop


@dataclass(frozen=True, kw_only=True)
class Stock:
    """What one location holds of an item."""

    on_hand: Decimal = Decimal(0)
    available: Decimal = Decimal(0)
    in_transit: Decimal = Decimal(0)


@dataclass(kw_only=True)
class Outside:
    """All of the outside world."""

    stores: list[StoreSide]
    sales_orders: list[Booked]
    invoiced: dict[int, Counter[str]]  # pieces of completed invoices by SKU, by sales order
    taken_back: dict[int, Counter[str]]  # … of them, what came back at tills
    stock: dict[str, dict[str, Stock]]  # by SKU and location
    skus: dict[int, str]  # by item id
    reports: dict[str, dict[str, tuple[Decimal, int]]] = field(
        default_factory=dict
    )  # sales and tickets by day, location
    sold_at: datetime | None = None  # the newest sale that these may hold

    def bearing(self, shop: Shop, order: str) -> list[Booked]:
        """The sales orders that bear the mark of a store's order."""
        return [row for row in self.sales_orders if mark_of(row.custom, shop) == order]


def mark_of(custom: JSON, shop: Shop) -> str:
    """The order of this store whose mark a sales order's custom fields hold; "" for none.

    The store's own reference, such as "shop:a1b2", and the number; or "shop:a1b2#881 Its view" where several orders of
    the store may have one number.
    """
    reference, has_id, rest = str(custom.get(shop.store_field) or "").partition("#")
    if not reference.endswith(f":{shop.hash}"):
        return ""
    return rest.partition(" ")[0] if has_id else str(custom.get(shop.number_field) or "")


def outside_read(heartland: Sandbox, shops: list[Shop]) -> Outside:
    """Read everything."""
    let_in(heartland)
    api = _Heartland(heartland)
    skus = {row["id"]: str(row["public_id"]) for row in api.all("/items", ("_only[]", "id"), ("_only[]", "public_id"))}
    stock: dict[str, dict[str, Stock]] = {}
    for row in api.all("/inventory/values", ("group[]", "item_id"), ("group[]", "location_id")):
        stock.setdefault(skus.get(row["item_id"], ""), {})[str(row["location_id"])] = Stock(
            on_hand=Decimal(row["qty_on_hand"]),
            available=Decimal(row["qty_available"]),
            in_transit=Decimal(row["qty_in_transit"]),
        )
    invoices = [row for row in api.all("/sales/invoices", *_included("lines")) if row["status"] == "complete"]
    tickets = api.all("/sales/tickets", *_included("lines"))
    returns = [row for row in tickets if row["type"] == "Return" and row["status"] == "complete"]
    return Outside(
        stores=[StoreSide(shop=shop, **vars(side_of(shop.kind, shop.control).books())) for shop in shops],
        sales_orders=[_booked(row) for row in api.all("/sales/orders", *_included("lines", "payments"))],
        invoiced=_pieces(invoices, skus, {row["id"]: row["order_id"] for row in invoices}, "id"),
        taken_back=_pieces(returns, skus, {row["id"]: row["order_id"] for row in invoices}, "parent_transaction_id"),
        stock=stock,
        skus=skus,
        reports={str(day): _report(api, day) for day in _days()},
        sold_at=max(_completed(heartland), default=None),
    )


def _days() -> list[date]:
    """The day that it is somewhere on earth."""
    today = datetime.now(UTC).date()
    return [today + timedelta(days=days) for days in (-1, 0, 1)]


def _report(api: "_Heartland", day: date) -> dict[str, tuple[Decimal, int]]:
    """Net sales and transactions of a day by location."""
    metrics = [("metrics[]", f"source_sales.{name}") for name in ("net_sales", "transaction_count")]
    bounds = [("start_date", str(day)), ("end_date", str(day))]
    return {
        str(row["location.name"]): (cents(row["source_sales.net_sales"]), int(row["source_sales.transaction_count"]))
        for row in api.all("/reporting/analyzer", *metrics, ("group[]", "location.name"), *bounds)
    }


def _completed(heartland: Sandbox) -> Iterator[datetime]:
    """When tickets, returns and invoices were."""
    for row in heartland.rows("transactions"):
        if row.get("completed_at"):
            yield datetime.fromisoformat(row["completed_at"])


def let_in(heartland: Sandbox) -> None:
    """Make the token where it is not there yet, through the control API, as an owner would."""
    if TOKEN not in {row["token"] for row in heartland.rows("tokens")}:
        heartland.post("/_sim/tokens", {"token": TOKEN, "description": "Auditor"})


class _Heartland:
    """GET with the auditor's token."""

    def __init__(self, system: Sandbox) -> None:
        self.system = system

    def all(self, path: str, *params: tuple[str, str]) -> Iterator[JSON]:
        headers, number, pages = {"Authorization": f"Bearer {TOKEN}"}, 1, 1
        while number <= pages:
            asked = [*params, ("per_page", str(PAGE)), ("page", str(number))]
            answer = self.system.read(f"/api{path}", asked, headers)
            yield from answer["results"]
            number, pages = number + 1, answer["pages"]


def _included(*names: str) -> list[tuple[str, str]]:
    return [("_include[]", name) for name in names]


def _booked(row: JSON) -> Booked:
    pieces, undistributed, asked = Counter[int](), Counter[int](), Counter[int]()
    for line in row["lines"]:
        if line.get("item_id"):
            pieces[line["item_id"]] += int(line["qty"])
        if row["status"] == "open" and line.get("item_id"):
            found = undistributed if line.get("ship_from_location_id") is None else asked
            found[line["item_id"]] += int(line["qty"] - (line.get("qty_invoiced") or 0))
    return Booked(
        id=row["id"],
        number=str(row["public_id"]),
        status=row["status"],
        total=cents(row["total"]),
        paid=cents(sum(payment["amount"] for payment in row["payments"])),
        custom=row.get("custom") or {},
        pieces=pieces,
        undistributed=+undistributed,
        asked=+asked,
    )


def _pieces(rows: list[JSON], skus: dict[int, str], orders: dict[int, int], invoice: str) -> dict[int, Counter[str]]:
    """Pieces by SKU that left or came back, by sales order; `invoice` is where a row names its invoice."""
    found: dict[int, Counter[str]] = {}
    for row in rows:
        for line in row.get("lines") or ():
            if line.get("item_id") and row[invoice] in orders:
                found.setdefault(orders[row[invoice]], Counter())[skus[line["item_id"]]] += abs(int(line["qty"]))
    return found

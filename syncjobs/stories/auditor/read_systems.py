"""Both outside systems as they are: by their public APIs with a token of the auditor's own, else by control state."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

from ipaas.types import JSON
from syncjobs.stories.demo.sim import Sandbox, cents

PAGE = 250
LEVELS = 1_000
ALIVE = {"pending", "open", "closed"}
TOKEN = "auditor-token"  # noqa: S105 (of the sandbox)
LEFT = {"Shipped", "Completed"}  # goods of these statuses are gone
NEVER = {"Incomplete", "Cancelled", "Declined", "Refunded"}  # goods of these are not promised to anybody


@dataclass(frozen=True, kw_only=True)
class Shop:
    """A store as the auditor reaches it: its control address, its API, our pages of it, the mark of its orders."""

    control: str
    hash: str
    page_id: str  # of our pages
    number_field: str  # of a sales order's custom fields, which names the web order
    store_field: str  # … and which names the store
    since: int = 0  # web orders before it are from before the connection


@dataclass(kw_only=True)
class Sold:
    """An order of a store by the store's own word."""

    id: str
    total: Decimal
    currency: str
    status: str
    is_archived: bool
    placed_at: datetime | None = None
    pieces: Counter[str] = field(default_factory=Counter)  # by SKU

    @property
    def is_living(self) -> bool:
        return not self.is_archived

    @property
    def is_promised(self) -> bool:
        """Whether its goods must not be sold again while nobody ships them."""
        return self.is_living and self.status not in LEFT | NEVER


@dataclass(kw_only=True)
class Booked:
    """A sales order by Heartland's own word."""

    id: int
    number: str
    status: str
    total: Decimal
    paid: Decimal
    custom: JSON
    undistributed: Counter[int] = field(default_factory=Counter)  # open pieces that no location ships, by item id
    asked: Counter[int] = field(default_factory=Counter)  # … and those that one is to ship

    @property
    def is_alive(self) -> bool:
        return self.status in ALIVE


@dataclass(kw_only=True)
class StoreSide:
    """One store."""

    shop: Shop
    orders: dict[str, Sold]
    stock: dict[str, int]  # at the default location, by SKU
    shipped: dict[str, Counter[str]]  # pieces by SKU, by order
    tracked: set[str]  # SKUs whose stock the store keeps
    told: set[str] = field(default_factory=set)  # orders of which a webhook of the store told us


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
    stock: dict[str, dict[str, Stock]]  # by SKU and location
    skus: dict[int, str]  # by item id
    reports: dict[str, dict[str, tuple[Decimal, int]]] = field(
        default_factory=dict
    )  # sales and tickets by day, location
    sold_at: datetime | None = None  # the newest sale that these may hold

    def bearing(self, shop: Shop, order: str) -> list[Booked]:
        """The sales orders that bear the mark of a store's order."""
        return [row for row in self.sales_orders if mark_of(row, shop) == order]


def mark_of(row: Booked, shop: Shop) -> str:
    """The order of this store whose mark a sales order bears; "" for none."""
    is_its = str(row.custom.get(shop.store_field) or "").endswith(f":{shop.hash}")
    return str(row.custom.get(shop.number_field) or "") if is_its else ""


def outside_read(heartland: Sandbox, shops: list[Shop]) -> Outside:
    """Read everything."""
    let_in(heartland, [shop.control for shop in shops])
    api = _Heartland(heartland)
    skus = {row["id"]: str(row["public_id"]) for row in api.all("/items", ("_only[]", "id"), ("_only[]", "public_id"))}
    stock: dict[str, dict[str, Stock]] = {}
    for row in api.all("/inventory/values", ("group[]", "item_id"), ("group[]", "location_id")):
        stock.setdefault(skus.get(row["item_id"], ""), {})[str(row["location_id"])] = Stock(
            on_hand=Decimal(row["qty_on_hand"]),
            available=Decimal(row["qty_available"]),
            in_transit=Decimal(row["qty_in_transit"]),
        )
    return Outside(
        stores=[_store(shop) for shop in shops],
        sales_orders=[_booked(row) for row in api.all("/sales/orders", *_included("lines", "payments"))],
        invoiced=_invoiced(api, skus),
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


def let_in(heartland: Sandbox, stores: Sequence[str]) -> None:
    """Make the token where it is not there yet, through the control APIs, as an owner would."""
    for system in (heartland, *map(Sandbox, stores)):
        if TOKEN not in {row["token"] for row in system.rows("tokens")}:
            system.post("/_sim/tokens", {"token": TOKEN, "description": "Auditor"})


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
    undistributed, asked = Counter[int](), Counter[int]()
    for line in row["lines"]:
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
        undistributed=+undistributed,
        asked=+asked,
    )


def _invoiced(api: _Heartland, skus: dict[int, str]) -> dict[int, Counter[str]]:
    found: dict[int, Counter[str]] = {}
    for invoice in api.all("/sales/invoices", *_included("lines")):
        if invoice["status"] != "complete":
            continue
        for line in invoice.get("lines") or ():
            if line.get("item_id"):
                found.setdefault(invoice["order_id"], Counter())[skus[line["item_id"]]] += int(line["qty"])
    return found


# --- a store --------------------------------------------------------------------------------------


def _store(shop: Shop) -> StoreSide:
    system = Sandbox(shop.control)
    read = _Store(system, shop.hash)
    orders = {row["id"]: _sold(row, is_archived=False) for row in read.v2("/v2/orders")}
    for row in read.v2("/v2/orders", is_deleted="true"):
        orders[row["id"]] = _sold(row, is_archived=True)
    shipped: dict[str, Counter[str]] = {}
    for line in system.rows("lines"):  # the API would have to be asked for the lines of each order
        if order := orders.get(line["order_id"]):
            order.pieces[line["sku"]] += int(line["quantity"])
            if line["quantity_shipped"]:
                shipped.setdefault(order.id, Counter())[line["sku"]] += int(line["quantity_shipped"])
    levels = [row for row in read.v3("/v3/inventory/locations/1/items", LEVELS) if row["identity"]["sku"]]
    return StoreSide(
        shop=shop,
        orders={order.id: order for order in orders.values()},
        stock={row["identity"]["sku"]: int(row["total_inventory_onhand"]) for row in levels},
        shipped=shipped,
        tracked={row["identity"]["sku"] for row in levels},
        told=set(_told(system)),
    )


def _told(system: Sandbox) -> Iterator[str]:
    """Orders of which a webhook was accepted."""
    for row in system.get("/_sim/deliveries", status="delivered")["deliveries"]:
        if isinstance(row["body"], dict) and str(row["body"].get("scope")).startswith("store/order/"):
            yield str(row["body"]["data"].get("orderId") or row["body"]["data"]["id"])


def _sold(row: JSON, *, is_archived: bool) -> Sold:
    return Sold(
        id=str(row["id"]),
        total=cents(row["total_inc_tax"]),
        currency=str(row["default_currency_code"]),
        status=str(row["status"]),
        is_archived=is_archived,
        placed_at=parsedate_to_datetime(row["date_created"]),
    )


class _Store:
    """GET with the auditor's token."""

    def __init__(self, system: Sandbox, store_hash: str) -> None:
        self.system, self.base = system, f"/stores/{store_hash}"

    def v2(self, path: str, **params: Any) -> Iterator[JSON]:
        for number in range(1, 1_000):
            rows = self._get(path, {**params, "limit": PAGE, "page": number}) or []
            yield from rows
            if len(rows) < PAGE:
                return

    def v3(self, path: str, limit: int) -> Iterator[JSON]:
        for number in range(1, 1_000):
            rows = self._get(path, {"limit": limit, "page": number})["data"]
            yield from rows
            if len(rows) < limit:
                return

    def _get(self, path: str, params: JSON) -> Any:
        headers = {"X-Auth-Token": TOKEN, "Accept": "application/json"}
        return self.system.read(f"{self.base}{path}", list(params.items()), headers)

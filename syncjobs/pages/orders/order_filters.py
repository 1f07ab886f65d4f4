"""What the address of the list of orders asks for: read, turned into querysets, and said in words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.formats import date_format

from connections.components import FilterChip, StateTab
from connections.models import Connection
from connections.vocabulary import STATES
from mappings.core.rules.search_terms import SHORTEST_PART, after, plain
from syncjobs.distribution.waiting_lines import WAITS_FOR_LOCATION
from syncjobs.models import OrderPeople, OrderTerm, Record
from syncjobs.pages.dashboard.dashboard_scope import PERIODS, Scope, placed_on, within
from syncjobs.pages.lists.keyset import MOST_COUNTED, Sort, count_words, counted, moment, money
from syncjobs.pages.orders.pipeline import STAGES
from syncjobs.pages.search.find_orders import sku_terms_of

State = Record.Disposition
NAMES = ("state", "code", "status", "period", "q", "undistributed", "stage", "sku", "shopper", "store", "hour",
         "sort")  # fmt: skip
TABS: dict[str, tuple[str, tuple[State, ...]]] = {  # state in the address → its tab, and what stands there
    "": ("All", ()),
    "booked": (STATES["booked"], (State.BOOKED,)),
    "waiting": (STATES["in_flight"], (State.IN_FLIGHT, State.RETRYING)),
    "held": (STATES["held"], (State.HELD,)),
    "skipped": (STATES["skipped"], (State.SKIPPED,)),
    "cancelled": (STATES["cancelled"], (State.CANCELLED,)),
    "dead": (STATES["dead"], (State.DEAD,)),
    "settled": (STATES["settled"], (State.SETTLED,)),
}
PERIOD_WORDS = {"today": "Today", "7d": "Last 7 days", "30d": "Last 30 days", "all": "Any time"}
HOUR, HOUR_FORMAT = timedelta(hours=1), "%Y-%m-%dT%H:%M"
TOTAL = Coalesce("source_total", Decimal(0))
SORTS: dict[str, Sort] = {
    "newest": Sort(label="Newest first", by=placed_on(), read=moment),
    "oldest": Sort(label="Oldest first", by=placed_on(), read=moment, falls=False),
    "largest": Sort(label="Largest total first", by=TOTAL, read=money),
    "smallest": Sort(label="Smallest total first", by=TOTAL, read=money, falls=False),
}
BY_AGE = SORTS["newest"]


@dataclass(frozen=True, kw_only=True)
class OrderFilters:
    """What the address of the list asks for."""

    state: str = ""  # of TABS, or one disposition
    code: str = ""
    status: str = ""  # as the store names it
    period: str = "all"
    hour: datetime | None = None  # its beginning
    text: str = ""
    undistributed: bool = False
    sku: str = ""  # of a line
    shopper: str = ""  # a keyed digest, as the search gives it
    stage: str = ""  # of syncjobs.pages.orders.pipeline.STAGES
    store: str = ""  # public id
    sort: str = "newest"

    @property
    def ordered(self) -> Sort:
        return SORTS[self.sort]

    @property
    def address(self) -> dict[str, str]:
        """The filters as an address has them, without those that say nothing."""
        values = {
            "state": self.state, "code": self.code, "status": self.status, "q": self.text, "sku": self.sku,
            "period": "" if self.period == "all" else self.period, "shopper": self.shopper, "stage": self.stage,
            "hour": hour_text(self.hour),
            "undistributed": "1" if self.undistributed else "", "store": self.store,
            "sort": "" if self.sort == "newest" else self.sort,
        }  # fmt: skip
        return {name: value for name, value in values.items() if value}


def filters_of(asked: Mapping[str, str]) -> OrderFilters:
    """What is not known is left out."""
    state = asked.get("state", "")
    return OrderFilters(
        state=state if state in TABS or state in State.values else "",
        code=asked.get("code", "")[:60],
        status=asked.get("status", "")[:60],
        period=asked.get("period", "all") if asked.get("period") in PERIODS else "all",
        hour=hour_of(asked.get("hour", "")),
        text=asked.get("q", "").strip().lstrip("#")[:80],
        undistributed=asked.get("undistributed") == "1",
        stage=asked.get("stage", "") if asked.get("stage") in STAGES else "",
        sku=asked.get("sku", "").strip()[:80],
        shopper=asked.get("shopper", "")[:40],
        store=asked.get("store", "")[:36],
        sort=asked.get("sort", "newest") if asked.get("sort") in SORTS else "newest",
    )


def hour_of(text: str) -> datetime | None:
    """The beginning of an hour as an address names it, in UTC; None for what is none."""
    try:
        return datetime.strptime(text, HOUR_FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return None


def hour_text(hour: datetime | None) -> str:
    return f"{hour.astimezone(UTC):{HOUR_FORMAT}}" if hour else ""


def hour_words(filters: OrderFilters, stores: Sequence[Connection]) -> str:
    """`Mon 14:00 to 15:00` on the first merchant's clock."""
    if not filters.hour:
        return ""
    zone = Scope(connections=list(stores)).zone
    began, over = (moment.astimezone(zone) for moment in (filters.hour, filters.hour + HOUR))
    return f"{date_format(began, 'D H:i')} to {date_format(over, 'H:i')}"


def orders_filtered(scope: Scope, filters: OrderFilters) -> list[QuerySet[Record]]:
    """The orders of each store, unsorted; joined with nothing, or the planner takes a page for a handful of rows."""
    found = []
    for connection in scope.connections:
        rows = within(Scope(connections=[connection], now=scope.now), filters.period)
        if filters.hour:
            rows = rows.alias(at=placed_on()).filter(at__gte=filters.hour, at__lt=filters.hour + HOUR)
        rows = rows.filter(conditions(filters))
        if (ids := narrowed(connection, filters)) is not None:
            rows = rows.filter(external_id__in=ids)
        found.append(rows)
    return found


def attached(rows: Iterable[Record], connections: Iterable[Connection]) -> list[Record]:
    """The rows with their connections as they were read already."""
    known = {connection.pk: connection for connection in connections}
    found = list(rows)
    for row in found:
        row.connection = known[row.connection_id]
    return found


def conditions(filters: OrderFilters) -> Q:
    """What the columns of an order's record must say."""
    states = TABS[filters.state][1] if filters.state in TABS else (State(filters.state),)
    wanted = Q(disposition__in=states) if states else Q()
    if filters.code:
        wanted &= Q(code=filters.code)
    if filters.status:
        wanted &= Q(source_status=filters.status)
    if filters.undistributed:
        wanted &= WAITS_FOR_LOCATION
    if filters.stage:
        wanted &= STAGES[filters.stage][1]
    return wanted


def narrowed(connection: Connection, filters: OrderFilters) -> set[str] | None:
    """The store's ids of orders with these terms, the newest MOST_COUNTED of each; None where none are asked for."""
    found: list[set[str]] = []
    if filters.sku:
        found.append(_ids(sku_terms_of([connection], filters.sku)))
    if filters.shopper:
        known = OrderPeople.objects.filter(connection=connection, terms__term=filters.shopper)
        found.append(set(known.order_by("-placed_at").values_list("external_id", flat=True)[:MOST_COUNTED]))
    if filters.text:
        found.append(_numbered(connection, filters.text))
    return set.intersection(*found) if found else None


def matching(text: str) -> Q:
    """A web order number, a Heartland number or a Heartland id."""
    labels = {text, text.upper(), text.lower()}
    return Q(external_id=text) | Q(number=text) | Q(target_label__in=labels) | Q(target_id=text)


def _numbered(connection: Connection, text: str) -> set[str]:
    """Orders whose number in either system is the text, or holds it."""
    part, rows = plain(text), Record.objects.filter(connection=connection, flow="orders")
    found = set(rows.filter(matching(text)).values_list("external_id", flat=True)[:MOST_COUNTED])
    if len(part) >= SHORTEST_PART and not part.startswith(OrderTerm.OF_SKU):
        found |= _ids(OrderTerm.objects.filter(connection=connection, term__gte=part, term__lt=after(part)))
    return found


def _ids(terms: QuerySet[OrderTerm]) -> set[str]:
    return set(terms.order_by("term", "-placed_at").values_list("external_id", flat=True)[:MOST_COUNTED])


def href(filters: OrderFilters, **changes: Any) -> str:
    """The list with other filters; "" takes one away."""
    values = {name: value for name, value in {**filters.address, **changes}.items() if value}
    return f"{reverse('orders')}?{urlencode(values)}" if values else reverse("orders")


def tabs(scope: Scope, filters: OrderFilters) -> list[StateTab]:
    """By state, with how many orders the other filters leave there: as many bounded questions as tabs and stores."""
    rest = OrderFilters(**{**vars(filters), "state": "", "undistributed": False, "stage": ""})
    parts = orders_filtered(scope, rest)
    found = []
    for key, (label, states) in TABS.items():
        count = counted([part.filter(disposition__in=states) if states else part for part in parts], BY_AGE)
        is_here = not filters.undistributed and (filters.state == key or filters.state in {str(one) for one in states})
        found.append(_tab(label, href(rest, state=key), count, is_current=is_here, needs_you=key in {"held", "dead"}))
    waiting = counted([part.filter(WAITS_FOR_LOCATION) for part in parts], BY_AGE)
    there = href(rest, undistributed="1")
    to_ship = _tab("To distribute", there, waiting, is_current=filters.undistributed, needs_you=True)
    return [*found, to_ship]


def _tab(label: str, where: str, count: int, *, is_current: bool, needs_you: bool) -> StateTab:
    words = count_words(count)
    return StateTab(
        label=label, href=where, is_current=is_current, count=words, counted="orders", needs_you=needs_you and count > 0
    )


def chips(filters: OrderFilters, stores: Sequence[Connection]) -> list[FilterChip]:
    """Each filter that is set beside the tab, with the list without it."""
    store = next((str(one.store) for one in stores if str(one.public_id) == filters.store), "unknown")
    values = {
        "store": ("Store", store),
        "period": ("Placed", PERIOD_WORDS[filters.period]),
        "hour": ("Placed", hour_words(filters, stores)),
        "q": ("Number", filters.text),
        "sku": ("With the SKU", filters.sku),
        "shopper": ("Of", "one shopper"),
        "stage": ("Stage", STAGES[filters.stage][0] if filters.stage else ""),
        "code": ("Reason code", filters.code),
        "status": ("Store status", filters.status),
    }
    return [
        FilterChip(name=name, value=words, href=href(filters, **{key: ""}))
        for key, (name, words) in values.items()
        if key in filters.address
    ]

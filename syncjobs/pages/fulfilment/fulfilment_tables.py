"""What the Order Fulfillment tab shows beside its forms: statuses with counts, value tables, required fields."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q

from connections.heartland_lists import Choices
from connections.models import Connection, OrderSettings
from connections.store_kinds import profile_of
from errors.issues.issue_lists import waiting_by_value
from mappings.core.canonical.statuses import ENDED, LEFT, Disposition, Status, StatusMeaning
from mappings.core.rules.eligibility import UNKNOWN_STATUS
from mappings.models import FieldDefault, ValueMap
from syncjobs.engine.settings_changed import STATUS_CODES
from syncjobs.flows.shipments import AWAITING_TRACKING, SHIPMENTS
from syncjobs.flows.shipments.questions import AS_CHOSEN
from syncjobs.models import Record, SyncJob
from syncjobs.pages.dashboard.dashboard_scope import ORDERS
from syncjobs.stores.known_statuses import stand_ins
from syncjobs.stores.opening import statuses_of
from syncjobs.stores.port import StatusCount

MAPS = {  # kind → code of the hold it releases
    "payment": "payment_unmapped",
    "shipping": "shipping_unmapped",
    "status": UNKNOWN_STATUS,
    "checkout": "",  # what has no field is left out, and holds nothing
}
CANNOT_SEND = {Disposition.HOLD: "Always needs you, whatever is chosen here."}
NEVER_SENT = (StatusMeaning.NOT_PLACED, StatusMeaning.REFUNDED)  # no order to fulfil
ALWAYS = (*NEVER_SENT, *ENDED, StatusMeaning.PART_REFUNDED)  # what becomes of them is fixed


@dataclass(frozen=True, kw_only=True)
class StatusRow:
    """One status of the store: is it taken, what then happens, how many orders are ignored because of it."""

    key: str
    name: str
    is_chosen: bool
    is_choosable: bool
    effect: str
    ignored: int
    is_held: bool
    may_be_held: bool
    live: int | None  # orders in this status in the store now; None when not asked, or when it does not count them
    label: str = ""  # as the merchant renamed it there

    @property
    def live_words(self) -> str:
        """The live count in words, with the merchant's own name; empty when the store was not asked."""
        if self.live is None:
            return ""
        named = f"“{self.label}”: " if self.label not in {"", self.name} else ""
        return f"{named}{self.live} now{'' if self.is_chosen or not self.live else ', ignored'}"


def status_rows(
    connection: Connection,
    settings: OrderSettings,
    *,
    live: Sequence[StatusCount] | None = None,
) -> list[StatusRow]:
    """Every status of the store; `live` is what it said of them now."""
    now = {one.key: one for one in live or ()}
    skipped = Record.objects.filter(connection=connection, flow=ORDERS, disposition=Record.Disposition.SKIPPED)
    rows = skipped.filter(code__in=STATUS_CODES).order_by().values("source_status").annotate(n=Count("id"))
    ignored = {row["source_status"]: row["n"] for row in rows}
    return [
        StatusRow(
            key=key,
            name=info.name,
            is_chosen=key in settings.eligible_statuses,
            is_held=key in settings.held_statuses,
            may_be_held=info.meaning not in ALWAYS,
            is_choosable=info.meaning not in NEVER_SENT and info.default_disposition not in CANNOT_SEND,
            effect=effect(info, settings),
            ignored=ignored.get(info.name, 0),
            live=now[key].orders if key in now else None,
            label=now[key].label if key in now else "",
        )
        for key, info in statuses_of(connection.store).items()
    ]


def effect(info: Status, settings: OrderSettings) -> str:
    """What becomes of an order in this status in Heartland."""
    is_chosen = info.key in settings.eligible_statuses
    if info.key in settings.held_statuses and info.meaning not in ALWAYS:
        return "Needs you; a booked order goes on."
    if info.default_disposition in CANNOT_SEND:
        return CANNOT_SEND[info.default_disposition]
    if info.default_disposition == Disposition.CANCEL:
        ending = info.name.lower()
        if is_chosen:
            return f"Cancelled in Heartland; never booked when it was {ending} before."
        return f"Heartland's order stays open; never booked when it was {ending} before."
    if info.meaning in NEVER_SENT:
        return f"Never sent: {info.sentence[0].lower()}{info.sentence[1:]}"
    if not is_chosen:
        return "Skipped until its status changes."
    if settings.shipping == settings.Shipping.STORE and info.meaning not in LEFT:
        return "Skipped until the store has shipped it."
    return f"New sales order in Heartland, {'closed: invoiced at once' if settings.invoices_at_once else 'open'}."


@dataclass(frozen=True, kw_only=True)
class MapRow:
    """One value with its target."""

    field: str
    source: str
    label: str
    target: str
    target_label: str
    seen: int
    last_seen_at: object
    waiting: int
    subject: str = ""  # as the trail names it
    is_paid: bool = False
    proposal: str = ""  # name of the target that is called alike; never stored by itself

    @property
    def may_be_paid(self) -> bool:
        """Methods of the gateway only: the store's own money is always paid."""
        return self.source not in LABELS

    @property
    def is_default(self) -> bool:
        return self.source == ValueMap.DEFAULT


@dataclass(frozen=True, kw_only=True)
class MapTable:
    """A value table: default row first, then unmapped, then mapped values."""

    kind: str
    title: str
    source_title: str
    help: str
    rows: list[MapRow]
    options: list[tuple[str, str]]
    unmapped: int

    @property
    def labels(self) -> dict[str, str]:
        return dict(self.options)

    @property
    def anchor(self) -> str:
        """The name of the table in the address."""
        return "payments" if self.kind == "payment" else self.kind

    @property
    def target_title(self) -> str:
        return "Stands for" if self.kind == "status" else "In Heartland"


LABELS = {  # values that no shopper saw; see mappings.core.heartland.shape_order.tender_key
    ValueMap.DEFAULT: "Everything else (default)",
    "gift_certificate": "Gift certificate",
    "store_credit": "Store credit",
    "reward_points": "Reward points",
}
TITLES = {
    "payment": (
        "Payment methods",
        "{store} payment method",
        "A method without a row of its own is booked by the default row, else as the payment type chosen above where "
        "you switched that on; else its orders wait. "
        "Cash on delivery, bank transfer, cheque and whatever {store} does not call paid are recorded as still to "
        "come, unless they count as paid here.",
    ),
    "shipping": (
        "Shipping methods",
        "{store} shipping method",
        "A method without a row of its own goes by the default row, else as chosen above; else its orders wait. Orders "
        "that are picked up wait for a row of their own. What is proposed counts once you choose it.",
    ),
    "checkout": (
        "Checkout fields",
        "{store} checkout field",
        "A checkout field with a row of its own fills that field alone; the others stand together in the field chosen "
        "above, each with its name. Without either a field is left out, and the order's page says so.",
    ),
    "status": (
        "Statuses of your own",
        "{store} status",
        "A status that {store} does not document holds its orders until you say which of {store}’s own it stands for; "
        "from then on they go the way that is chosen for that one under Which orders.",
    ),
}


def map_rows(connection: Connection, kind: str, choices: Choices, *, fallback: str = "") -> MapTable:
    """The value table of a kind, with how many orders wait on each value. `fallback` serves unmapped values too."""
    store = profile_of(connection.store).name
    title, source_title, words = (text.format(store=store) for text in TITLES[kind])
    stored = {row.source_value: row for row in ValueMap.objects.filter(connection=connection, kind=kind)}
    waiting = waiting_by_value(connection, MAPS[kind])
    options = options_of(connection, kind, choices)
    values = sorted((value for value in stored if value != ValueMap.DEFAULT), key=lambda value: rank(stored[value]))
    rows = [map_row(value, stored.get(value), waiting, options) for value in [*default_row(kind), *values]]
    is_covered = bool(fallback) or any(row.is_default and row.target for row in rows)
    return MapTable(
        kind=kind,
        title=title,
        source_title=source_title,
        help=words,
        rows=rows,
        options=options,
        unmapped=0 if is_covered else sum(not row.target and not row.is_default for row in rows),
    )


def default_row(kind: str) -> list[str]:
    """The row for everything else; checkout fields have it among the order settings, and no status stands for all."""
    return [] if kind in {"checkout", "status"} else [ValueMap.DEFAULT]


def options_of(connection: Connection, kind: str, choices: Choices) -> list[tuple[str, str]]:
    """What values may be mapped to. The fields that tell whose a sales order is take nothing else."""
    settings = connection.order_settings
    marks = {settings.number_field, settings.source_field}
    return {
        "payment": choices.payment_types,
        "shipping": choices.shipping_methods,
        "checkout": [(key, name) for key, name in choices.order_fields if key not in marks],
        "status": [(key, one.name) for key, one in stand_ins(connection).items()],
    }[kind]


def rank(row: ValueMap) -> tuple[bool, int, str]:
    """Unmapped first, then what is seen most."""
    return bool(row.target_value), -row.seen, row.source_value


def map_row(value: str, row: ValueMap | None, waiting: Counter[str], options: Sequence[tuple[str, str]] = ()) -> MapRow:
    target = row.target_value if row else ""
    return MapRow(
        field=f"target-{row.pk}" if row else "target-default",
        source=value,
        label=LABELS.get(value, value),
        target=target,
        is_paid=bool(row and row.is_paid),
        proposal="" if target else alike(LABELS.get(value, value), options),
        target_label=row.target_label if row else "",
        seen=row.seen if row else 0,
        last_seen_at=row.last_seen_at if row else None,
        subject=str(row or ""),
        waiting=waiting[value],
    )


def alike(name: str, options: Sequence[tuple[str, str]]) -> str:
    """The only option whose name equals a value's, or shares a word with it; "" when none or several do."""
    words = set(name.casefold().split())
    equal = [option for _, option in options if option.casefold() == name.casefold()]
    near = [option for _, option in options if words & set(option.casefold().split())]
    found = equal or near
    return found[0] if len(found) == 1 else ""


@dataclass(frozen=True, kw_only=True)
class FieldRow:
    """A custom field that Heartland insists on, with the value we fill in."""

    field: str
    group: str
    key: str
    name: str
    value: str
    is_required: bool

    @property
    def subject(self) -> str:
        """As the trail names it."""
        return f"{self.group}.{self.key}"


GROUPS = {
    "customer": "Customer",
    "sales.order": "Sales order",
    "sales.order.line_item": "Order line",
    "payment": "Payment",
}


def required_fields(connection: Connection) -> list[FieldRow]:
    """Required custom fields that orders touch, and those that have a value already."""
    stored = {(row.group, row.key): row.value for row in FieldDefault.objects.filter(connection=connection)}
    asked = {
        (row["group"], row["key"]): row["name"]
        for row in connection.heartland.required_fields
        if row["group"] in GROUPS
    }
    return [
        FieldRow(
            field=f"value-{group}-{key}",
            group=group,
            key=key,
            name=asked.get((group, key), key),
            value=stored.get((group, key), ""),
            is_required=(group, key) in asked,
        )
        for group, key in sorted(asked.keys() | stored.keys())
    ]


@dataclass(frozen=True, kw_only=True)
class ShipmentSums:
    """Every invoice that we have heard of, counted once by what became of it."""

    total: int
    parts: Sequence[tuple[str, int]]  # words and count; those of 0 are left out


VOID = "invoice_voided"
SHIPMENT_STATES: dict[str, Q] = {
    "shown in the store": Q(disposition=Record.Disposition.BOOKED) & ~Q(code__in=AS_CHOSEN),
    "left as you chose": Q(disposition=Record.Disposition.BOOKED, code__in=AS_CHOSEN),
    "waiting for a tracking number": Q(disposition=Record.Disposition.IN_FLIGHT, code=AWAITING_TRACKING),
    "waiting for you": Q(disposition__in=[Record.Disposition.HELD, Record.Disposition.DEAD]),
    "voided": Q(disposition=Record.Disposition.SKIPPED, code=VOID),
    "closed by hand": Q(disposition=Record.Disposition.SETTLED),
    "nothing for the store": Q(disposition=Record.Disposition.SKIPPED) & ~Q(code=VOID),
}


def shipment_sums(connection: Connection) -> ShipmentSums:
    """Two queries. What is queued and was never looked at is on its way, as is whatever no other state counts."""
    records = Record.objects.filter(connection=connection, flow=SHIPMENTS.name)
    names = {f"n{number}": Count("pk", filter=state) for number, state in enumerate(SHIPMENT_STATES.values())}
    counts = records.aggregate(total=Count("pk"), **names)
    queued = SyncJob.objects.filter(connection=connection, flow=SHIPMENTS.name, status__in=["pending", "running"])
    total = counts["total"] + queued.exclude(external_id__in=records.values("external_id")).count()
    parts = [(words, counts[f"n{number}"]) for number, words in enumerate(SHIPMENT_STATES)]
    on_their_way = total - sum(count for _, count in parts)
    return ShipmentSums(total=total, parts=[part for part in [*parts, ("on their way", on_their_way)] if part[1]])

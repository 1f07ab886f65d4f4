"""What fixes a cause, drawn in its card: which form, with what to choose from, and who may send it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from django.db.models import Count

from connections import heartland_lists, preferences
from connections.models import Connection, Membership, OrderSettings, Role
from connections.permissions import ROLES, Action
from connections.store_kinds import profile_of
from errors.issues.issue_lists import value_of
from errors.models import Issue, SyncError
from mappings.core.rules.eligibility import UNKNOWN_STATUS
from mappings.models import CatalogueSku, FieldDefault, Link, Side, ValueMap
from mappings.services import items_alike
from syncjobs.catalogue import product_problems
from syncjobs.catalogue.choices import item_settings
from syncjobs.flows.orders.apply_corrections import PROPOSED_FOR
from syncjobs.flows.refunds import refund_words
from syncjobs.models import Circuit, OrderCorrection
from syncjobs.pages.errors.card_products import ProductsBehind, products_behind
from syncjobs.pages.fulfilment.fulfilment_tables import options_of
from syncjobs.stores.opening import statuses_of

NEAR_SHOWN = 3
SURE = 80  # of a hundred, from which many corrections are applied together


class Kind(StrEnum):
    """The forms that a card may hold."""

    LINK = "link"  # a SKU with a Heartland item
    MAP = "map"  # a value of the store with one of Heartland
    ITEM_SETTING = "item_setting"  # an item that stands for wrapping or fees
    FIELD = "field"  # a custom field that Heartland demands
    CURRENCY = "currency"
    STATUS = "status"  # what becomes of orders in one status of the store
    LOCATION = "location"  # of Heartland, as the source of web orders
    EDITED = "edited"  # products that were changed beside the original
    PRODUCTS = "products"  # that cannot be brought over as they are
    CORRECTIONS = "corrections"  # of addresses and texts, each for one order


ITEM_SETTINGS = {  # code → setting, what an item made for it is called and numbered
    "gift_wrap_unmapped": ("gift_wrap_item_id", "Gift wrapping", "GIFT-WRAP"),
    **dict.fromkeys(("fee_unmapped", refund_words.NO_ITEM), ("fee_item_id", "Fees and handling", "FEES")),
    "gift_certificate_sold": ("gift_card_item_id", "Gift cards sold", "GIFT-CARDS"),
}
BOOK, LEAVE = "book", "leave"
STATUS_CHOICES = {BOOK: "are booked in Heartland", LEAVE: "are left out until their status changes"}
MAP_KINDS = {
    **dict.fromkeys(("payment_unmapped", refund_words.NO_TYPE), ValueMap.Kind.PAYMENT),
    "shipping_unmapped": ValueMap.Kind.SHIPPING,
    UNKNOWN_STATUS: ValueMap.Kind.STATUS,
}
MAP_LABELS = {
    ValueMap.Kind.PAYMENT: "Heartland payment type",
    ValueMap.Kind.SHIPPING: "Heartland shipping method",
    ValueMap.Kind.STATUS: "It stands for",
}
KINDS = {
    "item_not_linked": Kind.LINK,
    **dict.fromkeys(MAP_KINDS, Kind.MAP),
    **dict.fromkeys(ITEM_SETTINGS, Kind.ITEM_SETTING),
    "required_field_without_value": Kind.FIELD,
    "currency_unknown": Kind.CURRENCY,
    "status_held": Kind.STATUS,
    "source_location_missing": Kind.LOCATION,
    "station_missing": Kind.LOCATION,
    product_problems.EDITED: Kind.EDITED,
    product_problems.CONFLICT: Kind.PRODUCTS,
    **dict.fromkeys(PROPOSED_FOR, Kind.CORRECTIONS),
}
FIXES_ALL_OF_A_CODE = {Kind.ITEM_SETTING, Kind.CURRENCY, Kind.LOCATION}  # whatever the value
RIGHTS = {
    Kind.LINK: Action.MAPS,
    Kind.MAP: Action.MAPS,
    Kind.FIELD: Action.MAPS,
    Kind.ITEM_SETTING: Action.SETTINGS,
    Kind.CURRENCY: Action.SETTINGS,
    Kind.STATUS: Action.SETTINGS,
    Kind.LOCATION: Action.SETTINGS,
    Kind.EDITED: Action.CLOSE,
    Kind.PRODUCTS: Action.LOOK,
    Kind.CORRECTIONS: Action.RETRY,
}


@dataclass(frozen=True, kw_only=True)
class Near:
    """An item that may be meant."""

    number: str
    words: str  # how near it is


@dataclass(frozen=True, kw_only=True)
class CardFix:
    """The fix of one issue as a form. `shown`: what holds now, so that another state is told instead of overwritten."""

    kind: Kind
    shown: str = ""
    label: str = ""
    options: Sequence[tuple[str, str]] = ()
    proposal: str = ""  # the option that is chosen at first
    near: Sequence[Near] = ()
    creates: str = ""  # what would be made in Heartland; "" where nothing can be
    releases: int = 0  # records that are tried again with it, of all causes that it fixes
    corrections: int = 0  # orders with proposals
    sure: int = 0  # … of which all are at least SURE
    products: ProductsBehind | None = None
    may: bool = True
    asks: str = ""  # whom to ask, for who may not


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the fixes of a page's issues are made of, read at once."""

    connection: Connection
    role: Role | None
    alike: Mapping[str, Sequence[str]] = field(default_factory=dict)
    rows: Mapping[str, CatalogueSku] = field(default_factory=dict)  # of the store, by SKU
    links: Mapping[str, str] = field(default_factory=dict)  # item id by SKU
    maps: Mapping[tuple[str, str], str] = field(default_factory=dict)  # target by kind and value
    defaults: Mapping[str, str] = field(default_factory=dict)  # value by "group.key"
    choices: heartland_lists.Choices = field(default_factory=heartland_lists.Choices)
    proposed: Mapping[int, tuple[int, int]] = field(default_factory=dict)  # issue → orders with proposals, sure ones
    asks: Mapping[Action, str] = field(default_factory=dict)
    products: Mapping[int, ProductsBehind] = field(default_factory=dict)  # by issue
    waiting: Mapping[str, int] = field(default_factory=dict)  # records by code


def card_fixes(connection: Connection, issues: Collection[Issue], role: Role | None) -> dict[int, CardFix]:
    """By issue id, for those that have a form; a fixed number of queries. Heartland is asked for its lists at most."""
    wanted = {issue.pk: KINDS[issue.code] for issue in issues if issue.code in KINDS and issue.is_open}
    if not wanted:
        return {}
    known = known_of(connection, [issue for issue in issues if issue.pk in wanted], role)
    found = {issue.pk: MAKERS[wanted[issue.pk]](issue, known) for issue in issues if issue.pk in wanted}
    return {pk: fix for pk, fix in found.items() if fix is not None}


def known_of(connection: Connection, issues: Sequence[Issue], role: Role | None) -> Known:
    kinds = {KINDS[issue.code] for issue in issues}
    skus = [value_of(issue) for issue in issues if KINDS[issue.code] == Kind.LINK]
    rows = CatalogueSku.objects.filter(connection=connection, side=Side.STORE, sku__in=skus) if skus else ()
    links = Link.objects.of(connection, Link.Kind.ITEM).filter(source_id__in=skus) if skus else None
    maps = ValueMap.objects.filter(connection=connection) if Kind.MAP in kinds else ()
    defaults = FieldDefault.objects.filter(connection=connection) if Kind.FIELD in kinds else ()
    correctable = [issue.pk for issue in issues if KINDS[issue.code] == Kind.CORRECTIONS]
    about_products = [issue.pk for issue in issues if KINDS[issue.code] in (Kind.EDITED, Kind.PRODUCTS)]
    return Known(
        connection=connection,
        role=role,
        alike=items_alike(connection, skus) if skus else {},
        rows={row.sku: row for row in rows},
        links=dict(links.values_list("source_id", "target_id")) if links is not None else {},
        maps={(row.kind, row.source_value): row.target_value for row in maps},
        defaults={f"{row.group}.{row.key}": row.value for row in defaults},
        choices=choices_of(connection) if Kind.MAP in kinds else heartland_lists.Choices(),
        products=products_behind(connection, about_products) if about_products else {},
        proposed=proposals_behind(connection, correctable) if correctable else {},
        waiting=waiting_by_code(connection) if kinds & FIXES_ALL_OF_A_CODE else {},
        asks={action: whom_to_ask(connection, action) for action in {RIGHTS[kind] for kind in kinds}},
    )


def waiting_by_code(connection: Connection) -> dict[str, int]:
    """Open records by the code of a cause; one query."""
    rows = SyncError.objects.open().filter(connection=connection, issues__code__in=KINDS).order_by()
    counted = rows.values("issues__code").annotate(n=Count("pk", distinct=True))
    return {row["issues__code"]: row["n"] for row in counted}


def choices_of(connection: Connection) -> heartland_lists.Choices:
    """Heartland's lists; none while it does not answer, so that the page never waits for it."""
    is_away = Circuit.objects.filter(connection=connection, system="heartland", opened_at__isnull=False).exists()
    return heartland_lists.Choices() if is_away else heartland_lists.choices(connection.heartland)


def whom_to_ask(connection: Connection, action: Action) -> str:
    """`Robin (owner)`: the merchant's people who may, owners first, at most two; "" when there is nobody."""
    rows = Membership.objects.filter(merchant=connection.merchant, role__in=ROLES[action], user__is_active=True)
    ranked = sorted(rows.select_related("user"), key=lambda row: (row.role != Role.OWNER, row.user.email))
    return " or ".join(f"{name_of(row)} ({Role(row.role).label.lower()})" for row in ranked[:2])


def name_of(row: Membership) -> str:
    return row.user.get_full_name() or row.user.email


def proposals_behind(connection: Connection, issues: Collection[int]) -> dict[int, tuple[int, int]]:
    """By issue: how many orders behind it have proposals, and of how many all are SURE; two queries."""
    pairs = SyncError.objects.open().filter(connection=connection, issues__in=issues, flow="orders", state="held")
    orders: dict[int, set[str]] = {}
    for pk, external_id in pairs.values_list("issues", "external_id"):
        orders.setdefault(pk, set()).add(external_id)
    wanted = set().union(*orders.values()) if orders else set()
    rows = OrderCorrection.objects.filter(connection=connection, external_id__in=wanted, accepted_at=None)
    lowest: dict[str, int] = {}
    for external_id, confidence in rows.values_list("external_id", "confidence"):
        lowest[external_id] = min(confidence, lowest.get(external_id, 100))
    return {
        pk: (len(ids & lowest.keys()), sum(lowest[one] >= SURE for one in ids & lowest.keys()))
        for pk, ids in orders.items()
    }


def _allowed(kind: Kind, known: Known) -> dict[str, object]:
    may = known.role is not None and known.role in ROLES[RIGHTS[kind]]
    return {"may": may, "asks": "" if may else known.asks.get(RIGHTS[kind], "")}


def _link(issue: Issue, known: Known) -> CardFix | None:
    sku = value_of(issue)
    if not sku:
        return None
    row = known.rows.get(sku)
    near = dict.fromkeys(known.alike.get(sku, ()), "looks alike")
    if row and row.suggestion:
        near = {row.suggestion: f"fits by {row.score} of 100", **near}
    return CardFix(
        kind=Kind.LINK,
        shown=known.links.get(sku, ""),
        label="Heartland item",
        near=[Near(number=number, words=words) for number, words in list(near.items())[:NEAR_SHOWN]],
        creates=sku if row else "",
        **_allowed(Kind.LINK, known),  # type: ignore[arg-type]
    )


def _map(issue: Issue, known: Known) -> CardFix | None:
    kind, value = MAP_KINDS[issue.code], value_of(issue)
    options = options_of(known.connection, kind, known.choices)
    if not value or not options:
        return None
    same = [key for key, name in options if name.casefold() == value.casefold()]
    return CardFix(
        kind=Kind.MAP,
        shown=known.maps.get((kind, value), ""),
        label=MAP_LABELS[kind],
        options=options,
        proposal=same[0] if len(same) == 1 else "",
        **_allowed(Kind.MAP, known),  # type: ignore[arg-type]
    )


def _item_setting(issue: Issue, known: Known) -> CardFix | None:
    setting, name, _ = ITEM_SETTINGS[issue.code]
    return CardFix(
        kind=Kind.ITEM_SETTING,
        shown=str(getattr(preferences.order_settings(known.connection), setting)),
        releases=known.waiting.get(issue.code, 0),
        label="Heartland item",
        creates=name,
        **_allowed(Kind.ITEM_SETTING, known),  # type: ignore[arg-type]
    )


def _field(issue: Issue, known: Known) -> CardFix | None:
    if not issue.field:
        return None
    return CardFix(
        kind=Kind.FIELD,
        shown=known.defaults.get(issue.field, ""),
        label="Value for every order",
        **_allowed(Kind.FIELD, known),  # type: ignore[arg-type]
    )


def _currency(issue: Issue, known: Known) -> CardFix | None:
    return CardFix(
        kind=Kind.CURRENCY,
        shown=known.connection.heartland.currency,
        releases=known.waiting.get(issue.code, 0),
        label="Heartland's currency",
        proposal=known.connection.store.currency,
        **_allowed(Kind.CURRENCY, known),  # type: ignore[arg-type]
    )


def _status(issue: Issue, known: Known) -> CardFix | None:
    """Of a status that the merchant's table leaves to a person."""
    name = value_of(issue)
    key = status_key(known.connection, name)
    settings = preferences.order_settings(known.connection)
    if key not in settings.held_statuses:
        return None
    return CardFix(
        kind=Kind.STATUS,
        shown=statuses_shown(settings),
        label=f"Orders in “{name}”",
        options=list(STATUS_CHOICES.items()),
        proposal=BOOK if key in settings.eligible_statuses else "",
        **_allowed(Kind.STATUS, known),  # type: ignore[arg-type]
    )


def status_key(connection: Connection, name: str) -> str:
    """The key of a status of the store by its name; "" for none of its own."""
    return next((key for key, status in statuses_of(connection.store).items() if name in {key, status.name}), "")


def statuses_shown(settings: OrderSettings) -> str:
    """The statuses that are chosen and held, as a card compares them."""
    return " ".join([*sorted(settings.eligible_statuses), "|", *sorted(settings.held_statuses)])


def _location(issue: Issue, known: Known) -> CardFix | None:
    """The locations that orders can be booked at: those with a station."""
    places = known.connection.heartland.locations.filter(is_active=True).exclude(station_id="").order_by("name")
    options = [(place.external_id, place.name) for place in places]
    if not options:
        return None
    chosen = preferences.order_settings(known.connection).source_location
    return CardFix(
        kind=Kind.LOCATION,
        shown=chosen.external_id if chosen else "",
        releases=known.waiting.get(issue.code, 0),
        label="Heartland location of web orders",
        options=options,
        proposal=options[0][0] if len(options) == 1 else "",
        **_allowed(Kind.LOCATION, known),  # type: ignore[arg-type]
    )


def _edited(issue: Issue, known: Known) -> CardFix | None:
    """The original's values over the copy's, or both as they are: nobody else can say."""
    products, settings = known.products.get(issue.pk), item_settings(known.connection)
    if products is None or settings.mode == settings.Mode.MANUAL:
        return None
    store = profile_of(known.connection.store).name
    return CardFix(
        kind=Kind.EDITED,
        shown=f"{settings.mode} {products.mark}",
        label=store if settings.mode == settings.Mode.PULL else "Heartland",
        products=products,
        **_allowed(Kind.EDITED, known),  # type: ignore[arg-type]
    )


def _products(issue: Issue, known: Known) -> CardFix | None:
    products = known.products.get(issue.pk)
    return CardFix(kind=Kind.PRODUCTS, products=products) if products else None


def _corrections(issue: Issue, known: Known) -> CardFix | None:
    count, sure = known.proposed.get(issue.pk, (0, 0))
    if not count:
        return None
    return CardFix(kind=Kind.CORRECTIONS, corrections=count, sure=sure, **_allowed(Kind.CORRECTIONS, known))  # type: ignore[arg-type]


MAKERS = {
    Kind.LINK: _link,
    Kind.MAP: _map,
    Kind.ITEM_SETTING: _item_setting,
    Kind.FIELD: _field,
    Kind.CURRENCY: _currency,
    Kind.STATUS: _status,
    Kind.LOCATION: _location,
    Kind.EDITED: _edited,
    Kind.PRODUCTS: _products,
    Kind.CORRECTIONS: _corrections,
}

"""What Heartland has of what orders need, and what we propose. Nothing is changed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from connections.clients import heartland_setup_client
from connections.connectors.heartland import HeartlandClient
from connections.heartland_lists import LINE_GROUP, ORDER_GROUP, TRANSACTION_GROUP
from connections.models import Connection, OrderSettings
from connections.store_kinds import profile_of
from errors.failures import PermissionMissing, Rejected
from ipaas.types import JSON

USUAL_METHODS = ("ground", "standard", "standard shipping", "standard ground", "flat rate", "shipping")
WEB_NAMES = ("website", "web", "online", "web store", "webstore", "ecommerce", "online store")
STATION = "Website"
PAYMENT_TYPE = "{} External payments"  # of the store's kind
NUMBER_FIELD = "Web order number"
SOURCE_FIELD = "Source system"
NOTE_FIELD = "Customisation"
TRACKING_FIELD = "Tracking number"
CARRIER_FIELD = "Carrier"
WITHOUT_MARK = (
    "Without the order fields “Web order number” and “Source system” a sales order bears no mark of this store: ours "
    "are known by what we remember, and one that we lost sight of is held for you instead of being found."
)
TEXT_FIELDS = {  # setting → name of the order field for what people write beside the goods
    "comment_field": "Order comment",
    "checkout_field": "Checkout fields",
    "staff_notes_field": "Staff notes",
    "pickup_field": "Pickup location",
}
# The groups' spelling is not published (Heartland notes §6): refusals are told, not fatal.
GROUPS = {
    NUMBER_FIELD: ORDER_GROUP,
    SOURCE_FIELD: ORDER_GROUP,
    NOTE_FIELD: LINE_GROUP,
    TRACKING_FIELD: TRANSACTION_GROUP,
    CARRIER_FIELD: TRANSACTION_GROUP,
    **dict.fromkeys(TEXT_FIELDS.values(), ORDER_GROUP),
}


@dataclass(frozen=True, kw_only=True)
class Option:
    """Something to choose from."""

    id: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Place:
    """A Heartland location."""

    id: str
    name: str
    number: str
    station_id: str  # "" when it has none: one is created


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What Heartland has, and what we would choose. An empty id means: will be created, except the location's."""

    locations: tuple[Place, ...]
    location_id: str  # "" when none looks like the web's: a person must choose, or create one in Heartland
    payment_types: tuple[Option, ...]
    payment_type_id: str
    store_kind: str  # as its name is written
    payment_type_name: str  # of the one chosen or to be created
    books_other_payments: bool  # as chosen: methods without a row of their own are booked as that type, not held
    shipping_methods: tuple[Option, ...]
    shipping_method_id: str  # as chosen, for every method of the store without a row of its own; "": its orders wait
    is_first: bool  # nobody finished the set-up yet: what is proposed below stands in for what was chosen
    usual_method_id: str  # the shipping method that most shops mean; "" when none is named so
    currency: str  # what a person said that Heartland keeps, else what the store charges in: a proposal
    number_field: str  # key of the order field for the web order number
    source_field: str
    note_field: str  # key of the order-line field for what shoppers ask for beside the variant
    tracking_field: str  # key of the invoice field that holds a parcel's tracking number
    carrier_field: str
    text_fields: Mapping[str, str]  # of TEXT_FIELDS: setting → key
    notes: tuple[str, ...]  # sentences about what could not be read

    @property
    def location(self) -> Place | None:
        return next((place for place in self.locations if place.id == self.location_id), None)

    @property
    def method_proposed(self) -> str:
        return self.usual_method_id if self.is_first and not self.shipping_method_id else self.shipping_method_id

    @property
    def method_name(self) -> str:
        """What the proposed method is called; "" when orders are to wait."""
        return next((method.name for method in self.shipping_methods if method.id == self.method_proposed), "")

    @property
    def books_others_proposed(self) -> bool:
        return self.is_first or self.books_other_payments

    @property
    def missing_fields(self) -> tuple[str, ...]:
        """Names of the custom fields that are not there yet."""
        keys = {
            NUMBER_FIELD: self.number_field,
            SOURCE_FIELD: self.source_field,
            NOTE_FIELD: self.note_field,
            TRACKING_FIELD: self.tracking_field,
            CARRIER_FIELD: self.carrier_field,
            **{TEXT_FIELDS[setting]: key for setting, key in self.text_fields.items()},
        }
        return tuple(name for name, key in keys.items() if not key)

    @property
    def to_create(self) -> tuple[str, ...]:
        """What accepting the proposal makes in Heartland, in words; empty when everything is there."""
        made = []
        if self.location and not self.location.station_id:
            made.append(f"Station “{STATION}” at “{self.location.name}”")
        if not self.payment_type_id:
            made.append(f"Payment type “{self.payment_type_name}”")
        if fields := self.missing_fields:
            noun = "Custom field" if len(fields) == 1 else f"{len(fields)} custom fields"
            made.append(f"{noun}: {', '.join(fields)}")
        return tuple(made)


def setup_find(connection: Connection) -> Findings:
    """Look at the account: seven calls at most, nothing is changed there or here."""
    client = heartland_setup_client(connection.heartland)
    return findings_of(connection, client, client.locations())


def findings_of(connection: Connection, client: HeartlandClient, locations: Iterable[JSON]) -> Findings:
    places = tuple(_place(row) for row in locations)
    types, methods = _options(client.payment_types()), _options(client.shipping_methods())
    fields, notes = _order_fields(client)
    name = _payment_type_name(connection, types)
    chosen = connection.order_settings
    known = chosen.source_location.external_id if chosen.source_location else ""
    return Findings(
        locations=tuple(place for place in places if place.id),
        location_id=known or _web_place(places, profile_of(connection.store).name),
        payment_types=types,
        payment_type_id=chosen.payment_type_id or _id_named(types, name),
        payment_type_name=name,
        store_kind=profile_of(connection.store).name,
        books_other_payments=chosen.books_other_payments,
        shipping_methods=methods,
        shipping_method_id=chosen.shipping_method_id,
        is_first=connection.state == Connection.State.SETTING_UP,
        usual_method_id=_usual_method(methods),
        currency=connection.heartland.currency or connection.store.currency,
        number_field=chosen.number_field or fields.get(NUMBER_FIELD.casefold(), ""),
        source_field=chosen.source_field or fields.get(SOURCE_FIELD.casefold(), ""),
        note_field=chosen.line_note_field or fields.get(NOTE_FIELD.casefold(), ""),
        tracking_field=chosen.tracking_field or fields.get(TRACKING_FIELD.casefold(), ""),
        carrier_field=chosen.carrier_field or fields.get(CARRIER_FIELD.casefold(), ""),
        text_fields={
            setting: getattr(chosen, setting) or fields.get(name.casefold(), "")
            for setting, name in TEXT_FIELDS.items()
        },
        notes=notes,
    )


def _place(row: JSON) -> Place:
    stations = [one for one in row.get("stations") or [] if one.get("active?", True)]
    is_active = row.get("active?", True)
    return Place(
        id=str(row["id"]) if is_active else "",
        name=str(row.get("name") or row["id"]),
        number=str(row.get("public_id") or ""),
        station_id=str(stations[0]["id"]) if stations else "",  # only whether there is one
    )


def _web_place(places: Iterable[Place], store: str) -> str:
    """The location that looks like the web's, by the order of WEB_NAMES; then the one named like the kind of store.

    Where there is one location, it is that.
    """
    by_name = {place.name.strip().casefold(): place.id for place in places if place.id}
    if len(by_name) == 1:
        return next(iter(by_name.values()))
    return next((by_name[name] for name in (*WEB_NAMES, store.casefold()) if name in by_name), "")


def _usual_method(methods: Sequence[Option]) -> str:
    """The only shipping method, or the one named like what most parcels go by; "" when a person has to say it."""
    if len(methods) == 1:
        return methods[0].id
    return next((found for name in USUAL_METHODS if (found := _id_named(methods, name))), "")


def _options(rows: Iterable[JSON]) -> tuple[Option, ...]:
    active = [row for row in rows if row.get("id") and row.get("active?", True)]
    return tuple(Option(id=str(row["id"]), name=str(row.get("name") or row["id"])) for row in active)


def _id_named(options: Iterable[Option], name: str) -> str:
    return next((option.id for option in options if option.name.strip().casefold() == name.casefold()), "")


def _payment_type_name(connection: Connection, types: Iterable[Option]) -> str:
    """One type per store (PRODUCT.md row 81): the plain name, unless another store of the account uses that one."""
    others = OrderSettings.objects.filter(connection__heartland=connection.heartland).exclude(connection=connection)
    taken = set(others.values_list("payment_type_id", flat=True))
    name = PAYMENT_TYPE.format(profile_of(connection.store).name)
    plain = _id_named(types, name)
    return f"{name} ({connection.store})" if plain and plain in taken else name


def _order_fields(client: HeartlandClient) -> tuple[Mapping[str, str], tuple[str, ...]]:
    """Keys of the custom fields of orders, their lines and invoices by name; and a note when they may not be read."""
    try:
        rows = [row for group in dict.fromkeys(GROUPS.values()) for row in client.custom_fields(group=group)]
    except (PermissionMissing, Rejected):
        return {}, (f"The access may not read custom fields. {WITHOUT_MARK}",)
    return {str(row.get("name") or "").strip().casefold(): str(row.get("key") or "") for row in rows}, ()

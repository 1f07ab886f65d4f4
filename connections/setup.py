"""The set-up assistant: finds in Heartland what orders need, and creates what the API lets us create."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from connections.audit import audit
from connections.clients import heartland_setup_client
from connections.connectors.heartland import HeartlandClient
from connections.heartland_lists import LINE_GROUP, ORDER_GROUP, TRANSACTION_GROUP
from connections.models import Connection, Location, OrderSettings, User
from connections.services.accounts import account_currency_save, locations_refresh, station_store
from connections.services.pairs import connection_activate, mastery_acknowledge
from connections.store_kinds import profile_of
from errors.failures import ConfigurationFailure, PermissionMissing, Rejected
from ipaas.types import JSON

CURRENCY = re.compile(r"[A-Z]{3}")  # ISO 4217
WEB_NAMES = ("website", "web", "online", "web store", "webstore", "ecommerce", "online store")
STATION = "Website"
PAYMENT_TYPE = "{} External payments"  # of the store's kind
PAYMENT_TYPE_DESCRIPTION = "Paid in the {} store"
NUMBER_FIELD = "Web order number"
SOURCE_FIELD = "Source system"
NOTE_FIELD = "Customisation"
TRACKING_FIELD = "Tracking number"
CARRIER_FIELD = "Carrier"
WITHOUT_MARK = (
    "Without the order fields “Web order number” and “Source system” a sales order bears no mark of this store: ours "
    "are known by what we remember, and one that we lost sight of is held for you instead of being found."
)
OTHERS_BOOKED = "Payment methods without a row of their own are booked as that type too."
OTHERS_WAIT = "Orders whose payment method has no row of its own wait until it is mapped."
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


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What a person chose; ids are Heartland's. Empty means: as found, or created."""

    location_id: str = ""
    payment_type_id: str = ""
    books_other_payments: bool | None = None  # None leaves it as it is, for the same reason as below
    shipping_method_id: str | None = None  # None leaves it as it is: nobody else knows what a store's methods are
    currency: str = ""  # "" leaves it as it is
    creates_fields: bool = True
    acknowledges_mastery: bool = False


def setup_find(connection: Connection) -> Findings:
    """Look at the account: seven calls at most, nothing is changed there or here."""
    client = heartland_setup_client(connection.heartland)
    return _found(connection, client, client.locations())


def _found(connection: Connection, client: HeartlandClient, locations: Iterable[JSON]) -> Findings:
    places = tuple(_place(row) for row in locations)
    types = _options(client.payment_types())
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
        shipping_methods=_options(client.shipping_methods()),
        shipping_method_id=chosen.shipping_method_id,
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


def setup_apply(connection: Connection, choices: Choices, actor: User | None) -> tuple[str, ...]:
    """Create what is missing and keep the choices; then let orders flow if the notice is confirmed.

    Answers, in sentences, what was done. Raises ConfigurationFailure when there is no location to book through.
    """
    if choices.currency and not CURRENCY.fullmatch(choices.currency):
        raise ConfigurationFailure("Give Heartland's currency by its three letters, such as USD.")
    client = heartland_setup_client(connection.heartland)
    found = _found(connection, client, locations_refresh(account=connection.heartland, client=client))
    shipping_method_id = _chosen_method(found, choices)
    done: list[str] = list(found.notes)
    place = _chosen_place(found, choices)
    if not place.station_id:
        station = _station_create(client, place, done)
        station_store(account=connection.heartland, location_id=place.id, station_id=station)
    payment_type_id = choices.payment_type_id or found.payment_type_id or _payment_type_create(client, found, done)
    number_field = found.number_field or _field_create(client, NUMBER_FIELD, choices, done)
    source_field = found.source_field or _field_create(client, SOURCE_FIELD, choices, done)
    note_field = found.note_field or _field_create(client, NOTE_FIELD, choices, done)
    tracking_field = found.tracking_field or _field_create(client, TRACKING_FIELD, choices, done)
    carrier_field = found.carrier_field or _field_create(client, CARRIER_FIELD, choices, done)
    text_fields = {
        setting: key or _field_create(client, TEXT_FIELDS[setting], choices, done)
        for setting, key in found.text_fields.items()
    }
    books_others = found.books_other_payments if choices.books_other_payments is None else choices.books_other_payments
    _keep(
        connection,
        actor,
        source_location=Location.objects.get(account=connection.heartland, external_id=place.id),
        payment_type_id=payment_type_id,
        books_other_payments=books_others,
        shipping_method_id=shipping_method_id,
        number_field=number_field,
        source_field=source_field,
        tracking_field=tracking_field,
        carrier_field=carrier_field,
        **text_fields,
        **_customisation(connection, note_field),
    )
    if not (number_field and source_field) and not found.notes:
        done.append(WITHOUT_MARK)
    done.append(f"Web order 10457 becomes sales order {connection.order_settings.order_prefix}10457.")
    if choices.currency:
        account_currency_save(account=connection.heartland, currency=choices.currency, actor=actor)
        done.append(f"Heartland is taken to keep {choices.currency}: orders paid in another currency are held.")
    done.append(_method_words(found, shipping_method_id))
    done.append(OTHERS_BOOKED if books_others else OTHERS_WAIT)
    done.append(f"Orders are booked through “{place.name}” and paid as “{_type_name(found, payment_type_id)}”.")
    if choices.acknowledges_mastery:
        mastery_acknowledge(connection=connection, actor=actor)
    if connection.mastery_acknowledged_at:
        connection_activate(connection=connection, actor=actor)
    return tuple(done)


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
    """The location that looks like the web's, by the order of WEB_NAMES; then the one named like the kind of store."""
    by_name = {place.name.strip().casefold(): place.id for place in places if place.id}
    return next((by_name[name] for name in (*WEB_NAMES, store.casefold()) if name in by_name), "")


def _chosen_place(found: Findings, choices: Choices) -> Place:
    wanted = choices.location_id or found.location_id
    for place in found.locations:
        if place.id == wanted:
            return place
    raise ConfigurationFailure(
        "Choose the location that web orders are booked through. We advise one of its own: create a location named "
        "“Website” in Heartland (Settings → Locations), then come back. Heartland lets no other program create it."
    )


def _options(rows: Iterable[JSON]) -> tuple[Option, ...]:
    active = [row for row in rows if row.get("id") and row.get("active?", True)]
    return tuple(Option(id=str(row["id"]), name=str(row.get("name") or row["id"])) for row in active)


def _id_named(options: Iterable[Option], name: str) -> str:
    return next((option.id for option in options if option.name.strip().casefold() == name.casefold()), "")


def _chosen_method(found: Findings, choices: Choices) -> str:
    """The method for what has no row of its own; "" makes such orders wait. Raises ConfigurationFailure."""
    chosen = found.shipping_method_id if choices.shipping_method_id is None else choices.shipping_method_id
    if choices.shipping_method_id and chosen not in {method.id for method in found.shipping_methods}:
        raise ConfigurationFailure("Heartland does not offer that shipping method any more: reload, and choose again.")
    return chosen


def _method_words(found: Findings, method_id: str) -> str:
    if not method_id:
        return "Orders whose shipping method has no row of its own wait until it is mapped."
    name = next((method.name for method in found.shipping_methods if method.id == method_id), method_id)
    return f"Shipping methods without a row of their own go to “{name}”."


def _type_name(found: Findings, payment_type_id: str) -> str:
    names = {option.id: option.name for option in found.payment_types}
    return names.get(payment_type_id, found.payment_type_name)


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


def _station_create(client: HeartlandClient, place: Place, done: list[str]) -> str:
    done.append(f"Station “{STATION}” was created at “{place.name}”.")
    return client.station_create(place.id, STATION)


def _payment_type_create(client: HeartlandClient, found: Findings, done: list[str]) -> str:
    done.append(f"Payment type “{found.payment_type_name}” was created.")
    return client.payment_type_create(found.payment_type_name, PAYMENT_TYPE_DESCRIPTION.format(found.store_kind))


def _field_create(client: HeartlandClient, name: str, choices: Choices, done: list[str]) -> str:
    """The key of a new custom field; "" when it is not wanted or Heartland refuses it."""
    if not choices.creates_fields:
        return ""
    try:
        key = str(client.custom_field_read(client.custom_field_create(GROUPS[name], name)).get("key") or "")
    except (PermissionMissing, Rejected) as refusal:
        done.append(f"Field “{name}” was not created: {refusal.in_full}")
        return ""
    done.append(f"Field “{name}” was created.")
    return key


def _customisation(connection: Connection, note_field: str) -> dict[str, str]:
    """Write shoppers' wishes to the order line as soon as there is a field for them; a later choice stays."""
    if not note_field or connection.order_settings.line_note_field:
        return {}
    return {"line_note_field": note_field, "customisation": OrderSettings.Customisation.NOTE}


@transaction.atomic
def _keep(connection: Connection, actor: User | None, **values: Any) -> None:
    settings = OrderSettings.objects.select_for_update().get(connection=connection)
    for name, value in values.items():
        setattr(settings, name, value)
    settings.save(update_fields=list(values))
    connection.order_settings = settings
    plain = {name: str(value) for name, value in values.items()}
    audit(merchant=connection.merchant, actor=actor, action="connection.set_up", subject=connection, **plain)

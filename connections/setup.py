"""The set-up assistant: creates in Heartland what the API lets us create, once a person has seen the list."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from connections.audit import audit
from connections.clients import heartland_setup_client
from connections.connectors.heartland import HeartlandClient
from connections.models import Connection, Location, OrderSettings, User
from connections.services.accounts import account_currency_save, locations_refresh, station_store
from connections.services.pairs import connection_activate, mastery_acknowledge
from connections.setup_findings import (
    CARRIER_FIELD,
    GROUPS,
    NOTE_FIELD,
    NUMBER_FIELD,
    SOURCE_FIELD,
    STATION,
    TEXT_FIELDS,
    TRACKING_FIELD,
    WITHOUT_MARK,
    Findings,
    Place,
    findings_of,
)
from errors.failures import ConfigurationFailure, PermissionMissing, Rejected

CURRENCY = re.compile(r"[A-Z]{3}")  # ISO 4217
PAYMENT_TYPE_DESCRIPTION = "Paid in the {} store"
OTHERS_BOOKED = "Payment methods without a row of their own are booked as that type too."
OTHERS_WAIT = "Orders whose payment method has no row of its own wait until it is mapped."
SET_UP, CREATED = "connection.set_up", "created"  # the trail's entry, and what it names as made in Heartland
UNCONFIRMED = (
    "Nothing was created or changed, here or in Heartland: first tick that Heartland becomes master of quantities."
)


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


@dataclass(kw_only=True)
class Receipt:
    """What setting up did: what was made in Heartland, for the trail, and all of it in sentences, for the person."""

    created: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def made(self, what: str) -> None:
        self.created.append(what)
        self.told.append(f"{what} was created.")


def setup_apply(connection: Connection, choices: Choices, actor: User | None) -> tuple[str, ...]:
    """Create what is missing, keep the choices and let orders flow, once the notice is confirmed.

    Answers, in sentences, what was done. Raises ConfigurationFailure when there is no location to book through, and
    before anything is asked or written while nobody has confirmed the notice.
    """
    if not (choices.acknowledges_mastery or connection.mastery_acknowledged_at):
        raise ConfigurationFailure(UNCONFIRMED)
    if choices.currency and not CURRENCY.fullmatch(choices.currency):
        raise ConfigurationFailure("Give Heartland's currency by its three letters, such as USD.")
    client = heartland_setup_client(connection.heartland)
    found = findings_of(connection, client, locations_refresh(account=connection.heartland, client=client))
    receipt = Receipt(told=list(found.notes))
    place, method_id = _chosen_place(found, choices), _chosen_method(found, choices)
    values = _created(connection, client, found, choices, place, receipt)
    values["shipping_method_id"] = method_id
    if choices.books_other_payments is not None:
        values["books_other_payments"] = choices.books_other_payments
    _keep(connection, actor, receipt, values)
    if choices.currency:
        account_currency_save(account=connection.heartland, currency=choices.currency, actor=actor)
    receipt.told += _told(connection, found, choices, place)
    if choices.acknowledges_mastery:
        mastery_acknowledge(connection=connection, actor=actor)
    connection_activate(connection=connection, actor=actor)
    return tuple(receipt.told)


def _created(
    connection: Connection,
    client: HeartlandClient,
    found: Findings,
    choices: Choices,
    place: Place,
    receipt: Receipt,
) -> dict[str, Any]:
    """What orders need in Heartland, made where it is missing: settings by name."""
    if not place.station_id:
        station = client.station_create(place.id, STATION)
        receipt.made(f"Station “{STATION}” at “{place.name}”")
        station_store(account=connection.heartland, location_id=place.id, station_id=station)

    def key(known: str, name: str) -> str:
        return known or _field_create(client, name, choices, receipt)

    payment_type_id = choices.payment_type_id or found.payment_type_id or _payment_type_create(client, found, receipt)
    number_field, source_field = key(found.number_field, NUMBER_FIELD), key(found.source_field, SOURCE_FIELD)
    if not (number_field and source_field) and not found.notes:
        receipt.told.append(WITHOUT_MARK)
    return {
        "source_location": Location.objects.get(account=connection.heartland, external_id=place.id),
        "payment_type_id": payment_type_id,
        "number_field": number_field,
        "source_field": source_field,
        **_customisation(connection, key(found.note_field, NOTE_FIELD)),
        "tracking_field": key(found.tracking_field, TRACKING_FIELD),
        "carrier_field": key(found.carrier_field, CARRIER_FIELD),
        **{setting: key(known, TEXT_FIELDS[setting]) for setting, known in found.text_fields.items()},
    }


def _told(connection: Connection, found: Findings, choices: Choices, place: Place) -> Iterator[str]:
    """What was chosen, in sentences."""
    chosen = connection.order_settings
    yield f"Web order 10457 becomes sales order {chosen.order_prefix}10457."
    if choices.currency:
        yield f"Heartland is taken to keep {choices.currency}: orders paid in another currency are held."
    yield _method_words(found, chosen.shipping_method_id)
    yield OTHERS_BOOKED if chosen.books_other_payments else OTHERS_WAIT
    yield f"Orders are booked through “{place.name}” and paid as “{_type_name(found, chosen.payment_type_id)}”."


def _chosen_place(found: Findings, choices: Choices) -> Place:
    wanted = choices.location_id or found.location_id
    for place in found.locations:
        if place.id == wanted:
            return place
    raise ConfigurationFailure(
        "Choose the location that web orders are booked through. We advise one of its own: create a location named "
        "“Website” in Heartland (Settings → Locations), then come back. Heartland lets no other program create it."
    )


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


def _payment_type_create(client: HeartlandClient, found: Findings, receipt: Receipt) -> str:
    made = client.payment_type_create(found.payment_type_name, PAYMENT_TYPE_DESCRIPTION.format(found.store_kind))
    receipt.made(f"Payment type “{found.payment_type_name}”")
    return made


def _field_create(client: HeartlandClient, name: str, choices: Choices, receipt: Receipt) -> str:
    """The key of a new custom field; "" when it is not wanted or Heartland refuses it."""
    if not choices.creates_fields:
        return ""
    try:
        key = str(client.custom_field_read(client.custom_field_create(GROUPS[name], name)).get("key") or "")
    except (PermissionMissing, Rejected) as refusal:
        receipt.told.append(f"Field “{name}” was not created: {refusal.in_full}")
        return ""
    receipt.made(f"Field “{name}”")
    return key


def _customisation(connection: Connection, note_field: str) -> dict[str, str]:
    """Write shoppers' wishes to the order line as soon as there is a field for them; a later choice stays."""
    if not note_field or connection.order_settings.line_note_field:
        return {}
    return {"line_note_field": note_field, "customisation": OrderSettings.Customisation.NOTE}


@transaction.atomic
def _keep(connection: Connection, actor: User | None, receipt: Receipt, values: dict[str, Any]) -> None:
    settings = OrderSettings.objects.select_for_update().get(connection=connection)
    for name, value in values.items():
        setattr(settings, name, value)
    settings.save(update_fields=list(values))
    connection.order_settings = settings
    plain: dict[str, Any] = {name: str(value) for name, value in values.items()}
    if receipt.created:
        plain[CREATED] = receipt.created
    audit(merchant=connection.merchant, actor=actor, action=SET_UP, subject=connection, **plain)

"""Settings that people change on the screens; each change is one audit entry with what it was and what it is."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction

from connections.audit import audit
from connections.models import (
    AuditEntry,
    Connection,
    ConnectionLocation,
    InventorySettings,
    ItemSettings,
    Location,
    OrderSettings,
    ShippingRoute,
    User,
)
from connections.prefixes import prefix_claim, tenant_of
from connections.store_kinds import default_place, profile_of
from errors.failures import ConfigurationFailure

UNSHOWN = {"id", "connection", "tenant", "is_shipping_chosen", "counts_points"}
ORDER_NAMES, ITEM_NAMES = (  # what a page shows of them
    tuple(one.name for one in kind._meta.concrete_fields if one.name not in UNSHOWN)
    for kind in (OrderSettings, ItemSettings)
)
UNTOLD = "The form does not say which settings its page showed: open the page anew."


class SavedMeanwhile(ConfigurationFailure):
    """Somebody else saved these settings after the page was drawn; nothing was stored.

    `who` is a colleague's address, which is meant to be read: only this failure names a person.
    """

    code = "saved_meanwhile"

    def __init__(self, who: str) -> None:
        super().__init__(UNTOLD)
        if who:
            self.summary = f"{who} saved these settings after you had opened this page."


def version(row: OrderSettings | InventorySettings | ItemSettings, names: Iterable[str]) -> str:
    """What a form showed: another version of these fields means that somebody saved meanwhile."""
    kept = {field.name: field.attname for field in row._meta.concrete_fields}
    values = {name: str(getattr(row, kept[name])) for name in names}
    if isinstance(row, OrderSettings):  # saved with the same form
        values["currency"] = row.connection.heartland.currency
        values["routes"] = str(list(row.connection.shipping_routes.order_by("pk").values_list()))
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]


def settings_check(
    kind: type[OrderSettings | InventorySettings | ItemSettings],
    connection: Connection,
    names: Iterable[str],
    shown: str,
) -> None:
    """Hold the settings until the caller's transaction ends. Raises SavedMeanwhile when they are not as shown."""
    row, _ = kind.objects.select_for_update().get_or_create(connection=connection, defaults=_defaults(kind, connection))
    if shown == version(row, names):
        return
    if not shown:
        raise SavedMeanwhile("")
    entry = AuditEntry.objects.filter(merchant=connection.merchant, subject=str(connection.store)[:160]).last()
    who = entry.who if entry and entry.actor_id else "Somebody"
    raise SavedMeanwhile(who)


def order_settings(connection: Connection) -> OrderSettings:
    """The connection's order settings; the defaults where it has none yet."""
    return OrderSettings.objects.filter(connection=connection).first() or OrderSettings(
        connection=connection, **_defaults(OrderSettings, connection)
    )


def _defaults(kind: type[models.Model], connection: Connection) -> Mapping[str, Any]:
    """What a row begins with beside the model's own: orders are in the words of the store's kind."""
    return profile_of(connection.store).order_defaults if kind is OrderSettings else {}


def counted_locations(connection: Connection) -> int:
    """How many open locations' stock is sold online."""
    settings = InventorySettings.objects.filter(connection=connection).first()
    if settings and settings.counts_all_locations:
        return connection.heartland.locations.filter(is_active=True).count()
    return connection.counted_locations.filter(location__is_active=True).count()


def order_settings_save(*, connection: Connection, changes: Mapping[str, Any], actor: User) -> list[str]:
    """Store checked values of OrderSettings. Answers the names of the fields that changed; no change, no entry.

    Raises ConfigurationFailure when the prefix is empty or another store's in the same Heartland tenant.
    """
    changed = _save(OrderSettings, "order_settings.changed", connection, changes, actor)
    if "shipping" in changes:
        OrderSettings.objects.filter(connection=connection).update(is_shipping_chosen=True)
    return changed


@dataclass(frozen=True, kw_only=True)
class Turn:
    """When a location is asked to ship, and what it is near to."""

    rank: int
    areas: str = ""

    @property
    def told(self) -> int | str:
        return f"{self.rank}: {self.areas}" if self.areas else self.rank


@transaction.atomic
def shipping_routes_save(*, connection: Connection, routes: Mapping[Location, Turn], actor: User) -> bool:
    """Store which locations ship and when their turn is; answers whether that changed anything."""
    rows = connection.shipping_routes.select_related("location")
    before = {route.location: Turn(rank=route.rank, areas=route.areas) for route in rows}
    if before == routes:
        return False
    connection.shipping_routes.all().delete()
    ShippingRoute.objects.bulk_create(
        ShippingRoute(connection=connection, location=place, rank=turn.rank, areas=turn.areas)
        for place, turn in routes.items()
    )
    was, now = ({place.name: turn.told for place, turn in turns.items()} for turns in (before, routes))
    note(connection, actor, "shipping_routes.changed", {"was": was, "is": now})
    return True


def inventory_settings_save(*, connection: Connection, changes: Mapping[str, Any], actor: User) -> list[str]:
    """The same for InventorySettings."""
    return _save(InventorySettings, "inventory_settings.changed", connection, changes, actor)


def item_settings_save(*, connection: Connection, changes: Mapping[str, Any], actor: User) -> list[str]:
    """The same for ItemSettings."""
    return _save(ItemSettings, "item_settings.changed", connection, changes, actor)


@transaction.atomic
def _save(
    kind: type[OrderSettings | InventorySettings | ItemSettings],
    action: str,
    connection: Connection,
    changes: Mapping[str, Any],
    actor: User,
) -> list[str]:
    if "order_prefix" in changes:
        prefix_claim(connection, changes["order_prefix"])
    row, _ = kind.objects.select_for_update().get_or_create(connection=connection, defaults=_defaults(kind, connection))
    if isinstance(row, OrderSettings) and "order_prefix" in changes and not row.tenant:
        changes = {**changes, "tenant": tenant_of(connection.heartland)}
    before = {name: getattr(row, name) for name in changes}
    changed = [name for name, value in changes.items() if before[name] != value]
    for name in changed:
        setattr(row, name, changes[name])
    if changed:
        row.save(update_fields=changed)
        detail = {name: {"was": plain(before[name]), "is": plain(changes[name])} for name in changed}
        note(connection, actor, action, detail)
    return changed


@transaction.atomic
def location_count(*, connection: Connection, location: Location, actor: User) -> None:
    """*Add Location*: its stock counts as available online."""
    feeds = {"store_location": default_place(connection.store)}
    _, is_new = ConnectionLocation.objects.get_or_create(connection=connection, location=location, defaults=feeds)
    if is_new:
        note(connection, actor, "location.added", {"location": location.name})


@transaction.atomic
def location_ignore(*, connection: Connection, location: Location, actor: User) -> None:
    """The location's stock counts no longer."""
    gone, _ = ConnectionLocation.objects.filter(connection=connection, location=location).delete()
    if gone:
        note(connection, actor, "location.removed", {"location": location.name})


@transaction.atomic
def location_feed(*, place: ConnectionLocation, store_location: str, actor: User) -> None:
    """The location's stock is shown at another location of the store."""
    detail = {"location": place.location.name, "was": place.store_location, "is": store_location}
    ConnectionLocation.objects.filter(pk=place.pk).update(store_location=store_location)
    note(place.connection, actor, "location.feeds", detail)


@transaction.atomic
def all_locations_set(*, connection: Connection, counts_all: bool, actor: User) -> None:
    """The switch *All locations*. The list of single locations is kept for when it is switched off again."""
    row, _ = InventorySettings.objects.select_for_update().get_or_create(connection=connection)
    if row.counts_all_locations != counts_all:
        row.counts_all_locations = counts_all
        row.save(update_fields=["counts_all_locations"])
        note(connection, actor, "locations.all_switched", {"is": counts_all})


def note(connection: Connection, actor: User, action: str, detail: dict[str, Any]) -> None:
    audit(merchant=connection.merchant, actor=actor, action=action, subject=connection.store, **detail)


def plain(value: Any) -> Any:
    """A value as the audit trail keeps it."""
    return value if isinstance(value, (bool, int, str, list, type(None))) else str(value)

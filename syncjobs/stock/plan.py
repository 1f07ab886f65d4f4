"""What the merchant decided: which Heartland locations feed which location of the store, and the rule."""

from collections import defaultdict
from dataclasses import dataclass

from connections.connectors.bigcommerce.inventory import DEFAULT_LOCATION
from connections.models import Connection, InventorySettings
from mappings.core.stock import Counting, Rule


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Locations and rule of one connection."""

    sources: dict[int, tuple[str, ...]]  # location of the store → Heartland locations whose stock it shows
    rule: Rule
    fast_moves: int = 0  # of a day from which an item is fast; 0: none is
    fast_units: int = 0

    @property
    def places(self) -> list[str]:
        """Every Heartland location that counts."""
        return sorted(place for places in self.sources.values() for place in places)

    @property
    def is_pooled(self) -> bool:
        """True when one location of the store shows all: then one row an item is read."""
        return len(self.sources) == 1

    @property
    def selling(self) -> int:
        """The location of the store that web orders take from (BigCommerce notes §21)."""
        return DEFAULT_LOCATION if DEFAULT_LOCATION in self.sources else min(self.sources)

    def target_of(self, place: str) -> int:
        """The location of the store that a Heartland location feeds."""
        return next(target for target, places in self.sources.items() if place in places)


def plan_of(connection: Connection) -> Plan | None:
    """The merchant's plan; None when no location counts."""
    settings = settings_of(connection)
    targets = dict(connection.counted_locations.values_list("location_id", "store_location"))
    sources: dict[int, list[str]] = defaultdict(list)
    for place in connection.heartland.locations.filter(is_active=True):
        if settings.counts_all_locations or place.pk in targets:
            sources[targets.get(place.pk, DEFAULT_LOCATION)].append(place.external_id)
    if not sources:
        return None
    return Plan(
        sources={target: tuple(places) for target, places in sorted(sources.items())},
        rule=rule_of(settings),
        fast_moves=settings.fast_moves,
        fast_units=settings.fast_units,
    )


def settings_of(connection: Connection) -> InventorySettings:
    """The connection's inventory settings; the defaults where it has none yet."""
    found = InventorySettings.objects.filter(connection=connection).first()
    return found or InventorySettings(connection=connection)


def rule_of(settings: InventorySettings) -> Rule:
    return Rule(
        counting=Counting(settings.counting),
        safety_units=settings.safety_units,
        safety_percent=settings.safety_percent,
        last_units=settings.last_units,
    )

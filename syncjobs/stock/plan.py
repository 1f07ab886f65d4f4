"""What the merchant decided: which Heartland locations feed which location of the store, and the rule."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from connections.models import Connection, InventorySettings
from connections.store_kinds import profile_of
from mappings.core.rules.stock_arithmetic import Counting, Rule
from mappings.models import StockRule


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Locations and rule of one connection. Without sources no location counts, and the store has nothing to sell."""

    sources: dict[str, tuple[str, ...]]  # location of the store → Heartland locations whose stock it shows
    default: str  # the store's location that its web orders take from
    rule: Rule
    kept_at: Mapping[str, Rule] = field(default_factory=dict)  # Heartland location → what is kept back there
    fast_moves: int = 0  # of a day from which an item is fast; 0: none is
    fast_units: int = 0
    stamp: str = ""  # equal as long as nothing changes that stock is worked out by

    @property
    def places(self) -> list[str]:
        """Every Heartland location that counts."""
        return sorted(place for places in self.sources.values() for place in places)

    @property
    def is_pooled(self) -> bool:
        """True when one location of the store shows all alike: then one row an item is read."""
        return len(self.sources) == 1 and not self.kept_at

    @property
    def selling(self) -> str:
        """The location of the store that web orders take from."""
        return self.default if self.default in self.sources else min(self.sources, key=in_order, default=self.default)


def in_order(place: str) -> tuple[int, str]:
    """By which locations of a store are sorted: whether they are numbers or codes, the same one always comes first."""
    return len(place), place


def plan_of(connection: Connection) -> Plan:
    """The merchant's plan by the locations that Heartland has now, as far as we have heard."""
    settings = settings_of(connection)
    targets = dict(connection.counted_locations.values_list("location_id", "store_location"))
    default = profile_of(connection.store).default_place
    sources: dict[str, list[str]] = defaultdict(list)
    for place in connection.heartland.locations.filter(is_active=True).order_by("external_id"):
        if settings.counts_all_locations or place.pk in targets:
            sources[targets.get(place.pk, default)].append(place.external_id)
    rules = list(StockRule.objects.filter(connection=connection).select_related("location"))
    base = rule_of(settings)
    counted = {place for places in sources.values() for place in places}
    kept_at = {
        rule.location.external_id: kept_back(rule, base.counting)
        for rule in rules
        if rule.location and rule.location.external_id in counted
    }
    found = {target: tuple(places) for target, places in sorted(sources.items(), key=lambda one: in_order(one[0]))}
    items = sorted((row.field, row.value, *numbers(row)) for row in rules if row.location is None)
    return Plan(
        sources=found,
        default=default,
        rule=base,
        kept_at=kept_at,
        fast_moves=settings.fast_moves,
        fast_units=settings.fast_units,
        stamp=digest(found, base, sorted(kept_at.items()), items, settings.fast_moves, settings.fast_units),
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


def kept_back(rule: StockRule, counting: Counting) -> Rule:
    units, percent, last = numbers(rule)
    return Rule(counting=counting, safety_units=units, safety_percent=percent, last_units=last)


def numbers(rule: StockRule) -> tuple[int, int, int]:
    return rule.safety_units, rule.safety_percent, rule.last_units


def digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]

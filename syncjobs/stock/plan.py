"""What the merchant decided: which Heartland locations feed which location of the store, and the rule."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import connection as database

from connections.models import Connection, InventorySettings
from connections.store_kinds import default_place
from ipaas.prepared import columns, fetch, fetch_one, made
from mappings.core.rules.stock_arithmetic import Counting, Rule

SETTINGS = f"""
SELECT {columns(InventorySettings, "kept")} FROM connections_inventorysettings kept
WHERE connection_id = %(connection)s"""  # noqa: S608 (column names of our own model)
PARTS = """
SELECT part, place, field, value, units, percent, last_units FROM (
    SELECT 'place' AS part, place.external_id AS place, '' AS field, counted.store_location AS value, 0 AS units,
        0 AS percent, 0 AS last_units
    FROM connections_location place LEFT JOIN connections_connectionlocation counted
        ON counted.location_id = place.id AND counted.connection_id = %(connection)s
    WHERE place.account_id = %(account)s AND place.is_active
    UNION ALL
    SELECT 'rule', place.external_id, rule.field, rule.value, rule.safety_units, rule.safety_percent, rule.last_units
    FROM mappings_stockrule rule LEFT JOIN connections_location place ON place.id = rule.location_id
    WHERE rule.connection_id = %(connection)s
) parts ORDER BY part, place"""


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


def plan_of(connection: Connection, settings: InventorySettings | None = None) -> Plan:
    """The merchant's plan by the locations that Heartland has now, as far as we have heard: two statements.

    `settings` are the connection's where they were read already.
    """
    settings = settings or settings_of(connection)
    default = default_place(connection.store)
    sources: dict[str, list[str]] = defaultdict(list)
    base = rule_of(settings)
    kept_at: dict[str, Rule] = {}
    items = []
    for part, place, field_, value, *numbers in fetch(
        PARTS, {"connection": connection.pk, "account": connection.heartland_id}
    ):
        if part == "rule" and place is None:
            items.append((field_, value, *numbers))
        elif part == "rule":
            kept_at[place] = kept_back(base.counting, *numbers)
        elif settings.counts_all_locations or value is not None:
            sources[default if value is None else value].append(place)
    counted = {place for places in sources.values() for place in places}
    kept_at = {place: rule for place, rule in kept_at.items() if place in counted}
    found = {target: tuple(places) for target, places in sorted(sources.items(), key=lambda one: in_order(one[0]))}
    return Plan(
        sources=found,
        default=default,
        rule=base,
        kept_at=kept_at,
        fast_moves=settings.fast_moves,
        fast_units=settings.fast_units,
        stamp=digest(found, base, sorted(kept_at.items()), sorted(items), settings.fast_moves, settings.fast_units),
    )


def settings_of(connection: Connection) -> InventorySettings:
    """The connection's inventory settings; the defaults where it has none yet."""
    if database.vendor != "postgresql":
        found = InventorySettings.objects.filter(connection=connection).first()
        return found or InventorySettings(connection=connection)
    row = fetch_one(SETTINGS, {"connection": connection.pk})
    return made(InventorySettings, iter(row)) if row else InventorySettings(connection=connection)


def rule_of(settings: InventorySettings) -> Rule:
    return Rule(
        counting=Counting(settings.counting),
        safety_units=settings.safety_units,
        safety_percent=settings.safety_percent,
        last_units=settings.last_units,
    )


def kept_back(counting: Counting, units: int, percent: int, last: int) -> Rule:
    return Rule(counting=counting, safety_units=units, safety_percent=percent, last_units=last)


def digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]

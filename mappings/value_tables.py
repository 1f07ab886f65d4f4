"""A merchant's value maps and field defaults, read once for the runs of a moment, and what those used of them.

Uses are counted here and written down together: what a worker that is killed had counted is lost, and misses nothing
but a number on a settings page.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import F
from django.utils import timezone

from connections.models import Connection
from mappings.models import FieldDefault, ValueMap

VALUE_LENGTH = 200  # of ValueMap.source_value

Uses = Counter[tuple[str, str]]  # kind and value


@dataclass
class ValueTables:
    """What a merchant's values mean in Heartland."""

    connection: Connection
    uses: Uses = field(default_factory=Counter)

    def resolve(self, kind: ValueMap.Kind, value: str, *, fallback: str = "", has_default: bool = True) -> str:
        """Heartland's id for a value: by its own row, else the default row, else `fallback`; "" when unmapped.

        Without `has_default` only a row of its own counts. A value that was never seen gets a row without target, which
        is the *unmapped* list; each use is counted.
        """
        source_value = value.strip()[:VALUE_LENGTH]
        targets = self._targets[kind]
        if source_value not in targets:
            ValueMap.objects.get_or_create(connection=self.connection, kind=kind, source_value=source_value)
            targets[source_value] = ""
        self.uses[kind, source_value] += 1
        default = (targets.get(ValueMap.DEFAULT) or fallback) if has_default else ""
        return targets[source_value] or default

    def target_of(self, kind: ValueMap.Kind, value: str) -> str:
        """What a value's own row says; "" without one. Nothing is counted."""
        return self._targets[kind].get(value.strip()[:VALUE_LENGTH], "")

    def targets_of(self, kind: ValueMap.Kind) -> set[str]:
        """All that values of a kind are mapped to; "" where one is not mapped."""
        return set(self._targets[kind].values())

    @cached_property
    def paid_methods(self) -> frozenset[str]:
        """Payment methods that the merchant calls paid when ordered, although BigCommerce does not say so."""
        return frozenset(value for kind, value, _, is_paid in self._rows if is_paid and kind == ValueMap.Kind.PAYMENT)

    @cached_property
    def field_defaults(self) -> dict[str, dict[str, str]]:
        """Values for custom fields, by Heartland's group and the field's key. Groups without any are empty."""
        rows = FieldDefault.objects.filter(connection=self.connection).exclude(value="")
        found: dict[str, dict[str, str]] = defaultdict(dict)
        for group, key, value in rows.values_list("group", "key", "value"):
            found[group][key] = value
        return found

    @cached_property
    def _rows(self) -> list[tuple[str, str, str, bool]]:
        rows = ValueMap.objects.filter(connection=self.connection)
        return list(rows.values_list("kind", "source_value", "target_value", "is_paid"))

    @cached_property
    def _targets(self) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = defaultdict(dict)
        for kind, value, target, _ in self._rows:
            found[kind][value] = target
        return found


def uses_write(connection_id: int, uses: Uses) -> None:
    """Add what was counted to the rows, a statement a value, and begin anew."""
    now = timezone.now()
    for (kind, value), count in uses.items():
        rows = ValueMap.objects.filter(connection=connection_id, kind=kind, source_value=value)
        rows.update(seen=F("seen") + count, last_seen_at=now)
    uses.clear()

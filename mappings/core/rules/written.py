"""What people wrote on an order beside its goods, and the Heartland fields that take it.

Texts are personal data: they go to Heartland and into encrypted rows, never into facts, logs or reasons.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mappings.core.canonical.order import Written


@dataclass(frozen=True, kw_only=True)
class Target:
    """The sales order's custom field that takes a text."""

    field: str  # key; "" leaves the text out
    is_shared: bool = False  # several checkout fields stand there, so each says its name


def fields_of(written: Sequence[Written], targets: Mapping[Written, Target]) -> dict[str, str]:
    """The value of each custom field that takes something. Texts that share a field say what they are."""
    parts: dict[str, list[Written]] = defaultdict(list)
    for one in written:
        if field := targets[one].field:
            parts[field].append(one)
    return {field: _joined(texts, targets) for field, texts in parts.items()}


def _joined(texts: list[Written], targets: Mapping[Written, Target]) -> str:
    if len(texts) == 1 and not targets[texts[0]].is_shared:
        return texts[0].text
    return "; ".join(f"{one.label}: {one.text}" for one in texts)

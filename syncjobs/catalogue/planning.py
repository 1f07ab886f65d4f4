"""What is to be done with a product."""

from dataclasses import dataclass, field
from enum import StrEnum

from mappings.core.canonical.product import Product
from mappings.core.rules.product_changes import Change


class Verdict(StrEnum):
    """What is to be done with a product; the first four are kinds of RunChange."""

    CREATE = "create"
    UPDATE = "update"
    ARCHIVE = "archive"
    CONFLICT = "conflict"
    UNCHANGED = "unchanged"
    LEFT_OUT = "left_out"  # by the merchant's choice: its filter, new only, no pictures, excluded


WORK = frozenset({Verdict.CREATE, Verdict.UPDATE, Verdict.ARCHIVE})


@dataclass(frozen=True, kw_only=True)
class Planned:
    """One product of the original with what is to be done."""

    key: str
    verdict: Verdict
    source: Product
    target: Product | None = None
    changes: list[Change] = field(default_factory=list)
    reason: str = ""

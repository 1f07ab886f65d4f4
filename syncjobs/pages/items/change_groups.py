"""The differences of a product as a person reads them: what changes alike stands together, prices with their size."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from connections.templatetags.tillbridge import money
from mappings.core.canonical.product import Field
from mappings.core.rules.product_changes import Change, asked

MONEY = frozenset({Field.PRICE, Field.MSRP, Field.COST})
SIZES = (100, 500, 2_000)  # cents: by how much a price moves at least


@dataclass(frozen=True, kw_only=True)
class Group:
    """One field that changes alike in some variants, or of the product itself."""

    label: str
    before: str
    after: str
    skus: tuple[str, ...]  # () for the product itself
    percent: str = ""  # of a price: "+15 %"

    @property
    def is_many(self) -> bool:
        """Whether its variants are counted, and named once it is unfolded."""
        return len(self.skus) > 1


def groups_of(changes: Iterable[Change], currency: str) -> list[Group]:
    """The changes in their order, those that say the same of several variants as one."""
    together: dict[tuple[str, str, str, bool], list[Change]] = {}
    for change in changes:
        together.setdefault((change.field, change.before, change.after, bool(change.sku)), []).append(change)
    return [
        Group(
            label=alike[0].label,
            before=amount(alike[0].field, alike[0].before, currency),
            after=amount(alike[0].field, alike[0].after, currency),
            skus=tuple(change.sku for change in alike if change.sku),
            percent=percent_of(alike[0]),
        )
        for alike in together.values()
    ]


def amount(field: str, words: str, currency: str) -> str:
    """A price with its currency; other values as they are. `20.00 now 15.00` names the regular one too."""
    if field not in MONEY or not words:
        return words
    return " now ".join(money(Decimal(part), currency) for part in words.split(" now "))


def percent_of(change: Change) -> str:
    """By how much a price moves, "" where there was none."""
    if change.field != Field.PRICE or not change.before or not change.after or not asked(change.before):
        return ""
    part = (asked(change.after) - asked(change.before)) / asked(change.before) * 100
    rounded = part.quantize(Decimal("0.1") if abs(part) < 1 else Decimal(1), rounding=ROUND_HALF_UP)
    return f"{rounded:+} %".replace("-", "−")

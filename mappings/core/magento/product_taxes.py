"""Fixed product taxes, such as for batteries: money of their own on a line. Magento notes §8.3."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal

from mappings.core.canonical.json_fields import Row
from mappings.core.canonical.order import ZERO
from mappings.core.magento.order_rows import Kept, times
from mappings.core.magento.sides import EXACT_ZERO, Side
from mappings.core.rules.money import cents

NAME = "Fixed product tax"
FIELD = "weee_tax_applied_row_amount"


def product_taxes(lines: Iterable[Kept], side: Side) -> dict[str, Decimal]:
    """What the lines were charged, by its name, in whole cents."""
    found: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for one in lines:
        if not one.has_money:
            continue
        named = list(_named(one.row, side))
        told = sum((amount for _, amount in named), EXACT_ZERO)
        if (row := side.money(one.row, FIELD) or told) != told:
            named = [(NAME, row)]
        for name, amount in named:
            found[name] += cents(times(amount, one.left))
    return dict(found)


def _named(row: Row, side: Side) -> Iterator[tuple[str, Decimal]]:
    """`weee_tax_applied`, a list as JSON text, with a title and both amounts of the row."""
    try:
        applied = json.loads(row.text("weee_tax_applied") or "[]", parse_float=Decimal)
    except ValueError:
        return
    holder = Row({"applied": applied}, row.label)
    for one in holder.rows("applied", "tax"):
        amount = one.amount("base_row_amount" if side.is_base else "row_amount", EXACT_ZERO)
        yield one.free_text("title") or NAME, amount

"""The cent-exact gate: an order opens only when Heartland computed what the shopper was charged.

Heartland note §10.2, §10.4, §21.2: total = Σ line values − discounts + taxes + shipping charge.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from errors.failures import Violation
from mappings.core.canonical.json_fields import MISSING, Row
from mappings.core.canonical.order import ZERO, Order
from mappings.core.rules.money import cents


@dataclass(frozen=True, kw_only=True)
class Part:
    """One place where the two totals part."""

    name: str  # goods, shipping, tax, discounts, rest
    expected: Decimal
    computed: Decimal
    sentence: str

    @property
    def amount(self) -> Decimal:
        """Computed minus expected."""
        return self.computed - self.expected


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """Both systems hold the same total."""

    total: Decimal


@dataclass(frozen=True, kw_only=True)
class Difference:
    """The totals differ; the parts' amounts sum to the whole."""

    expected: Decimal
    computed: Decimal
    sentence: str
    parts: tuple[Part, ...]

    @property
    def amount(self) -> Decimal:
        """Computed minus expected."""
        return self.computed - self.expected

    def violation(self, number: str = "the order") -> Violation:
        """The reason to hold the order; orders that part in the same places share an issue."""
        return Violation(
            code="totals_differ",
            sentence=self.sentence,
            field="total",
            value=", ".join(part.name for part in self.parts),
            fix=f"Correct what differs in {number}, which waits as pending in Heartland, then retry. It is opened when "
            "the totals agree.",
            fix_page="heartland",
        )


def compare(
    expected: Decimal, computed: Decimal, order: Order, heartland_order: Mapping[str, Any]
) -> Agreement | Difference:
    """Compare our total with Heartland's and explain a difference from Heartland's order JSON."""
    if computed == expected:
        return Agreement(total=computed)
    parts = tuple(part for part in _parts(expected, computed, order, heartland_order) if part.amount)
    more = "more" if computed > expected else "less"
    reasons = " ".join(part.sentence for part in parts)
    sentence = (
        f"Order {order.title}: Heartland makes it {computed}, {abs(computed - expected)} {more} than the "
        f"{expected} that the shopper was charged. {reasons}"
    )
    return Difference(expected=expected, computed=computed, sentence=sentence, parts=parts)


def _parts(expected: Decimal, computed: Decimal, order: Order, answer: Mapping[str, Any]) -> list[Part]:
    """Where the totals part, as far as Heartland's answer tells; what it does not tell is the rest."""
    row = Row(answer, "Heartland's order")
    goods = _goods(row)
    tax = _known(row, "total_tax")
    shipping = _known(row, "shipping_charge")
    discounts = _known(row, "total_discounts")
    due = order.subtotal - order.discount + sum((charge.amount for charge in order.charges), ZERO) + order.wrapping
    parts = [
        _part("goods", due, goods, "Lines, gift wrapping and fees are {c}, and should be {e}: look at their prices."),
        _part("shipping", order.shipping, shipping, "Shipping is {c}, and should be {e}."),
        _part("tax", order.tax, tax, _tax_words(order.tax, tax)),
        _part("discounts", ZERO, None if discounts is None else -abs(discounts), "Heartland took off {d} by itself."),
    ]
    rest = computed - expected - sum((part.amount for part in parts), ZERO)
    words = "{d} come from something that its order does not show, such as rounding per line."
    return [*parts, _part("rest", ZERO, rest, words)]


def _part(name: str, expected: Decimal, computed: Decimal | None, words: str) -> Part:
    known = expected if computed is None else computed
    sentence = words.format(c=known, e=expected, d=abs(known - expected))
    return Part(name=name, expected=expected, computed=known, sentence=sentence)


def _tax_words(expected: Decimal, computed: Decimal | None) -> str:
    if computed is not None and computed > expected:
        return "Tax is {c}, and should be {e}: Heartland adds its own tax of {d}. Use a source location without tax."
    return "Tax is {c}, and should be {e}: its tax lines lack {d}."


def _goods(row: Row) -> Decimal | None:
    """Σ line values; each line is rounded for itself. The subtotal where the answer came without lines."""
    lines = list(row.rows("lines", "line"))
    if not lines:
        return _known(row, "subtotal")
    return sum((_value(line) for line in lines), ZERO)


def _value(line: Row) -> Decimal:
    price = line.amount("original_unit_price", line.amount("unit_price", ZERO))
    return cents(line.amount("qty", ZERO) * line.amount("adjusted_unit_price", price))


def _known(row: Row, field: str) -> Decimal | None:
    return None if row.data.get(field) in MISSING else cents(row.amount(field))

"""The identities that a store's own amounts must keep to the cent. BigCommerce note §9.3.

Each failure says which identity, with its numbers and by how much; nobody guesses which of the numbers is wrong.
"""

from collections.abc import Iterator
from decimal import Decimal

from errors.failures import Violation
from mappings.core.bigcommerce.order_statement import Statement
from mappings.core.canonical.order import ZERO
from mappings.core.rules.disagreements import disagreement
from mappings.core.rules.money import cents


def statement_violations(statement: Statement) -> tuple[Violation, ...]:
    """Every identity of the order that does not hold."""
    return tuple(_violations(statement))


def _violations(s: Statement) -> Iterator[Violation]:
    with_tax = "with tax" if s.is_inclusive else "before tax"
    fees = [(f"fee {fee.name}", fee.amount) for fee in s.fees]
    parts = [
        (f"goods {with_tax}", s.subtotal),
        ("shipping", s.shipping),
        ("handling", s.handling),
        ("gift wrapping", s.wrapping),
        *fees,
        ("discount", -s.other_discount),
        ("coupons", -s.coupon),
    ]
    yield from _sum(s, "order total", parts, f"total {with_tax}", s.total)
    tax_parts = [("total with tax", s.total_inc_tax), ("total before tax", -s.total_ex_tax)]
    yield from _sum(s, "order tax", tax_parts, "tax", s.total_tax)
    lines = [("sum of the lines", sum((line.total for line in s.lines), Decimal(0)))]
    yield from _sum(s, "order lines", lines, f"subtotal {with_tax}", s.subtotal)
    wraps = [("gift wrapping of the lines", sum((line.wrapping for line in s.lines), Decimal(0)))]
    yield from _sum(s, "gift wrapping", wraps, "gift wrapping of the order", s.wrapping)
    if s.is_inclusive:  # only here the parts decide how much of a price is revenue
        yield from _sum(s, "tax parts", _taxes(s), "tax", s.total_tax)
    yield from _signs(s)


def _taxes(s: Statement) -> list[tuple[str, Decimal]]:
    return [
        ("tax on goods", s.subtotal_tax),
        ("on shipping", s.shipping_tax),
        ("on handling", s.handling_tax),
        ("on gift wrapping", s.wrapping_tax),
        ("on fees", s.fee_tax),
    ]


def _sum(
    s: Statement, identity: str, parts: list[tuple[str, Decimal]], name: str, total: Decimal
) -> Iterator[Violation]:
    found = cents(sum((amount for _, amount in parts), Decimal(0)))
    if found == total:
        return
    shown = [(text, cents(amount)) for text, amount in parts if amount] or [(parts[0][0], ZERO)]
    words = " ".join(
        f"{'−' if amount < 0 else '+'} {text} {abs(amount)}" for text, amount in shown
    ).removeprefix("+ ")  # fmt: skip
    result = "" if len(shown) == 1 else f" = {found}"
    yield disagreement(s.label, identity, f"{words}{result}, but its {name} is {total}: {abs(found - total)} apart")


def _signs(s: Statement) -> Iterator[Violation]:
    """Amounts below zero that no order has; Heartland could not hold them."""
    named = {
        "shipping": s.shipping,
        "handling": s.handling,
        "gift wrapping": s.wrapping,
        "discount": s.other_discount,
        "coupons": s.coupon,
        "tax": s.total_tax,
        "total": s.total_inc_tax,
        **{f"fee {fee.name}": fee.amount for fee in s.fees},
        **{line.label.partition(", ")[2]: line.total for line in s.lines},
    }
    for name, amount in named.items():
        if amount < 0:
            yield disagreement(s.label, "negative amount", f"{name} is {amount}, below zero")

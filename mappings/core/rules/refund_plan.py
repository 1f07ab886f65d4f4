"""What a refund becomes once goods have left: returns of Heartland, each of one invoice. Pure.

Pieces go back to the invoices that they left with, oldest first; what belongs to no pieces (delivery, a kept fee, tax
alone) goes with the first of them. An amount that was given for nothing that was sold is a return of its own, of no
invoice: Heartland lets an invoice take back what it sold alone. Amounts are the refund's; each part is rounded, and the
last one takes the rest, so that the returns make its total to the cent.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from mappings.core.canonical.order import ZERO
from mappings.core.canonical.refund import Refund, RefundTender
from mappings.core.rules.money import cents, unit_prices


@dataclass(frozen=True, kw_only=True)
class Sold:
    """An invoice with what can still come back of it."""

    invoice_id: str
    location_id: str
    pieces: Mapping[str, int]  # by item id


@dataclass(frozen=True, kw_only=True)
class ReturnLine:
    """A line of a return, as Heartland signs it: what comes back has a quantity below zero."""

    item_id: str
    quantity: int
    price: Decimal  # of one, before tax; never below zero
    words: str = ""  # of what is no piece of goods

    @property
    def value(self) -> Decimal:
        return self.quantity * self.price


@dataclass(frozen=True, kw_only=True)
class ReturnPlan:
    """One return to be made. What it gives back is below zero, as Heartland signs it."""

    sold: Sold | None  # None: of no invoice
    lines: tuple[ReturnLine, ...]
    shipping: Decimal = ZERO
    tax: Decimal = ZERO
    tenders: tuple[RefundTender, ...] = ()  # what goes back, above zero

    @property
    def total(self) -> Decimal:
        return sum((line.value for line in self.lines), ZERO) + self.shipping + self.tax

    @property
    def pieces(self) -> Counter[str]:
        """Pieces that come back, by item id."""
        found = Counter[str]()
        for line in self.lines:
            if line.quantity < 0 and not line.words:
                found[line.item_id] -= line.quantity
        return found


@dataclass(frozen=True, kw_only=True)
class RefundPlan:
    """All that a refund becomes."""

    returns: tuple[ReturnPlan, ...]
    still_open: Mapping[str, int]  # pieces by item id that have not left: no return takes them
    open_net: Decimal  # given back for these, before tax
    open_tax: Decimal
    off_money: Decimal  # with tax, of pieces that were taken off the sales order: given back there
    off: Mapping[str, int]  # these, by item id
    not_sold: Mapping[str, int]  # … that no invoice can take back, as they came back before


def plan_refund(
    refund: Refund,
    sold: Sequence[Sold],
    *,
    items: Mapping[str, str],
    fee_item_id: str,
    still_open: Mapping[str, int] | None = None,
    taken_off: Mapping[str, int] | None = None,
) -> RefundPlan:
    """The returns of a refund that adds up. `items` are Heartland's by the order's lines.

    Given back first are pieces by item that were `taken_off` the sales order, then those that are `still_open`.
    """
    gone, waiting = Counter(taken_off or {}), Counter(still_open or {})
    left = [(one, Counter(one.pieces)) for one in sold]
    parts = [ReturnPlan(sold=one, lines=()) for one in sold]
    off, not_left, not_sold = Counter[str](), Counter[str](), Counter[str]()
    open_net = open_tax = off_net = off_tax = ZERO
    for line in refund.lines:
        item, rest, net, tax = items[line.line_id], line.quantity, line.net, line.tax
        first = min(rest, gone[item])
        gone[item] -= first
        off[item] += first
        own, own_tax = _share(net, first, rest), _share(tax, first, rest)
        off_net, off_tax = off_net + own, off_tax + own_tax
        rest, net, tax = rest - first, net - own, tax - own_tax
        if not rest:
            continue
        first = min(rest, waiting[item])
        waiting[item] -= first
        not_left[item] += first
        own, own_tax = _share(net, first, rest), _share(tax, first, rest)
        open_net, open_tax = open_net + own, open_tax + own_tax
        rest, net, tax = rest - first, net - own, tax - own_tax
        for at, (_, pieces) in enumerate(left):
            count = min(rest, pieces[item])
            if count <= 0:
                continue
            pieces[item] -= count
            own, own_tax = _share(net, count, rest), _share(tax, count, rest)
            rows = [ReturnLine(item_id=item, quantity=-many, price=price) for many, price in unit_prices(own, count)]
            parts[at] = replace(parts[at], lines=(*parts[at].lines, *rows), tax=parts[at].tax - own_tax)
            rest, net, tax = rest - count, net - own, tax - own_tax
        not_sold[item] += rest
    made = [part for part in parts if part.lines] or parts[:1]
    if made:
        goods_tax = off_tax + open_tax - sum((part.tax for part in made), ZERO)
        made[0] = _with_rest(made[0], refund, fee_item_id, goods_tax=goods_tax)
    free = [ReturnLine(item_id=fee_item_id, quantity=-1, price=refund.amount, words="Refund without goods")]
    if refund.amount:
        made.append(ReturnPlan(sold=None, lines=tuple(free)))
    found = [part for part in made if part.lines or part.shipping or part.tax]
    return RefundPlan(
        returns=_paid(found, refund.tenders),
        still_open=+not_left,
        open_net=open_net,
        open_tax=open_tax,
        off_money=off_net + off_tax,
        off=+off,
        not_sold=+not_sold,
    )


def _share(money: Decimal, count: int, rest: int) -> Decimal:
    """What some of the pieces that are left carry; the last ones take all of it."""
    return money if count == rest else cents(money * count / rest)


def _with_rest(part: ReturnPlan, refund: Refund, fee_item_id: str, *, goods_tax: Decimal) -> ReturnPlan:
    """What belongs to no pieces."""
    rows = [
        ReturnLine(item_id=fee_item_id, quantity=-1, price=charge.amount, words=charge.name)
        for charge in refund.charges
        if charge.amount
    ]
    if refund.fee:
        rows.append(ReturnLine(item_id=fee_item_id, quantity=1, price=refund.fee, words="Kept of a return"))
    return replace(
        part,
        lines=(*part.lines, *rows),
        shipping=-refund.shipping,
        tax=part.tax - (refund.tax - goods_tax),
    )


def _paid(parts: Sequence[ReturnPlan], tenders: Sequence[RefundTender]) -> tuple[ReturnPlan, ...]:
    """Each return with its share of the tenders, one after the other; a return of nothing bears none."""
    left = [one.amount for one in tenders]
    paid = []
    for part in parts:
        due, own = -part.total, []
        for at, tender in enumerate(tenders):
            amount = min(due, left[at])
            if amount > 0:
                own.append(replace(tender, amount=amount))
                due, left[at] = due - amount, left[at] - amount
        paid.append(replace(part, tenders=tuple(own)))
    return tuple(paid)

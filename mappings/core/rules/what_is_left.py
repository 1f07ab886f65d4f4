"""An order as if what was given back of it had never been sold: what is booked before its goods leave.

Pieces go off their lines with the money that went back for them; an amount that was given for nothing lowers the prices
of what stays; a fee that was kept is a charge. The parts sum up to what the shopper has paid and not got back, to the
cent, or there is no such order.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from mappings.core.canonical.order import ZERO, Charge, Line, Order, RefundHint, Tender, TenderKind
from mappings.core.canonical.refund import Refund
from mappings.core.canonical.statuses import StatusMeaning
from mappings.core.rules.money import allocate, cents

KEPT_FEE = "Kept of a return"


class DoesNotAddUp(Exception):
    """The refunds name what the order does not have."""


def what_is_left(order: Order, refunds: Sequence[Refund]) -> Order | None:
    """The rest of the order; None where the refunds do not fit it. Without lines when every piece went back."""
    if any(refund.violations or refund.sum_of_parts != refund.total for refund in refunds):
        return None
    given = sum((refund.total for refund in refunds), ZERO)
    if refunds and given == order.total:  # however the store parted it between goods, delivery and tax
        return replace(order, lines=(), total=ZERO)
    try:
        rest = _with_tenders(_reduced(order, refunds), refunds)
    except DoesNotAddUp:
        return None
    return rest if rest.total == order.total - given == _composed(rest) else None


def _reduced(order: Order, refunds: Sequence[Refund]) -> Order:
    """Goods, delivery, charges and tax without what went back."""
    lines, kept = _lines(order, refunds)
    charges, wrapping = _charges(order, refunds)
    fees = [Charge(name=KEPT_FEE, amount=refund.fee) for refund in refunds if refund.fee]
    shipping = order.shipping - sum((refund.shipping for refund in refunds), ZERO)
    tax = order.tax - sum((refund.tax for refund in refunds), ZERO)
    given_free = sum((refund.amount for refund in refunds), ZERO)
    lines, shipping = _cheaper(lines, shipping, given_free)
    if min(shipping, tax, wrapping) < 0:
        raise DoesNotAddUp
    rest = replace(
        order,
        lines=tuple(lines),
        shipping=shipping,
        charges=(*charges, *kept, *fees),
        wrapping=wrapping,
        tax=tax,
        subtotal=sum((line.total for line in lines), ZERO),
        discount=sum((line.discount for line in lines), ZERO),
        refund_hint=RefundHint.NONE,
        refunded=None,
        meaning=StatusMeaning.PART_REFUNDED if order.meaning is StatusMeaning.REFUNDED else order.meaning,
    )
    return replace(rest, total=_composed(rest))


def _composed(order: Order) -> Decimal:
    charges = sum((charge.amount for charge in order.charges), ZERO)
    return order.subtotal - order.discount + order.shipping + order.wrapping + charges + order.tax


def _lines(order: Order, refunds: Sequence[Refund]) -> tuple[list[Line], list[Charge]]:
    """The lines with the pieces that are left, and the wrapping of lines that went back while it was kept."""
    given = [part for refund in refunds for part in refund.lines]
    if {part.line_id for part in given} - {line.source_id for line in order.lines}:
        raise DoesNotAddUp
    lines, kept = [], []
    for line in order.lines:
        mine = [part for part in given if part.line_id == line.source_id]
        quantity = line.quantity - sum(part.quantity for part in mine)
        net = line.net - sum((part.net for part in mine), ZERO)
        tax = line.tax - sum((part.tax for part in mine), ZERO)
        if quantity < 0 or net < 0 or (not quantity and net):
            raise DoesNotAddUp
        if quantity:
            total = max(cents(line.total * quantity / line.quantity), net)
            rest = replace(line, quantity=quantity, quantity_refunded=0, total=total, discount=total - net)
            lines.append(replace(rest, tax=max(tax, ZERO)))
        elif line.wrap and line.wrap.cost and not _is_unwrapped(line, refunds):
            kept.append(Charge(name=line.wrap.name, amount=line.wrap.cost))
    return lines, kept


def _is_unwrapped(line: Line, refunds: Sequence[Refund]) -> bool:
    return any(line.wrap and charge.name == line.wrap.name for refund in refunds for charge in refund.charges)


def _charges(order: Order, refunds: Sequence[Refund]) -> tuple[list[Charge], Decimal]:
    """The charges by name, and the wrapping of the lines that stay."""
    amounts = {charge.name: charge.amount for charge in order.charges}
    wraps = {line.wrap.name for line in order.lines if line.wrap}
    wrapping = order.wrapping
    back = [charge for refund in refunds for charge in refund.charges]
    for charge in back:
        if charge.name in amounts:
            amounts[charge.name] -= charge.amount
        elif charge.name in wraps:
            wrapping -= charge.amount
        else:
            raise DoesNotAddUp
    gone = {part.line_id for refund in refunds for part in refund.lines}
    for line in order.lines:
        pieces = sum(part.quantity for refund in refunds for part in refund.lines if part.line_id == line.source_id)
        is_gone = line.source_id in gone and pieces == line.quantity
        if is_gone and line.wrap and not _is_unwrapped(line, refunds):
            wrapping -= line.wrap.cost
    if any(amount < 0 for amount in amounts.values()):
        raise DoesNotAddUp
    return [Charge(name=name, amount=amount) for name, amount in amounts.items() if amount], wrapping


def _cheaper(lines: Sequence[Line], shipping: Decimal, amount: Decimal) -> tuple[list[Line], Decimal]:
    """An amount that was given for nothing comes off the goods that stay, and off the delivery where they are less."""
    off_goods = min(amount, sum((line.net for line in lines), ZERO))
    shares = allocate(off_goods, [line.net for line in lines])
    cheaper = [
        replace(line, discount=line.discount + share) if share else line
        for line, share in zip(lines, shares, strict=True)
    ]
    return cheaper, shipping - (amount - off_goods)


def _with_tenders(order: Order, refunds: Sequence[Refund]) -> Order:
    """What each kind of money has brought and not got back; never less than nothing."""
    left = [tender for refund in refunds for tender in refund.tenders]
    back = {kind: sum((one.amount for one in left if one.kind is kind), ZERO) for kind in TenderKind}
    tenders = tuple(_tenders(order.tenders, back))
    if any(back.values()):  # more than that kind brought: the store gave it as another one
        raise DoesNotAddUp
    return replace(order, tenders=tenders)


def _tenders(tenders: Sequence[Tender], back: dict[TenderKind, Decimal]) -> Iterator[Tender]:
    for tender in tenders:
        off = min(back[tender.kind], tender.amount)
        back[tender.kind] -= off
        if tender.amount > off:
            yield replace(tender, amount=tender.amount - off) if off else tender

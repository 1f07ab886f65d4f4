"""A Heartland sales order as it is, and what is still missing from the one that should be.

Source: heartland-retail.md §10, §11.2, §21.2. Pure: the flow looks, this compares, the flow writes the difference.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from errors.failures import ContractBroken
from mappings.core.canonical.order import ZERO, HeartlandOrder, HeartlandTender

LineKey = tuple[str, Decimal, Decimal]  # item id, quantity, price per unit that is charged
PaymentKey = tuple[str, Decimal]  # payment type id, amount


@dataclass(frozen=True, kw_only=True)
class SalesOrder:
    """What Heartland holds now."""

    id: str
    public_id: str
    status: str  # pending, open, closed, canceled
    total: Decimal
    tax: Decimal | None  # None when the answer did not say: ask /taxes
    paid: Decimal  # recorded payments, also those still to come
    lines: tuple[Mapping[str, Any], ...]
    payments: tuple[Mapping[str, Any], ...]
    answer: Mapping[str, Any]  # Heartland's JSON, for explaining a difference

    @property
    def is_alive(self) -> bool:
        return self.status != "canceled"

    @property
    def is_final(self) -> bool:
        """True when goods have left: it is neither cancelled nor replaced any more."""
        return self.status == "closed" or self.is_invoiced

    @property
    def due(self) -> Decimal:
        """The part of `paid` that is still to come."""
        pending = (payment for payment in self.payments if payment.get("status") == "pending")
        return sum((_number(payment, "amount") for payment in pending), ZERO)

    @property
    def customer_id(self) -> str:
        return str(self.answer.get("customer_id") or "")

    @property
    def is_undistributed(self) -> bool:
        return any(line.get("ship_from_location_id") is None for line in self.lines)

    @property
    def is_distributed(self) -> bool:
        """True when nothing of it waits for a location; a cancelled order has none."""
        return self.status == "closed" or (self.is_alive and not self.is_undistributed)

    @property
    def is_invoiced(self) -> bool:
        """True when part of it was fulfilled: it can no longer be cancelled as a whole."""
        return any(_number(line, "qty_invoiced") > 0 for line in self.lines)

    def pieces(self) -> Counter[str]:
        """Whole pieces that it holds, shipped or not, by item id."""
        found: Counter[str] = Counter()
        for line in self.lines:
            if line.get("item_id") is not None:
                found[str(line["item_id"])] += int(_number(line, "qty"))
        return found

    def open_pieces(self) -> Counter[int]:
        """Pieces that were not invoiced yet, by item id."""
        found: Counter[int] = Counter()
        for line in self.lines:
            if line.get("item_id") is not None:
                found[int(line["item_id"])] += int(_number(line, "qty") - _number(line, "qty_invoiced"))
        return found

    def committed(self) -> list[tuple[str, str, Decimal]]:
        """Item id, location id and the pieces that an open order keeps there."""
        return [
            (
                str(line["item_id"]),
                str(line["ship_from_location_id"]),
                _number(line, "qty") - _number(line, "qty_invoiced"),
            )
            for line in self.lines
            if line.get("item_id") is not None and line.get("ship_from_location_id") is not None
        ]

    def paid_by_type(self) -> list[tuple[str, Decimal]]:
        """What was taken and not given back, by payment type: refunds already made are taken off."""
        paid: Counter[str] = Counter()
        for payment in self.payments:
            if payment.get("status") == "pending":
                continue
            paid[str(payment.get("payment_type_id"))] += _number(payment, "amount")  # type: ignore[assignment]
        return [(type_id, Decimal(amount)) for type_id, amount in paid.items() if amount]


@dataclass(frozen=True, kw_only=True)
class Gap:
    """What must still be written so that the sales order is complete."""

    lines: tuple[Mapping[str, Any], ...]
    surplus_lines: tuple[Mapping[str, Any], ...]
    tax: Decimal  # signed; one tax line of this value closes it
    payments: tuple[HeartlandTender, ...]
    surplus_payments: tuple[Mapping[str, Any], ...]

    @property
    def has_surplus(self) -> bool:
        """True when it holds something that should not be there: it is abandoned, never edited."""
        return bool(self.surplus_lines or self.surplus_payments)


def sales_order_from_heartland(answer: Mapping[str, Any]) -> SalesOrder:
    """Read an order answered with `_include[]=lines&_include[]=payments`. Raises ContractBroken naming the field."""
    if "lines" not in answer or "payments" not in answer:
        raise ContractBroken(f"Heartland order {answer.get('id')}: lines or payments are missing from the answer")
    return SalesOrder(
        id=str(answer["id"]),
        public_id=str(answer.get("public_id") or answer["id"]),
        status=str(answer.get("status")),
        total=_number(answer, "total"),
        tax=None if answer.get("total_tax") is None else _number(answer, "total_tax"),
        paid=sum((_number(payment, "amount") for payment in _counted(answer["payments"])), ZERO),
        lines=tuple(answer["lines"]),
        payments=tuple(_counted(answer["payments"])),
        answer=answer,
    )


def gap(desired: HeartlandOrder, held: SalesOrder, *, tax_held: Decimal) -> Gap:
    """Compare lines and payments as multisets, and the tax: the difference is what is left to write."""
    wanted_lines = _wanted_lines(desired)
    held_keys = [_line_key(line) for line in held.lines]
    missing_lines = Counter(_line_key(line) for line in wanted_lines)
    missing_lines.subtract(held_keys)
    missing_payments = Counter(_tender_key(tender) for tender in desired.tenders)
    missing_payments.subtract(_payment_key(payment) for payment in held.payments)
    return Gap(
        lines=tuple(_take(wanted_lines, _line_key, missing_lines)),
        surplus_lines=tuple(_take(list(held.lines), _line_key, _negated(missing_lines))),
        tax=desired.tax - tax_held,
        payments=tuple(_take(list(desired.tenders), _tender_key, missing_payments)),
        surplus_payments=tuple(_take(list(held.payments), _payment_key, _negated(missing_payments))),
    )


def _counted(payments: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Payments without those that were voided."""
    return [payment for payment in payments if payment.get("status") != "void"]


def _wanted_lines(desired: HeartlandOrder) -> list[Mapping[str, Any]]:
    lines = desired.header["lines"]
    if not isinstance(lines, Sequence):
        raise ContractBroken(f"Order {desired.public_id}: the shaped order has no lines")
    return list(lines)


def _line_key(line: Mapping[str, Any]) -> LineKey:
    price = line.get("adjusted_unit_price")
    charged = _number(line, "adjusted_unit_price" if price is not None else "original_unit_price")
    return str(line.get("item_id")), _number(line, "qty").normalize(), charged.normalize()


def _tender_key(tender: HeartlandTender) -> PaymentKey:
    return tender.payment_type_id, tender.amount.normalize()


def _payment_key(payment: Mapping[str, Any]) -> PaymentKey:
    return str(payment.get("payment_type_id")), _number(payment, "amount").normalize()


def _negated(counts: Counter[Any]) -> Counter[Any]:
    return Counter({key: -count for key, count in counts.items()})


def _take(rows: Iterable[Any], key: Any, counts: Counter[Any]) -> list[Any]:
    """The first `counts[key]` rows of each key."""
    left = Counter({name: count for name, count in counts.items() if count > 0})
    taken = []
    for row in rows:
        if left[key(row)] > 0:
            left[key(row)] -= 1
            taken.append(row)
    return taken


def _number(row: Mapping[str, Any], field: str) -> Decimal:
    value = row.get(field)
    return ZERO if value is None else Decimal(str(value))

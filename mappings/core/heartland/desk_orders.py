"""What a store is to keep of a sales order that was made at Heartland's desk, exact to the cent. Notes §10."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from errors.failures import Violation, held
from mappings.core.canonical.desk_order import DeskLine, DeskOrder, DeskUnit
from mappings.core.canonical.order import ZERO, Address
from mappings.core.heartland.desk_marks import DeskMark
from mappings.core.heartland.sales_orders import SalesOrder
from mappings.core.rules.addresses import address_from_heartland, missing_parts
from mappings.core.rules.money import allocate, cents, unit_prices

STANDING = ("open", "closed")  # Heartland opens what is paid in full (notes §10.5)
CANNOT = "desk_order_not_recorded"


@dataclass(frozen=True, kw_only=True)
class SoldAs:
    """What the store sells an item of Heartland's as."""

    sku: str
    product_id: str
    variant_id: str


def desk_order_from_heartland(
    order: SalesOrder,
    addresses: Sequence[Mapping[str, Any]],
    sold_as: Mapping[str, SoldAs],
    *,
    mark: DeskMark,
    account_id: str,
) -> DeskOrder:
    """`addresses` are the customer's, `sold_as` is by item id. Raises holds, for all that is missing."""
    places = {str(row.get("address_id") or row.get("id")): row for row in addresses}
    billing, delivery = (_address(order, places, f"{name}_address_id") for name in ("billing", "shipping"))
    email = str((order.answer.get("customer") or {}).get("email") or "").strip()
    shipping = cents(Decimal(str(order.answer.get("shipping_charge") or 0)))
    nets = [_net(line) for line in order.lines]
    tax = order.tax if order.tax is not None else ZERO
    missing = [
        *_unfit(order, email, sum(nets, ZERO) + shipping + tax),
        *_unsold(order, sold_as),
        *_unplaced(order, {"billing": billing, "shipping": delivery}),
    ]
    if missing or billing is None or delivery is None:
        raise held(*missing)
    is_on_goods = any(nets)
    taxes = allocate(tax, nets) if is_on_goods else [ZERO] * len(nets)
    return DeskOrder(
        mark=str(mark),
        number=order.public_id,
        account_id=account_id,
        email=email,
        billing=billing,
        delivery=delivery,
        lines=tuple(
            _line(line, sold_as[str(line["item_id"])], net, part)
            for line, net, part in zip(order.lines, nets, taxes, strict=True)
        ),
        shipping=shipping,
        shipping_tax=ZERO if is_on_goods else tax,
        tax=tax,
        total=order.total,
    )


def _line(line: Mapping[str, Any], sold: SoldAs, net: Decimal, tax: Decimal) -> DeskLine:
    quantity = int(_quantity(line))
    units = zip(_each(net, quantity), _each(net + tax, quantity), strict=True)  # both rise: with tax is never less
    return DeskLine(
        sku=sold.sku,
        product_id=sold.product_id,
        variant_id=sold.variant_id,
        units=tuple(
            DeskUnit(quantity=count, price=price, price_with_tax=gross)
            for (price, gross), count in sorted(Counter(units).items())
        ),
    )


def _each(amount: Decimal, quantity: int) -> list[Decimal]:
    """What each piece costs, the cheaper ones first."""
    return [price for count, price in unit_prices(amount, quantity) for _ in range(count)]


def _net(line: Mapping[str, Any]) -> Decimal:
    price = line.get("adjusted_unit_price")
    return cents(_quantity(line) * Decimal(str(line.get("original_unit_price") or 0 if price is None else price)))


def _quantity(line: Mapping[str, Any]) -> Decimal:
    return Decimal(str(line.get("qty") or 0))


def _unfit(order: SalesOrder, email: str, sum_of_parts: Decimal) -> list[Violation]:
    """What is wrong with the order as a whole."""
    if order.status not in STANDING:
        return [_cannot(order, f"it is {order.status}", "Complete its payments and open it there.", "status")]
    found = []
    if order.paid - order.due != order.total:
        words = f"{order.paid - order.due:.2f} of its {order.total:.2f} are paid"
        found.append(_cannot(order, words, "Complete its payments there.", "payments"))
    if sum_of_parts != order.total:
        words = f"its lines, shipping and tax come to {sum_of_parts:.2f}, its total is {order.total:.2f}"
        found.append(_cannot(order, words, "Fold its discounts into the prices of its lines there.", "total"))
    if not email:
        words = "its customer has no e-mail address, and nothing else tells the store who it is"
        found.append(_cannot(order, words, "Give the customer one there.", "email"))
    return found


def _unsold(order: SalesOrder, sold_as: Mapping[str, SoldAs]) -> list[Violation]:
    """Lines that the store has no product for, or no whole pieces of."""
    found = []
    for line in order.lines:
        name = str(line.get("item_description") or line.get("description") or line.get("item_id") or "a line")
        if str(line.get("item_id")) not in sold_as:
            fix = "Link its item with a product of the store, or leave this order to Heartland alone."
            found.append(_cannot(order, f"the store sells no {name}", fix, "lines", "items"))
        elif _quantity(line) <= 0 or _quantity(line) % 1 or _net(line) < 0:
            fix = "Leave this order to Heartland alone: the store keeps whole pieces that cost something or nothing."
            words = f"{_quantity(line):f} of {name} for {_net(line):.2f} are no whole pieces with a price"
            found.append(_cannot(order, words, fix, "lines"))
    if not order.lines:
        found.append(_cannot(order, "it holds no goods", "Add its goods there.", "lines"))
    return found


def _unplaced(order: SalesOrder, addresses: Mapping[str, Address | None]) -> list[Violation]:
    found = []
    for name, address in addresses.items():
        missing = ("address",) if address is None else missing_parts(address)
        if missing:
            words = f"its {name} address lacks: {', '.join(missing).replace('_', ' ')}"
            found.append(_cannot(order, words, "Complete the address there.", f"{name}_address"))
    return found


def _address(order: SalesOrder, places: Mapping[str, Mapping[str, Any]], key: str) -> Address | None:
    row = places.get(str(order.answer.get(key)))
    return None if row is None else address_from_heartland(row)


def _cannot(order: SalesOrder, words: str, fix: str, field: str, page: str = "heartland") -> Violation:
    return Violation(
        code=CANNOT,
        sentence=f"{order.public_id} is not recorded in the store: {words}.",
        field=field,
        fix=f"{fix} Then try again.",
        fix_page=page,
    )

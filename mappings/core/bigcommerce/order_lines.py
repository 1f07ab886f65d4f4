"""Lines and destinations of a BigCommerce order. BigCommerce note §10, §11.

The one-call read nests the lines in `consignments`: shipping, pickups, downloads and e-mailed certificates. What the
client had to ask for by other calls stands beside it, as lists: `products`, `shipping_addresses`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from mappings.core.bigcommerce.addresses import address_from_bigcommerce
from mappings.core.bigcommerce.customised import choices_of, customisations_of
from mappings.core.canonical.json_fields import Row
from mappings.core.canonical.order import ZERO, Consignment, GiftWrap, Line, LineKind
from mappings.core.canonical.order_amounts import LineMoney
from mappings.core.rules.money import cents, plain


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What hangs on an order: its raw lines by id, its destinations, and whether the shopper picks it up."""

    lines: tuple[Row, ...]
    consignments: tuple[Consignment, ...]
    address_ids: Mapping[str, str]  # line id -> order address id
    is_pickup: bool


def parts_from_bigcommerce(order: Row) -> Parts:
    """Find lines and destinations: lists that were asked for by calls of their own win over what came inside."""
    group = _consignments(order)
    inside = list(group.rows("shipping", "destination"))
    shipping = list(order.rows("shipping_addresses", "destination")) or inside
    pickups = list(group.rows("pickups", "pickup"))
    found = list(order.rows("products", "line")) or [
        line for holder in (*inside, *pickups, *_others(group)) for line in _lines(order, holder)
    ]
    lines = _once(found)
    return Parts(
        lines=lines,
        consignments=tuple(_consignment(row, order) for row in shipping),
        address_ids=_address_ids(lines, inside),
        is_pickup=bool(pickups) or any(line.whole("order_pickup_method_id", 0) for line in lines),
    )


def line_from_bigcommerce(row: Row, *, money: LineMoney, address_id: str, parents: frozenset[str]) -> Line:
    """One canonical line. `parents` are ids of lines that have bundled children."""
    return Line(
        source_id=row.identifier("id"),
        kind=_kind(row),
        sku=row.text("sku"),
        name=row.free_text("name_merchant") or row.free_text("name"),
        quantity=row.whole("quantity"),
        unit_price=plain(row.amount("price_ex_tax", ZERO)),
        total=money.total,
        discount=money.discount,
        tax=money.tax,
        customisations=customisations_of(row),
        choices=choices_of(row, has_children=row.identifier("id") in parents),
        wrap=_wrap(row, money),
        is_bundled_child=row.flag("is_bundled_product") or bool(_parent(row)),
        product_id=row.identifier("product_id"),
        variant_id=row.identifier("variant_id"),
        address_id=address_id,
        quantity_refunded=row.whole("quantity_refunded", 0),
        quantity_shipped=row.whole("quantity_shipped", 0),
    )


def parents_of(lines: Iterable[Row]) -> frozenset[str]:
    """Ids of the lines that have bundled children."""
    return frozenset(filter(None, map(_parent, lines)))


def _consignments(order: Row) -> Row:
    """The `consignments` object, as `OrderCalls.order_read` always answers it."""
    value = order.data.get("consignments")
    return Row(value if isinstance(value, Mapping) else {}, order.label)


def _others(group: Row) -> Iterator[Row]:
    yield from group.rows("downloads", "download")
    email = group.data.get("email")
    if isinstance(email, Mapping):
        yield from Row(email, group.label).rows("gift_certificates", "gift certificate")


def _lines(order: Row, holder: Row) -> Iterator[Row]:
    """The lines in a consignment. A certificate may be listed as the line itself."""
    if "line_items" in holder.data:
        for line in holder.rows("line_items", "line"):
            yield Row(line.data, f"{order.label}, line {line.data.get('id', '?')}")
    elif "quantity" in holder.data:
        yield Row(holder.data, f"{order.label}, line {holder.data.get('id', '?')}")


def _once(lines: Iterable[Row]) -> tuple[Row, ...]:
    """Each line once, by id, so that the same order always reads the same."""
    by_id = {line.identifier("id"): line for line in lines}
    return tuple(sorted(by_id.values(), key=lambda line: line.whole("id")))


def _address_ids(lines: Iterable[Row], shipping: Iterable[Row]) -> dict[str, str]:
    ids = {line.identifier("id"): line.identifier("order_address_id") for line in lines}
    for destination in shipping:
        inside = (line.identifier("id") for line in destination.rows("line_items", "line"))
        ids |= {line: destination.identifier("id") for line in inside if not ids.get(line)}
    return ids


def _consignment(row: Row, order: Row) -> Consignment:
    field = "cost_ex_tax" if "cost_ex_tax" in row.data else "base_cost"
    return Consignment(
        source_id=row.identifier("id"),
        address=address_from_bigcommerce(row.data),
        method=row.text("shipping_method"),
        cost=cents(Row(row.data, f"{order.label}, destination {row.data.get('id', '?')}").amount(field, ZERO)),
    )


def _kind(row: Row) -> LineKind:
    if row.text("type").lower() == "giftcertificate" or row.identifier("gift_certificate_id"):
        return LineKind.GIFT_CERTIFICATE
    return LineKind.ITEM if row.identifier("product_id") else LineKind.CUSTOM


def _wrap(row: Row, money: LineMoney) -> GiftWrap | None:
    name = row.free_text("wrapping_name")
    if not name and not row.identifier("wrapping_id") and not money.wrapping:
        return None
    return GiftWrap(name=name or "Gift wrap", message=row.free_text("wrapping_message"), cost=money.wrapping)


def _parent(row: Row) -> str:
    return row.identifier("parent_order_product_id")

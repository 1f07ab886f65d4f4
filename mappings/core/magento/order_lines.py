"""Lines of a Magento order. Magento notes §8.3."""

from collections.abc import Iterator, Sequence

from errors.failures import Violation
from mappings.core.canonical.json_fields import Row
from mappings.core.canonical.order import Customisation, GiftWrap, Line, LineKind
from mappings.core.canonical.order_amounts import LineMoney
from mappings.core.magento.order_money import EXTRA
from mappings.core.magento.order_rows import GIFT_CARD, INTANGIBLE, Kept
from mappings.core.magento.sides import Side
from mappings.core.rules.money import plain

FIX = "Sell it in whole pieces, or book the order by hand: Heartland counts pieces."


def line_from_magento(kept: Kept, money: LineMoney, side: Side, *, address_id: str) -> Line:
    """One canonical line. Its id is the row that a shipment names; its product what lies on the shelf."""
    row = kept.row
    return Line(
        source_id=row.identifier("item_id"),
        kind=LineKind.GIFT_CERTIFICATE if row.text("product_type") == GIFT_CARD else LineKind.ITEM,
        sku=row.text("sku"),
        name=row.free_text("name"),
        quantity=int(kept.quantity),
        unit_price=plain(side.money(row, "price")) if kept.has_money else money.total,
        total=money.total,
        discount=money.discount,
        tax=money.tax,
        customisations=tuple(_customisations(row)),
        wrap=GiftWrap(name="Gift wrap", message=_message(row), cost=money.wrapping) if money.wrapping else None,
        is_bundled_child=kept.bundle is not None,
        product_id=kept.stocked.identifier("product_id"),
        address_id="" if kept.is_bundle or kept.stocked.text("product_type") in INTANGIBLE else address_id,
        quantity_refunded=int(kept.refunded),
        quantity_shipped=int(kept.shipped),
    )


def whole_pieces(lines: Sequence[Kept]) -> Iterator[Violation]:
    """A reason for each line of which part of a piece was sold."""
    for one in lines:
        if one.quantity != int(one.quantity):
            name = one.row.free_text("name") or one.row.text("sku")
            yield Violation(
                code="quantity_not_whole",
                sentence=f"{one.row.label}: “{name}” has the quantity {one.quantity.normalize():f}.",
                field="quantity",
                value=one.row.text("sku"),
                fix=FIX,
                fix_page="store",
            )


def _customisations(row: Row) -> Iterator[Customisation]:
    """What the shopper typed or chose of the product's custom options, where their value says itself.

    Chosen from a list they come as ids; the row's own `options` in the catalogue name them.
    """
    for option in row.inside("product_option").inside(EXTRA).rows("custom_options", "option"):
        if value := option.free_text("option_value"):
            yield Customisation(name=f"Option {option.text('option_id')}", value=value)


def _message(row: Row) -> str:
    return row.inside(EXTRA).inside("gift_message").free_text("message")

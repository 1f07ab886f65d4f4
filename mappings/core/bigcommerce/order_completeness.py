"""Parts that an order counts but its answer lacks: nothing inside an include is never proof of nothing.

BigCommerce note §11. What the client could ask for in another way it has asked for; what is still missing is held.
"""

from collections.abc import Iterator

from errors.failures import Violation
from mappings.core.bigcommerce.order_lines import Parts
from mappings.core.canonical.json_fields import Row

FIX = (
    "Open the order in BigCommerce, look at its products and its shipping address and save it there, then retry. "
    "Book it by hand when BigCommerce itself shows none."
)


def missing_parts(order: Row, parts: Parts) -> Iterator[Violation]:
    """Fewer pieces or other destinations than the order's own counts tell; or goods that nobody knows where to send."""
    units, counted = sum(line.whole("quantity") for line in parts.lines), order.whole("items_total", 0)
    if units < counted:
        sentence = f"pieces on it in BigCommerce: {counted} counted, {units} named"
        yield _missing(order, "lines_incomplete", "products", sentence)
    if order.flag("order_is_digital") or parts.is_pickup or not any(map(_is_physical, parts.lines)):
        return
    found = len(parts.consignments)
    destinations = order.whole("shipping_address_count", found)
    if found != destinations:
        sentence = f"its shipping addresses in BigCommerce: {destinations} counted, {found} named"
        yield _missing(order, "destination_unknown", "shipping_addresses", sentence)
    elif not found:
        sentence = "it has goods to deliver and no shipping address; it is not sent to the billing address unasked"
        yield _missing(order, "destination_unknown", "shipping_addresses", sentence)


def _is_physical(line: Row) -> bool:
    return line.text("type") in {"", "physical"}


def _missing(order: Row, code: str, field: str, sentence: str) -> Violation:
    return Violation(code=code, sentence=f"{order.label}: {sentence}.", field=field, fix=FIX, fix_page="store")

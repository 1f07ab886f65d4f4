"""What people wrote on an order beside its goods, as BigCommerce holds it. Its note §9.2, §11."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ipaas.cards import mask
from mappings.core.canonical.json_fields import Row
from mappings.core.canonical.order import Line, Source, Written

ADDRESS_PARTS = ("address_line_1", "address_line_2", "city", "state", "postal_code")


def written_from_bigcommerce(order: Row, lines: Iterable[Line]) -> tuple[Written, ...]:
    """Every text of the order, each once: `form_fields` stand at the order and at each of its addresses."""
    return tuple(dict.fromkeys(_written(order, lines)))


def notes_of(order: Row) -> tuple[Written, ...]:
    """The comment and the staff notes: what every answer of the store about an order holds."""
    texts = {Source.COMMENT: "customer_message", Source.STAFF_NOTES: "staff_notes"}
    found = ((source, _one_line(order.data.get(field))) for source, field in texts.items())
    return tuple(Written(source=source, text=text) for source, text in found if text)


def _written(order: Row, lines: Iterable[Line]) -> Iterator[Written]:
    yield from notes_of(order)
    for holder in _holders(order):
        yield from _checkout_fields(holder)
    for pickup in _consignments(order).rows("pickups", "pickup"):
        if place := _place(pickup):
            yield Written(source=Source.PICKUP, text=place)
    for line in lines:
        if line.wrap and (message := _one_line(line.wrap.message)):
            yield Written(source=Source.GIFT_MESSAGE, text=f"{line.name or line.sku}: {message}")


def _holders(order: Row) -> Iterator[Row]:
    """The order and its addresses: what has `form_fields`."""
    yield order
    if isinstance(billing := order.data.get("billing_address"), Mapping):
        yield Row(billing, order.label)
    yield from _consignments(order).rows("shipping", "destination")
    yield from order.rows("shipping_addresses", "destination")


def _consignments(order: Row) -> Row:
    value = order.data.get("consignments")
    return Row(value if isinstance(value, Mapping) else {}, order.label)


def _checkout_fields(holder: Row) -> Iterator[Written]:
    for field in holder.rows("form_fields", "checkout field"):
        if text := _one_line(field.data.get("value")):
            yield Written(source=Source.CHECKOUT, name=_one_line(field.data.get("name")) or "Field", text=text)


def _place(pickup: Row) -> str:
    """The location's name, code and address, how it is collected, and when."""
    value = pickup.data.get("location")
    location = Row(value if isinstance(value, Mapping) else {}, pickup.label)
    name, code = location.free_text("name"), location.free_text("code")
    where = ", ".join(filter(None, (location.free_text(part) for part in ADDRESS_PARTS)))
    when = (pickup.free_text(part) for part in ("collection_time_description", "collection_instructions"))
    named = f"{name} ({code})" if name and code and name != code else name or code
    parts = [named or pickup.free_text("pickup_method_display_name"), where, *when]
    return _one_line("; ".join(filter(None, parts)))


def _one_line(value: Any) -> str:
    """Text, number or list of them as one line; card numbers are dropped."""
    if isinstance(value, list):
        return ", ".join(filter(None, map(_one_line, value)))
    if value is None or isinstance(value, dict):
        return ""
    return mask(" ".join(str(value).replace("\x00", "").split()))

"""Every reason why an order cannot be booked yet, all at once, each with its fix."""

import re
from collections.abc import Iterator, Mapping

from errors.failures import Violation
from mappings.core.canonical.order import Address, Line, LineKind, Order
from mappings.core.rules.addresses import LINE_LENGTH, address_body, missing_parts
from mappings.core.rules.line_notes import NOTE_LENGTH, line_note, wrap_note
from mappings.core.rules.lookups import OrderLookups, RequiredField
from mappings.core.rules.value_keys import shipping_key, tender_key

REQUIRED_WITHOUT_VALUE = "required_field_without_value"
EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")

#: Heartland publishes no lengths: cautious ones, so that nothing is cut there in silence.
LIMITS: Mapping[str, int] = {
    "first_name": 100,
    "last_name": 100,
    "line_1": LINE_LENGTH,
    "line_2": LINE_LENGTH,
    "city": 100,
    "state": 60,
    "postal_code": 20,
    "phone": 40,
}
EMAIL_LENGTH = 254

WORDS: Mapping[str, str] = {
    "name": "name",
    "first_name": "first name",
    "last_name": "last name",
    "line_1": "street",
    "line_2": "second street line",
    "city": "city",
    "state": "state",
    "postal_code": "postal code",
    "phone": "phone number",
}


def order_violations(order: Order, lookups: OrderLookups) -> tuple[Violation, ...]:
    """All reasons that hold the order; empty when it may be shaped. Customer and address ids are not needed."""
    found = [
        *order.violations,
        *_order(order, lookups),
        *_currency(order, lookups),
        *_settings(lookups),
        *_required_fields(lookups),
        *_addresses(order, lookups),
        *_items(order, lookups),
        *(reason for line in order.lines for reason in _line(order, line, lookups)),
        *_texts(order, lookups),
        *_charges(order, lookups),
        *_payments(order, lookups),
        *_shipping(order, lookups),
    ]
    return tuple(dict.fromkeys(found))


def fields_of_group(lookups: OrderLookups, group: str) -> Mapping[str, str] | None:
    """The custom fields we write for Heartland's `group_id`; None for records an order does not create.

    Only "customer" is documented; orders, their lines and payments are told by their words (note §6, group_id).
    """
    words = set(re.split(r"[._]", group.lower()))
    if group.lower() == "customer":
        return lookups.customer_fields
    if "payment" in words or "payments" in words:
        return lookups.payment_fields
    if words & {"order", "orders"} and "sales" in words:
        return lookups.line_fields if words & {"line", "lines", "item"} else lookups.order_fields
    return None


def _order(order: Order, lookups: OrderLookups) -> Iterator[Violation]:
    name = f"Order {order.title}"
    if order.has_refunds:
        yield Violation(
            code="partially_refunded",
            sentence=f"{name}: money was given back in the store before the order was booked.",
            field="status",
            fix=f"Book what is left by hand in Heartland, or finish the refund in {lookups.store}.",
            fix_page="store",
        )
    if not order.lines:
        yield Violation(
            code="order_without_lines",
            sentence=f"{name} has no lines.",
            field="products",
            fix=f"Add its products in {lookups.store}, then retry.",
            fix_page="store",
        )
    if len(order.consignments) > 1:
        yield Violation(
            code="several_destinations",
            sentence=f"{name} goes to {len(order.consignments)} addresses; a Heartland order has one.",
            field="shipping_addresses",
            fix=f"Split the order in {lookups.store} into one per address.",
            fix_page="store",
        )


def _currency(order: Order, lookups: OrderLookups) -> Iterator[Violation]:
    """An amount in one currency is no amount in another; and nobody knows what an unnamed one is."""
    if not lookups.currency:
        yield Violation(
            code="currency_unknown",
            sentence="Nobody has said in which currency Heartland keeps its sums, and its API does not tell.",
            field="currency",
            fix="Name Heartland's currency in the order settings.",
            fix_page="orders",
        )
    elif order.currency != lookups.currency:
        paid_in = order.currency or f"a currency that {lookups.store} does not name"
        yield Violation(
            code="currency_differs",
            sentence=f"Order {order.title} was paid in {paid_in}; Heartland keeps {lookups.currency}.",
            field="currency",
            value=order.currency,
            fix=f"Book it by hand in Heartland and close it here, or let the store charge in {lookups.currency} only. "
            "Where Heartland keeps another currency, correct it in the order settings.",
            fix_page="orders",
        )


def _settings(lookups: OrderLookups) -> Iterator[Violation]:
    if not lookups.location_id:
        yield Violation(
            code="source_location_missing",
            sentence="No Heartland location is chosen as the source of web orders.",
            field="source_location",
            fix="Choose the source location, such as “Website”.",
            fix_page="orders",
        )
    elif not lookups.station_id:
        yield Violation(
            code="station_missing",
            sentence="The source location has no active station in Heartland, and orders need one.",
            field="station",
            fix="Run the set-up assistant again: it makes the station.",
            fix_page="orders",
        )


def _required_fields(lookups: OrderLookups) -> Iterator[Violation]:
    for required in lookups.required_fields:
        written = fields_of_group(lookups, required.group)
        if written is not None and not written.get(required.key):
            yield required_without_value(required)


def required_without_value(required: RequiredField) -> Violation:
    """A custom field that Heartland demands and that nobody gives a value."""
    return Violation(
        code=REQUIRED_WITHOUT_VALUE,
        sentence=f"Heartland demands the custom field “{required.name}” ({required.group}); it has no value.",
        field=f"{required.group}.{required.key}",
        value=required.key,
        fix="Give it a default value here, or switch “required” off in Heartland.",
        fix_page="fields",
    )


def _addresses(order: Order, lookups: OrderLookups) -> Iterator[Violation]:
    if order.billing is None:
        yield _address_violation(order, "billing", "", "has no billing address", lookups, code="address_incomplete")
    else:
        yield from _address(order, "billing", order.billing, lookups)
    for consignment in order.consignments[:1]:
        yield from _address(order, "shipping", consignment.address, lookups)
    email = order.buyer.email
    if email and (len(email) > EMAIL_LENGTH or not EMAIL.fullmatch(email)):
        yield _address_violation(
            order, "billing", "email", "has an e-mail address that cannot be one", lookups, code="email_invalid"
        )


def _address(order: Order, which: str, address: Address, lookups: OrderLookups) -> Iterator[Violation]:
    for part in missing_parts(address):
        words = f"has a {which} address without {WORDS[part]}"
        yield _address_violation(order, which, part, words, lookups, code="address_incomplete")
    body = address_body(address)
    for part, length in LIMITS.items():
        if len(body[part] or "") > length:
            words = f"has a {which} address whose {WORDS[part]} is longer than {length} characters"
            yield _address_violation(order, which, part, words, lookups, code="target_limit_exceeded")


def _address_violation(
    order: Order, which: str, part: str, words: str, lookups: OrderLookups, *, code: str
) -> Violation:
    return Violation(
        code=code,
        sentence=f"Order {order.title} {words}.",
        field=f"{which}_address.{part}".rstrip("."),
        fix=f"Correct the address on the order in {lookups.store}, then retry; or apply the correction on the order's "
        "page.",
        fix_page="store",
    )


def _items(order: Order, lookups: OrderLookups) -> Iterator[Violation]:
    """Per SKU, so that all orders that wait for the same item share an issue."""
    sold = [line for line in order.lines if line.kind is not LineKind.GIFT_CERTIFICATE]
    for sku in dict.fromkeys(line.sku for line in sold if line.sku):
        if sku not in lookups.item_ids:
            yield item_not_linked(sku, lookups.near_misses.get(sku, ""))


def item_not_linked(sku: str, near_miss: str = "") -> Violation:
    """All that waits for the same item shares an issue; `near_miss` says in a sentence which item may be meant."""
    return Violation(
        code="item_not_linked",
        sentence=f"No Heartland item has the Item # “{sku}”." + (f" {near_miss}" if near_miss else ""),
        field="sku",
        value=sku,
        fix="Create the item in Heartland with exactly this Item #, or correct the SKU or the Item #.",
        fix_page="items",
    )


def _line(order: Order, line: Line, lookups: OrderLookups) -> Iterator[Violation]:
    name = f"Order {order.title}: “{line.name or line.sku}”"
    if line.kind is LineKind.GIFT_CERTIFICATE:
        if not lookups.gift_card_item_id:
            yield Violation(
                code="gift_certificate_sold",
                sentence=f"Order {order.title} sells a gift card, which is a liability and not goods, and no Heartland "
                "item stands for such sales.",
                field="products",
                fix="Choose the Heartland item that sold gift cards are booked as; count it as no revenue there.",
                fix_page="orders",
            )
    elif not line.sku:
        yield Violation(
            code="line_without_sku",
            sentence=f"{name} has no SKU, so nothing tells which Heartland item it is.",
            field="sku",
            value=line.name if line.kind is LineKind.ITEM else "",
            fix=f"Give the product a SKU in {lookups.store}; for a line typed in by hand, book the order by hand.",
            fix_page="store",
        )
    if line.quantity <= 0:
        yield Violation(
            code="quantity_not_positive",
            sentence=f"{name} has the quantity {line.quantity}.",
            field="quantity",
            value=str(line.quantity),
            fix=f"Correct or remove the line in {lookups.store}, then retry.",
            fix_page="store",
        )
    yield from _wrapping(name, line, lookups)
    yield from _customisation(name, line, lookups)


def _wrapping(name: str, line: Line, lookups: OrderLookups) -> Iterator[Violation]:
    if not line.wrap or lookups.gift_wrap_item_id:
        return
    if line.wrap.cost or not lookups.line_note_field:
        yield Violation(
            code="gift_wrap_unmapped",
            sentence=f"{name} is gift wrapped ({line.wrap.name}), and no Heartland item stands for wrapping.",
            field="gift_wrap",
            value=line.wrap.name,
            fix="Choose the Heartland item that gift wrapping is booked as.",
            fix_page="orders",
        )


def _customisation(name: str, line: Line, lookups: OrderLookups) -> Iterator[Violation]:
    asked = ", ".join(dict.fromkeys(row.name for row in line.customisations))
    if asked and (lookups.holds_customised or not lookups.line_note_field):
        yield Violation(
            code="customised_line",
            sentence=f"{name} is customised ({asked}).",
            field="customisation",
            value=asked,
            fix="Let customisations be written to the order line and choose the Heartland field for the text.",
            fix_page="orders",
        )
    unclear = ", ".join(dict.fromkeys(row.name for row in line.choices))
    if unclear:
        yield Violation(
            code="customisation_unclear",
            sentence=f"{name} has a choice ({unclear}) that its SKU may not tell; the variant is unknown.",
            field="customisation",
            value=unclear,
            fix=f"Check in {lookups.store} what the shopper chose and book the order by hand.",
            fix_page="store",
        )
    note = line_note(line, wrap_has_line=bool(lookups.gift_wrap_item_id))
    wrap = wrap_note(line.wrap) if line.wrap and lookups.gift_wrap_item_id else ""
    if max(len(note), len(wrap)) > NOTE_LENGTH:
        yield Violation(
            code="target_limit_exceeded",
            sentence=f"{name} carries a text of more than {NOTE_LENGTH} characters, too long for Heartland's line.",
            field="line_note",
            fix=f"Apply the correction on the order's page; or shorten the text in {lookups.store}, then retry.",
            fix_page="store",
        )


def _texts(order: Order, lookups: OrderLookups) -> Iterator[Violation]:
    for field, text in lookups.texts.items():
        if len(text) > NOTE_LENGTH:
            yield Violation(
                code="target_limit_exceeded",
                sentence=f"Order {order.title}: what was written for Heartland's field {field} has more than "
                f"{NOTE_LENGTH} characters.",
                field=f"text.{field}",
                value=order.source_id,
                fix=f"Shorten it on the order in {lookups.store}, then retry; or apply the correction on the order's "
                "page.",
                fix_page="orders",
            )


def _charges(order: Order, lookups: OrderLookups) -> Iterator[Violation]:
    for charge in order.charges:
        if not lookups.fee_item_id:
            yield Violation(
                code="fee_unmapped",
                sentence=f"Order {order.title} was charged “{charge.name}”, and no Heartland item stands for fees.",
                field="fee",
                value=charge.name,
                fix="Choose the Heartland item that fees and handling are booked as.",
                fix_page="orders",
            )


def _payments(order: Order, lookups: OrderLookups) -> Iterator[Violation]:
    for key in dict.fromkeys(map(tender_key, order.tenders)):
        if not lookups.payment_type_ids.get(key):
            yield Violation(
                code="payment_unmapped",
                sentence=f"The payment method “{key}” is not mapped to a Heartland payment type.",
                field="payment_method",
                value=key,
                fix="Map this payment method, or choose a default.",
                fix_page="payments",
            )


def _shipping(order: Order, lookups: OrderLookups) -> Iterator[Violation]:
    key = shipping_key(order)
    if key and not lookups.shipping_method_ids.get(key):
        yield Violation(
            code="shipping_unmapped",
            sentence=f"The shipping method “{key}” is not mapped to a Heartland shipping method.",
            field="shipping_method",
            value=key,
            fix="Map this shipping method, or choose a default.",
            fix_page="shipping",
        )

"""Look up everything that the sales order needs, once; judge it; shape it."""

from dataclasses import replace

from connections.models import OrderSettings
from errors.failures import Violation, held
from mappings import services
from mappings.core.canonical.order import LineKind, PaymentState
from mappings.core.heartland import shape_order
from mappings.core.rules import holds, near_misses
from mappings.core.rules.holds import REQUIRED_WITHOUT_VALUE
from mappings.core.rules.lookups import OrderLookups, RequiredField
from mappings.known_links import KnownLinks, links_known
from mappings.models import Link, ValueMap
from syncjobs.flows.orders import buyers
from syncjobs.flows.orders.apply_corrections import correct_lines, propose
from syncjobs.flows.orders.order_context import OrderContext
from syncjobs.flows.orders.paying import payment_of, taken_of
from syncjobs.flows.orders.refusals import demanded_again
from syncjobs.flows.orders.routing import routed
from syncjobs.flows.orders.splitting import without_parts

SKUS_EXPLAINED = 3  # of an order with unknown SKUs: each costs a search


def resolve(context: OrderContext) -> None:
    """Variants, items, customer, payment and shipping: links and maps first, calls only for what is unknown."""
    settings = context.settings
    context.order = services.customisations_settle(context.connection, context.order, context.store.orders)
    correct_lines(context)
    location = settings.source_location
    links = links_of(context)
    item_ids = services.items_resolve(context.connection, skus(context), context.heartland, links)
    fields = context.tables.field_defaults
    context.people = buyers.find(context, links)
    context.lookups = OrderLookups(
        store=context.store_name,
        location_id=location.external_id if location else "",
        station_id=location.station_id if location else "",
        item_ids=item_ids,
        near_misses=explained(context, item_ids),
        payment_type_ids=payment_types(context),
        shipping_method_ids=shipping_methods(context),
        currency=context.connection.heartland.currency,
        is_paid=payment_of(context) is PaymentState.TAKEN,
        taken=taken_of(context.order),
        order_prefix=settings.order_prefix,
        sales_rep=settings.sales_rep,
        ship_from_id=settings.ship_from.external_id if settings.ships_from_one and settings.ship_from else None,
        gift_wrap_item_id=settings.gift_wrap_item_id,
        fee_item_id=settings.fee_item_id,
        gift_card_item_id=settings.gift_card_item_id,
        line_note_field=settings.line_note_field,
        holds_customised=settings.customisation == settings.Customisation.HOLD,
        order_fields=order_fields(context, fields["sales.order"]),
        texts=context.texts,
        line_fields=fields["sales.order.line_item"],
        payment_fields=fields["payment"],
        customer_fields=fields["customer"],
        required_fields=required_fields(context),
    )


def skus(context: OrderContext) -> set[str]:
    """What Heartland has to have items for."""
    return {line.sku for line in context.order.lines if line.kind != LineKind.GIFT_CERTIFICATE and line.sku}


def links_of(context: OrderContext) -> KnownLinks:
    """The links of the order's items and of its buyer, as far as there are."""
    items = ((Link.Kind.ITEM, sku) for sku in skus(context))
    return links_known(context.connection, [*items, *buyers.link_keys(context)])


def explained(context: OrderContext, item_ids: dict[str, str]) -> dict[str, str]:
    """For each of the first SKUs without an item: which Item # looks like it, in words.

    The catalogue as last read knows where to look, one call for all of them asks whether it is still so; what it does
    not know costs a search each.
    """
    sold = [line for line in context.order.lines if line.sku and line.kind != LineKind.GIFT_CERTIFICATE]
    missing = sorted({line.sku for line in sold} - item_ids.keys())[:SKUS_EXPLAINED]
    alike = services.items_alike(context.connection, missing)
    known = {number for numbers in alike.values() for number in numbers}
    there = context.heartland.items_by_numbers(sorted(known)) if known else {}
    return {
        sku: near_misses.explain(sku, [number for number in alike.get(sku, ()) if number in there])
        or near_misses.explain(sku, searched(context, sku))
        for sku in missing
    }


def searched(context: OrderContext, sku: str) -> list[str]:
    """Item numbers that Heartland's search finds for the first part of a SKU."""
    rows = context.heartland.items_search(near_misses.search_word(sku))
    return [str(item.get("public_id") or "") for item in rows]


def payment_types(context: OrderContext) -> dict[str, str]:
    """Payment type per tender: by the map, else its default row, else the one type where a person wants that."""
    fallback = context.settings.payment_type_id if context.settings.books_other_payments else ""
    found = {}
    for tender in context.order.tenders:
        key = shape_order.tender_key(tender)
        target = context.tables.resolve(ValueMap.Kind.PAYMENT, key, fallback=fallback)
        if target:
            found[key] = target
    return found


def shipping_methods(context: OrderContext) -> dict[str, str]:
    """Shipping method of the order: by the map, else its default row, else the one chosen for the rest."""
    key = shape_order.shipping_key(context.order)
    if not key:
        return {}
    target = context.tables.resolve(
        ValueMap.Kind.SHIPPING,
        key,
        fallback=context.settings.shipping_method_id,
        has_default=key != shape_order.PICKUP,  # what is collected is no parcel that goes like the others
    )
    return {key: target} if target else {}


def order_fields(context: OrderContext, defaults: dict[str, str]) -> dict[str, str]:
    """Custom fields of the sales order: defaults, what people wrote, and our mark where it has its fields."""
    return defaults | context.texts | context.mark.fields()


def validate(context: OrderContext) -> None:
    """Hold the order for every reason at once; nothing has been written yet."""
    violations = reasons_to_hold(context)
    if any(one.code == REQUIRED_WITHOUT_VALUE for one in violations) and demanded_again(context):
        context.lookups = replace(context.lookups, required_fields=required_fields(context))
        violations = reasons_to_hold(context)
    propose(context, {one.code for one in violations})
    if violations:
        raise held(*violations)


def reasons_to_hold(context: OrderContext) -> tuple[Violation, ...]:
    """Everything that speaks against booking, as far as is known."""
    return (*holds.order_violations(context.order, context.lookups), *context.people.violations)


def required_fields(context: OrderContext) -> tuple[RequiredField, ...]:
    """Custom fields that Heartland demanded when it was asked last."""
    return tuple(RequiredField(**row) for row in context.connection.heartland.required_fields)


def shape(context: OrderContext) -> None:
    """The sales order as it should be; customer and addresses join when it is created."""
    context.desired = shape_order.order_to_heartland(context.order, context.lookups)
    context.desired = replace(context.desired, public_id=context.number)
    without_parts(context)
    settings = context.settings
    if settings.shipping == OrderSettings.Shipping.ONE or settings.ships_from_several:
        context.desired = routed(context)

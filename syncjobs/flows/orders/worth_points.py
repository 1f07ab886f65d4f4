"""What an order is worth in loyalty points, kept whenever it is looked at; the points flow moves what changed.

Asked only where the merchant has orders count: two statements, one more where something changed, and a call where
nothing else tells whether the order was paid.
"""

from typing import TYPE_CHECKING

from connections.models import ItemSettings
from mappings import services
from mappings.core.canonical.order import Order, PaymentState
from mappings.core.rules.loyalty import NOTHING, worth_of
from mappings.models import CatalogueSku, Link, Side
from syncjobs.flows.orders.paying import payment_of
from syncjobs.flows.points.points_context import NAME
from syncjobs.models import LoyaltySettings, OrderPoints, Record

if TYPE_CHECKING:
    from syncjobs.flows.orders.order_context import OrderContext


def look(context: "OrderContext") -> None:
    """Keep what the order is worth; who bought without an account has no points."""
    order, record = context.as_read, context.record  # with what came back of it told line by line
    if not context.settings.counts_points or order.buyer.is_guest:
        return
    settings = LoyaltySettings.objects.get(connection=context.connection)
    worth = worth_of(order, settings.program, earning_skus(settings, order))
    rows = OrderPoints.objects.filter(connection=context.connection, external_id=context.external_id)
    known = rows.first()
    was_paid = known is not None and known.is_paid
    is_paid = was_paid or (worth != NOTHING and payment_of(context) is PaymentState.TAKEN)
    now = {"buyer": order.buyer.source_id, "earned": worth.earned, "spent": worth.spent, "is_paid": is_paid}
    is_other = known is None or any(getattr(known, name) != value for name, value in now.items())
    if is_other:
        rows.update_or_create(
            connection=context.connection, external_id=context.external_id,
            defaults=now, create_defaults=now | {"placed_at": order.placed_at},
        )  # fmt: skip
    if record.booked_at and (is_other or record.disposition != Record.Disposition.BOOKED):
        former = known.buyer if known is not None and known.buyer != order.buyer.source_id else ""
        context.others += [(NAME, one) for one in (order.buyer.source_id, former) if one]


def booked(context: "OrderContext") -> None:
    """The order is in Heartland from now on: its points count."""
    if context.settings.counts_points and not context.order.buyer.is_guest and not context.record.booked_at:
        context.others.append((NAME, context.order.buyer.source_id))


def earning_skus(settings: LoyaltySettings, order: Order) -> set[str] | None:
    """SKUs of the order whose item in Heartland is of a category that earns; None where all are.

    One that is not linked, or whose item has not been read, earns nothing.
    """
    if not settings.categories:
        return None
    connection = settings.connection
    links = services.links_by_source(connection, Link.Kind.ITEM, {line.sku for line in order.lines if line.sku})
    items = {link.target_id: sku for sku, link in links.items()}
    rows = CatalogueSku.objects.filter(connection=connection, side=Side.HEARTLAND, external_id__in=items)
    settings_of_items = ItemSettings.objects.filter(connection=connection).first() or ItemSettings()
    key = settings_of_items.category_key
    return {
        items[item]
        for item, facts in rows.values_list("external_id", "facts")
        if (facts.get("custom") or {}).get(key) in settings.categories
    }

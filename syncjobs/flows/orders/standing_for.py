"""Which store order a sales order stands for: by our links, or because a person named it as booked by hand."""

from collections.abc import Iterable

from connections.models import Connection
from mappings.models import Link
from syncjobs.models import Settlement

PART = "#"  # behind a web order's id, where a sales order is one of several of it


def orders_of(connection: Connection, sales_orders: Iterable[str]) -> dict[str, str]:
    """Web order ids by the ids of those sales orders that stand for one of this store; those of others are left out."""
    wanted = list(sales_orders)
    closed = Settlement.objects.filter(record__connection=connection, heartland_id__in=[one for one in wanted if one])
    kinds = (Link.Kind.ORDER, Link.Kind.PART)
    links = Link.objects.filter(connection=connection, kind__in=kinds, target_id__in=wanted)
    linked = links.order_by("kind").values_list("target_id", "source_id")  # last what became part of another order
    return {
        **dict(closed.values_list("heartland_id", "record__external_id")),
        **{sales_order: source.partition(PART)[0] for sales_order, source in linked},
    }

"""Which store order a sales order stands for: by our link, or because a person named it as booked by hand."""

from collections.abc import Iterable

from connections.models import Connection
from mappings.models import Link
from syncjobs.models import Settlement


def orders_of(connection: Connection, sales_orders: Iterable[str]) -> dict[str, str]:
    """Web order ids by the ids of those sales orders that stand for one of this store; those of others are left out."""
    wanted = list(sales_orders)
    closed = Settlement.objects.filter(record__connection=connection, heartland_id__in=[one for one in wanted if one])
    links = Link.objects.of(connection, Link.Kind.ORDER).filter(target_id__in=wanted)
    return {
        **dict(closed.values_list("heartland_id", "record__external_id")),
        **dict(links.values_list("target_id", "source_id")),
    }

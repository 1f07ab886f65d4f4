"""Whether what Heartland shows of a sales order is news to us: then its store order is looked at by the flow."""

from connections.models import Connection
from mappings import services
from mappings.core.heartland import sales_order_changes
from mappings.core.heartland.marks import order_marked
from mappings.core.heartland.sales_orders import SalesOrder
from mappings.models import Link
from syncjobs.flows.orders.made_in_heartland import MADE_IN_HEARTLAND
from syncjobs.models import Record

BY_ITSELF = (Record.Disposition.IN_FLIGHT, Record.Disposition.RETRYING)  # these look again without being told


def is_news(record: Record, sales_order: SalesOrder) -> bool:
    """False when this is the state that we judged last, or that our own writes left.

    Of an order that was booked before its state was kept, only its total and that it lives are known.
    """
    if record.disposition in BY_ITSELF:
        return False
    if any(part["id"] == sales_order.id for part in record.facts.get("parts", ())):
        return not sales_order.is_alive  # it stays beside the order's own, as a person split it
    if record.disposition == Record.Disposition.SETTLED or record.code == MADE_IN_HEARTLAND:
        return not sales_order.is_alive  # booked by hand, or made there: all else is the business of whoever did
    if judged := record.facts.get("judged"):
        return bool(sales_order_changes.state(sales_order) != judged)
    is_booked = record.disposition == Record.Disposition.BOOKED
    return is_booked and (not sales_order.is_alive or sales_order.total != record.target_total)


def unlinked(connection: Connection, sales_orders: list[SalesOrder]) -> dict[str, SalesOrder]:
    """Living sales orders that bear this store's mark, by web order, where no link knows of any: we lost sight."""
    marking = services.marking_of(connection)
    marked = {order_marked(one.answer, marking): one for one in sales_orders if one.is_alive}
    known = services.links_by_source(connection, Link.Kind.ORDER, marked)
    return {web_id: one for web_id, one in marked.items() if web_id and web_id not in known}

"""Where a sales order goes by Heartland's own words: addresses compared by content, since the desk edits them in place.

Nothing that Heartland documents tells of such an edit (its note, §9): the addresses are read, by one call, when a
person looks, when the proof asks, and while they were found edited. Kept are keyed digests, no addresses.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from connections.connectors.heartland import HeartlandClient
from connections.connectors.heartland.customers import address_id
from ipaas import digests
from mappings.core.canonical.order import Address
from mappings.core.heartland import sales_order_changes
from mappings.core.heartland.sales_orders import SalesOrder
from mappings.core.rules import addresses
from mappings.models import Link
from syncjobs.models import SyncJob

if TYPE_CHECKING:
    from syncjobs.flows.orders.order_context import OrderContext

Places = Mapping[str, str]  # digest of the content by the field of the sales order that names the address
NAMES = {name: title for name, title in sales_order_changes.PEOPLE.items() if name != "customer_id"}
CAUSES = (SyncJob.LOOK_AGAIN, "proof")
BOOKED, EDITED = "places", "places_edited"  # facts: as booked; as found edited at the last look


def as_booked(context: "OrderContext") -> dict[str, str]:
    """The addresses that the order was booked with."""
    billing, shipping = destinations(context)
    paid = content_digest(billing)
    sent = paid if shipping == billing else content_digest(shipping)
    return {"billing_address_id": paid, "shipping_address_id": sent}


def destinations(context: "OrderContext") -> tuple[Address, Address]:
    """Billing and shipping address; digital and pickup orders ship to the billing address on paper."""
    order = context.order
    shipping = order.consignments[0].address if order.consignments else order.billing
    billing = order.billing or shipping
    if billing is None or shipping is None:  # refused by `validate` before
        raise RuntimeError(f"Order {order.source_id} has no address")
    return billing, shipping


def content_digest(address: Address) -> str:
    """Tells whether name, street, city, state, postal code or country differ; spelling and phone do not count."""
    content = addresses.fingerprint(replace(address, phone=""))
    return digests.content_digest("order places", content)


def places_read(client: HeartlandClient, sales_order: SalesOrder) -> dict[str, str]:
    """The sales order's addresses as Heartland holds them now: one call. "" for one that its customer has no more."""
    rows = client.customer_addresses(sales_order.customer_id)
    held = {address_id(row): content_digest(addresses.address_from_heartland(row)) for row in rows}
    return {name: held.get(str(sales_order.answer.get(name)), "") for name in NAMES}


def goes_somewhere(sales_order: SalesOrder) -> bool:
    """Whether something of it may still leave for its addresses."""
    return sales_order.status in {"pending", sales_order_changes.OPEN}


def look(context: "OrderContext", sales_order: SalesOrder) -> None:
    """Hold what Heartland says of the addresses now against what was booked, where that is to be asked."""
    facts = context.facts["facts"]
    booked, before = facts.get(BOOKED), facts.get(EDITED)
    if not booked or not goes_somewhere(sales_order) or not (before or context.job.cause in CAUSES):
        return
    now = places_read(context.heartland, sales_order)
    if others := [str(sales_order.answer.get(name)) for name in NAMES if now[name] != booked[name]]:
        Link.objects.of(context.connection, Link.Kind.ADDRESS).filter(
            target_id__in=others
        ).delete()  # not that any more
    kept = {name: value for name, value in facts.items() if name != EDITED}
    context.learn(facts=kept if now == booked else kept | {EDITED: now})


def edited(facts: Mapping[str, object]) -> list[sales_order_changes.Difference]:
    """The addresses that the last reading found to be others than those that were booked."""
    booked, now = facts.get(BOOKED), facts.get(EDITED)
    if not isinstance(booked, dict) or not isinstance(now, dict):
        return []
    return [
        sales_order_changes.Difference(
            name=title, booked="as booked", now="edited in Heartland" if now[name] else "not there"
        )
        for name, title in NAMES.items()
        if now[name] != booked[name]
    ]

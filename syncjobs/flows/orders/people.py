"""The buyer in Heartland: found by what we know, by e-mail, by phone; updated or created; with the addresses."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from errors.failures import Violation
from mappings import services
from mappings.core import addresses, customers
from mappings.core.canonical import Address, Buyer
from mappings.models import Link

if TYPE_CHECKING:
    from syncjobs.flows.orders.context import OrderContext


@dataclass(frozen=True, kw_only=True)
class People:
    """Heartland's ids where they are known already; None where `ensure` has to create."""

    customer_id: str | None
    needs_update: bool = False
    violations: tuple[Violation, ...] = ()


def find(context: OrderContext) -> People:
    """Look for the customer without writing anything: no call for a buyer we know and who has not changed."""
    settings, buyer = context.settings, context.order.buyer
    if buyer.is_guest and settings.guest_policy == settings.GuestPolicy.DEFAULT:
        context.decide("The guest goes to the customer chosen for guests.")
        return People(customer_id=settings.guest_customer_id)
    if link := services.link_get(context.connection, Link.Kind.CUSTOMER, customers.customer_key(buyer)):
        return People(customer_id=link.target_id, needs_update=link.fingerprint != fingerprint(buyer))
    return _search(context, buyer)


def ensure(context: OrderContext) -> tuple[str, str, str]:
    """Write what is missing and answer the ids of customer, billing address and shipping address."""
    customer_id = _customer(context)
    billing, shipping = _destinations(context)
    billing_id = _address(context, customer_id, billing)
    shipping_id = billing_id if same_place(billing, shipping) else _address(context, customer_id, shipping)
    return customer_id, billing_id, shipping_id


def forget(context: OrderContext) -> None:
    """Drop what we remembered of the buyer: Heartland no longer knows it under these ids."""
    services.link_drop(context.connection, Link.Kind.CUSTOMER, customers.customer_key(context.order.buyer))
    if context.people.customer_id:
        services.addresses_drop(context.connection, context.people.customer_id)


def fingerprint(buyer: Buyer) -> str:
    """A digest of the contact data that we last wrote."""
    return hashlib.sha256(repr(buyer).encode()).hexdigest()


def same_place(one: Address, other: Address) -> bool:
    return addresses.fingerprint(one) == addresses.fingerprint(other)


def _search(context: OrderContext, buyer: Buyer) -> People:
    phones = [buyer.phone] if buyer.phone else []
    match = customers.choose(context.heartland.customers_by_email_or_phone(buyer.email, phones), buyer)
    if isinstance(match, customers.Ambiguous):
        context.decide(match.sentence)
        return People(customer_id=None, violations=(match.violation(),))
    if isinstance(match, customers.NoMatch):
        context.decide("No customer in Heartland has this e-mail or phone: a new one is created.")
        return People(customer_id=None)
    context.decide(f"The buyer is customer {match.id} in Heartland.")
    return People(customer_id=match.id, needs_update=True)


def _customer(context: OrderContext) -> str:
    people, buyer = context.people, context.order.buyer
    if people.customer_id is None:
        customer_id = context.heartland.customer_create(
            customers.customer_body(buyer, custom=context.lookups.customer_fields)
        )
        _remember_customer(context, buyer, customer_id)
        return customer_id
    if people.needs_update:
        changes = customers.changes(context.heartland.customer_read(people.customer_id), buyer)
        if changes:
            context.heartland.customer_update(people.customer_id, **changes)
        _remember_customer(context, buyer, people.customer_id)
    return people.customer_id


def _remember_customer(context: OrderContext, buyer: Buyer, customer_id: str) -> None:
    services.link_store(
        context.connection,
        Link.Kind.CUSTOMER,
        source_id=customers.customer_key(buyer),
        target_id=customer_id,
        fingerprint=fingerprint(buyer),
    )
    context.people = replace(context.people, customer_id=customer_id, needs_update=False)


def _destinations(context: OrderContext) -> tuple[Address, Address]:
    """Billing and shipping address; digital and pickup orders ship to the billing address on paper."""
    order = context.order
    shipping = order.consignments[0].address if order.consignments else order.billing
    billing = order.billing or shipping
    if billing is None or shipping is None:  # refused by `validate` before
        raise RuntimeError(f"Order {order.source_id} has no address")
    return billing, shipping


def _address(context: OrderContext, customer_id: str, address: Address) -> str:
    source_id = f"{customer_id}:{addresses.fingerprint(address)}"
    if link := services.link_get(context.connection, Link.Kind.ADDRESS, source_id):
        return link.target_id
    address_id = _existing_address(context, customer_id, address) or context.heartland.address_create(
        customer_id, addresses.address_body(address)
    )
    services.link_store(context.connection, Link.Kind.ADDRESS, source_id=source_id, target_id=address_id)
    return address_id


def _existing_address(context: OrderContext, customer_id: str, address: Address) -> str | None:
    wanted = addresses.fingerprint(address)
    for known in context.heartland.customer_addresses(customer_id):
        if addresses.fingerprint(addresses.address_from_heartland(known)) == wanted:
            return str(known.get("address_id") or known["id"])
    return None

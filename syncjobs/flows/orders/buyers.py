"""The buyer in Heartland: found by what we know, by e-mail, by phone; completed or created; with the addresses."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from errors.failures import PermissionMissing
from mappings import person_keys, services
from mappings.core.canonical.order import Address, Buyer
from mappings.core.heartland import customers
from mappings.core.rules import addresses, names, phones
from mappings.core.rules.customer_fields import is_key
from mappings.known_links import Key, KnownLinks, links_known
from mappings.models import Link
from syncjobs.flows.orders import compare_addresses, guests
from syncjobs.flows.orders.people_found import People
from syncjobs.flows.settling import LONGEST_TRY

if TYPE_CHECKING:
    from syncjobs.flows.orders.order_context import OrderContext


CLOCKS_APART = timedelta(minutes=5)  # Heartland's clock and ours
KnownAddresses = Callable[[], dict[str, str]]


def link_keys(context: OrderContext) -> list[Key]:
    """Under which keys the buyer's link may stand."""
    return services.person_link_keys(Link.Kind.CUSTOMER, key(context))


def find(context: OrderContext, links: KnownLinks) -> People:
    """Look for the customer without writing anything: no call for a buyer we know and who has not changed."""
    settings, buyer = context.settings, context.order.buyer
    if guests.goes_to_chosen(settings, buyer):
        context.decide("The guest goes to the customer chosen for guests.")
        violations = () if settings.guest_customer_id else (guests.not_chosen(),)
        return People(customer_id=settings.guest_customer_id, buyer=buyer, is_chosen=True, violations=violations)
    if link := services.person_link(links, Link.Kind.CUSTOMER, key(context)):
        is_new_to_us = buyer.is_guest and link.fingerprint not in fingerprints(buyer)
        return People(customer_id=link.target_id, buyer=buyer, needs_update=is_new_to_us)
    return search(context)


def ensure(context: OrderContext) -> tuple[str, str, str]:
    """Write what is missing and answer the ids of customer, billing address and shipping address."""
    customer_id = _customer(context)
    billing, shipping = compare_addresses.destinations(context)
    known = _known_addresses(context, customer_id)
    phone = _phone_held(context)
    billing_id, shipping_id = _addresses(context, customer_id, (billing, shipping), known)
    if phone and phones.comparable(phone) != phones.comparable(billing.phone) and not known():
        context.heartland.customer_update(customer_id, phone_number=phone)  # the first address brought its own
    return customer_id, billing_id, shipping_id


def _phone_held(context: OrderContext) -> str:
    """The customer's own phone, which Heartland takes from the first address (its note, §9); "" where not known."""
    people = context.people
    if people.is_new:
        return people.buyer.phone
    return str(people.found.get("phone_number") or "") if people.found else ""


def forget(context: OrderContext) -> None:
    """Drop what we remembered of the buyer: Heartland no longer knows it under these ids."""
    services.person_link_drop(context.connection, key(context))
    if context.people.customer_id:
        services.addresses_drop(context.connection, context.people.customer_id)


def key(context: OrderContext) -> str:
    """What the buyer's link is stored under, in plain: the database holds its digest."""
    return customers.customer_key(context.order.buyer, context.external_id)


def fingerprints(buyer: Buyer) -> list[str]:
    """Digests of contact data: the newest first, then those that an earlier key or version made of the same."""
    text = repr(buyer)
    return [*person_keys.digests(text), hashlib.sha256(text.encode()).hexdigest()]


def search(context: OrderContext) -> People:
    """Ask Heartland who the buyer is, whatever we remember."""
    buyer = holder(context)
    candidates: list[dict[str, Any]] = []
    match: customers.Match | customers.NoMatch | customers.Ambiguous = customers.NoMatch()
    for ask in _searches(context, buyer):
        candidates += ask()
        match = customers.choose(candidates, buyer)
        if not isinstance(match, customers.NoMatch):
            break
    if isinstance(match, customers.NoMatch) and (note := customers.phone_note(candidates, buyer)):
        context.decide(note)
    if isinstance(match, customers.Ambiguous):
        context.decide(match.sentence)
        return People(customer_id=None, buyer=buyer, violations=(match.violation(),))
    if isinstance(match, customers.NoMatch):
        context.decide(
            "No customer in Heartland has this e-mail, or this phone with this name: a new one is created."
            if buyer.email or buyer.phone
            else "The buyer gave neither e-mail nor phone: a customer for this order alone is created."
        )
        return People(customer_id=None, buyer=buyer)
    context.decide(f"The buyer is customer {match.id} in Heartland.")
    found = next(candidate for candidate in candidates if str(candidate["id"]) == match.id)
    return People(customer_id=match.id, buyer=buyer, needs_update=True, found=found)


def holder(context: OrderContext) -> Buyer:
    """A guest as typed; an account's holder as the account says, whose card ever paid: one call."""
    typed, billing = context.order.buyer, context.order.billing
    if typed.is_guest:
        return typed
    try:
        account = context.store.accounts.holder(typed, country=billing.country if billing else "")
    except PermissionMissing:
        context.decide("The store does not let us read its customer accounts: the billing contact is taken.")
        return typed
    if account is None:
        context.decide(f"The store has no customer account {typed.source_id} any more: the billing contact is taken.")
        return typed
    return account


def _searches(context: OrderContext, buyer: Buyer) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """Ways to look for a buyer, surest first. Filters heed letter case and punctuation, free text does not."""
    heartland = context.heartland
    if buyer.email:
        yield partial(heartland.customers_by_email, buyer.email)
        yield partial(heartland.customers_search, buyer.email)
    if is_key(buyer.phone) and (buyer.first_name or buyer.last_name):
        yield partial(heartland.customers_search, buyer.phone)


def _customer(context: OrderContext) -> str:
    people, buyer = context.people, context.people.buyer
    if people.customer_id is None:
        body = customers.customer_body(buyer, custom=context.lookups.customer_fields)
        customer_id = _made_before(context, buyer) or context.heartland.customer_create(body)
        _remember_customer(context, customer_id, is_new=True)
        return customer_id
    if people.needs_update:
        known = people.found or context.heartland.customer_read(people.customer_id)
        if changes := customers.changes(known, buyer):
            context.heartland.customer_update(people.customer_id, **changes)
        _remember_customer(context, people.customer_id)
    return people.customer_id


def _made_before(context: OrderContext, buyer: Buyer) -> str:
    """The customer of this one order that an earlier try made without an answer; "" when there is none to see.

    A search finds all others by e-mail or phone. One call, only after a lost answer.
    """
    if context.lost_write_at is None or not key(context).startswith("order:"):
        return ""
    rows = context.heartland.customers_search(" ".join(names.both(buyer.first_name, buyer.last_name)))
    since = context.lost_write_at - CLOCKS_APART - LONGEST_TRY
    known = Link.objects.of(context.connection, Link.Kind.CUSTOMER)
    alike = [
        one
        for one in customers.made_without_answer(rows, buyer, since=since)
        if not known.filter(target_id=one).exists()
    ]
    return alike[0] if len(alike) == 1 else ""


def _remember_customer(context: OrderContext, customer_id: str, *, is_new: bool = False) -> None:
    services.link_store(
        context.connection,
        Link.Kind.CUSTOMER,
        source_id=person_keys.sealed(key(context)),
        target_id=customer_id,
        fingerprint=fingerprints(context.order.buyer)[0],
    )
    context.people = replace(context.people, customer_id=customer_id, needs_update=False, is_new=is_new)


def _addresses(
    context: OrderContext, customer_id: str, wanted: tuple[Address, Address], known: KnownAddresses
) -> tuple[str, str]:
    """Ids of two addresses of a customer, which may be the same place."""
    billing, shipping = wanted
    first = f"{customer_id}:{addresses.fingerprint(billing)}"
    second = first if shipping == billing else f"{customer_id}:{addresses.fingerprint(shipping)}"
    keys = (one for key in {first, second} for one in services.person_link_keys(Link.Kind.ADDRESS, key))
    links = links_known(context.connection, keys)
    first_id = _address(context, first, billing, known, links)
    return first_id, first_id if first == second else _address(context, second, shipping, known, links)


def _address(context: OrderContext, source_id: str, address: Address, known: KnownAddresses, links: KnownLinks) -> str:
    if link := services.person_link(links, Link.Kind.ADDRESS, source_id):
        return link.target_id
    customer_id, _, wanted = source_id.partition(":")
    address_id = known().get(wanted) or context.heartland.address_create(customer_id, addresses.address_body(address))
    services.link_store(
        context.connection, Link.Kind.ADDRESS, source_id=person_keys.sealed(source_id), target_id=address_id
    )
    return address_id


def _known_addresses(context: OrderContext, customer_id: str) -> KnownAddresses:
    """A customer's addresses in Heartland by fingerprint, read when first asked for; none of a new customer."""

    @cache
    def read() -> dict[str, str]:
        rows = [] if context.people.is_new else context.heartland.customer_addresses(customer_id)
        return {
            addresses.fingerprint(addresses.address_from_heartland(row)): str(row.get("address_id") or row["id"])
            for row in rows
        }

    return read

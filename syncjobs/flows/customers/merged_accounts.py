"""Accounts that the store merged: what led to the former ones leads to the one that took their place.

A message may come late, twice, and name the account itself among the former ones. What a former account still says is
no news of the person but for its addresses, which are added.
"""

import json
from typing import TYPE_CHECKING

from django.db import transaction

from mappings import services
from mappings.core.rules import addresses
from mappings.core.rules.address_books import plan
from mappings.models import Link
from syncjobs.callbacks.senders import ACCOUNTS_MERGED
from syncjobs.flows.base import Outcome
from syncjobs.flows.customers.customer_memory import digest_of
from syncjobs.flows.customers.merge_people import Because, merge_keep
from syncjobs.flows.customers.read_account import Ended, State
from syncjobs.flows.points.join_points import side_end
from syncjobs.models import CustomerIdentity, InboxEvent, PointsSide, Record

if TYPE_CHECKING:
    from syncjobs.flows.customers.customer_context import CustomerContext


def merge_told(context: "CustomerContext") -> None:
    """Take over the accounts that were merged into this one, and keep which of Heartland's customers are one so."""
    for account_id in _former(context):
        _take_over(context, account_id)


def _former(context: "CustomerContext") -> list[str]:
    """Accounts that messages name as merged into this one, but for itself."""
    told = InboxEvent.objects.filter(
        connection=context.connection, topic=ACCOUNTS_MERGED, external_id=context.external_id
    )
    ids = [str(one) for event in told.order_by("pk") for one in _old_ids(json.loads(event.body))]
    return [one for one in dict.fromkeys(ids) if one != context.external_id]


def _old_ids(body: object) -> list[object]:
    """Wherever in the message they stand."""
    if not isinstance(body, dict):
        return []
    if isinstance(body.get("old_ids"), list):
        return list(body["old_ids"])
    return [one for part in body.values() for one in _old_ids(part)]


def _take_over(context: "CustomerContext", account_id: str) -> None:
    kept = context.identity.customer_id
    former = CustomerIdentity.objects.filter(connection=context.connection, account_id=account_id).first()
    if former and former.merged_into:
        return
    link = services.link_get(context.connection, Link.Kind.CUSTOMER, f"customer:{account_id}")
    was = (former.customer_id if former else "") or (link.target_id if link else "")
    with transaction.atomic():
        if was and was != kept:
            merge_keep(
                heartland=context.connection.heartland, gone=was, kept=kept, because=Because.STORE, now=context.now
            )
        for side in PointsSide.objects.filter(connection=context.connection, external_id=account_id):
            side_end(side=side, into=context.external_id)
        services.link_store(context.connection, Link.Kind.CUSTOMER, source_id=f"customer:{account_id}", target_id=kept)
        changes = {
            "customer_id": kept,
            "state": State.ENDED,
            "ended_because": Ended.MERGED_IN_STORE,
            "ended_at": context.now,
            "merged_into": context.external_id,
        }
        CustomerIdentity.objects.update_or_create(
            connection=context.connection, account_id=account_id, defaults=changes
        )
        context.ask_again(context.job.flow, account_id)
    context.decide(f"Account {account_id} was merged into {context.external_id} in the store.")


def of_a_former_one(context: "CustomerContext") -> Outcome:
    """Addresses that a merged account still names are added to the customer; its other values are nobody's now."""
    identity, memory = context.identity, context.memory
    known = context.heartland.customer_addresses(identity.customer_id)
    customer = context.heartland_customer({"id": identity.customer_id}, known)
    books = plan(context.account.addresses, customer.addresses, memory.pairs, adds_to_store=False)
    if books.heartland_adds:
        context.wait_for_lost_writes()
    for one in books.heartland_adds:
        context.heartland.address_create(identity.customer_id, addresses.address_body(one.address), trust_location=True)
        context.decide("An address of the merged account was added in Heartland.")
    identity.store_digest, identity.seen_at = digest_of(context.account), context.now
    with transaction.atomic():
        identity.save(update_fields=["store_digest", "seen_at"])
        if books.heartland_adds:
            context.ask_again(context.job.flow, identity.merged_into)
    return Outcome(
        disposition=Record.Disposition.SKIPPED,
        code="customer_merged",
        sentence=f"Account {context.account.id} was merged into {identity.merged_into} in the store.",
    )

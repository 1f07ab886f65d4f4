"""Heartland's customers who are one person: one stays, the others are switched off, and what led to them leads to it.

Heartland offers no merge over its API (its notes are silent): orders and tickets stay where they were booked, and the
profile shows all of them, as it goes by identities.
"""

from typing import TYPE_CHECKING

from django.db import transaction

from errors.failures import NotFound
from mappings.models import Link
from syncjobs.models import CustomerIdentity, CustomerQuestion

if TYPE_CHECKING:
    from syncjobs.flows.customers.customer_context import CustomerContext


def merge_asked(context: "CustomerContext") -> None:
    """Carry out that a person called the other candidates the same: a call each. Safe to repeat."""
    wanted = CustomerQuestion.objects.filter(
        identity=context.identity, answer=CustomerQuestion.Answer.SAME, merges=True, done_at=None
    )
    for question in wanted:
        for customer_id in question.candidates:
            if customer_id != question.chosen_id:
                merge_away(context, customer_id, question.chosen_id)
        CustomerQuestion.objects.filter(pk=question.pk).update(done_at=context.now)


def merge_away(context: "CustomerContext", gone: str, kept: str) -> None:
    """Switch a customer off; links of people and other accounts of the store lead to the one who stays."""
    try:
        context.heartland.customer_update(gone, active=False)
    except NotFound:
        context.decide(f"Customer {gone} is gone in Heartland already.")
    with transaction.atomic():
        Link.objects.of(context.connection, Link.Kind.CUSTOMER).filter(target_id=gone).update(target_id=kept)
        others = CustomerIdentity.objects.of_customer(context.connection, gone)
        context.also += list(others.exclude(pk=context.identity.pk).values_list("account_id", flat=True))
        others.update(customer_id=kept)
    context.decide(f"Customer {gone} is the same person as {kept}, and was switched off in Heartland.")

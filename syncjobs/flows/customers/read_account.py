"""Read: the account as the store has it now, and what becomes of one that is gone."""

from typing import TYPE_CHECKING

from django.db import transaction

from mappings import services
from mappings.models import Link
from syncjobs.flows.base import Outcome
from syncjobs.flows.customers.new_account import NEW, account_make
from syncjobs.models import CustomerIdentity, CustomerSettings, Record

if TYPE_CHECKING:
    from syncjobs.flows.customers.customer_context import CustomerContext

State, Ended = CustomerIdentity.State, CustomerIdentity.Ended
OFF = Outcome(
    disposition=Record.Disposition.SKIPPED, code="customers_off", sentence="Keeping customers alike is switched off."
)


def read(context: "CustomerContext") -> Outcome | None:
    settings = CustomerSettings.objects.filter(connection=context.connection, is_on=True).first()
    if settings is None:
        return OFF
    context.settings = settings
    if context.external_id.startswith(NEW):
        return account_make(context)
    known = CustomerIdentity.objects.filter(connection=context.connection, account_id=context.external_id).first()
    account = context.store.customers.account(context.external_id)
    if account is None:
        return _gone(context, known)
    context.account = account
    context.identity = known or CustomerIdentity(
        connection=context.connection, account_id=account.id, state=State.LINKED, place=account.place, ended_because="",
        merged_into="", said="", store_digest="", heartland_version="",
    )  # fmt: skip
    if known and known.ended_because == Ended.DELETED_IN_STORE:  # its database was put back
        context.identity.state, context.identity.ended_because, context.identity.ended_at = State.LINKED, "", None
    return None


def _gone(context: "CustomerContext", known: CustomerIdentity | None) -> Outcome:
    """The link ends; Heartland's customer stays, and nobody makes the account again."""
    if known and known.state != State.ENDED:
        identity_end(known, Ended.DELETED_IN_STORE, context)
    return Outcome(
        disposition=Record.Disposition.SKIPPED,
        code="customer_deleted",
        sentence=f"The store has no account {context.external_id} any more. Its customer in Heartland stays.",
    )


def identity_end(identity: CustomerIdentity, because: CustomerIdentity.Ended, context: "CustomerContext") -> None:
    """Nothing is carried from or to the account from now on."""
    identity.state, identity.ended_because, identity.ended_at = State.ENDED, because, context.now
    with transaction.atomic():
        identity.save()
        identity.questions.open().update(answer="settled", answered_at=context.now)
        if because == Ended.DELETED_IN_STORE:
            services.link_drop(context.connection, Link.Kind.CUSTOMER, f"customer:{identity.account_id}")

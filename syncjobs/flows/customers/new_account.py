"""A customer of Heartland's who has no account in the store gets one, where the merchant wants that.

Such a record is named by Heartland's id behind `NEW`; once there is an account, that is the record. Nobody gets one in
the place of an account that ended.
"""

from typing import TYPE_CHECKING

from django.db import transaction

from errors.failures import NotFound
from mappings import services
from mappings.core.canonical.customer import CustomerField
from mappings.core.heartland.customer_values import customer_from_heartland
from mappings.core.rules import names
from mappings.core.rules.customer_fields import Values
from mappings.models import Link
from syncjobs.flows.base import Outcome
from syncjobs.models import CustomerIdentity, Record

if TYPE_CHECKING:
    from syncjobs.flows.customers.customer_context import CustomerContext

NEW = "new-"
TOLD = (CustomerField.EMAIL, CustomerField.PHONE, CustomerField.COMPANY)


def account_make(context: "CustomerContext") -> Outcome:
    """Look whether the store has one by its e-mail, and make it: three calls, and no more than one account."""
    customer_id = context.external_id.removeprefix(NEW)
    if CustomerIdentity.objects.of_customer(context.connection, customer_id).exists():
        return _skip(context, "customer_has_account", "has or had an account in the store")
    try:
        customer = customer_from_heartland(context.heartland.customer_read(customer_id), [], context.keys)
    except NotFound:
        return _skip(context, "customer_not_living", "is not there any more")
    if customer.is_gone or customer.is_off:
        return _skip(context, "customer_not_living", "is deleted or switched off")
    email = customer.said(CustomerField.EMAIL)
    if not email:
        return _skip(context, "customer_without_email", "has no e-mail address, and no account without one")
    if there := [one.id for one in context.store.customers.of_email(email) if not one.is_elsewhere]:
        context.also += there
        return _skip(context, "customer_has_account", "has an account in the store, which is looked at")
    context.wait_for_lost_writes()
    account_id = context.store.customers.create(_told(customer.values))
    with transaction.atomic():
        CustomerIdentity.objects.get_or_create(
            connection=context.connection,
            account_id=account_id,
            defaults={"customer_id": customer_id, "state": CustomerIdentity.State.LINKED},
        )
        services.link_store(
            context.connection, Link.Kind.CUSTOMER, source_id=f"customer:{account_id}", target_id=customer_id
        )
        context.ask_again(context.job.flow, account_id)
    context.decide(f"Account {account_id} was made in the store.")
    return Outcome(disposition=Record.Disposition.BOOKED)


def _told(values: Values) -> Values:
    first_name, last_name = names.both(values[CustomerField.FIRST_NAME], values[CustomerField.LAST_NAME])
    told = {name: values[name] for name in TOLD if values.get(name)}
    return {**told, CustomerField.FIRST_NAME: first_name, CustomerField.LAST_NAME: last_name}


def _skip(context: "CustomerContext", code: str, why: str) -> Outcome:
    sentence = f"Customer {context.external_id.removeprefix(NEW)} {why}."
    return Outcome(disposition=Record.Disposition.SKIPPED, code=code, sentence=sentence)

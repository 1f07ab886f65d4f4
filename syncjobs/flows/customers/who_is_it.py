"""Match: which of Heartland's customers an account is. A person's word first, then what orders know, e-mail, phone.

What cannot be told apart is a question; whom a person called somebody else is not asked about again.
"""

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from errors.failures import NotFound, Violation, held
from ipaas.types import JSON
from mappings import person_keys, services
from mappings.core.canonical.customer import Customer, CustomerField
from mappings.core.canonical.order import Buyer
from mappings.core.heartland import customers
from mappings.core.heartland.customer_values import customer_fields
from mappings.core.rules import names, phones
from mappings.models import Link
from syncjobs.flows.base import Outcome
from syncjobs.flows.customers.customer_context import in_words
from syncjobs.flows.customers.merge_people import Because, merge_asked, merge_keep, merges_carry_out
from syncjobs.flows.customers.merged_accounts import merge_told, of_a_former_one
from syncjobs.flows.customers.read_account import Ended, State, identity_end
from syncjobs.models import CustomerMerge, CustomerQuestion, Record

if TYPE_CHECKING:
    from syncjobs.flows.customers.customer_context import CustomerContext

UNCLEAR = "customer_unclear"
Answer, Kind = CustomerQuestion.Answer, CustomerQuestion.Kind


def match(context: "CustomerContext") -> Outcome | None:
    if context.identity.merged_into:
        return of_a_former_one(context)
    answered = _answers(context)
    if any(one.answer == Answer.REJECTED for one in answered):
        return _left(context)
    wanted = next((one.chosen_id for one in answered if one.answer == Answer.SAME), "") or context.identity.customer_id
    heartland = context.connection.heartland
    wanted = CustomerMerge.objects.who_now(heartland, wanted) if wanted else ""
    if wanted and (row := _living(context, wanted)):
        return _take(context, row)
    if wanted:
        context.decide(f"Customer {wanted} is gone in Heartland: looked up again.")
    strangers = {one for answer in answered if answer.answer == Answer.TWO for one in answer.candidates}
    row = _by_orders(context) or _by_contact(context, strangers)
    if row and wanted and str(row["id"]) != wanted:
        merge_keep(heartland=heartland, gone=wanted, kept=str(row["id"]), because=Because.HEARTLAND, now=context.now)
    return _take(context, row) if row else _nobody(context)


def _answers(context: "CustomerContext") -> list[CustomerQuestion]:
    if context.identity.pk is None:
        return []
    rows = CustomerQuestion.objects.filter(identity=context.identity, kind=Kind.WHO).exclude(answer="")
    return list(rows.order_by("-answered_at"))


def _living(context: "CustomerContext", customer_id: str) -> JSON | None:
    """A customer who is neither deleted nor merged away: one call."""
    try:
        row = context.heartland.customer_read(customer_id)
    except NotFound:
        return None
    return None if row.get("deleted_at") else row


def _by_orders(context: "CustomerContext") -> JSON | None:
    """Who the account's orders were booked for."""
    link = services.link_get(context.connection, Link.Kind.CUSTOMER, f"customer:{context.account.id}")
    if link is None or link.target_id == context.identity.customer_id:
        return None
    return _living(context, link.target_id)


def _by_contact(context: "CustomerContext", strangers: set[str]) -> JSON | None:
    """Search by e-mail, then by phone: a call each. Raises a hold where several may be meant."""
    buyer = buyer_of(context.account)
    own = {phones.comparable(one) for one in context.settings.own_phones.split(",")}
    if phones.comparable(buyer.phone) in own:
        context.decide("The phone number is the shop's own and tells nobody apart.")
        buyer = replace(buyer, phone="")
    for text in filter(None, (buyer.email, buyer.phone)):
        rows = [one for one in context.heartland.customers_search(text) if str(one["id"]) not in strangers]
        if note := customers.phone_note(rows, buyer):
            context.decide(note)
        found = customers.choose(rows, buyer)
        if isinstance(found, customers.Ambiguous):
            _ask(context, found, rows)
        if isinstance(found, customers.Match):
            return next(one for one in rows if str(one["id"]) == found.id)
    return None


def buyer_of(account: Customer) -> Buyer:
    """Whom to look for."""
    return Buyer(
        source_id=account.id,
        email=account.said(CustomerField.EMAIL).lower(),
        phone=account.said(CustomerField.PHONE),
        first_name=account.said(CustomerField.FIRST_NAME),
        last_name=account.said(CustomerField.LAST_NAME),
    )


def _ask(context: "CustomerContext", found: customers.Ambiguous, rows: list[JSON]) -> None:
    """Keep the question with both versions, and hold the account until a person answers it."""
    identity, ids = context.identity, list(found.ids)
    identity.state = State.ASKED
    identity.save()
    candidates = {str(row["id"]): _shown(context, row) for row in rows if str(row["id"]) in ids}
    content = {"account": dict(context.account.values), "candidates": candidates}
    about = person_keys.digests(f"who:{ids}")[0]
    CustomerQuestion.objects.get_or_create(
        identity=identity,
        about=about,
        defaults={
            "connection": context.connection,
            "kind": Kind.WHO,
            "candidates": ids,
            "content": json.dumps(content),
            "asked_at": context.now,
        },
    )
    raise held(
        Violation(
            code=UNCLEAR,
            sentence=f"{len(ids)} customers in Heartland may be account {context.account.id}: {', '.join(ids)}.",
            field="customer",
            value=context.account.id,
            fix="Say which of them it is, or that it is somebody else.",
            fix_page="customer_questions",
        )
    )


def _shown(context: "CustomerContext", row: JSON) -> dict[str, str]:
    values = context.heartland_customer(row, []).values
    return {**{str(name): value for name, value in values.items()}, "number": str(row.get("public_id") or row["id"])}


def _take(context: "CustomerContext", row: JSON) -> Outcome | None:
    """The account is this customer: orders of the account are booked for it from now on."""
    identity = context.identity
    customer_id = str(row["id"])
    if identity.customer_id != customer_id or identity.state != State.LINKED:
        context.decide(f"The account is customer {customer_id} in Heartland.")
        identity.customer_id, identity.state, identity.ended_because, identity.ended_at = (
            customer_id, State.LINKED, "", None,
        )  # fmt: skip
        identity.save()
        services.link_store(
            context.connection, Link.Kind.CUSTOMER, source_id=f"customer:{identity.account_id}", target_id=customer_id
        )
    merge_asked(context)
    merge_told(context)
    merges_carry_out(context, customer_id)
    context.row = row
    addresses = context.heartland.customer_addresses(customer_id)
    context.customer = context.heartland_customer(row, addresses)
    if context.customer.is_off:
        return Outcome(
            disposition=Record.Disposition.SKIPPED,
            code="customer_switched_off",
            sentence=f"Customer {customer_id} is switched off in Heartland: nothing is carried.",
        )
    return None


def _left(context: "CustomerContext") -> Outcome:
    context.identity.state = State.LEFT
    context.identity.save()
    return Outcome(
        disposition=Record.Disposition.SKIPPED,
        code="customer_left",
        sentence=f"Account {context.account.id} is left alone, as a person chose.",
    )


def _nobody(context: "CustomerContext") -> Outcome | None:
    """A new customer, where that is wanted; none in the place of one whom somebody deleted."""
    if context.identity.customer_id:
        identity_end(context.identity, Ended.GONE_IN_HEARTLAND, context)
        return _skip(context, "customer_gone_in_heartland", "was deleted in Heartland, and is not made again")
    if context.account.is_elsewhere:
        return _skip(context, "customer_elsewhere", "is of another website, and nobody in Heartland has its e-mail")
    if not context.settings.creates_in_heartland:
        return _skip(context, "customer_not_wanted", "is nobody's in Heartland, and new customers are not made there")
    context.wait_for_lost_writes()
    told = in_words(context.account, context.settings.groups).values
    first_name, last_name = names.both(
        context.account.said(CustomerField.FIRST_NAME), context.account.said(CustomerField.LAST_NAME)
    )
    values = {name: value for name, value in told.items() if value}
    values |= {CustomerField.FIRST_NAME: first_name, CustomerField.LAST_NAME: last_name}
    made = context.heartland.customer_create(customer_fields(values, context.keys))
    context.decide("Nobody in Heartland has its e-mail, or its phone with its name: a new customer was made.")
    return _take(context, context.heartland.customer_read(made))


def _skip(context: "CustomerContext", code: str, why: str) -> Outcome:
    sentence = f"Account {context.account.id} {why}."
    return Outcome(disposition=Record.Disposition.SKIPPED, code=code, sentence=sentence)

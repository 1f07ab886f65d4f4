"""Alike: what differs is carried to the side that has not changed it; what each then says is remembered."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.db import transaction

from errors.failures import Rejected, Violation, held
from mappings import person_keys, services
from mappings.core.canonical.customer import Customer, CustomerField, KeptAddress
from mappings.core.heartland.customer_values import customer_fields, customer_from_heartland
from mappings.core.rules import addresses, names
from mappings.core.rules.address_books import BookPlan, Pair, plan, print_of
from mappings.core.rules.customer_fields import FieldRule, Merge, Owner, Said, Side, Values, comparable, merge
from mappings.models import Link
from syncjobs.flows.base import Outcome
from syncjobs.flows.customers.customer_context import in_words
from syncjobs.flows.customers.customer_memory import Memory, book_of, digest_of
from syncjobs.models import CustomerChange, CustomerIdentity, CustomerQuestion, Record
from syncjobs.stores.port import AccountWrite

if TYPE_CHECKING:
    from syncjobs.flows.customers.customer_context import CustomerContext

DIFFER = "customer_values_differ"
Answer, Kind = CustomerQuestion.Answer, CustomerQuestion.Kind
ANSWERS = {Answer.STORE: Side.STORE, Answer.HEARTLAND: Side.HEARTLAND}


@dataclass(frozen=True, kw_only=True)
class Both:
    """Both sides at one moment, the account with its group in words."""

    account: Customer
    customer: Customer


def alike(context: "CustomerContext") -> Outcome:
    memory = context.memory
    before = Both(account=in_words(context.account, context.settings.groups), customer=context.customer)
    chosen = _chosen(context)
    wanted = merge(before.account, before.customer, memory.said, _rules(context), chosen)
    books = plan(before.account.addresses, before.customer.addresses, memory.pairs)
    made, customer, version = _to_heartland(context, wanted.to_heartland, books)
    account = _to_store(context, wanted.to_store, books)
    after = Both(account=in_words(account, context.settings.groups), customer=customer)
    kept = Memory(
        said=Said(store=after.account.values, heartland=after.customer.values),
        pairs=_paired(books, before, after, made),
        former_emails=_emails(memory, after),
        store_book=book_of(account),
        heartland_book=book_of(customer),
    )
    _remember(context, kept, before, after, wanted, chosen, version)
    _say(context, wanted, books)
    return Outcome(disposition=Record.Disposition.BOOKED)


def _rules(context: "CustomerContext") -> Mapping[CustomerField, FieldRule]:
    """The merchant's; but of who has several accounts in the store each keeps the e-mail that it is logged in by."""
    mine = context.account.said(CustomerField.EMAIL)
    others = CustomerIdentity.objects.of_customer(context.connection, context.customer.id)
    others = others.filter(state=CustomerIdentity.State.LINKED).exclude(pk=context.identity.pk)
    theirs = [(Memory.read(one.said).said.store or {}).get(CustomerField.EMAIL, mine) for one in others]
    if all(comparable(CustomerField.EMAIL, one) == comparable(CustomerField.EMAIL, mine) for one in theirs):
        return context.rules
    return {**context.rules, CustomerField.EMAIL: FieldRule(owner=Owner.NOBODY)}


def _chosen(context: "CustomerContext") -> dict[CustomerField, Side]:
    """What a person answered and nobody carried out yet."""
    rows = CustomerQuestion.objects.filter(identity=context.identity, kind=Kind.VALUE, done_at=None)
    return {
        CustomerField(one.field): ANSWERS[Answer(one.answer)]
        for one in rows.exclude(answer="")
        if one.answer in ANSWERS
    }


def _to_heartland(context: "CustomerContext", values: Values, books: BookPlan) -> tuple[dict[str, str], Customer, str]:
    """Write what is missing there. Answers ids of new addresses by the store's, the customer then, and its version."""
    before, heartland = context.customer, context.heartland
    changed = {one.id: one for one in before.addresses}
    for address_id, address in books.heartland_changes.items():
        heartland.address_update(before.id, address_id, addresses.address_body(address))
        changed[address_id] = KeptAddress(id=address_id, address=address)
    made: dict[str, str] = {}
    if books.heartland_adds:
        context.wait_for_lost_writes()
    for one in books.heartland_adds:
        body = addresses.address_body(one.address)
        made[one.id] = heartland.address_create(before.id, body, trust_location=True)
        changed[made[one.id]] = KeptAddress(id=made[one.id], address=one.address)
    if not (values or books.heartland_changes or made):
        return made, before, str(context.row.get("updated_at") or "")
    phone = _phone_kept(before, values, made)
    row = (
        heartland.customer_update(before.id, **customer_fields({**_filled(values), **phone}, context.keys))
        if values or phone
        else None
    )
    row = row or heartland.customer_read(before.id)
    then = customer_from_heartland(row, [], context.keys)
    return made, replace(then, addresses=tuple(changed.values())), str(row.get("updated_at") or "")


def _filled(values: Values) -> Values:
    """Heartland takes no blank name."""
    return {
        name: value or (names.STAND_IN if name in {CustomerField.FIRST_NAME, CustomerField.LAST_NAME} else "")
        for name, value in values.items()
    }


def _phone_kept(before: Customer, values: Values, made: dict[str, str]) -> Values:
    """The phone that the first address ever would overwrite with its own (notes §9)."""
    held_phone = before.said(CustomerField.PHONE)
    is_first = bool(made) and not before.addresses
    return {CustomerField.PHONE: held_phone} if is_first and held_phone and CustomerField.PHONE not in values else {}


def _to_store(context: "CustomerContext", values: Values, books: BookPlan) -> Customer:
    told = dict(values)
    if CustomerField.GROUP in told:
        told[CustomerField.GROUP] = context.group_key(told[CustomerField.GROUP])
        if not told[CustomerField.GROUP]:
            context.decide("The table of groups has no row for what Heartland says: the group stays.")
            del told[CustomerField.GROUP]
    wanted = AccountWrite(
        values=told,
        address_changes=books.store_changes,
        address_adds=[one.address for one in books.store_adds],
    )
    if not wanted:
        return context.account
    if wanted.address_adds:
        context.wait_for_lost_writes()
    try:
        return context.store.customers.write(context.account, wanted)
    except Rejected:
        if email := told.get(CustomerField.EMAIL):
            _refuse_taken(context, email)
        raise


def _refuse_taken(context: "CustomerContext", email: str) -> None:
    """Raise a hold where the e-mail is another account's: one call."""
    others = [one.id for one in context.store.customers.of_email(email) if one.id != context.account.id]
    if others:
        raise held(
            Violation(
                code="customer_email_taken",
                sentence=f"The e-mail that Heartland has for account {context.account.id} is account {others[0]}'s in "
                "the store: nothing was carried there.",
                field="customer",
                value=context.account.id,
                fix="Correct the e-mail in Heartland; or, if both are one person, join their customers on the "
                "shopper's page.",
            )
        )


def _paired(books: BookPlan, before: Both, after: Both, made: dict[str, str]) -> tuple[Pair, ...]:
    """Which addresses belong together now, each as its side spells it: that is no news at the next look."""
    here = {one.id: print_of(one.address) for one in after.account.addresses}
    there = {one.id: print_of(one.address) for one in after.customer.addresses}
    pairs: list[tuple[str, str, Pair | None]] = [(pair.store, pair.heartland, pair) for pair in books.pairs]
    pairs += [(store, heartland, None) for store, heartland in made.items()]
    new = {one: found for one, found in here.items() if one not in {old.id for old in before.account.addresses}}
    pairs += [(store, heartland, None) for heartland, store in _added(books.store_adds, new).items()]
    return tuple(
        Pair(
            store=store,
            heartland=heartland,
            store_print=here.get(store) or (pair.store_print if pair else there.get(heartland, "")),
            heartland_print=there.get(heartland) or (pair.heartland_print if pair else here.get(store, "")),
        )
        for store, heartland, pair in pairs
    )


def _added(adds: Sequence[KeptAddress], new: Mapping[str, str]) -> dict[str, str]:
    """Which new address of the store, told by its print, each of Heartland's became.

    Those that read alike first; the store cut the others, and keeps them in the order in which they were sent.
    """
    found, left = {}, dict(new)
    for one in adds:
        if store_id := next((key for key, its in left.items() if its == print_of(one.address)), ""):
            found[one.id] = store_id
            del left[store_id]
    for one in adds:
        if one.id not in found:
            found[one.id] = next(iter(left), "")
            left.pop(found[one.id], None)
    return found


def _emails(memory: Memory, after: Both) -> tuple[str, ...]:
    """The addresses that were hers before."""
    now = {after.account.said(CustomerField.EMAIL).lower(), after.customer.said(CustomerField.EMAIL).lower()}
    said = [(one or {}).get(CustomerField.EMAIL, "").lower() for one in (memory.said.store, memory.said.heartland)]
    return tuple(one for one in dict.fromkeys([*memory.former_emails, *said]) if one and one not in now)


@transaction.atomic
def _remember(
    context: "CustomerContext",
    kept: Memory,
    before: Both,
    after: Both,
    wanted: Merge,
    chosen: dict[CustomerField, Side],
    version: str,
) -> None:
    identity, now = context.identity, context.now
    CustomerChange.objects.bulk_create(_changes(context, before))
    for email in set(kept.former_emails) - set(context.memory.former_emails):
        key = person_keys.sealed(f"email:{email}")
        services.link_store(context.connection, Link.Kind.CUSTOMER, source_id=key, target_id=identity.customer_id)
    identity.said, identity.seen_at = kept.as_text(), now
    identity.store_digest, identity.heartland_version = digest_of(after.account), version
    identity.save()
    open_ones = CustomerQuestion.objects.filter(identity=identity, kind=Kind.VALUE)
    open_ones.filter(field__in=[str(one) for one in chosen], done_at=None).exclude(answer="").update(done_at=now)
    alike_now = [
        name for name in CustomerField
        if comparable(name, after.account.said(name)) == comparable(name, after.customer.said(name))
    ]  # fmt: skip
    open_ones.open().filter(field__in=alike_now).update(answer=Answer.SETTLED, answered_at=now, done_at=now)
    for name in wanted.asked:
        _ask(context, name, before)


def _changes(context: "CustomerContext", now: Both) -> list[CustomerChange]:
    """What each side changed since it was heard last; a first sight is no change."""
    said = context.memory.said
    sides = (
        (CustomerChange.Origin.STORE, now.account, said.store),
        (CustomerChange.Origin.HEARTLAND, now.customer, said.heartland),
    )
    return [
        CustomerChange(
            connection=context.connection, identity=context.identity, field=name, before=last[name],
            after=side.values[name], origin=origin, changed_at=side.changed_at, seen_at=context.now,
        )
        for origin, side, last in sides
        for name in side.values
        if last and name in last and comparable(name, last[name]) != comparable(name, side.values[name])
    ]  # fmt: skip


def _ask(context: "CustomerContext", name: CustomerField, now: Both) -> None:
    both = {
        str(side): {"value": one.values[name], "at": one.changed_at.isoformat() if one.changed_at else ""}
        for side, one in ((Side.STORE, now.account), (Side.HEARTLAND, now.customer))
    }
    about = person_keys.digests(f"{name}:{json.dumps(both, sort_keys=True)}")[0]
    CustomerQuestion.objects.get_or_create(
        identity=context.identity,
        about=about,
        defaults={
            "connection": context.connection,
            "kind": Kind.VALUE,
            "field": name,
            "content": json.dumps(both),
            "asked_at": context.now,
        },
    )


def _say(context: "CustomerContext", wanted: Merge, books: BookPlan) -> None:
    """The timeline's words, and the hold while a person is asked whose value stands."""
    for where, values, count in (
        (context.store_name, wanted.to_store, len(books.store_changes) + len(books.store_adds)),
        ("Heartland", wanted.to_heartland, len(books.heartland_changes) + len(books.heartland_adds)),
    ):
        told = [name.replace("_", " ") for name in values] + ([f"{count} of its addresses"] if count else [])
        if told:
            context.decide(f"{where} was told {', '.join(told)}.")
    fields = list(
        CustomerQuestion.objects.open()
        .filter(identity=context.identity, kind=Kind.VALUE)
        .order_by("pk")
        .values_list("field", flat=True)
    )
    if fields:
        named = ", ".join(field.replace("_", " ") for field in fields)
        raise held(
            Violation(
                code=DIFFER,
                sentence=f"Account {context.account.id} and Heartland's customer differ in: {named}.",
                field="customer",
                value=context.account.id,
                fix="Say whose value stands.",
                fix_page="customer_questions",
            )
        )

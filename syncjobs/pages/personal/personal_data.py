"""What is kept of one shopper, told by e-mail address: found, exported, erased.

Links hold the address as a keyed digest, the customer's id in Heartland leads from there to the orders; encrypted texts
and payloads are read one by one. What a shopper without a link is in Heartland, Heartland is asked.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from connections import clients
from connections.audit import audit
from connections.models import Connection, Merchant, Store, User
from connections.store_kinds import profile_of
from errors.failures import SyncFailure
from errors.models import Issue, IssueNote, SyncError
from ipaas.types import JSON
from mappings.core.canonical.order import Buyer
from mappings.core.heartland.customers import customer_key
from mappings.core.rules.search_terms import plain
from mappings.models import Link
from mappings.person_keys import digests, forms
from syncjobs.engine.erasing import ERROR_TEXTS, ISSUE_TEXTS, blank, drop, points_drop
from syncjobs.flows import ORDERS, RETURNS, SHIPMENTS
from syncjobs.models import (
    Attempt,
    AttemptExchange,
    CardMovement,
    Comment,
    CustomerChange,
    CustomerIdentity,
    CustomerMerge,
    CustomerQuestion,
    GiftCard,
    InboxEvent,
    OrderCorrection,
    OrderPeople,
    OrderPoints,
    OrderText,
    PersonTerm,
    PointsMovement,
    PointsSide,
    Record,
    Settlement,
)

AT_ONCE = 500


@dataclass(kw_only=True)
class Person:
    """What one connection keeps of a shopper."""

    connection: Connection
    email: str
    customers: set[str] = field(default_factory=set)  # ids in Heartland
    links: list[Link] = field(default_factory=list)
    orders: set[str] = field(default_factory=set)  # the store's ids
    identities: list[CustomerIdentity] = field(default_factory=list)  # accounts that are kept alike
    events: set[int] = field(default_factory=set)  # callbacks in which the address stands
    untold: str = ""  # why Heartland could not be asked

    @property
    def is_known(self) -> bool:
        return bool(self.links or self.identities or self.orders or self.events or self.owns_store)

    @property
    def owns_store(self) -> bool:
        return is_named(self.connection.store.owner_email, self.email)

    def rows(self, model: type[Any]) -> QuerySet[Any]:
        """The rows of a model about the shopper's orders and their invoices, and those that name the shopper."""
        mine = self.rows_of_connection(model)
        match model._meta.model_name:
            case "ordertext" | "orderpeople" | "orderpoints" | "ordercorrection":
                return mine.filter(external_id__in=self.orders)
            case "inboxevent":
                system = profile_of(self.connection.store).system
                return mine.filter(Q(system=system, external_id__in=self.orders) | Q(pk__in=self.events))
            case "attempt":
                return mine.filter(self.about("job__"))
            case "attemptexchange":
                return mine.filter(self.about("attempt__job__"))
            case "settlement":
                return mine.filter(self.about("record__"))
            case _:
                return mine.filter(self.about("") | Q(reason__icontains=self.email))

    def rows_of_connection(self, model: type[Any]) -> QuerySet[Any]:
        ways: dict[type[Any], str] = {
            Attempt: "job__connection",
            AttemptExchange: "attempt__job__connection",
            Settlement: "record__connection",
            IssueNote: "issue__connection",
        }
        path = ways.get(model, "connection")
        found: QuerySet[Any] = model._default_manager.filter(**{path: self.connection})
        return found

    def about(self, prefix: str) -> Q:
        """What is about an order of the shopper's, or about an invoice or a return of one."""
        found = Q(**{f"{prefix}flow": ORDERS.name, f"{prefix}external_id__in": self.orders})
        for flow in (SHIPMENTS.name, RETURNS.name):
            rows = Record.objects.filter(connection=self.connection, flow=flow, order_id__in=self.orders)
            found |= Q(**{f"{prefix}flow": flow, f"{prefix}external_id__in": rows.values("external_id")})
        return found


def normal(email: str) -> str:
    """As the keys of links are made of."""
    return "".join(email.split()).lower()


def is_named(text: str, email: str) -> bool:
    return bool(text) and email in text.lower()


def reference(email: str) -> str:
    """What the trail calls the shopper: a keyed digest, never the address."""
    return f"person ~{digests(normal(email))[0][:16]}"


def person_find(connection: Connection, email: str) -> Person:
    """Everything of a connection that leads from the address. Asks Heartland once where it may be asked."""
    person = Person(connection=connection, email=normal(email))
    key = customer_key(Buyer(source_id="", email=person.email, phone="", first_name="", last_name=""), "")
    links = Link.objects.filter(connection=connection)
    by_email = links.filter(kind=Link.Kind.CUSTOMER, source_id__in=forms(key))
    person.customers = {*by_email.values_list("target_id", flat=True), *_in_heartland(person)}
    person.customers = CustomerMerge.objects.all_of(connection.heartland, person.customers)
    of_people = links.filter(kind=Link.Kind.CUSTOMER, target_id__in=person.customers)
    of_places = Q(pk=None)
    for customer in person.customers:
        of_places |= Q(source_id__startswith=f"{customer}:")
    person.links = [*of_people, *links.filter(of_places, kind=Link.Kind.ADDRESS)]
    booked = Record.objects.filter(connection=connection, facts__booked_there__customer_id__in=sorted(person.customers))
    person.orders = {
        *booked.values_list("external_id", flat=True),
        *(row.external_id for row in _naming(person, OrderText, "content")),
        *_ordered(person),
        *(row.external_id for row in _naming(person, OrderCorrection, "before", "after", "note")),
        *(row.external_id for row in _naming(person, Comment, "text") if row.external_id),
        *(row.external_id for row in _naming(person, SyncError, "answer", "reason") if row.flow == ORDERS.name),
    }
    person.identities = [*_naming(person, CustomerIdentity, "said")]
    known = {one.pk for one in person.identities}
    more = CustomerIdentity.objects.filter(connection=connection, customer_id__in=person.customers)
    person.identities += [one for one in more.exclude(customer_id="") if one.pk not in known]
    person.events = {row.pk for row in _naming(person, InboxEvent, "body")}
    return person


def _ordered(person: Person) -> set[str]:
    """Orders that are found by the address."""
    terms = PersonTerm.objects.filter(connection=person.connection, term__in=digests(f"mail:{plain(person.email)}"))
    return set(terms.values_list("people__external_id", flat=True))


def _in_heartland(person: Person) -> set[str]:
    """Ids of Heartland's customers with the address: those of accounts in the store are linked by account only."""
    if not person.connection.heartland.credential:
        return set()
    try:
        rows = clients.heartland_setup_client(person.connection.heartland).customers_by_email(person.email)
    except SyncFailure as failure:
        person.untold = failure.summary
        return set()
    return {str(row["id"]) for row in rows}


def _naming(person: Person, model: type[Any], *fields: str) -> Iterator[Any]:
    """Rows of a connection in which the address stands, encrypted or not: each is read."""
    rows, last = person.rows_of_connection(model).order_by("pk"), 0
    while page := list(rows.filter(pk__gt=last)[:AT_ONCE]):
        last = page[-1].pk
        yield from (row for row in page if any(is_named(getattr(row, name), person.email) for name in fields))


def personal_export(*, merchant: Merchant, email: str, actor: User | None) -> JSON:
    """All that is kept of the shopper at a merchant, as JSON. It stands in the trail, by digest."""
    stores = [exported(person) for person in _people(merchant, email) if person.is_known or person.untold]
    audit(merchant=merchant, actor=actor, action="personal.exported", subject=reference(email), stores=len(stores))
    return {
        "email": normal(email),
        "made_at": timezone.now().isoformat(),
        "merchant": merchant.name,
        "stores": stores,
    }


def exported(person: Person) -> JSON:
    """One store's part of an export."""
    return {
        "store": str(person.connection.store),
        "is_owner_of_the_store": person.owns_store,
        "heartland_customers": sorted(person.customers),
        "addresses_in_heartland": sorted({link.target_id for link in person.links if link.kind == Link.Kind.ADDRESS}),
        "not_asked": person.untold,
        "orders": [_order(record) for record in person.rows(Record).order_by("pk")],
        "texts": [
            {"order": row.external_id, "texts": json.loads(row.content)}
            for row in person.rows(OrderText).order_by("pk")
        ],
        "shoppers": [
            {"order": row.external_id, **json.loads(row.content)} for row in person.rows(OrderPeople).order_by("pk")
        ],
        "points": _movements(person),
        "store_credit": [
            {"account": card.account_id, "balance": str(card.balance), "moved_at": card.moved_at.isoformat()}
            for card in _credit(person).order_by("pk")
        ],
        "accounts": [account_exported(one) for one in person.identities],
        "corrections": [
            {
                "order": row.external_id,
                "field": row.field,
                "before": row.before,
                "after": row.after,
                "note": row.note,
            }
            for row in person.rows(OrderCorrection).order_by("pk")
        ],
        "comments": [
            {"order": row.external_id, "sku": row.sku, "at": row.at.isoformat(), "text": row.text}
            for row in _comments(person)
        ],
        "calls": [
            {"at": row.at.isoformat(), "request": row.request, "response": row.response}
            for row in person.rows(AttemptExchange).order_by("pk")
        ],
        "payloads": [
            {"order": row.external_id, "topic": row.topic, "at": row.received_at.isoformat(), "body": row.body}
            for row in person.rows(InboxEvent).order_by("pk")
        ],
        "problems": [
            {"order": row.external_id, "at": row.last_seen_at.isoformat(), "reason": row.reason, "answer": row.answer}
            for row in person.rows(SyncError).order_by("pk")
        ],
        "notes": [{"at": row.at.isoformat(), "text": row.text} for row in _naming(person, IssueNote, "text")],
    }


def _comments(person: Person) -> list[Comment]:
    """Those on the shopper's orders, and any in which the address stands."""
    on_orders = Comment.objects.filter(connection=person.connection, external_id__in=person.orders)
    named = _naming(person, Comment, "text")
    return sorted({*on_orders, *named}, key=lambda row: row.pk)


def _points(person: Person) -> QuerySet[PointsSide]:
    """The store's accounts whose points are the shopper's."""
    return PointsSide.objects.filter(connection=person.connection, account__customer_id__in=person.customers)


def _credit(person: Person) -> QuerySet[GiftCard]:
    """Store credit of the shopper's accounts: when the shopper is erased what is owed stays, not what staff noted."""
    accounts = [one.account_id for one in person.identities]
    return GiftCard.objects.filter(connection=person.connection, account_id__in=accounts).exclude(account_id="")


def _movements(person: Person) -> list[JSON]:
    rows = PointsMovement.objects.filter(account__in=_points(person).values("account"))
    return [
        {"on": str(one.on), "points": one.points, "why": one.words, "order": one.order_id}
        for one in rows.order_by("at", "pk")
    ]


def account_exported(identity: CustomerIdentity) -> JSON:
    """An account with what either side said last, what was changed, and what was asked of it."""
    changes = CustomerChange.objects.filter(identity=identity).order_by("pk")
    questions = CustomerQuestion.objects.filter(identity=identity).order_by("pk")
    return {
        "account": identity.account_id,
        "heartland_customer": identity.customer_id,
        "state": identity.state,
        "ended_at": identity.ended_at.isoformat() if identity.ended_at else "",
        "kept": json.loads(identity.said or "{}"),
        "changes": [
            {
                "field": one.field,
                "before": one.before,
                "after": one.after,
                "origin": one.origin,
                "at": (one.changed_at or one.seen_at).isoformat(),
            }
            for one in changes
        ],
        "questions": [
            {"kind": one.kind, "asked_at": one.asked_at.isoformat(), "content": json.loads(one.content or "{}")}
            for one in questions
        ],
    }


def _order(record: Record) -> JSON:
    return {
        "order": record.external_id,
        "placed_at": record.source_placed_at.isoformat() if record.source_placed_at else "",
        "total": str(record.source_total or ""),
        "currency": record.currency,
        "state": record.disposition,
        "number_in_heartland": record.target_label,
        "reason": record.reason,
        "lines": record.facts.get("lines") or [],
    }


def personal_erase(*, merchant: Merchant, email: str, actor: User | None) -> dict[str, int]:
    """Erase what names the shopper at a merchant; answers how many of what. Numbers, sums and proofs stay.

    Links of orders and marks in Heartland stay too, so that no order is booked again; the next order of the shopper
    is looked up in Heartland as a stranger's.
    """
    counts: dict[str, int] = {}
    now = timezone.now()
    for person in _people(merchant, email):
        for name, count in _erased(person, now).items():
            counts[name] = counts.get(name, 0) + count
    audit(merchant=merchant, actor=actor, action="personal.erased", subject=reference(email), **counts)
    return counts


def _erased(person: Person, now: datetime) -> Mapping[str, int]:
    errors = person.rows(SyncError)
    with transaction.atomic():
        issues = Issue.objects.filter(
            Q(errors__in=errors) | Q(title__icontains=person.email), connection=person.connection
        )
        notes = IssueNote.objects.filter(
            Q(issue__in=issues) | Q(pk__in=[one.pk for one in _naming(person, IssueNote, "text")])
        )
        drop(notes.distinct())
        blank(issues.distinct(), ISSUE_TEXTS)
        blank(person.rows(Record), {"reason": ""})
        blank(person.rows(Attempt), {"sentence": ""})
        blank(person.rows(Settlement), {"note": "", "found": ""})
        blank(CardMovement.objects.filter(card__in=_credit(person)), {"note": ""})
        owned = Store.objects.filter(pk=person.connection.store_id) if person.owns_store else Store.objects.none()
        return {
            "links": drop(Link.objects.filter(pk__in=[link.pk for link in person.links])),
            "texts": drop(person.rows(OrderText)),
            "names": drop(person.rows(OrderPeople)),
            "points": points_drop(_points(person)) + drop(person.rows(OrderPoints)),
            "corrections": drop(person.rows(OrderCorrection)),
            "comments": drop(Comment.objects.filter(pk__in=[row.pk for row in _comments(person)])),
            "accounts": drop(CustomerIdentity.objects.filter(pk__in=[one.pk for one in person.identities])),
            "payloads": blank(person.rows(InboxEvent), {"body": "{}"}),  # the keys stay: a repeat is told by them
            "calls": drop(person.rows(AttemptExchange)),
            "problems": blank(errors, ERROR_TEXTS),
            "owners": owned.update(owner_email=""),
        }


def _people(merchant: Merchant, email: str) -> Iterator[Person]:
    for connection in merchant.connections.select_related("heartland__credential", "store", "merchant").order_by("pk"):
        yield person_find(connection, email)

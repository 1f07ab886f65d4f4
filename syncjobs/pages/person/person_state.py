"""What is known of one person, whatever store they bought in: found under the keyed digest of an address or a phone.

Who they are is decrypted here, for those alone who may see shoppers.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from django.urls import reverse

from connections.models import Connection, HeartlandAccount
from ipaas.types import JSON
from mappings.core.canonical.customer import CustomerField
from mappings.core.canonical.order import ALL_OF_IT
from syncjobs.flows.customers.customer_memory import Memory
from syncjobs.flows.orders import ORDERS
from syncjobs.models import (
    CustomerChange,
    CustomerIdentity,
    CustomerMerge,
    GiftCard,
    OrderPeople,
    OrderPoints,
    PersonTerm,
    PointsAccount,
    PointsMovement,
    Record,
)
from syncjobs.pages.person.person_holdings import cards_of, joined, returns_of

MOST_ORDERS, MOST_EVENTS, MOST_PLACES = 200, 60, 30
ZERO = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Identity:
    """As whom somebody bought: in a store, by an account or as a guest."""

    store: Connection
    account: str  # "" of a guest, and where the store's account is not known here
    name: str
    email: str
    phone: str
    is_guest: bool


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where an address came from: an order, else the books of an account, as they were seen last."""

    record: Record | None = None  # the newest order that names it
    account: CustomerIdentity | None = None
    is_till: bool = False  # the book of Heartland's customer, else of the store's account


@dataclass(frozen=True, kw_only=True)
class Place:
    """An address with all places where it stands."""

    lines: tuple[str, ...]
    phone: str
    sources: list[Source]


@dataclass(frozen=True, kw_only=True)
class Spent:
    """Money of one currency."""

    currency: str
    orders: int
    charged: Decimal
    given_back: Decimal


@dataclass(frozen=True, kw_only=True)
class Event:
    """One entry of the timeline."""

    at: datetime
    words: str
    href: str
    where: str


@dataclass(kw_only=True)
class Person:
    """Everything of the page."""

    records: list[Record] = field(default_factory=list)  # orders, newest first
    identities: list[Identity] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    spent: list[Spent] = field(default_factory=list)
    customers: list[tuple[HeartlandAccount, str]] = field(default_factory=list)  # Heartland's, with the id
    accounts: list[CustomerIdentity] = field(default_factory=list)  # of stores, those that ended too
    changes: list[CustomerChange] = field(default_factory=list)  # of their data, with where each came from
    points: list[PointsAccount] = field(default_factory=list)
    movements: list[PointsMovement] = field(default_factory=list)
    merges: list[CustomerMerge] = field(default_factory=list)  # who of them was joined with whom
    cards: list[GiftCard] = field(default_factory=list)  # that their orders sold or were paid with
    returns: list[Record] = field(default_factory=list)  # and refunds, of their orders
    has_more: bool = False  # older orders are not listed

    @property
    def consents(self) -> list[CustomerChange]:
        """What they said to marketing mails, the newest first, with where they said it."""
        return [one for one in self.changes if one.field == CustomerField.CONSENT]

    @property
    def orders(self) -> list[tuple[Record, Decimal]]:
        """Each with what was given back of it, as far as the store said how much."""
        return [(one, given_back(one)) for one in self.records]

    @property
    def living_customers(self) -> list[tuple[HeartlandAccount, str]]:
        """Heartland's, without those who were joined with another."""
        gone = {(one.heartland_id, one.gone_id) for one in self.merges if one.reopened_at is None}
        return [(account, one) for account, one in self.customers if (account.pk, one) not in gone]

    @property
    def name(self) -> str:
        return next((one.name for one in self.identities if one.name), "")

    @property
    def events(self) -> list[Event]:
        """What happened, the newest first."""
        orders = [
            Event(
                at=one.source_placed_at or one.first_seen_at,
                words=f"Order {one.title} placed",
                href=reverse("order", args=[one.connection.public_id, one.external_id]),
                where=str(one.connection.store),
            )
            for one in self.records
        ]
        moves = [
            Event(
                at=datetime.combine(one.on, time(12), UTC),
                words=f"{one.points:+d} points: {one.words}",
                href=reverse("points", args=[one.side.connection.public_id, one.side.external_id]) if one.side else "",
                where=str(one.side.connection.store) if one.side else "",
            )
            for one in self.movements
        ]
        changed = [
            Event(
                at=one.changed_at or one.seen_at,
                words=f"{one.field.replace('_', ' ').capitalize()} changed: {one.before or 'empty'} → "
                f"{one.after or 'empty'}",
                href="",
                where=one.get_origin_display(),
            )
            for one in self.changes
        ]
        merged = [
            Event(
                at=one.said_at,
                words=f"Customer {one.gone_id} joined with {one.kept_id}",
                href="",
                where=one.get_because_display(),
            )
            for one in self.merges
        ]
        brought_back = [
            Event(
                at=one.source_placed_at or one.first_seen_at,
                words=one.label or one.title,
                href=reverse("record", args=[one.connection.public_id, one.flow, one.external_id]),
                where=str(one.connection.store),
            )
            for one in self.returns
        ]
        return sorted([*orders, *moves, *changed, *merged, *brought_back], key=lambda one: one.at, reverse=True)[
            :MOST_EVENTS
        ]


def person_of(connections: Sequence[Connection], term: str) -> Person | None:
    """Whom the digest means in these stores; None where nobody is found."""
    people = people_of(connections, term)
    if not people:
        return None
    records = records_of(connections, people)
    customers, merges = joined(customers_of(records))
    person = Person(
        records=records,
        spent=spent_by(records),
        customers=customers,
        merges=merges,
        returns=returns_of(records),
        has_more=len(people) >= MOST_ORDERS,
    )
    person.points = points_of(person.customers)
    ids = [customer for _, customer in person.customers]
    accounts = CustomerIdentity.objects.filter(connection__in=connections, customer_id__in=ids)
    person.accounts = list(accounts.select_related("connection__store").order_by("pk"))
    person.cards = cards_of(records, person.accounts)
    changes = CustomerChange.objects.filter(identity__in=person.accounts).order_by("-seen_at", "-pk")
    person.changes = list(changes[:MOST_EVENTS])
    moves = PointsMovement.objects.filter(account__in=person.points).select_related("side__connection__store")
    person.movements = list(moves.order_by("-at", "-pk")[:MOST_EVENTS])
    read_people(person, people, connections)
    return person


def people_of(connections: Sequence[Connection], term: str) -> list[OrderPeople]:
    """Those of the newest orders of each store."""
    found: list[OrderPeople] = []
    for connection in connections:
        terms = PersonTerm.objects.filter(connection=connection, term=term).order_by("-placed_at")
        ids = list(terms.values_list("people", flat=True)[:MOST_ORDERS])
        found += OrderPeople.objects.filter(connection=connection, pk__in=ids)
    return sorted(found, key=lambda row: (row.placed_at, row.pk), reverse=True)[:MOST_ORDERS]


def records_of(connections: Sequence[Connection], people: Iterable[OrderPeople]) -> list[Record]:
    ids: dict[int, list[str]] = defaultdict(list)
    for row in people:
        ids[row.connection_id].append(row.external_id)
    found: list[Record] = []
    for connection in connections:
        rows = Record.objects.filter(connection=connection, flow=ORDERS.name, external_id__in=ids[connection.pk])
        for record in rows:
            record.connection = connection
            found.append(record)
    return sorted(found, key=lambda row: (row.source_placed_at or row.first_seen_at, row.pk), reverse=True)


def spent_by(records: Iterable[Record]) -> list[Spent]:
    """Orders that count, and what was given back of them, by currency."""
    sums: dict[str, list[Decimal]] = defaultdict(lambda: [ZERO, ZERO, ZERO])
    for one in records:
        if one.source_total is None or one.disposition == Record.Disposition.CANCELLED:
            continue
        mine = sums[one.currency]
        mine[0] += 1
        mine[1] += one.source_total
        mine[2] += given_back(one)
    return [Spent(currency=key, orders=int(n), charged=all_, given_back=back) for key, (n, all_, back) in sums.items()]


def given_back(record: Record) -> Decimal:
    told = str(record.facts.get("given_back") or "")
    if told == ALL_OF_IT:
        return record.source_total or ZERO
    try:
        return Decimal(told or 0)
    except InvalidOperation:  # "some of it": the store did not say how much
        return ZERO


def customers_of(records: Iterable[Record]) -> list[tuple[HeartlandAccount, str]]:
    """Heartland's customers that these orders were booked for."""
    found: dict[tuple[int, str], HeartlandAccount] = {}
    for one in records:
        customer = str((one.facts.get("booked_there") or {}).get("customer_id") or "")
        if customer:
            found[one.connection.heartland_id, customer] = one.connection.heartland
    return [(account, customer) for (_, customer), account in found.items()]


def points_of(customers: Iterable[tuple[HeartlandAccount, str]]) -> list[PointsAccount]:
    found: list[PointsAccount] = []
    for account, customer in customers:
        found += PointsAccount.objects.filter(heartland=account, customer_id=customer)
    return found


def read_people(person: Person, people: Iterable[OrderPeople], connections: Sequence[Connection]) -> None:
    """Decrypt as whom they bought, and where it went."""
    stores = {one.pk: one for one in connections}
    records = {(one.connection_id, one.external_id): one for one in person.records}
    accounts = dict(
        OrderPoints.objects.filter(connection__in=connections, external_id__in=[one.external_id for one in people])
        .order_by()
        .values_list("external_id", "buyer")
    )
    identities: dict[tuple[Any, ...], Identity] = {}
    places: dict[tuple[str, ...], Place] = {}
    for row in people:
        content, record = json.loads(row.content), records.get((row.connection_id, row.external_id))
        one = identity(stores[row.connection_id], content["shopper"], accounts.get(row.external_id, ""))
        identities.setdefault((row.connection_id, one.name.casefold(), one.email, one.phone, one.is_guest), one)
        if record is None:
            continue
        for address in [*content["ship_to"], *filter(None, [content["bill_to"]])]:
            _placed(places, address, Source(record=record))
    for account in person.accounts:
        memory = Memory.read(account.said)
        for is_till, book in ((False, memory.store_book), (True, memory.heartland_book)):
            for address in book:
                _placed(places, address, Source(account=account, is_till=is_till))
    person.identities, person.places = list(identities.values()), list(places.values())[:MOST_PLACES]


def _placed(places: dict[tuple[str, ...], Place], address: JSON, source: Source) -> None:
    """Note where an address stands; of orders that name it the newest counts."""
    lines = tuple(address["lines"])
    place = places.setdefault(tuple(map(str.casefold, lines)), Place(lines=lines, phone=address["phone"], sources=[]))
    if source.record is None or all(one.record is None for one in place.sources):
        place.sources.append(source)


def identity(store: Connection, shopper: JSON, account: str) -> Identity:
    return Identity(
        store=store,
        account="" if shopper["is_guest"] else account,
        name=shopper["name"],
        email=shopper["email"],
        phone=shopper["phone"],
        is_guest=bool(shopper["is_guest"]),
    )

"""Orders by a number or a part of one, by tracking number, by SKU; who ordered, by name, e-mail or phone.

Each question goes to one index, a store at a time, and stops after so many rows: it costs the same among a million.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet

from connections.models import Connection
from ipaas.types import JSON
from mappings.core.rules.search_terms import (
    LONGEST,
    NAME_BEGINNINGS,
    SHORTEST_PART,
    after,
    person_asked,
    phone_digits,
    plain,
    words,
)
from mappings.person_keys import digests
from syncjobs.flows.orders import ORDERS
from syncjobs.models import OrderPeople, OrderTerm, PersonTerm, Record

LOOKED_AT = 100  # terms of a store


@dataclass(kw_only=True)
class Shopper:
    """Somebody who ordered, as their newest order names them."""

    connection: Connection
    name: str
    email: str
    phone: str
    term: str  # under which the list of orders finds them again
    orders: list[str] = field(default_factory=list)  # the store's ids, newest first


def orders_exact(connections: Sequence[Connection], text: str) -> list[Record]:
    """Orders whose number in either system, or id, is the text."""
    labels = {text, text.upper(), text.lower()}
    is_it = Q(external_id=text) | Q(number=text) | Q(target_label__in=labels) | Q(target_id=text)
    rows = Record.objects.filter(is_it, connection__in=connections, flow=ORDERS.name)
    return list(drawn_rows(rows)[:LOOKED_AT])


def orders_of_part(connections: Sequence[Connection], text: str, most: int) -> list[Record]:
    """Orders of which a number or tracking number holds the text, newest first."""
    part = plain(text)[:LONGEST]
    if len(part) < SHORTEST_PART or part.startswith(OrderTerm.OF_SKU):
        return []
    found: list[Record] = []
    for connection in connections:
        terms = OrderTerm.objects.filter(connection=connection, term__gte=part, term__lt=after(part))
        found += orders_of(connection, ids_of(terms.order_by("term", "-placed_at")))
    return newest(found)[:most]


def orders_of_sku(connection: Connection, sku: str, most: int) -> list[Record]:
    """Orders with the SKU on a line, newest first."""
    return newest(orders_of(connection, ids_of(sku_terms_of([connection], sku).order_by("-placed_at"))))[:most]


def sku_terms_of(connections: Sequence[Connection], sku: str) -> QuerySet[OrderTerm]:
    return OrderTerm.objects.filter(connection__in=connections, term=f"{OrderTerm.OF_SKU}{plain(sku)[:LONGEST]}")


def ids_of(terms: QuerySet[OrderTerm]) -> list[str]:
    return list(dict.fromkeys(terms.values_list("external_id", flat=True)[:LOOKED_AT]))


def orders_of(connection: Connection, ids: Iterable[str]) -> list[Record]:
    rows = Record.objects.filter(connection=connection, flow=ORDERS.name, external_id__in=list(ids))
    return list(drawn_rows(rows))


def drawn_rows(rows: QuerySet[Record]) -> QuerySet[Record]:
    return rows.select_related("connection__store", "connection__heartland", "connection__merchant")


def newest(rows: Iterable[Record]) -> list[Record]:
    return sorted(rows, key=lambda row: (row.source_placed_at or row.first_seen_at, row.pk), reverse=True)


def shoppers_found(connections: Sequence[Connection], text: str, most: int) -> list[Shopper]:
    """Who ordered and is meant by name, e-mail or phone; whoever asks may see them."""
    asked = person_asked(text)
    found: dict[tuple[int, str], Shopper] = {}
    for connection in connections if asked else ():
        for row in _people(connection, asked):
            people = json.loads(row.content)
            if not _is_meant(people, asked):
                continue
            shopper = people["shopper"]
            key = shopper["email"] or shopper["phone"] or shopper["name"] or row.external_id
            one = found.setdefault((connection.pk, plain(key)), _shopper(connection, shopper))
            one.orders.append(row.external_id)
    return list(found.values())[:most]


def _people(connection: Connection, asked: Sequence[str]) -> list[OrderPeople]:
    terms = PersonTerm.objects.filter(connection=connection)
    told = [term for term in asked if len(term.partition(":")[2]) >= NAME_BEGINNINGS[0]]  # others begin no kept name
    first, *others = (terms.filter(term__in=forms(term)) for term in told or asked)
    for other in others:
        first = first.filter(people__in=other.values("people"))
    ids = list(dict.fromkeys(first.order_by("-placed_at").values_list("people", flat=True)[:LOOKED_AT]))
    return list(OrderPeople.objects.filter(pk__in=ids).order_by("-placed_at", "-pk"))


def forms(term: str) -> list[str]:
    """The digests under which what is asked may be kept: of a long name also its longest beginning that is."""
    kind, _, word = term.partition(":")
    longest = NAME_BEGINNINGS[-1]
    beginnings = [f"{kind}:{word[:longest]}"] if kind == "name" and len(word) > longest else []
    return [digest for one in (term, *beginnings) for digest in digests(one)]


def _is_meant(people: JSON, asked: Sequence[str]) -> bool:
    """Whether each name that is asked begins a name there; digests of beginnings promise less."""
    names = [term.partition(":")[2] for term in asked if term.startswith("name:")]
    if not names:
        return True
    addresses = [*people["ship_to"], *filter(None, [people["bill_to"]])]
    lines = [line for address in addresses for line in address["lines"]]
    known = words(" ".join([people["shopper"]["name"], people["shopper"]["email"], *lines]))
    return all(any(word.startswith(name) for word in known) for name in names)


def _shopper(connection: Connection, shopper: JSON) -> Shopper:
    email, phone, name = shopper["email"], phone_digits(shopper["phone"]), words(shopper["name"])
    term = f"mail:{plain(email)}" if email else f"phone:{phone}" if phone else f"name:{name[-1] if name else ''}"
    return Shopper(
        connection=connection,
        name=shopper["name"],
        email=email,
        phone=shopper["phone"],
        term=digests(term)[0],
    )

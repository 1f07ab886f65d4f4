"""Who ordered, where it goes and what the order is found by: kept for its page and for search.

Names, addresses and phones are encrypted, and are found under keyed digests alone; facts say only what they were by a
digest, so that nothing is written while nothing changed. What changed is written with the number of a new sales order,
else before the outcome.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import connection as database
from django.db import transaction

from connections import crypto
from ipaas import digests
from ipaas.prepared import fetch
from ipaas.types import JSON
from mappings.core.canonical.order import Address, Buyer, Order
from mappings.core.rules.people_named import addresses_on, on_parcel
from mappings.core.rules.search_terms import mail_terms, name_terms, number_terms, phone_terms, plain
from mappings.person_keys import sealed_terms
from syncjobs.flows.orders.order_context import OrderContext, Unkept
from syncjobs.models import OrderPeople, OrderTerm, PersonTerm

NUMBER, SKU = OrderTerm.Kind.NUMBER, OrderTerm.Kind.SKU
LONGEST = 80
PARTS = """
WITH given AS (
    SELECT kind, term FROM unnest(%(kinds)s::text[], %(terms)s::text[]) AS given (kind, term)
), gone AS (
    DELETE FROM syncjobs_orderterm old WHERE old.connection_id = %(connection)s AND old.external_id = %(order)s
        AND old.kind IN ('number', 'sku')
        AND NOT EXISTS (SELECT 1 FROM given WHERE given.kind = old.kind AND given.term COLLATE "C" = old.term)
), found_by AS (
    INSERT INTO syncjobs_orderterm (connection_id, external_id, kind, term, placed_at)
    SELECT %(connection)s, %(order)s, kind, term, %(placed_at)s FROM given
    ON CONFLICT (connection_id, external_id, kind, term) DO NOTHING
), people AS (
    INSERT INTO syncjobs_orderpeople (connection_id, external_id, content, placed_at, read_at)
    VALUES (%(connection)s, %(order)s, %(content)s, %(placed_at)s, %(now)s)
    ON CONFLICT (connection_id, external_id) DO UPDATE SET content = excluded.content, read_at = excluded.read_at
    RETURNING id{besides}
), left_out AS (
    DELETE FROM syncjobs_personterm old USING people
    WHERE old.people_id = people.id AND old.term <> ALL (%(persons)s::text[])
)"""
NAMED = """
INSERT INTO syncjobs_personterm (connection_id, people_id, term, placed_at)
SELECT %(connection)s, people.id, term, %(placed_at)s FROM people, unnest(%(persons)s::text[]) AS term
ON CONFLICT (people_id, term) DO NOTHING"""
KEEP = PARTS.format(besides=", set_config('synchronous_commit', 'off', true)") + NAMED
KEEP_AND = f"{PARTS.format(besides='')}, named AS ({NAMED})"


def look(context: OrderContext) -> JSON:
    """See whether people and terms are others than before; answers what facts say of it: a digest."""
    content, terms = json.dumps(people_of(context.order)), terms_of(context)
    seen = digests.content_digest("order people", content + json.dumps(terms))
    context.unkept = Unkept(context.order, content, terms) if seen != context.record.facts.get("kept") else None
    return {"kept": seen}


def kept(context: OrderContext) -> JSON:
    """The same where facts are written anew later in the run."""
    facts = context.facts["facts"]
    return {"kept": facts["kept"]} if "kept" in facts else {}


def people_of(order: Order) -> JSON:
    """What is encrypted: {shopper: {name, email, phone, is_guest}, ship_to: [address], bill_to: address or None}.

    An address is its lines as they stand on a parcel, then its phone.
    """
    buyer = order.buyer
    return {
        "shopper": {
            "name": " ".join(filter(None, (buyer.first_name, buyer.last_name))) or (order.billing or EMPTY).company,
            "email": buyer.email,
            "phone": buyer.phone,
            "is_guest": buyer.is_guest,
        },
        "ship_to": [on_parcel(one.address) | {"method": one.method} for one in order.consignments],
        "bill_to": on_parcel(order.billing) if order.billing else None,
    }


EMPTY = Address(first_name="", last_name="", line_1="", city="", state="", postal_code="", country="")


def terms_of(context: OrderContext) -> list[tuple[str, str]]:
    """(kind, term) by which everybody finds the order: numbers of both sides, SKUs of its lines."""
    booked_as = context.link.target_label if context.link else ""
    numbers = number_terms([context.external_id, context.title, context.number, booked_as, context.record.target_label])
    skus = dict.fromkeys(plain(line.sku)[:LONGEST] for line in context.order.lines if line.sku)
    return [*((str(NUMBER), term) for term in numbers), *((str(SKU), f"{OrderTerm.OF_SKU}{sku}") for sku in skus)]


def person_terms(order: Order) -> list[str]:
    """The digests under which its people are found."""
    buyer, places = order.buyer, addresses_on(order)
    named: list[Buyer | Address] = [buyer, *places]
    names = [part for one in named for part in (one.first_name, one.last_name)]
    plain_terms: Iterable[str] = (
        *name_terms([*names, *(place.company for place in places)]),
        *mail_terms([buyer.email]),
        *phone_terms([buyer.phone, *(place.phone for place in places)]),
    )
    return sealed_terms(plain_terms)


def keep(context: OrderContext) -> None:
    """Write what is not written yet."""
    if context.unkept is None:
        return
    if database.vendor == "postgresql":
        fetch(KEEP, _values(context, context.unkept))
    else:
        _keep_in_steps(context, context.unkept)
    context.unkept = None


def keep_with(context: OrderContext, statement: str, values: Mapping[str, Any]) -> list[Any]:
    """The same in one with a statement, of which `connection` and `order` are parameters too; answers its rows."""
    if context.unkept is None or database.vendor != "postgresql":
        return fetch(statement, values)
    rows = fetch(KEEP_AND + statement, {**_values(context, context.unkept), **values})
    context.unkept = None
    return rows


def _values(context: OrderContext, unkept: Unkept) -> dict[str, Any]:
    return {
        "connection": context.connection.pk,
        "order": context.external_id,
        "kinds": [kind for kind, _ in unkept.terms],
        "terms": [term for _, term in unkept.terms],
        "content": crypto.encrypt(unkept.content),
        "persons": person_terms(unkept.order),
        "placed_at": _placed_at(context, unkept),
        "now": context.now,
    }


def _placed_at(context: OrderContext, unkept: Unkept) -> datetime:
    return context.record.source_placed_at or unkept.order.placed_at


def _keep_in_steps(context: OrderContext, unkept: Unkept) -> None:
    """The same where the database writes one table a statement."""
    placed_at = _placed_at(context, unkept)
    whose: dict[str, Any] = {"connection": context.connection, "external_id": context.external_id}
    with transaction.atomic():
        OrderTerm.objects.filter(**whose, kind__in=[NUMBER, SKU]).delete()
        made = [OrderTerm(**whose, kind=kind, term=term, placed_at=placed_at) for kind, term in unkept.terms]
        OrderTerm.objects.bulk_create(made)
        read = {"content": unkept.content, "read_at": context.now}
        create = read | {"placed_at": placed_at}
        people, _ = OrderPeople.objects.update_or_create(**whose, defaults=read, create_defaults=create)
        PersonTerm.objects.filter(people=people).delete()
        PersonTerm.objects.bulk_create(
            PersonTerm(connection=context.connection, people=people, term=term, placed_at=placed_at)
            for term in person_terms(unkept.order)
        )

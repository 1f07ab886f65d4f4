"""Links to people are kept under keyed digests: who holds the database learns no address, phone or name from them.

The keys are settings.PERSONAL_KEYS, newest first. A link found under a former key, or as the version before wrote it,
moves to the newest one (mappings.services.person_link).
"""

import hashlib
import hmac
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import transaction

MARK = "~"  # begins a digest
LENGTH = 40  # hex signs: 160 bits
OF_PEOPLE = ("customer", "address")  # kinds of links
AT_ONCE = 1_000
OF_ACCOUNT = "customer:"  # the store's own id of an account: nothing to hide


def sealed(key: str) -> str:
    """A key as it is stored: "email:~3f9a…" for "email:ana@example.com"; what names nobody stays."""
    return forms(key)[0]


def forms(key: str) -> list[str]:
    """How a key may stand in the database: under each of our keys, newest first, and as it was before there were any.

    `key` is one of core.heartland.customers.customer_key, or "<Heartland customer>:<fingerprint of an address>".
    """
    if key.startswith(OF_ACCOUNT) or is_sealed(key):
        return [key]
    head = ":".join(key.split(":")[: 2 if key.startswith("order:") else 1])
    return [*(f"{head}:{MARK}{digest}" for digest in digests(key)), key]


def is_sealed(key: str) -> bool:
    return f":{MARK}" in key


def digests(text: str) -> list[str]:
    """The keyed digests of a text, newest key first: equal for equal texts, and telling nothing else."""
    return [
        hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()[:LENGTH] for key in settings.PERSONAL_KEYS
    ]


def sealed_terms(terms: Iterable[str]) -> list[str]:
    """The digests under which terms of a person are kept (core.rules.search_terms): by the newest key, each once."""
    return [digests(term)[0] for term in dict.fromkeys(terms)]


def links_seal(links: Any, *, of_one_order: bool = True) -> int:
    """Put every link to a person that stands in plain under its digest; answers how many. Safe to run again, and live.

    `links` is the manager of Link, of today or of a migration. Workers of the version before write plain ones and do
    not find ours: they ask Heartland again, which knows people by e-mail and phone. Customers of one order are known
    by nothing else: leave them out while such workers run.
    """
    plain = links.filter(kind__in=OF_PEOPLE).exclude(source_id__contains=f":{MARK}")
    plain = plain.exclude(source_id__startswith=OF_ACCOUNT)
    plain = plain if of_one_order else plain.exclude(source_id__startswith="order:")
    moved, last = 0, 0
    while page := list(plain.filter(pk__gt=last).order_by("pk")[:AT_ONCE]):
        last = page[-1].pk
        with transaction.atomic():
            moved += _page_seal(links, page)
    return moved


def _page_seal(links: Any, page: list[Any]) -> int:
    """A link beside which its digest stands already is an old worker's, and goes."""
    fresh = {link.pk: sealed(link.source_id) for link in page}
    known = set(links.filter(source_id__in=fresh.values()).values_list("connection_id", "kind", "source_id"))
    doubled = [link.pk for link in page if (link.connection_id, link.kind, fresh[link.pk]) in known]
    links.filter(pk__in=doubled).delete()
    return sum(links.filter(pk=pk).update(source_id=key) for pk, key in fresh.items() if pk not in doubled)

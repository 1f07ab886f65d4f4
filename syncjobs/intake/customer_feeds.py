"""News of customers from both sides: what changed is looked at, what says what we know is an echo.

The store's list does not tell of deletions, nor of all changes of addresses: every few hours all linked accounts are
read, page by page, and held against what was seen of them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings

from connections.models import Connection
from connections.store_kinds import profile_of
from mappings.core.canonical.customer import Customer
from syncjobs.engine.cursors import cursor_advance
from syncjobs.engine.enqueueing import jobs_enqueue
from syncjobs.flows.customers import CUSTOMERS
from syncjobs.flows.customers.customer_context import in_words
from syncjobs.flows.customers.customer_memory import digest_of
from syncjobs.flows.customers.new_account import NEW
from syncjobs.intake.feeds import OVERLAP, heartland_follow, store_look
from syncjobs.models import Cursor, CustomerIdentity, CustomerMerge, CustomerSettings, Record, ServiceClass
from syncjobs.pos.port import CustomerHead, Feeds
from syncjobs.stores import port

ROWS_AT_ONCE = 250
SWEEP_EVERY = timedelta(hours=6)
PAGES_A_SWEEP = 4
NEXT_PAGES = timedelta(seconds=60)
State = CustomerIdentity.State


@dataclass
class Seen:
    """What one look saw."""

    newest: datetime  # time of change, by that side's clock
    found: int = 0
    queued: int = 0


def topics_wanted(connection: Connection) -> tuple[str, ...]:
    """The store's webhooks that tell of customers, where they are kept alike."""
    is_on = CustomerSettings.objects.filter(connection=connection, is_on=True).exists()
    return profile_of(connection.store).customer_topics if is_on else ()


def accounts_follow(*, connection: Connection, now: datetime) -> Seen | None:
    """Queue the store's accounts that changed since the cursor and say another thing than was seen of them.

    None when the look is not due, somebody else has it, the store may not be called, or it failed.
    """

    def walk(customers: port.Customers, cursor: Cursor) -> tuple[Seen, str, timedelta]:
        since = datetime.fromisoformat(cursor.position) if cursor.position else now
        seen = Seen(newest=since)
        for accounts in _chunks(customers.changed_since(since - OVERLAP)):
            seen.found += len(accounts)
            seen.queued += _queue(connection, _news(connection, accounts), now)
            moments = [one.changed_at for one in accounts if one.changed_at]
            seen.newest = max([seen.newest, *moments])
        return seen, seen.newest.astimezone(UTC).isoformat(), timedelta(seconds=settings.POLL_SECONDS)

    return _store_follow(connection, Cursor.ACCOUNTS, now, walk)


def accounts_sweep(*, connection: Connection, now: datetime) -> Seen | None:
    """Read some more of the linked accounts, and queue those that are gone or say another thing. None as above."""

    def walk(customers: port.Customers, cursor: Cursor) -> tuple[Seen, str, timedelta]:
        seen, last = Seen(newest=now), int(cursor.position or 0)
        for _ in range(PAGES_A_SWEEP):
            linked = CustomerIdentity.objects.filter(connection=connection, state=State.LINKED, pk__gt=last)
            page = dict(linked.order_by("pk").values_list("account_id", "pk")[: customers.accounts_at_once])
            if not page:
                return seen, "0", SWEEP_EVERY
            there = customers.accounts(list(page))
            gone = set(page) - {one.id for one in there}
            seen.found += len(page)
            seen.queued += _queue(connection, [*_news(connection, there), *sorted(gone)], now)
            last = max(page.values())
        return seen, str(last), NEXT_PAGES

    return _store_follow(connection, Cursor.ACCOUNT_SWEEP, now, walk)


def customers_follow(*, connection: Connection, now: datetime) -> Seen | None:
    """Queue the accounts of Heartland's customers who changed since the cursor. None as above."""

    def walk(feeds: Feeds, since: datetime) -> Seen:
        seen, after, has_more = Seen(newest=since), "", True
        while has_more:
            heads, has_more = feeds.customers(after, since=since - OVERLAP)
            seen.found += len(heads)
            _reopened(connection, heads, now)
            wanted = [*_accounts_of(connection, heads), *(_without_account(connection, heads) if makes else ())]
            seen.queued += _queue(connection, wanted, now)
            seen.newest = max([seen.newest, *(head.changed_at for head in heads)])
            after = heads[-1].id if heads else after
        return seen

    makes = CustomerSettings.objects.filter(connection=connection, creates_in_store=True).exists()
    return heartland_follow(connection, Cursor.CUSTOMERS, now, walk, longest=settings.POLL_SECONDS)


Walk = Callable[[port.Customers, Cursor], tuple[Seen, str, timedelta]]  # what was seen, the new position, the pause


def _store_follow(connection: Connection, feed: str, now: datetime, walk: Walk) -> Seen | None:
    looked = store_look(connection, feed, now, lambda store, cursor: walk(store.customers, cursor))
    if looked is None:
        return None
    cursor, (seen, position, pause) = looked
    cursor_advance(cursor, now, pause, position=position, found=cursor.found + seen.found)
    return seen


def _news(connection: Connection, accounts: list[Customer]) -> list[str]:
    """Accounts that are new to us, or say another thing than was seen of them; none that is left alone."""
    groups = CustomerSettings.objects.values_list("groups", flat=True).get(connection=connection)
    rows = CustomerIdentity.objects.filter(connection=connection, account_id__in=[one.id for one in accounts])
    known = {one.account_id: one for one in rows}
    return [
        one.id
        for one in accounts
        if (identity := known.get(one.id)) is None
        or (identity.state != State.LEFT and identity.store_digest != digest_of(in_words(one, groups)))
    ]


def _accounts_of(connection: Connection, heads: list[CustomerHead]) -> list[str]:
    """The linked accounts of customers who are not as we saw or left them."""
    versions = {head.id: head.version for head in heads}
    linked = CustomerIdentity.objects.filter(connection=connection, state=State.LINKED, customer_id__in=versions)
    return [one.account_id for one in linked.order_by("pk") if one.heartland_version != versions[one.customer_id]]


def _reopened(connection: Connection, heads: list[CustomerHead], now: datetime) -> None:
    """Who was switched off as somebody else, and is switched on again by a person, stays so."""
    living = [head.id for head in heads if head.is_living]
    merges = CustomerMerge.objects.standing().filter(heartland=connection.heartland, gone_id__in=living)
    merges.filter(done_at__lt=now).update(reopened_at=now)


def _without_account(connection: Connection, heads: list[CustomerHead]) -> list[str]:
    """Those who never had an account and were not looked at for one: each once."""
    ids = [head.id for head in heads]
    known = CustomerIdentity.objects.filter(connection=connection, customer_id__in=ids)
    had = set(known.values_list("customer_id", flat=True))
    names = [f"{NEW}{one}" for one in ids if one not in had]
    seen = Record.objects.filter(connection=connection, flow=CUSTOMERS.name, external_id__in=names)
    return sorted(set(names) - set(seen.values_list("external_id", flat=True)))


def _queue(connection: Connection, ids: list[str], now: datetime) -> int:
    if ids:
        jobs_enqueue(
            connection=connection, flow=CUSTOMERS.name, external_ids=ids, cause="poll", now=now,
            service_class=ServiceClass.SOON,
        )  # fmt: skip
    return len(ids)


def _chunks(accounts: Iterable[Customer]) -> Iterable[list[Customer]]:
    chunk: list[Customer] = []
    for one in accounts:
        chunk.append(one)
        if len(chunk) == ROWS_AT_ONCE:
            yield chunk
            chunk = []
    if chunk:
        yield chunk

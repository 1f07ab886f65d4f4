"""Following store credit. No list says when it moved: what changed since by its account is read at each look, and of a
store that tells many at a time what is known to hold some. All of it is gone through once a day, part by part, for what
moved without another change of its account.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, QuerySet

from connections.connectors.heartland import HeartlandClient
from connections.models import Connection
from mappings.core.canonical.card import HeldCard
from syncjobs.flows.cards import CARDS
from syncjobs.flows.cards.credit_number import credit_open
from syncjobs.flows.cards.credit_refunds import is_explained
from syncjobs.flows.orders import ORDERS
from syncjobs.flows.refund_records import CREDIT_OF, REFUNDS
from syncjobs.intake.feeds import OVERLAP
from syncjobs.models import CardSettings, CustomerIdentity, GiftCard, Record
from syncjobs.stores.port import Store


def credit_look(connection: Connection, store: Store, options: CardSettings, now: datetime) -> set[int]:
    """Keys of credits that moved, or that a refund explains by now.

    Calls: those of the accounts that changed, or whose orders did; of a part of all until the day's round is over; and
    the fewest that tell of those with credit, where the store lists them.
    """
    purse, last = store.store_credit, options.credit_seen_at
    since = last - OVERLAP if last else now - OVERLAP
    news: set[int] = set()
    seen: set[str] = set()
    for page in purse.changed_since(since):
        news |= _moved(connection, page, now)
        seen |= {one.id for one in page}
    position = options.credit_position
    if position or _is_new_day(connection, last, now):
        page, position = purse.part(position)
        news |= _moved(connection, page, now)
        seen |= {one.id for one in page}
    told = _told_since(connection, since) | (_with_credit(connection) if purse.most_asked is None else set())
    if rest := sorted(told - seen)[: purse.most_asked]:
        news |= _moved(connection, purse.of(rest), now)
    CardSettings.objects.filter(pk=options.pk).update(credit_seen_at=now, credit_position=position)
    return news | _explained(connection) | _without_till(connection, options)


def credit_apart(
    connection: Connection, client: HeartlandClient, options: CardSettings, cards: Sequence[HeldCard], now: datetime
) -> tuple[list[HeldCard], set[int]]:
    """Of Heartland's cards those that no customer names as their store credit, and the keys of credits that are named.

    One call where there are cards that are not known here. A card whose customer has no account here stays the tills'.
    """
    known = GiftCard.objects.filter(connection=connection, till_id__in=[card.id for card in cards])
    old = set(known.values_list("till_id", flat=True))
    fresh = [card.number for card in cards if card.id not in old]
    named = client.customers_naming(options.credit_field, fresh) if fresh else []
    numbers = {str(row["custom"].get(options.credit_field)) for row in named}
    accounts = CustomerIdentity.objects.filter(
        connection=connection, customer_id__in=[str(row["id"]) for row in named], state=CustomerIdentity.State.LINKED
    )
    news = {credit_open(connection, account, now).pk for account in accounts.values_list("account_id", flat=True)}
    return [card for card in cards if card.number not in numbers], news


def _is_new_day(connection: Connection, last: datetime | None, now: datetime) -> bool:
    """Whether this is the first look on one of the merchant's days."""
    zone = ZoneInfo(connection.merchant.time_zone)
    return last is None or last.astimezone(zone).date() != now.astimezone(zone).date()


def _credits(connection: Connection) -> QuerySet[GiftCard]:
    return GiftCard.objects.filter(connection=connection).exclude(account_id="")


def _with_credit(connection: Connection) -> set[str]:
    return set(_credits(connection).filter(is_good=True, store_holds__gt=0).values_list("account_id", flat=True))


def _told_since(connection: Connection, since: datetime) -> set[str]:
    """Accounts whose credit paid of orders, or that refunds gave some to."""
    rows = Record.objects.filter(connection=connection, flow__in=(ORDERS.name, REFUNDS), changed_at__gte=since)
    found = rows.filter(**{f"facts__{CREDIT_OF}__isnull": False}).values_list(f"facts__{CREDIT_OF}", flat=True)
    return {str(one) for one in found}


def _moved(connection: Connection, held: Iterable[HeldCard], now: datetime) -> set[int]:
    rows = {one.id: one for one in held}
    known = {one.account_id: one for one in _credits(connection).filter(account_id__in=rows)}
    news = set()
    for account_id, shown in rows.items():
        if account_id not in known and shown.balance:
            known[account_id] = credit_open(connection, account_id, now)
        found = known.get(account_id)
        if found and found.is_good and (found.writing or found.store_holds != shown.balance):
            news.add(found.pk)
    return news


def _explained(connection: Connection) -> set[int]:
    """Those whose rise waits for a person, where a refund that was read since accounts for it."""
    held = Record.objects.filter(connection=connection, flow=CARDS.name, disposition=Record.Disposition.HELD)
    ids = [int(one) for one in held.filter(code="card_rise_unexplained").values_list("external_id", flat=True)]
    found = _credits(connection).filter(pk__in=ids)
    return {one.pk for one in found if is_explained(one)}


def _without_till(connection: Connection, options: CardSettings) -> set[int]:
    """Those whose account came to be a customer of Heartland's."""
    if options.till_asks:
        return set()
    linked = CustomerIdentity.objects.filter(
        connection=connection, account_id=OuterRef("account_id"), state=CustomerIdentity.State.LINKED
    )
    waiting = _credits(connection).filter(Exists(linked), till_holds__isnull=True, balance__gt=0, is_good=True)
    return set(waiting.values_list("pk", flat=True))

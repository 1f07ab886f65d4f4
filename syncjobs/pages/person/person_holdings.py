"""What somebody has or had with the merchant beside orders: gift cards, returns, and customers who were joined."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Q

from connections.models import HeartlandAccount
from syncjobs.flows import REFUNDS, RETURNS
from syncjobs.models import CustomerIdentity, CustomerMerge, GiftCard, Record

MOST = 50
Customers = list[tuple[HeartlandAccount, str]]


def cards_of(records: Iterable[Record], accounts: Iterable[CustomerIdentity]) -> list[GiftCard]:
    """Cards that these orders sold or were paid with, the newest first, and the store credit of accounts."""
    found: dict[int, GiftCard] = {}
    for connection, ids in _by_store(records).items():
        mine = Q(sold_in__in=ids) | Q(movements__order_id__in=ids)
        rows = GiftCard.objects.filter(mine, connection=connection).order_by("-moved_at", "-pk").distinct()
        found |= {row.pk: row for row in rows.select_related("connection__store", "connection__heartland")[:MOST]}
    for one in accounts:
        theirs = GiftCard.objects.filter(connection=one.connection_id, account_id=one.account_id)
        found |= {row.pk: row for row in theirs.select_related("connection__store", "connection__heartland")}
    return list(found.values())


def returns_of(records: Iterable[Record]) -> list[Record]:
    """Returns at the tills and refunds in the store of these orders, the newest first."""
    found: list[Record] = []
    for connection, ids in _by_store(records).items():
        rows = Record.objects.filter(connection=connection, flow__in=[RETURNS.name, REFUNDS.name], order_id__in=ids)
        found += rows.select_related("connection__store").order_by("-first_seen_at", "-pk")[:MOST]
    return found


def joined(customers: Customers) -> tuple[Customers, list[CustomerMerge]]:
    """With whoever was joined with them; and how that came."""
    accounts = {account.pk: account for account, _ in customers}
    known: dict[tuple[int, str], None] = dict.fromkeys((account.pk, customer) for account, customer in customers)
    merges: list[CustomerMerge] = []
    for pk, account in accounts.items():
        ids = {customer for of, customer in known if of == pk}
        now = {CustomerMerge.objects.who_now(account, one) for one in ids}
        everybody = CustomerMerge.objects.all_of(account, now | ids)
        known |= dict.fromkeys((pk, one) for one in sorted(everybody))
        merges += CustomerMerge.objects.filter(heartland=account, gone_id__in=everybody).order_by("said_at", "pk")
    return [(accounts[pk], customer) for pk, customer in known], merges


def _by_store(records: Iterable[Record]) -> dict[int, list[str]]:
    ids: dict[int, list[str]] = defaultdict(list)
    for record in records:
        ids[record.connection_id].append(record.external_id)
    return ids

"""The prefix of a store's numbers in Heartland: unique in an account, since all its stores count alike."""

from collections.abc import Iterator
from itertools import count

from django.db import transaction

from connections.models import Connection, HeartlandAccount, OrderSettings
from errors.failures import ConfigurationFailure

PLAIN = "BC-"


def prefix_holder(account: HeartlandAccount, prefix: str, *, besides: Connection | None = None) -> Connection | None:
    """The other connection of the account that numbers its orders so; case makes no difference to people."""
    rows = OrderSettings.objects.filter(connection__heartland=account, order_prefix__iexact=prefix)
    if besides is not None and besides.pk:
        rows = rows.exclude(connection=besides)
    row = rows.select_related("connection__store", "connection__heartland").order_by("pk").first()
    return row.connection if row else None


def prefix_free(account: HeartlandAccount) -> str:
    """The first of BC-, BC2-, BC3-, … that no connection of the account uses, a disconnected one neither."""
    taken = {
        prefix.casefold()
        for prefix in OrderSettings.objects.filter(connection__heartland=account).values_list("order_prefix", flat=True)
    }
    return next(one for one in numbered() if one.casefold() not in taken)


def numbered() -> Iterator[str]:
    yield PLAIN
    yield from (f"{PLAIN[:-1]}{number}-" for number in count(2))


def prefix_lock(account: HeartlandAccount) -> None:
    """Until this transaction ends nobody else takes a prefix of the account: look and take are one step."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("A prefix is taken in a transaction")
    HeartlandAccount.objects.select_for_update().get(pk=account.pk)


def prefix_claim(connection: Connection, prefix: str) -> None:
    """Take a prefix in this transaction. Raises ConfigurationFailure naming the store that has it."""
    prefix_lock(connection.heartland)
    if other := prefix_holder(connection.heartland, prefix, besides=connection):
        raise ConfigurationFailure(prefix_taken(prefix, other))


def prefix_taken(prefix: str, other: Connection) -> str:
    said = f"The prefix “{prefix}” is" if prefix else "Numbers without a prefix are"
    free = prefix_free(other.heartland)
    return f"{said} taken by {other.store}, which books in the same Heartland account. Free is {free}, for example."

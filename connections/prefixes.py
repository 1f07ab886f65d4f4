"""The prefix of a store's numbers in Heartland: unique in a tenant, whose orders of all merchants count alike.

The database holds it (`order_prefix_once`); what is here says it in words before. A store that shared its prefix with
another before that was so keeps it until a person chooses: its `OrderSettings.tenant` is blank.
"""

from collections.abc import Iterator
from itertools import count

from django.db import transaction
from django.db.models import QuerySet

from connections.models import Connection, HeartlandAccount, OrderSettings
from connections.store_kinds import profile_of
from connections.wall import wall_lifted
from errors.failures import ConfigurationFailure


@wall_lifted()
def prefix_holder(account: HeartlandAccount, prefix: str, *, besides: Connection | None = None) -> Connection | None:
    """The other connection of the tenant whose prefix this is; case makes no difference to people."""
    rows = _settings(account).filter(order_prefix__iexact=prefix).exclude(tenant="")
    if besides is not None and besides.pk:
        rows = rows.exclude(connection=besides)
    row = rows.select_related("connection__store", "connection__heartland").order_by("pk").first()
    return row.connection if row else None


@wall_lifted()
def prefix_free(account: HeartlandAccount, plain: str) -> str:
    """The first of W-, W2-, W3-, … (`plain`: W-) that no connection of the tenant uses, a disconnected one neither."""
    taken = {prefix.casefold() for prefix in _settings(account).values_list("order_prefix", flat=True)}
    return next(one for one in numbered(plain) if one.casefold() not in taken)


def numbered(plain: str) -> Iterator[str]:
    yield plain
    yield from (f"{plain[:-1]}{number}-" for number in count(2))


@wall_lifted()
def prefix_lock(account: HeartlandAccount) -> None:
    """Until this transaction ends nobody else takes a prefix of the tenant: look and take are one step."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("A prefix is taken in a transaction")
    same = HeartlandAccount.objects.select_for_update().filter(base_url__iexact=account.base_url)
    list(same.order_by("pk").values_list("pk"))


def prefix_claim(connection: Connection, prefix: str) -> None:
    """Take a prefix in this transaction. Raises ConfigurationFailure saying who has it, and which is free."""
    prefix_lock(connection.heartland)
    if problem := prefix_problem(connection, prefix):
        raise ConfigurationFailure(problem)


def prefix_problem(connection: Connection, prefix: str) -> str:
    """Why a connection may not number its orders so, with a free prefix; empty when it may."""
    account = connection.heartland
    if not prefix:
        said = "Numbers without a prefix are those of Heartland's own orders and of other stores."
    elif other := prefix_holder(account, prefix, besides=connection):
        who = str(other.store) if other.merchant_id == connection.merchant_id else "another merchant's store"
        said = f"The prefix “{prefix}” is taken by {who}, which books in the same Heartland account."
    else:
        return ""
    return f"{said} Free is {prefix_free(account, profile_of(connection.store).order_prefix)}, for example."


def tenant_of(account: HeartlandAccount) -> str:
    """What all accounts of a tenant have in common, whichever merchant connected them."""
    return account.base_url.lower()


def _settings(account: HeartlandAccount) -> QuerySet[OrderSettings]:
    return OrderSettings.objects.filter(connection__heartland__base_url__iexact=account.base_url)

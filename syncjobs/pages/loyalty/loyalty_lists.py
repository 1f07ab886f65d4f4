"""What the store offers to choose from, remembered so that a page does not ask on every view."""

from dataclasses import asdict, dataclass, field
from typing import Any

from django.core.cache import cache

from connections.models import Store
from errors.failures import SyncFailure
from ipaas.cache import kept
from syncjobs.stores.opening import store_of_patience

KEPT_SECONDS = 7 * 86_400
Pairs = list[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Offered:
    """Fields of accounts and customer groups, as (key, name). `problem` says why they are missing."""

    fields: Pairs = field(default_factory=list)
    groups: Pairs = field(default_factory=list)
    problem: str = ""


def offered_known(store: Store) -> Offered:
    """As read before; nothing where nobody asked lately. Asks nobody."""
    return kept(_key(store), _offered_of) or Offered()


def offered_read(store: Store) -> Offered:
    """Ask the store: a few calls; a failure becomes its sentence."""
    try:
        loyalty = store_of_patience(store).loyalty
        found = Offered(fields=[(one.key, one.name) for one in loyalty.fields()], groups=[*loyalty.groups().items()])
    except SyncFailure as failure:
        return Offered(problem=failure.summary)
    cache.set(_key(store), asdict(found), KEPT_SECONDS)
    return found


def _offered_of(value: dict[str, Any]) -> Offered:
    fields, groups = ([(str(key), str(name)) for key, name in value[one]] for one in ("fields", "groups"))
    return Offered(fields=fields, groups=groups)


def _key(store: Store) -> str:
    return f"store-loyalty:{store.pk}"

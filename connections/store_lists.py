"""What the store offers to choose from, remembered for a while so that a page does not ask on every view."""

from dataclasses import dataclass, field

from django.core.cache import cache

from connections import store_kinds
from connections.models import Store
from errors.failures import SyncFailure
from ipaas.cache import kept

KEPT_SECONDS = 7 * 86_400


@dataclass(frozen=True, kw_only=True)
class Locations:
    """Ids and labels of the store's enabled locations. `problem` says why they are missing."""

    rows: list[tuple[str, str]] = field(default_factory=list)
    problem: str = ""


def locations(store: Store, *, fresh: bool = False) -> Locations:
    """The store's locations; asked for when nobody has in the last week, or when `fresh`."""
    known = None if fresh else locations_known(store)
    return known or _ask(store)


def locations_known(store: Store) -> Locations | None:
    """As read before; None when nobody has asked lately. Asks nobody."""
    return kept(_key(store), _locations_of)


def _locations_of(rows: list[tuple[str | int, str]]) -> Locations:
    return Locations(rows=[(id_text(key), str(label)) for key, label in rows])


def id_text(key: str | int) -> str:
    """A location's id; a number where the version before kept it so. Raises TypeError."""
    if not isinstance(key, str | int):
        raise TypeError
    return str(key)


def _ask(store: Store) -> Locations:
    try:
        places = store_kinds.kind_of(store).places(store)
    except SyncFailure as failure:
        return Locations(problem=failure.summary)
    found = Locations(rows=[(place.id, place.name) for place in places if place.is_enabled])
    cache.set(_key(store), found.rows, KEPT_SECONDS)
    return found


def _key(store: Store) -> str:
    return f"store-locations:{store.pk}"

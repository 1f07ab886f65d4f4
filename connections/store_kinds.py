"""The kinds of web stores as data, for whoever shows, connects or watches one without knowing which it is.

`syncjobs/stores/<kind>/` fulfils a kind; `syncjobs/apps.py` registers it here, so that this room names none.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from connections.connectors.needs import Need
from connections.models import Store
from ipaas.types import System


@dataclass(frozen=True, kw_only=True)
class Place:
    """A location or source of the store that keeps stock of its own."""

    id: str  # as the store names it; text, whatever it is there
    name: str
    is_enabled: bool = True


@dataclass(frozen=True, kw_only=True)
class StoreProfile:
    """What a kind of store is called, and what it can do. Screens take their words from here."""

    kind: str  # value of Store.kind
    system: System  # whose calls are counted
    name: str  # "BigCommerce", in the middle of a sentence
    back_office: str  # "BigCommerce's control panel", where people mend what is wrong there
    needs: tuple[Need, ...]  # scopes, ACL resources
    default_place: str  # that stock is shown at unless a person chose another, and that web orders take from
    levels_per_page: int
    levels_per_write: int
    topics: tuple[str, ...] = ()  # webhooks that we register; none: changes are found by polling alone
    order_path: str = ""  # "manage/orders/{id}" after Store.control_panel_url; "" when there is no such page
    product_path: str = ""


@dataclass(frozen=True, kw_only=True)
class StoreKind:
    """A kind's profile, and what is asked of it while it is set up and watched. Each may raise SyncFailure."""

    profile: StoreProfile
    places: Callable[[Store], list[Place]]


KINDS: dict[str, StoreKind] = {}


def register(kind: StoreKind) -> None:
    """Make a kind of store known."""
    KINDS[kind.profile.kind] = kind


def kind_of(store: Store) -> StoreKind:
    """The kind of a store. Raises KeyError when nobody registered it: a defect."""
    return KINDS[store.kind]


def profile_of(store: Store) -> StoreProfile:
    return kind_of(store).profile


def names() -> Mapping[str, str]:
    """Kind → name, for choices."""
    return {kind: one.profile.name for kind, one in KINDS.items()}

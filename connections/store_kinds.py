"""The kinds of web stores as data, for whoever shows, connects or watches one without knowing which it is.

`syncjobs/stores/<kind>/` and `connections/connect/<kind>/` fulfil a kind; `syncjobs/apps.py` registers it here, so that
nothing else names one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from connections.call_limits import GENTLE, HEARTLAND, CallLimits
from connections.connectors.needs import Need
from connections.diagnosis import Grant
from connections.hook_sides import NoSide, Side
from connections.models import Connection, Store, kind_field
from connections.preflight.findings import Finding
from ipaas.types import CallObserver, System


@dataclass(frozen=True, kw_only=True)
class Place:
    """A location or source of the store that keeps stock of its own."""

    id: str  # as the store names it; text, whatever it is there
    name: str
    is_enabled: bool = True


@dataclass(frozen=True, kw_only=True)
class Description:
    """What a store says of itself."""

    name: str
    domain: str
    currency: str  # ISO 4217
    control_panel_url: str = ""
    time_zone: str = ""  # "" where it does not say
    is_price_with_tax: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)  # for Store.facts
    shown: tuple[tuple[str, str], ...] = ()  # what a test of the connection tells beside: what, and how it is


@dataclass(frozen=True, kw_only=True)
class HandHook:
    """A way by which a store tells of changes once people set it up there: nothing of ours registers it."""

    way: str  # Hook.topic
    name: str  # "Adobe I/O Events"
    guide: str  # template that says how to set it up
    has_secret: bool = True  # of our own, shown once; else its address alone proves it


@dataclass(frozen=True, kw_only=True)
class StoreProfile:
    """What a kind of store is called, and what it can do. Screens take their words from here."""

    kind: str  # value of Store.kind
    system: System  # whose calls are counted
    name: str  # "BigCommerce", in the middle of a sentence
    websites_page: str = "integrations"  # name of the page that lists its stores and adds them
    reconnect_page: str = ""  # … that a POST with `merchant` and `store` begins to connect one again at; "" for none
    adding: str = ""  # what adding one does, in a sentence
    first_step: str = ""  # what to do to add one, in a sentence
    first_form: str = ""  # template of the form that begins to add one; it has the `merchant`
    id_name: str = ""  # what people call Store.store_hash; "" where they never see it
    back_office: str  # "BigCommerce's control panel", where people mend what is wrong there
    needs: tuple[Need, ...]  # scopes, ACL resources
    lacks: str  # what to do where some were not granted; {} stands for their names
    access_fix: str  # what to do when we are not let in
    default_place: str  # that stock is shown at unless a person chose another, and that web orders take from
    levels_per_page: int
    levels_per_write: int
    products_per_write: int = 1
    limits: CallLimits = GENTLE  # how often it may be called
    topics: tuple[str, ...] = ()  # webhooks that we register; none: changes are found by polling alone
    customer_topics: tuple[str, ...] = ()  # … where customers are kept alike
    hooks_carry_secret: bool = False  # a secret header of our own proves each delivery
    hooks_idle: timedelta | None = None  # what was silent so long is registered anew
    hand_hooks: tuple[HandHook, ...] = ()  # ways of telling us that people set up there
    numbers_repeat: bool = False  # an order's number is not its id, and several orders may bear one
    # an order's clock may stand still: what hangs on it is followed too, and orders are looked through by the hour
    sweeps_orders: bool = False
    order_prefix: str = "W-"  # of its orders' numbers in Heartland, unless that is taken
    order_defaults: Mapping[str, Any] = field(default_factory=dict)  # what OrderSettings begin with
    without_gift_cards: str = ""  # why it offers other systems no gift cards to read and move; "" where it does
    without_desk_orders: str = ""  # why orders of Heartland's desk are not recorded there; "" where they are
    mails_shopper: bool = False  # of each shipment that is made, without being told to
    panel_path: str = ""  # of its back office, after Store.control_panel_url
    order_path: str = ""  # "orders/{id}" of an order's page there; "" where there is none


@dataclass(frozen=True, kw_only=True)
class StoreKind:
    """A kind's profile, and what is asked of it while it is set up and watched. Each may raise SyncFailure."""

    profile: StoreProfile
    access: Callable[[Store], tuple[Description, tuple[Grant, ...]]]  # what the store is, and what its token may do
    ping: Callable[[Store], object]  # the cheapest call that tells a good token
    places: Callable[[Store], list[Place]]
    default_place: Callable[[Store], str] = lambda store: profile_of(store).default_place  # where a store has its own
    hooks: Callable[[Store], Side] = lambda store: NoSide()
    preflight: Callable[[Connection, CallObserver], list[Finding]] = lambda connection, observer: []
    addresses: Callable[[], list[str]] = list  # that are asked beside each store's own


KINDS: dict[str, StoreKind] = kind_field.KINDS


def register(kind: StoreKind) -> None:
    """Make a kind of store known."""
    KINDS[kind.profile.kind] = kind


def kind_of(store: Store) -> StoreKind:
    """The kind of a store. Raises KeyError when nobody registered it: a defect."""
    return KINDS[store.kind]


def profile_of(store: Store) -> StoreProfile:
    return kind_of(store).profile


def default_place(store: Store) -> str:
    """The store's location that stock is shown at unless a person chose another. No call."""
    return kind_of(store).default_place(store)


def profiles() -> list[StoreProfile]:
    """Every kind's, by name."""
    return sorted((one.profile for one in KINDS.values()), key=lambda profile: profile.name)


def names() -> Mapping[str, str]:
    """Kind → name, for choices."""
    return {kind: one.profile.name for kind, one in KINDS.items()}


def name_of(system: str) -> str:
    """What an outside system is called."""
    return "Heartland" if system == System.HEARTLAND else KINDS[system].profile.name


def limits_of(system: str) -> CallLimits:
    """What an outside system bears."""
    return HEARTLAND if system == System.HEARTLAND else KINDS[system].profile.limits

"""The checklist of a store: what is done is read from what is, and each step leads straight to its act."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import NoReverseMatch, reverse

from connections.fixes import fix_for
from connections.models import AccessState, AuditEntry, Connection, HeartlandAccount, Merchant, Store
from connections.permissions import WORDS, Action, roles_for
from connections.preferences import ORDER_NAMES, version
from connections.preflight.findings import Severity
from connections.preflight.kept import preflight_known
from connections.setup import CREATED, SET_UP
from connections.store_kinds import profile_of, profiles
from connections.vocabulary import CHECK_UP
from ipaas.counts import many
from syncjobs.intake.orders_before import orders_before
from syncjobs.models import Record, Run
from syncjobs.pages.items.item_lists import last_check, linked_and_open
from syncjobs.pages.lists.keyset import count_words
from syncjobs.pages.orders.order_list import order_url
from syncjobs.stock.follow_locations import SYNC
from syncjobs.stock.full_sync import PREVIEW
from syncjobs.stock.plan import plan_of, settings_of

ITEMS_CHECK = "items_check"
FINDINGS_SHOWN = 6
NEEDS = {  # by step
    "heartland": Action.CONNECT,
    "website": Action.CONNECT,
    "created": Action.SETTINGS,
    "checkup": Action.TEST,
    "items": Action.RUNS,
    "places": Action.SETTINGS,
    "ships": Action.SETTINGS,
    "stock": Action.RUNS,
    "order": Action.BACKFILL,
}


@dataclass(frozen=True, kw_only=True)
class Step:
    """One line of the list. `about` is what its own part of the template shows; `act` names that part."""

    key: str
    title: str
    is_done: bool
    words: str  # what is so now, in a sentence or two
    act: str = ""  # template with the one button; "" where there is nothing to press
    may: bool = True  # the person's role allows the act
    is_working: bool = False  # something goes on by itself: look again soon
    ask: str = ""  # … else whom to ask
    is_optional: bool = False  # nothing waits for it
    is_current: bool = False  # the first that is neither done nor working: it has the filled button
    about: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Checklist:
    """The steps of one store, or of a merchant that has none yet."""

    merchant: Merchant
    connection: Connection | None
    steps: tuple[Step, ...]
    can: Mapping[str, bool]

    @property
    def key(self) -> str:
        """What tells it from others on the page."""
        return str(self.connection.public_id if self.connection else self.merchant.public_id)

    @property
    def needed(self) -> list[Step]:
        return [step for step in self.steps if not step.is_optional]

    @property
    def done(self) -> int:
        return sum(step.is_done for step in self.needed)

    @property
    def is_over(self) -> bool:
        return self.done == len(self.needed)

    @property
    def is_working(self) -> bool:
        return any(step.is_working for step in self.steps)

    @property
    def digest(self) -> str:
        """Equal while the list says the same: it is drawn anew only when something changed."""
        said = [
            (step.key, step.is_done, step.is_working, step.words, step.act, repr(step.about)) for step in self.steps
        ]
        return hashlib.sha256(repr(said).encode()).hexdigest()[:16]


def unfinished(connections: "QuerySet[Connection]") -> "QuerySet[Connection]":
    """Those of the connections whose orders or stock do not flow yet, or that nobody has checked to the end."""
    runs = Run.objects.filter(connection=OuterRef("pk"), kind__startswith="items", state=Run.State.DONE)
    booked = Record.objects.filter(connection=OuterRef("pk"), flow="orders").exclude(target_id="")
    return connections.exclude(
        Exists(runs),
        Exists(booked),
        inventory_settings__follows=True,
        order_settings__is_shipping_chosen=True,
        mastery_acknowledged_at__isnull=False,
    )


def checklist_of(merchant: Merchant, connection: Connection | None, can: Mapping[str, bool]) -> Checklist:
    """Every step of a store, or those of a merchant without one; at most some twenty questions of our database."""
    stores = [connection.store] if connection else list(_waiting(merchant))
    accounts = HeartlandAccount.objects.filter(merchant=merchant, state=AccessState.CONNECTED)
    account = connection.heartland if connection else accounts.first()
    steps = [_heartland(merchant, account, can), _website(merchant, connection, stores, can, bool(account))]
    steps += [make(connection, can) for make in OF_A_CONNECTION] if connection else [*_ahead()]
    team = _team(merchant)
    return Checklist(
        merchant=merchant, connection=connection, steps=tuple(_marked([*steps, *([team] if team else [])])), can=can
    )


def _waiting(merchant: Merchant) -> "QuerySet[Store]":
    return Store.objects.filter(merchant=merchant, state=AccessState.CONNECTED, connection=None).order_by("name")


def _marked(steps: list[Step]) -> list[Step]:
    """The first step that waits for a person is the current one."""
    current = next((step for step in steps if not (step.is_done or step.is_working or step.is_optional)), None)
    return [replace(step, is_current=step is current, ask=_ask(step)) for step in steps]


def _ask(step: Step) -> str:
    """Whom somebody may ask who may not do it."""
    action = NEEDS.get(step.key)
    return "" if action is None or step.may else f"To {WORDS[action]}, ask {roles_for(action)}."


def _heartland(merchant: Merchant, account: HeartlandAccount | None, can: Mapping[str, bool]) -> Step:
    is_done = bool(account and account.state == AccessState.CONNECTED)
    return Step(
        key="heartland",
        title="Connect Heartland",
        is_done=is_done,
        words=f"{account} lets us in." if is_done else "The account in which you ring up sales.",
        act="" if is_done else "first_run/_act_heartland.html",
        may=can["connect"],
    )


def _website(
    merchant: Merchant,
    connection: Connection | None,
    stores: list[Store],
    can: Mapping[str, bool],
    has_account: bool,
) -> Step:
    title = "Connect your website"
    if connection:
        store = f"{connection.store} ({profile_of(connection.store).name})"
        is_done = connection.store.state == AccessState.CONNECTED
        words = f"{store} is paired with {connection.heartland}." if is_done else f"{store} does not let us in."
        return Step(key="website", title=title, is_done=is_done, words=words)
    words = " ".join(profile.first_step for profile in profiles())
    if stores:
        words = f"{stores[0]} is added; it is paired as soon as Heartland is connected."
    return Step(
        key="website",
        title=title,
        is_done=False,
        words=words,
        act="first_run/_act_website.html",
        may=can["connect"],
        about={"stores": stores, "has_account": has_account, "kinds": [] if stores else profiles()},
    )


def _ahead() -> list[Step]:
    """What comes once a store is there: named, so that nobody is surprised."""
    return [
        Step(key=key, title=title, is_done=False, words=words)
        for key, title, words in (
            ("created", "See what will be created", "Listed first; nothing is written before you accept it."),
            ("checkup", CHECK_UP, "Looks for what would hold orders up. By itself."),
            ("items", "Check the items", "Links what is equal in both catalogues and names what is not. By itself."),
            ("places", "Say which locations sell online", "Their stock is offered in the store."),
            ("ships", "Say who ships", "Staff distribute each order, or a location gets them all."),
            ("stock", "Send the first stock", "Previewed first; then Heartland’s numbers stand in the store."),
            ("order", "Take a test order", "It appears here within seconds."),
        )
    ]


def _created(connection: Connection, can: Mapping[str, bool]) -> Step:
    is_done = connection.state != Connection.State.SETTING_UP
    receipt = _receipt(connection) if is_done else []
    words = "Listed first; nothing is written before you accept it."
    if is_done:
        words = f"{len(receipt)} things were created in Heartland." if receipt else "Accepted; nothing was missing."
    return Step(
        key="created",
        title="See what will be created",
        is_done=is_done,
        words="One thing was created in Heartland." if len(receipt) == 1 else words,
        act="first_run/_receipt.html" if receipt else "" if is_done else "first_run/_act_created.html",
        may=can["settings"],
        about={"receipt": receipt, "version": version(connection.order_settings, ORDER_NAMES)},
    )


def _receipt(connection: Connection) -> list[str]:
    """What set-ups of this store made in Heartland, by the trail."""
    entries = AuditEntry.objects.filter(merchant=connection.merchant, action=SET_UP, subject=str(connection)[:160])
    return [str(made) for entry in entries.order_by("pk") for made in entry.detail.get(CREATED, [])]


def _checkup(connection: Connection, can: Mapping[str, bool]) -> Step:
    known, is_live = preflight_known(connection), connection.state == Connection.State.ACTIVE
    blocks, warns = (known.of(Severity.BLOCK), known.of(Severity.WARN)) if known else ([], [])
    found = [*blocks, *warns]
    words = "Looks for what would hold orders up. By itself, after the set-up and every day."
    if known and blocks:
        words = f"{len(blocks)} of {len(known.findings)} findings would hold orders up."
    elif known:
        words = f"{len(known.findings) - len(warns)} of {len(known.findings)} are in order; nothing holds orders up."
    return Step(
        key="checkup",
        title=CHECK_UP,
        is_done=bool(known) and not blocks,
        words=words,
        act="first_run/_act_checkup.html" if is_live and found else "",
        may=can["test"],
        is_working=is_live and known is None,
        about={
            "findings": [(one, fix_for(connection, one.fix_page)) for one in found[:FINDINGS_SHOWN]],
            "more": len(found[FINDINGS_SHOWN:]),
            "blocks": len(blocks),
        },
    )


def _items(connection: Connection, can: Mapping[str, bool]) -> Step:
    is_live, check = connection.state == Connection.State.ACTIVE, last_check(connection)
    run = Run.objects.filter(connection=connection, kind=ITEMS_CHECK).order_by("-pk").first()
    goes_on = run is not None and run.state == Run.State.RUNNING
    linked, unlinked = linked_and_open(connection) if check else (0, 0)
    words = "Links what is equal in both catalogues and names what is not. Nothing is changed in either system."
    if check:
        rest = f"; {count_words(unlinked)} are not, and hold orders that name them" if unlinked > 1 else ""
        rest = "; 1 is not, and holds orders that name it" if unlinked == 1 else rest
        words = f"{count_words(linked)} SKU{' is' if linked == 1 else 's are'} linked{rest}."
    elif run:
        words = run.sentence or f"Reading both catalogues: {run.done:,} read so far."
    return Step(
        key="items",
        title="Check the items",
        is_done=check is not None,
        words=words,
        act="first_run/_act_items.html" if is_live and (unlinked or (check is None and not goes_on)) else "",
        may=can["runs"],
        is_working=is_live and goes_on,
        about={"unlinked": unlinked, "is_checked": check is not None, "has_run": run is not None},
    )


def _places(connection: Connection, can: Mapping[str, bool]) -> Step:
    plan, is_live = plan_of(connection), connection.state == Connection.State.ACTIVE
    open_ones = list(connection.heartland.locations.filter(is_active=True))
    source = connection.order_settings.source_location_id
    counted = set(plan.places)
    names = [place.name for place in open_ones if place.external_id in counted]
    words = "Their stock is offered in the store; what is not ticked is never sold online."
    return Step(
        key="places",
        title="Say which locations sell online",
        is_done=bool(plan.sources),
        words=f"{_listed(names)} sell{'s' if len(names) == 1 else ''} online." if plan.sources else words,
        act="" if plan.sources or not is_live else "first_run/_act_places.html",
        may=can["settings"],
        about={
            "version": plan.stamp,
            "places": [(place, place.pk != source or len(open_ones) == 1) for place in open_ones],
        },
    )


def _ships(connection: Connection, can: Mapping[str, bool]) -> Step:
    settings, is_live = connection.order_settings, connection.state == Connection.State.ACTIVE
    counted = set(plan_of(connection).places)
    places = [place for place in connection.heartland.locations.filter(is_active=True) if place.external_id in counted]
    words = "Web orders wait in Heartland until somebody says which location ships them."
    if settings.is_shipping_chosen:
        words = f"{settings.get_shipping_display()}{f': {settings.ship_from}' if settings.ship_from else ''}."
    return Step(
        key="ships",
        title="Say who ships",
        is_done=settings.is_shipping_chosen,
        words=words,
        act="" if settings.is_shipping_chosen or not (is_live and counted) else "first_run/_act_ships.html",
        may=can["settings"],
        about={
            "places": places,
            "only": places[0] if len(places) == 1 else None,
            "version": version(settings, ORDER_NAMES),
        },
    )


def _stock(connection: Connection, can: Mapping[str, bool]) -> Step:
    settings, plan = settings_of(connection), plan_of(connection)
    runs = Run.objects.filter(connection=connection, kind__in=[PREVIEW, SYNC]).order_by("-pk")
    run = runs.first()
    goes_on = run is not None and run.state == Run.State.RUNNING
    is_previewed = bool(run and run.kind == PREVIEW and run.state == Run.State.DONE)
    is_fresh = is_previewed and run is not None and run.parameters.get("plan") == plan.stamp
    words = "Previewed first; then Heartland’s numbers stand in the store."
    if settings.follows:
        words = "Stock follows Heartland by itself."
    elif run and goes_on:
        what = "Working out what would change" if run.kind == PREVIEW else "Sending"
        words = run.sentence or f"{what}: {many(run.done, 'SKU')} so far."
    elif run and (is_fresh or run.state != Run.State.DONE):
        words = run.sentence
    return Step(
        key="stock",
        title="Send the first stock",
        is_done=settings.follows,
        words=words,
        act="first_run/_act_stock.html" if plan.sources and not (settings.follows or goes_on) else "",
        may=can["runs"],
        is_working=goes_on,
        about={"preview": run.pk if run and is_fresh else None, "version": plan.stamp},
    )


def _order(connection: Connection, can: Mapping[str, bool]) -> Step:
    is_live = connection.state == Connection.State.ACTIVE
    orders = Record.objects.filter(connection=connection, flow="orders").order_by("pk")
    first = orders.exclude(target_id="").first() or orders.first()
    is_booked = bool(first and first.target_id)
    before = orders_before(connection) if is_live else []
    words = "It appears here within seconds."
    if first and is_booked:
        words = f"{first} is booked in Heartland as {first.target_label}."
    elif first:
        words = (
            f"{first} has come, and {'needs you' if first.disposition == Record.Disposition.HELD else 'is on its way'}."
        )
    elif is_live:
        words = f"Waiting for your first order: place one in {connection.store} …"
    return Step(
        key="order",
        title="Take a test order",
        is_done=is_booked,
        words=words,
        act="first_run/_act_order.html" if before or first else "",
        may=can["backfill"],
        is_working=is_live and not is_booked,
        about={"order": first, "order_href": order_url(first) if first else "", "before": len(before)},
    )


def _team(merchant: Merchant) -> Step | None:
    """Only where the page of people is."""
    try:
        href = reverse("team", args=[merchant.public_id])
    except NoReverseMatch:
        return None
    people = merchant.memberships.count()
    return Step(
        key="team",
        title="Invite your team",
        is_done=people > 1,
        words=f"{people} people work here." if people > 1 else "Whoever packs, counts or answers shoppers.",
        act="first_run/_act_team.html",
        is_optional=True,
        about={"href": href},
    )


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]])) if names else "Nothing"


OF_A_CONNECTION: tuple[Callable[[Connection, Mapping[str, bool]], Step], ...] = (
    _created,
    _checkup,
    _items,
    _places,
    _ships,
    _stock,
    _order,
)

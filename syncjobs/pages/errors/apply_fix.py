"""Fixing a cause from its card: a link, a map row, a setting, a value, corrections; what waits for it goes again."""

from collections.abc import Mapping
from datetime import datetime

from django.utils.crypto import constant_time_compare

from connections import clients, heartland_lists, preferences
from connections.models import Connection, User
from connections.services.accounts import account_currency_save
from errors.failures import ConfigurationFailure
from errors.issues.issue_lists import errors_behind, value_of
from errors.models import Issue, SyncError
from mappings import services as mapping_services
from mappings.linking import item_link
from mappings.models import ValueMap
from syncjobs import engine
from syncjobs.catalogue.make_item import item_make
from syncjobs.catalogue.orphans import stock_errors_close
from syncjobs.engine.expedite_stock import stock_expedite
from syncjobs.engine.settings_changed import released_by
from syncjobs.flows import ORDERS
from syncjobs.models import Record, Settlement
from syncjobs.pages.closed.close_records import Closing, record_of_problem, records_close
from syncjobs.pages.errors.card_fixes import (
    BOOK,
    ITEM_SETTINGS,
    MAP_KINDS,
    STATUS_CHOICES,
    SURE,
    CardFix,
    Kind,
    status_key,
)
from syncjobs.pages.orders.order_corrections import corrections_accept, digest, proposed_for
from syncjobs.stores.opening import statuses_of

AT_ONCE = 500
CURRENCY_LENGTH = 3
CHANGED = "Nothing was done: it is set to something else by now. The card shows what holds; choose again."


def fix_apply(issue: Issue, fix: CardFix, given: Mapping[str, str], *, actor: User, now: datetime) -> str:
    """Do what the card's form asks for; answers what was done, in a sentence.

    Raises SyncFailure, with nothing changed, when it cannot be, or when another state was shown.
    """
    if not constant_time_compare(given.get("shown", ""), fix.shown):
        raise ConfigurationFailure(CHANGED)
    match fix.kind:
        case Kind.LINK:
            return _link(issue, given, actor, now)
        case Kind.MAP:
            return _map(issue, given.get("target", ""), dict(fix.options), actor)
        case Kind.ITEM_SETTING:
            return _item_setting(issue, given, actor)
        case Kind.FIELD:
            return _field(issue, given.get("value", "").strip()[:200], actor)
        case Kind.CURRENCY:
            return _currency(issue, given.get("value", "").strip().upper(), actor)
        case Kind.STATUS:
            return _status(issue, given.get("target", ""), actor)
        case Kind.LOCATION:
            return _location(issue, given.get("target", ""), dict(fix.options), actor)
        case Kind.EDITED:
            return _edited(issue, given.get("do", ""), fix.label, actor, now)
        case Kind.PRODUCTS:
            raise ConfigurationFailure("Nothing was done: this is fixed on the pages of its products.")
        case Kind.CORRECTIONS:
            return _corrections(issue, actor, now, is_sure_only=given.get("do") != "all")


def _link(issue: Issue, given: Mapping[str, str], actor: User, now: datetime) -> str:
    """The SKU with the chosen item, or with one that is made of the store's product."""
    connection, sku = issue.connection, value_of(issue)
    if given.get("do") == "create":
        count = item_make(connection=connection, sku=sku, actor=actor)
        done = f"{'1 item was' if count == 1 else f'{count} items were'} made in Heartland and linked."
    else:
        number = given.get("number", "").strip()[:255]
        if not number:
            raise ConfigurationFailure("Nothing was linked: choose an item, or type its Item #.")
        item_link(connection=connection, sku=sku, number=number, actor=actor, was=given.get("shown", ""))
        done = f"{sku} is linked with item {number}."
    stock_errors_close(connection, now)
    stock_expedite(connection.pk, now)
    return f"{done} {_released(issue, actor)}"


def _map(issue: Issue, target: str, options: Mapping[str, str], actor: User) -> str:
    if target not in options:
        raise ConfigurationFailure("Nothing was saved: choose one of those that are offered.")
    mapping_services.value_map_set(
        connection=issue.connection,
        kind=MAP_KINDS[issue.code],
        source_value=value_of(issue),
        target_value=target,
        target_label=options[target],
        actor=actor,
    )
    verb = "stands for" if MAP_KINDS[issue.code] == ValueMap.Kind.STATUS else "goes to"
    return f"“{value_of(issue)}” {verb} {options[target]} from now on. {_released(issue, actor)}"


def _item_setting(issue: Issue, given: Mapping[str, str], actor: User) -> str:
    """The item that stands for wrapping or fees: chosen by its number, or made in Heartland."""
    connection, (setting, name, number) = issue.connection, ITEM_SETTINGS[issue.code]
    if given.get("do") == "create":
        item_id, number = stand_in(connection, name, number)
    else:
        number = given.get("number", "").strip()[:255]
        found = heartland_lists.item_by_number(connection.heartland, number) if number else None
        if found is None:
            raise ConfigurationFailure(f"Nothing was saved: Heartland has no active item with Item # “{number}”.")
        item_id = found[0]
    preferences.order_settings_save(connection=connection, changes={setting: item_id}, actor=actor)
    return f"Booked as item {number} from now on. {_words(released_by(connection, [setting], actor=actor))}"


def stand_in(connection: Connection, name: str, number: str) -> tuple[str, str]:
    """Id and Item # of an item without stock for what is no product: one of that number, or a new one."""
    known = heartland_lists.item_by_number(connection.heartland, number)
    if known:
        return known
    body = {"public_id": number, "description": name, "cost": 0, "price": 0, "track_inventory": False}
    return clients.heartland_setup_client(connection.heartland).item_create(body), number


def _field(issue: Issue, value: str, actor: User) -> str:
    if not value:
        raise ConfigurationFailure("Nothing was saved: the value is empty.")
    group, _, key = issue.field.rpartition(".")
    mapping_services.field_default_set(connection=issue.connection, group=group, key=key, value=value, actor=actor)
    return f"Every order gets “{value}” from now on. {_released(issue, actor)}"


def _currency(issue: Issue, value: str, actor: User) -> str:
    if len(value) != CURRENCY_LENGTH or not (value.isascii() and value.isalpha()):
        raise ConfigurationFailure("Nothing was saved: a currency has three letters, such as USD.")
    account_currency_save(account=issue.connection.heartland, currency=value, actor=actor)
    return f"Heartland keeps {value}. {_words(released_by(issue.connection, ['currency'], actor=actor))}"


def _status(issue: Issue, wish: str, actor: User) -> str:
    """Orders in a status that waited for a person are booked, or left out, from now on."""
    if wish not in STATUS_CHOICES:
        raise ConfigurationFailure("Nothing was saved: say what becomes of these orders.")
    connection, name = issue.connection, value_of(issue)
    key, settings = status_key(connection, name), preferences.order_settings(connection)
    booked = {*settings.eligible_statuses, key} if wish == BOOK else {*settings.eligible_statuses} - {key}
    changes = {
        "eligible_statuses": [one for one in statuses_of(connection.store) if one in booked],
        "held_statuses": [one for one in settings.held_statuses if one != key],
    }
    preferences.order_settings_save(connection=connection, changes=changes, actor=actor)
    count = released_by(connection, list(changes), actor=actor)
    return f"Orders in “{name}” {STATUS_CHOICES[wish]} from now on. {_words(count)}".strip()


def _location(issue: Issue, target: str, options: Mapping[str, str], actor: User) -> str:
    connection = issue.connection
    place = connection.heartland.locations.filter(external_id=target).first() if target in options else None
    if place is None:
        raise ConfigurationFailure("Nothing was saved: choose a location that has a station.")
    preferences.order_settings_save(connection=connection, changes={"source_location": place}, actor=actor)
    return f"Web orders are booked at {place} now. {_words(released_by(connection, ['source_location'], actor=actor))}"


def _edited(issue: Issue, wish: str, original: str, actor: User, now: datetime) -> str:
    """The original's values are written over the copies, or each side keeps what it says until it is edited again."""
    if wish == "write":
        count = engine.records_release(connection=issue.connection, issue=issue, actor=actor)
        return f"{original}’s values are written over {'1 product' if count == 1 else f'{count} products'} now."
    if wish != "keep":
        raise ConfigurationFailure("Nothing was done: say whose values hold.")
    problems = errors_behind(issue).exclude(state=SyncError.State.RETRYING)[:AT_ONCE]
    records = []
    for problem in problems:
        problem.connection = issue.connection
        records.append(record_of_problem(problem))
    closing = Closing(kind=Settlement.Kind.SETTLED_ELSEWHERE, note="Both sides stay as they are.")
    count, refusals = records_close(records=records, closing=closing, actor=actor, now=now)
    kept = "1 product stays" if count == 1 else f"{count} products stay"
    return " ".join([f"{kept} as both sides have it, until somebody edits it again.", *refusals[:1]])


def _corrections(issue: Issue, actor: User, now: datetime, *, is_sure_only: bool) -> str:
    """Apply what is proposed, order by order; the others stay as they are."""
    ids = errors_behind(issue).filter(flow=ORDERS.name).values_list("external_id", flat=True)[:AT_ONCE]
    records = Record.objects.filter(connection=issue.connection, flow=ORDERS.name, external_id__in=list(ids))
    applied = 0
    for record in records:
        record.connection = issue.connection
        proposed = proposed_for(record)
        if is_sure_only and any(one.confidence < SURE for one in proposed):
            continue
        applied += corrections_accept(record=record, shown=digest(proposed), actor=actor, now=now)
    if not applied:
        raise ConfigurationFailure("Nothing was applied: no order has a proposal any more that fits.")
    return f"{'1 order is' if applied == 1 else f'{applied} orders are'} corrected and tried again now."


def _released(issue: Issue, actor: User) -> str:
    return _words(engine.records_release(connection=issue.connection, issue=issue, actor=actor))


def _words(count: int) -> str:
    return f"{'1 record is' if count == 1 else f'{count} records are'} tried again now." if count else ""

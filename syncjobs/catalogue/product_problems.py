"""Products that need a person: on the Errors tab, with the cause in words and the fix."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from connections.models import Connection, ItemSettings
from connections.store_kinds import profile_of
from errors.failures import ConfigurationFailure, Violation
from errors.issues.record_errors import error_record, error_resolve
from errors.models import SyncError
from syncjobs.catalogue.planning import Planned
from syncjobs.flows.settled import closed_ids, stays_closed

FLOW = "items"
EDITED, CONFLICT = "item_edited_outside", "item_conflict"
NAMED = 3  # fields that a sentence names


def edited_note(connection: Connection, settings: ItemSettings, one: Planned, now: datetime) -> None:
    """Somebody changed the copy: kept as it is until a person says whose value holds."""
    store = profile_of(connection.store).name
    original, copy = (store, "Heartland") if settings.mode == ItemSettings.Mode.PULL else ("Heartland", store)
    fields = "; ".join(
        f"{change.label.lower()}{f' of {change.sku}' if change.sku else ''} is “{change.before}”, not “{change.after}”"
        for change in one.changes[:NAMED]
    )
    cause = Violation(
        code=EDITED,
        sentence=f"Products were changed in {copy}, although {original} is the original.",
        fix=f"Retry to write {original}'s values over it, or make the same change in {original}.",
        fix_page="items",
    )
    _note(connection, one, f"Changed in {copy}: {fields}.", cause, now)


def refused_note(connection: Connection, one: Planned, words: str, now: datetime) -> None:
    cause = Violation(
        code="item_refused",
        sentence="The other system refuses some products.",
        fix="See what it says, correct the item, then retry.",
        fix_page="items",
    )
    _note(connection, one, words, cause, now)


def conflict_note(connection: Connection, one: Planned, now: datetime) -> None:
    """A change of the original that cannot be carried as it is, with the reason that a preview would give."""
    cause = Violation(
        code=CONFLICT,
        sentence="Products changed and cannot be brought over as they are.",
        fix="See why, then correct the item or link it by hand: the next change of it is brought over by itself.",
        fix_page="items",
    )
    _note(connection, one, one.reason, cause, now)


def resolve(connection: Connection, keys: Iterable[str], now: datetime) -> None:
    """They went through, or agree by themselves now."""
    for key in (
        SyncError.objects.open()
        .filter(connection=connection, flow=FLOW, external_id__in=list(keys))
        .values_list("external_id", flat=True)
    ):
        error_resolve(connection=connection, flow=FLOW, external_id=key, now=now)


def edited_keys(connection: Connection, keys: Sequence[str]) -> set[str]:
    """Products of which a person has to say first whose value holds, or has said that both stay as they are."""
    rows = SyncError.objects.open().filter(connection=connection, flow=FLOW, code=EDITED, external_id__in=list(keys))
    return set(rows.values_list("external_id", flat=True)) | closed_ids(connection, FLOW, keys)


def _note(connection: Connection, one: Planned, words: str, cause: Violation, now: datetime) -> None:
    if stays_closed(connection, FLOW, one.key, words):
        return
    error_record(
        connection=connection,
        flow=FLOW,
        external_id=one.key,
        label=one.source.title or one.key,
        failure=ConfigurationFailure(words, violations=(cause,)),
        state=SyncError.State.HELD,
        now=now,
        attempts=1,
    )

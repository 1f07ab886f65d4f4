"""Records that a person closed by hand: left alone while they stay as they were, asked anew when they change."""

import hashlib
from collections.abc import Iterable

from connections.models import Connection
from errors.failures import Violation, held
from syncjobs.flows.base import Context, Outcome
from syncjobs.models import Record, Settlement

CHANGED_AFTER_CLOSING = "changed_after_closing"


def settlement_of(context: Context) -> Settlement | None:
    """What a person said of this record, read now: it may have been said while this run was on its way."""
    return Settlement.objects.filter(record_id=context.record.pk).first() if context.record.pk else None


def stay_closed(context: Context, settlement: Settlement, sentence: str = "") -> Outcome:
    """End the run with the record closed as it was."""
    said = sentence or closed_words(settlement)
    context.decide(said)
    return Outcome(disposition=Record.Disposition.SETTLED, code=settlement.kind, sentence=said)


def closed_words(settlement: Settlement) -> str:
    """Why nothing is done with the record, for the people who look at it."""
    words = f"Closed by hand: {settlement.get_kind_display().lower()}."
    return " ".join(part for part in (words, settlement.found) if part)


def words_state(words: str) -> str:
    """The state of what has no version of its own: what is said of it."""
    return hashlib.sha256(words.encode()).hexdigest()[:32]


def stays_closed(connection: Connection, flow: str, external_id: str, words: str) -> bool:
    """True when a person closed it for exactly these words; a closing for other words ends here."""
    records = Record.objects.filter(connection=connection, flow=flow, external_id=external_id)
    settlement = Settlement.objects.filter(record__in=records).first()
    if settlement is None or settlement.about == words_state(words):
        return settlement is not None
    settlement.delete()
    records.update(disposition=Record.Disposition.HELD, reason=words)
    return False


def closed_ids(connection: Connection, flow: str, external_ids: Iterable[str]) -> set[str]:
    """Which of these records a person closed."""
    rows = Record.objects.filter(connection=connection, flow=flow, disposition=Record.Disposition.SETTLED)
    return set(rows.filter(external_id__in=list(external_ids)).values_list("external_id", flat=True))


def still_closed(context: Context, state: str) -> Outcome | None:
    """None when nobody closed the record; ends the run while it is as it was then. Raises a hold when it changed."""
    settlement = settlement_of(context)
    if settlement is None:
        return None
    if settlement.about in {"", state}:
        return stay_closed(context, settlement)
    raise held(reopened(context, settlement, "it has changed since"))


def reopened(context: Context, settlement: Settlement, what: str) -> Violation:
    """The question that a closed record asks anew."""
    name = context.facts.get("label") or context.record.label
    is_order = context.job.flow == "orders"
    return Violation(
        code=CHANGED_AFTER_CLOSING,
        sentence=f"{name} was closed by hand ({settlement.get_kind_display().lower()}), and {what}.",
        field="record",
        value=context.external_id,
        fix="Close it again if that still holds; or take the closing back, and it is worked on like any other.",
        fix_page=f"order/{context.external_id}" if is_order else "",
    )

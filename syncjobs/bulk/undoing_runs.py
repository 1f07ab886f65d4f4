"""Which runs can be undone, and until when: an undo is a run of its own."""

from datetime import datetime
from typing import Any

from connections.models import Connection
from errors.failures import ConfigurationFailure
from syncjobs.engine.retention import UNDO_WITHIN
from syncjobs.models import Run, RunChange

STOCK_UNDO, ITEMS_UNDO, PULL_UNDO = "stock_undo", "items_undo", "items_pull_undo"
UNDOES = {  # kinds of runs, and of those that undo them
    "stock_sync": STOCK_UNDO,
    "items_push": ITEMS_UNDO,
    "items_pull": PULL_UNDO,
}
OVER = (Run.State.DONE, Run.State.STOPPED, Run.State.FAILED)
WROTE = (RunChange.Kind.CREATE, RunChange.Kind.UPDATE, RunChange.Kind.ARCHIVE)
SINCE = "It was changed since: it is left as it is."


def undo_obstacle(run: Run, now: datetime) -> str:
    """Why a run cannot be undone now, in words; "" when it can."""
    if run.kind not in UNDOES:
        return "only a sync of the stock and what was applied of items can be undone."
    if run.state not in OVER or run.finished_at is None:
        return "it is not over yet."
    if run.finished_at < now - UNDO_WITHIN:
        return "it is more than a day ago."
    undone = Run.objects.filter(connection=run.connection, kind=UNDOES[run.kind], parameters__of=run.pk)
    if undone.exclude(state=Run.State.FAILED).exists():
        return "it was undone already."
    return "" if run.changes.filter(kind__in=WROTE).exists() else "it changed nothing."


def undone_of(connection: Connection, parameters: dict[str, Any], now: datetime) -> Run:
    """The run that is to be undone. Raises ConfigurationFailure in words."""
    run = Run.objects.filter(connection=connection, pk=int(parameters.get("of", 0))).first()
    if run is None or (obstacle := undo_obstacle(run, now)):
        raise ConfigurationFailure(f"Nothing was undone: {obstacle if run else 'there is no such run.'}")
    return run


def undo_words(run: Run, noun: str) -> str:
    """What an undo did, from its counts."""
    back, left = run.result.get("back", 0), run.result.get("left", 0)
    words = f"Put {back:,} {noun}{'' if back == 1 else 's'} back"
    return f"{words}; {left:,} left as {'it is' if left == 1 else 'they are'}, as listed." if left else f"{words}."

"""What a store that was just set up is looked at for, by itself: items, open orders of before, and the first stock."""

from contextlib import suppress
from datetime import datetime

from connections.models import Connection
from errors.failures import ConfigurationFailure
from ipaas import queue
from syncjobs.bulk.run_start import is_running
from syncjobs.bulk.runs import run_start
from syncjobs.catalogue.walk_catalogues import CHECK as ITEMS_CHECK
from syncjobs.engine.enqueueing import queue_of
from syncjobs.models import Run, ServiceClass
from syncjobs.stock.full_sync import PREVIEW
from syncjobs.stock.plan import plan_of, settings_of

FIRST_LOOK, FIRST_PREVIEW = "first_look", "first_preview"  # tasks
ITEMS_FIRST_SECONDS = 2.0  # the preview waits for the items: only linked ones have stock


def first_look_ask(connection: Connection) -> None:
    """Have a store looked at that was just set up."""
    queue.token_put(queue_of(ServiceClass.SOON), FIRST_LOOK, connection.pk)


def first_preview_ask(connection: Connection, delay: float = 0.0) -> None:
    """Have the first stock previewed, once the items are checked."""
    queue.token_put(queue_of(ServiceClass.SOON), FIRST_PREVIEW, connection.pk, delay=delay)


def items_check_first(connection: Connection, now: datetime) -> bool:
    """Read both catalogues unless that was done or begun before; answers whether it begins now."""
    if Run.objects.filter(connection=connection, kind__startswith="items").exists():
        return False
    with suppress(ConfigurationFailure):
        run_start(connection=connection, actor=None, kind=ITEMS_CHECK, now=now)
        return True
    return False


def stock_preview_first(connection: Connection, now: datetime) -> str:
    """Preview the stock of a store that was sent none yet. Answers in words what became of the wish."""
    if settings_of(connection).follows or not plan_of(connection).sources:
        return "not needed"
    if is_running(connection, "items"):
        first_preview_ask(connection, delay=ITEMS_FIRST_SECONDS)
        return "the items go first"
    try:
        run_start(connection=connection, actor=None, kind=PREVIEW, now=now)
    except ConfigurationFailure as failure:
        return failure.summary
    return "a preview is ahead"

"""Beginning a run: its row, its token and its entry in the audit trail, all or none."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from connections.audit import audit
from connections.models import Connection, User
from errors.failures import ConfigurationFailure
from ipaas import queue
from syncjobs.models import Run, ServiceClass

RUN_SLICE = "run_slice"


def run_begin(
    *, connection: Connection, actor: User | None, kind: str, now: datetime, parameters: dict[str, Any] | None = None
) -> Run:
    """Begin a run. Raises ConfigurationFailure, with nothing begun, when one of its group goes on: stock or items."""
    try:
        with transaction.atomic():
            run = Run.objects.create(
                connection=connection,
                kind=kind,
                parameters=parameters or {},
                started_by=actor,
                started_at=now,
                due_at=now,
            )
            queue.token_put(ServiceClass.BULK.queue, RUN_SLICE, run.pk)
            run_note(run, actor, "started")
    except IntegrityError as exc:
        group = kind.partition("_")[0]
        raise ConfigurationFailure(f"A run over the {group} goes on already: wait for its end, or stop it.") from exc
    return run


def run_revive(*, connection: Connection, kind: str, now: datetime) -> bool:
    """Have the last run of a kind go on now from its checkpoint; False when it is over for good.

    Raises ConfigurationFailure when another run of its group goes on.
    """
    run = Run.objects.filter(connection=connection, kind=kind).order_by("-pk").first()
    if run is None or run.state not in (Run.State.FAILED, Run.State.RUNNING):
        return False
    again = Run.objects.filter(pk=run.pk, state=run.state)
    try:
        with transaction.atomic():
            again.update(state=Run.State.RUNNING, due_at=now, finished_at=None, is_listed=False, stuck_since=None)
    except IntegrityError as exc:
        raise ConfigurationFailure("Another run goes on: wait for its end, or stop it.") from exc
    queue.token_put(ServiceClass.BULK.queue, RUN_SLICE, run.pk)
    return True


def is_running(connection: Connection, group: str) -> bool:
    """Whether a run over this group goes on just now: stock or items."""
    return Run.objects.filter(connection=connection, kind__startswith=group, state=Run.State.RUNNING).exists()


def run_note(run: Run, actor: User | None, verb: str) -> None:
    """What a person did with a run."""
    connection = run.connection
    audit(merchant=connection.merchant, actor=actor, action=f"{run.kind}.{verb}", subject=connection.store, run=run.pk)

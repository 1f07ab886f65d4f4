"""Runs worked in this process, from their start to their end."""

from typing import Any

from django.utils import timezone

from connections.models import Connection
from syncjobs.bulk.runs import run_start
from syncjobs.catalogue.walk_catalogues import CHECK
from syncjobs.models import Run
from syncjobs.tasks import run_slice


def run_whole(connection: Connection, kind: str, **parameters: Any) -> Run:
    """Start a run and work it to its end."""
    return work(run_start(connection=connection, actor=None, kind=kind, now=timezone.now(), parameters=parameters))


def work(run: Run) -> Run:
    """Work a run until it is over or rests."""
    for _ in range(80):
        Run.objects.filter(pk=run.pk).update(due_at=timezone.now())
        run_slice(run.pk)
        run.refresh_from_db()
        if run.state != Run.State.RUNNING:
            return run
    raise AssertionError(f"{run} goes on for ever: {run.sentence}")


def link_all(connection: Connection) -> Run:
    """*Check all items*."""
    return run_whole(connection, CHECK)

"""Runs that a story has the workers do, beside those that begin by themselves after set-up."""

import time

from django.utils import timezone

from connections.models import Connection
from errors.failures import ConfigurationFailure
from syncjobs.bulk.runs import run_start
from syncjobs.models import Run

TRY_SECONDS = 0.5


def run_when_free(connection: Connection, kind: str, seconds: float) -> Run:
    """Start a run of this kind, within `seconds` after another over the same ended. Raises ConfigurationFailure."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return run_start(connection=connection, actor=None, kind=kind, now=timezone.now())
        except ConfigurationFailure:
            if time.monotonic() > deadline:
                raise
            time.sleep(TRY_SECONDS)

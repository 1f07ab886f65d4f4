"""Exceptions that are none of ours, turned into failures: logged with their traceback, said without their message."""

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import OperationalError
from django_q.exceptions import TimeoutException

from errors.failures import SyncFailure, TransientFailure
from ipaas import queue
from syncjobs.engine.leases import LeaseLost

logger = logging.getLogger(__name__)


class Defect(SyncFailure):
    """A fault of ours, or of our database. The message of the exception stays in the log: it may hold anything."""


def defect_of(exc: BaseException, stopped: str = "this record") -> Defect:
    """The failure for the merchant, and for us the kind and place of the exception."""
    frames = traceback.extract_tb(exc.__traceback__)
    place = f"{frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno}" if frames else "unknown place"
    return Defect(
        f"An internal error stopped {stopped}. The next try goes on where this one stopped.",
        detail=f"{type(exc).__name__} at {place}",
    )


@contextmanager
def defects_reported(stopped: str, **fields: object) -> Iterator[None]:
    """For loops that know what to do with failures: whatever else happens within becomes one. Raises Defect.

    What ends the worker, the lease or the connection to the database passes through.
    """
    try:
        yield
    except (SyncFailure, LeaseLost, TimeoutException):
        raise
    except Exception as exc:
        if queue.is_away(exc):
            raise
        logger.exception("work broke", extra={"stopped": stopped, **fields})
        if isinstance(exc, OperationalError):  # a lock, a time limit: the next try may not meet it
            raise TransientFailure(f"Our database was too busy for {stopped}.", detail=type(exc).__name__) from exc
        raise defect_of(exc, stopped) from exc


@contextmanager
def one_of_many(stopped: str, **fields: object) -> Iterator[None]:
    """For loops over connections: what one cannot do never keeps the others waiting."""
    with suppress(SyncFailure), defects_reported(stopped, **fields):
        yield

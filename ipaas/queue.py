"""Our side of django-q2: putting tokens on a queue, and the broker that hands them out.

The queue is a bell, not a ledger: a token carries ids, and losing every token costs one sweep. A token may be put
with a delay; it then rings when its time has come. See DEPENDENCIES.md, django-q2.

A token is signed JSON: the name of a task and its ids. What the name means is the workers' own list
(`syncjobs/cluster.py`); nothing that a row of the queue holds is unpickled, imported or called.
"""

import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from django.conf import settings
from django.core import signing
from django.db import InterfaceError, OperationalError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone
from django_q.brokers.orm import ORM
from django_q.conf import Conf
from django_q.models import OrmQ

from ipaas.processes import Flag

logger = logging.getLogger(__name__)

CHANNEL = "tillbridge_queue_"  # followed by the queue's name
SALT = "tillbridge.queue"
LONGEST_TOKEN = 1000  # signs; ours have some 120
LONGEST_WAIT = 10.0  # seconds for which a listening worker asks nothing
LONGEST_BACK_OFF = 5.0  # seconds between tries while the database is away
DATABASE_AWAY = (OperationalError, InterfaceError)

PUT = """
WITH put AS (
    INSERT INTO django_q_ormq (key, payload, lock)
    VALUES (%s, %s, statement_timestamp() + make_interval(secs => %s)) RETURNING id, key
) SELECT id, pg_notify(%s || key, '') FROM put"""
# ANY(ARRAY(...)) is evaluated once; IN (...) may be run again by the planner and then takes more rows than asked. It
# does not wait for the disk: a token whose claim a crash takes away comes again and finds nothing to do.
CLAIM = """
UPDATE django_q_ormq SET lock = statement_timestamp() + make_interval(secs => %s)
WHERE id = ANY(ARRAY(
    SELECT id FROM django_q_ormq WHERE key = %s AND lock <= statement_timestamp()
    ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED))
RETURNING id, left(payload, %s), set_config('synchronous_commit', 'off', true)"""
NEXT = "SELECT EXTRACT(EPOCH FROM min(lock) - statement_timestamp()) FROM django_q_ormq WHERE key = %s"


def is_cut_off() -> bool:
    """True when our connection is gone; False when the database merely refused (a lock, a time limit)."""
    raw = connections[Conf.ORM].connection
    return raw is None or bool(getattr(raw, "closed", False))


def is_away(exc: Exception) -> bool:
    """True when the database is what failed: gone, or without room on its disk. Then work waits."""
    is_full = isinstance(exc.__cause__, psycopg.errors.DiskFull)
    return isinstance(exc, DATABASE_AWAY) and (is_full or is_cut_off())


class NotOurs(Exception):
    """What stands in the queue is no token of ours. `reason` is counted and reported; the row is never looked into."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class Token:
    """A wish: the task of this name, with these ids."""

    task: str
    ids: tuple[int, ...]
    put_at: datetime


def token_put(queue: str, task: str, *ids: int, delay: float = 0.0) -> None:
    """Put a wish for the task of this name on a queue; it commits or vanishes with the caller's transaction.

    `delay` is in seconds. The workers of that queue are woken at once, or when the delay is over.
    """
    _insert(queue, token(task, *ids), delay)


def token(task: str, *ids: int) -> str:
    """A signed token: what a row of the queue holds."""
    return signing.dumps({"task": task, "ids": ids}, salt=SALT)


def token_read(text: str) -> Token:
    """What a row of the queue wishes. Raises NotOurs."""
    if len(text) > LONGEST_TOKEN:
        raise NotOurs("too_long")
    try:
        value = signing.loads(text, salt=SALT)
        put_at = datetime.fromtimestamp(signing.b62_decode(text.rsplit(":", 2)[1]), tz=UTC)
    except signing.BadSignature as exc:
        raise NotOurs("old_version" if _is_of_old_version(text) else "bad_signature") from exc
    except (ValueError, RecursionError) as exc:
        raise NotOurs("unreadable") from exc
    match value:
        case {"task": str(task), "ids": [*ids], **rest} if not rest and all(type(one) is int for one in ids):
            return Token(task=task, ids=tuple(ids), put_at=put_at)
    raise NotOurs("odd_content")


def _is_of_old_version(text: str) -> bool:
    """True for a token that this product put before its tokens were JSON; only its signature is looked at."""
    try:
        signing.TimestampSigner(salt=settings.Q_CLUSTER["name"]).unsign(text)
    except signing.BadSignature:
        return False
    return True


def tokens_waiting(queue: str) -> int:
    """How many tokens a queue holds, those being worked on included."""
    return int(OrmQ.objects.using(Conf.ORM).filter(key=queue).count())


def _insert(queue: str, package: str, delay: float) -> None:
    connection = connections[Conf.ORM]
    if connection.vendor != "postgresql":
        lock = timezone.now() + timedelta(seconds=delay)
        OrmQ.objects.using(Conf.ORM).create(key=queue, payload=package, lock=lock)
        return
    with connection.cursor() as cursor:
        cursor.execute(PUT, [queue, package, delay, CHANNEL])


_stop_flag: Flag | None = None


def stop_flag_keep(flag: Flag) -> None:
    """Remember what tells the cluster to stop before its workers are forked, so that they can see it."""
    global _stop_flag  # noqa: PLW0603 (one cluster per process tree)
    _stop_flag = flag


def is_stopping() -> bool:
    """True when this worker's cluster wants to stop: finish the job at hand and take no other."""
    return _stop_flag is not None and _stop_flag.is_set()


class PostgresBroker(ORM):  # type: ignore[misc]
    """Claims with SKIP LOCKED and waits on LISTEN/NOTIFY; while the database is away it waits for its return.

    Behind a transaction-mode pooler (Django's sign for one is DISABLE_SERVER_SIDE_CURSORS) nobody can listen:
    there it sleeps for the poll time, as its parent does.
    """

    def __init__(self, list_key: str | None = None) -> None:
        self._heard_on: Any = None  # the psycopg connection that listens
        self._failures = 0
        super().__init__(list_key)

    def __setstate__(self, state: tuple[str, str | None]) -> None:
        self._heard_on = None
        self._failures = 0
        super().__setstate__(state)

    def dequeue(self) -> list[tuple[int, str]]:
        """Claim up to `bulk` due tokens, oldest first; when there are none, wait for a ring and return empty."""
        try:
            tokens = self._dequeue()
        except DATABASE_AWAY as exc:
            self._back_off(exc)
            return []
        self._failures = 0
        return tokens

    def acknowledge(self, task_id: int) -> None:
        """Delete a finished token. One that outlives a database restart comes again and finds nothing to do."""
        try:
            self.delete(task_id)
        except DATABASE_AWAY as exc:
            self._back_off(exc)

    def _dequeue(self) -> list[tuple[int, str]]:
        self.get_connection()  # closes a connection that is broken or past its age
        connection = connections[Conf.ORM]
        can_listen = not connection.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS") and transaction.get_autocommit(
            using=Conf.ORM
        )
        if can_listen:
            self._listen(connection)  # before looking, or a token put in between would wait for the next ring
        with connection.cursor() as cursor:
            cursor.execute(CLAIM, [Conf.RETRY, self.list_key, Conf.BULK, LONGEST_TOKEN + 1])
            tokens = sorted((row_id, text) for row_id, text, _ in cursor.fetchall())
        if not tokens:
            self._wait(connection, can_listen=can_listen)
        return tokens

    def _listen(self, connection: BaseDatabaseWrapper) -> None:
        connection.ensure_connection()
        if connection.connection is not self._heard_on:
            with connection.cursor() as cursor:
                cursor.execute(f'LISTEN "{CHANNEL}{self.list_key}"')
            self._heard_on = connection.connection

    def _wait(self, connection: BaseDatabaseWrapper, *, can_listen: bool) -> None:
        with connection.cursor() as cursor:
            cursor.execute(NEXT, [self.list_key])
            due_in = cursor.fetchone()[0]
        longest = LONGEST_WAIT if can_listen else Conf.POLL
        until = time.monotonic() + (longest if due_in is None else min(longest, max(0.0, float(due_in))))
        while (left := until - time.monotonic()) > 0 and not is_stopping():
            seconds = min(left, Conf.POLL)
            if not can_listen:
                time.sleep(seconds)
                continue
            for _ in self._heard_on.notifies(timeout=seconds, stop_after=1):
                return

    def _back_off(self, exc: Exception) -> None:
        self._failures += 1
        logger.warning("queue %s: the database is away: %s", self.list_key, exc)
        connections[Conf.ORM].close()
        time.sleep(min(LONGEST_BACK_OFF, 0.2 * 2**self._failures))

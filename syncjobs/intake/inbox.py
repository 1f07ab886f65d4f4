"""The inbox: a callback is stored and its job queued in one statement, before it is answered.

PostgreSQL does it in a single round trip, for all that came while the one before was under way; the other path says
the same in portable words.
"""

import json
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db import connection as database
from django.db import transaction
from django.db.models import F

from connections.crypto import decrypt, encrypt
from connections.models import Connection, Hook
from connections.models.pairs import is_digest, token_digest
from ipaas import queue
from ipaas.keeping import Kept
from ipaas.prepared import fetch, fetch_one
from ipaas.types import System
from syncjobs.callbacks.senders import Callback
from syncjobs.engine.echoes import ECHO_SECONDS
from syncjobs.engine.enqueueing import RUN_LANE, jobs_enqueue, lane_of, queue_of
from syncjobs.engine.job_traces import callback_told
from syncjobs.intake.coalescing import coalescer
from syncjobs.intake.group_commit import MOST, GroupCommit
from syncjobs.models import InboxEvent, ServiceClass

CUSTOMERS = "customers"  # the flow's name
ADDRESS_SECONDS = 5.0
MOST_ADDRESSES = 2_000

FIND = """
SELECT hook.id, hook.connection_id, hook.topic, hook.path_token, hook.secret, pair.state, store.store_hash,
    credential.secret, lane.id, COALESCE(people.is_on, FALSE)
FROM connections_hook hook
JOIN connections_connection pair ON pair.id = hook.connection_id
JOIN connections_store store ON store.id = pair.store_id
LEFT JOIN connections_credential credential ON credential.id = store.credential_id
LEFT JOIN syncjobs_customersettings people ON people.connection_id = pair.id
LEFT JOIN syncjobs_lane lane ON lane.connection_id = pair.id AND lane.service_class = 'now'
WHERE hook.path_token IN (%(digest)s, %(token)s) AND hook.system = %(system)s"""

# Nothing is given, and nothing done, where an address is not any more what it was when it was found. No two of those
# given have a record or a key in common. That they come sorted has processes lock rows in one order; the limit is for
# the planner, which would reckon with a hundred rows.
STORE = f"""
WITH patience AS (
    SELECT CASE WHEN %(lock_ms)s::int > 0 THEN set_config('lock_timeout', %(lock_ms)s::text, true) END
), given AS (
    SELECT pair.id AS connection, one.* FROM patience CROSS JOIN (
        SELECT * FROM json_to_recordset(%(callbacks)s::json) AS one (number int, hook bigint, path_token text,
            secret text, lane bigint, token text, flow text, external_id text, system text, topic text, key text,
            disposition text, body text, now timestamptz, arose_at timestamptz, may_echo boolean) LIMIT {MOST}) one
    JOIN connections_hook hook
        ON hook.id = one.hook AND hook.path_token = one.path_token AND hook.secret = one.secret
    JOIN connections_connection pair ON pair.id = hook.connection_id AND pair.state <> 'disconnected'
), echo AS (
    UPDATE syncjobs_record record SET own_write_at = NULL FROM given
    WHERE may_echo AND (record.connection_id, record.flow, record.external_id)
            = (given.connection, given.flow, given.external_id)
        AND given.arose_at BETWEEN record.own_write_at AND record.own_write_at + make_interval(secs => %(echo_seconds)s)
        AND NOT EXISTS (SELECT 1 FROM syncjobs_syncjob job WHERE (job.connection_id, job.flow, job.external_id)
            = (given.connection, given.flow, given.external_id) AND job.status IN ('pending', 'running'))
    RETURNING given.number
), job AS (
    INSERT INTO syncjobs_syncjob (connection_id, lane_id, flow, external_id, status, cause, hints, requested_at,
        attempts, deaths, not_before, created_at)
    SELECT connection, lane, flow, external_id, 'pending', 'webhook', 1, statement_timestamp(), 0, 0, now, now
    FROM given WHERE flow <> '' AND number NOT IN (SELECT number FROM echo) AND NOT EXISTS (
        SELECT 1 FROM syncjobs_inboxevent WHERE connection_id = given.connection AND delivery_key = given.key
            AND disposition <> 'echo')
    ON CONFLICT (connection_id, flow, external_id) WHERE status = 'pending' DO UPDATE SET
        hints = syncjobs_syncjob.hints + 1, requested_at = EXCLUDED.requested_at, lane_id = EXCLUDED.lane_id
    RETURNING id, connection_id, lane_id, flow, external_id
), due AS (
    SELECT given.number, given.connection, given.flow, given.external_id, given.lane, given.token, given.now, job.id
    FROM given JOIN job ON (job.connection_id, job.flow, job.external_id)
        = (given.connection, given.flow, given.external_id)
), record AS (
    INSERT INTO syncjobs_record (connection_id, flow, external_id, disposition, code, reason, label, source_status,
        source_version, target_id, target_label, is_distributed, currency, facts, first_seen_at, changed_at,
        same_result_count)
    SELECT connection, flow, external_id, 'in_flight', '', '', '', '', '', '', '', FALSE, '', '{{}}'::jsonb, now, now, 0
    FROM due WHERE NOT EXISTS (
        SELECT 1 FROM syncjobs_record known WHERE (known.connection_id, known.flow, known.external_id)
            = (due.connection, due.flow, due.external_id))
    ON CONFLICT (connection_id, flow, external_id) DO NOTHING
), event AS (
    INSERT INTO syncjobs_inboxevent (connection_id, system, topic, delivery_key, external_id, disposition, body,
        deliveries, received_at, arose_at, job_id)
    SELECT given.connection, system, topic, key, given.external_id,
        CASE WHEN given.number IN (SELECT number FROM echo) THEN 'echo' ELSE disposition END, body, 1, given.now,
        arose_at, due.id
    FROM given LEFT JOIN due ON due.number = given.number
    ON CONFLICT (connection_id, delivery_key) DO UPDATE SET deliveries = syncjobs_inboxevent.deliveries + 1,
        disposition = EXCLUDED.disposition, job_id = COALESCE(EXCLUDED.job_id, syncjobs_inboxevent.job_id)
    RETURNING connection_id, delivery_key
), woken AS (
    UPDATE syncjobs_lane SET token_queued_at = due.now FROM due
    WHERE syncjobs_lane.id = due.lane
        AND (token_queued_at IS NULL OR token_queued_at > due.now)
        AND (lease_until IS NULL OR lease_until < statement_timestamp())
    RETURNING syncjobs_lane.id, due.token
), put AS (
    INSERT INTO django_q_ormq (key, payload, lock)
    SELECT %(queue)s::text, token, statement_timestamp() FROM woken RETURNING key
)
SELECT given.number, due.id, EXISTS (SELECT 1 FROM woken WHERE woken.id = given.lane),
    (SELECT count(pg_notify(%(channel)s::text || key, '')) FROM put)
FROM given JOIN event ON (event.connection_id, event.delivery_key) = (given.connection, given.key)
LEFT JOIN due ON due.number = given.number"""  # noqa: S608 (a number of ours)
LOCK_MS = 200  # for which those stored together wait for a row that somebody else writes

COUNT_REFUSAL = """
INSERT INTO syncjobs_refusal ("on", reason, count) VALUES (%s, %s, 1)
ON CONFLICT ("on", reason) DO UPDATE SET count = syncjobs_refusal.count + 1"""


@dataclass(frozen=True, kw_only=True)
class Address:
    """Whose callbacks come to one address."""

    hook_id: int
    connection_id: int
    topic: str
    path_token: str  # as the row has it
    state: str  # of the connection, when it was found
    tenant: str  # the store, as it names itself
    lane_id: int
    sealed_secret: str
    sealed_credential: str
    keeps_customers: bool  # alike on both sides; where not, news of accounts is nobody's

    @property
    def is_live(self) -> bool:
        return self.state != Connection.State.DISCONNECTED

    @cached_property
    def secret(self) -> str:
        return decrypt(self.sealed_secret) if self.sealed_secret else ""

    @cached_property
    def client_secret(self) -> str:
        """The store's own app's; empty when it has none."""
        credential = json.loads(decrypt(self.sealed_credential)) if self.sealed_credential else {}
        return str(credential.get("client_secret") or "")

    @cached_property
    def token(self) -> str:
        """What wakes its lane."""
        return queue.token(RUN_LANE, self.lane_id)


_kept: Kept[tuple[System, str], Address] = Kept(seconds=ADDRESS_SECONDS, most=MOST_ADDRESSES)


def address_kept(system: System, token: str) -> Address | None:
    """An address that was found some seconds ago; storing tells whether it still is what it was."""
    return _kept.get((system, token_digest(token)))


def address_find(system: System, token: str) -> Address | None:
    """Look an address up by its unguessable part, and keep it for some seconds."""
    plain = "" if is_digest(token) else token  # as the version before kept it; a digest opens nothing
    digest = token_digest(token)
    row = fetch_one(FIND, {"digest": digest, "token": plain, "system": str(system)})
    if row is None:
        return None
    hook_id, connection_id, topic, path_token, secret, state, tenant, credential, lane_id, keeps_customers = row
    address = Address(
        hook_id=hook_id,
        connection_id=connection_id,
        topic=topic,
        path_token=path_token,
        state=state,
        tenant=tenant,
        lane_id=lane_id or lane_of(connection_id, ServiceClass.NOW),
        sealed_secret=secret,
        sealed_credential=credential or "",
        keeps_customers=keeps_customers,
    )
    if address.is_live:
        _kept.put((system, digest), address)
    return address


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A callback that is to be stored."""

    address: Address
    callback: Callback
    now: datetime
    values: dict[str, Any]  # of its row in the statement

    @property
    def keys(self) -> frozenset[Hashable]:
        """What one statement can touch once only."""
        connection_id, callback = self.address.connection_id, self.callback
        record = ((connection_id, callback.flow, callback.external_id),) if callback.flow else ()
        return frozenset({(connection_id, callback.key), *record})


@dataclass(frozen=True, kw_only=True)
class Stored:
    """What storing a callback came to."""

    job_id: int | None
    has_woken: bool  # its lane


def callback_receive(address: Address, callback: Callback, now: datetime) -> bool:
    """Store a callback and queue its job, together or not at all; a repeat is only counted.

    False, and nothing is stored, where the address is not what it was when it was found.
    """
    if callback.flow == CUSTOMERS and not address.keeps_customers:
        callback = replace(callback, flow="")
    if database.vendor != "postgresql":
        return _receive_anywhere(address, callback, now)
    wish = Wish(address=address, callback=callback, now=now, values=_values(address, callback, now))
    # What belongs to a transaction of the caller's is nobody else's to commit.
    stored = _store([wish], False)[0] if database.in_atomic_block else _together.store(wish)
    if stored is None:
        return False
    found_awake = stored.job_id and not stored.has_woken
    coalescer.received(address.hook_id, now, awake_lane=address.lane_id if found_awake else None)
    if stored.job_id:
        callback_told(stored.job_id, callback.system, callback.topic, callback.key, now)
    return True


def _store(wishes: Sequence[Wish], is_shared: bool) -> list[Stored | None]:
    """Store callbacks in one statement and one transaction; None for those whose address is another by now."""
    ordered = sorted(enumerate(wishes), key=_row_order)
    given = {
        "callbacks": json.dumps([wish.values | {"number": number} for number, wish in ordered]),
        "lock_ms": LOCK_MS if is_shared else 0,
        "echo_seconds": ECHO_SECONDS,
        "queue": queue_of(ServiceClass.NOW),
        "channel": queue.CHANNEL,
    }
    answers: list[Stored | None] = [None] * len(wishes)
    for number, job_id, has_woken, _ in fetch(STORE, given):
        answers[number] = Stored(job_id=job_id, has_woken=has_woken)
    return answers


def _row_order(one: tuple[int, Wish]) -> tuple[int, str, str]:
    _, wish = one
    return wish.address.connection_id, wish.callback.flow, wish.callback.external_id


_together: GroupCommit[Wish, Stored | None] = GroupCommit(_store, lambda wish: wish.keys)


def _values(address: Address, callback: Callback, now: datetime) -> dict[str, Any]:
    return {
        "hook": address.hook_id,
        "path_token": address.path_token,
        "secret": address.sealed_secret,
        "lane": address.lane_id,
        "token": address.token,
        "flow": callback.flow,
        "external_id": callback.external_id,
        "system": str(callback.system),
        "topic": callback.topic,
        "key": callback.key,
        "disposition": str(_disposition(callback)),
        "body": encrypt(callback.text),
        "now": now.isoformat(),
        "arose_at": callback.arose_at.isoformat() if callback.arose_at else None,
        "may_echo": callback.may_echo,
    }


def _disposition(callback: Callback) -> InboxEvent.Disposition:
    return InboxEvent.Disposition.QUEUED if callback.flow else InboxEvent.Disposition.NOT_HANDLED


def _receive_anywhere(address: Address, callback: Callback, now: datetime) -> bool:
    connection = Connection.objects.get(pk=address.connection_id)
    if connection.state == Connection.State.DISCONNECTED:
        return False
    with transaction.atomic():
        Hook.objects.filter(pk=address.hook_id).update(received=F("received") + 1, last_received_at=now)
        event, is_new = InboxEvent.objects.get_or_create(
            connection=connection,
            delivery_key=callback.key,
            defaults={
                "system": callback.system,
                "topic": callback.topic,
                "external_id": callback.external_id,
                "disposition": _disposition(callback),
                "body": callback.text,
                "received_at": now,
                "arose_at": callback.arose_at,
            },
        )
        if not is_new:
            InboxEvent.objects.filter(pk=event.pk).update(deliveries=F("deliveries") + 1)
        elif callback.flow:
            ids = jobs_enqueue(
                connection=connection,
                flow=callback.flow,
                external_ids=[callback.external_id],
                cause="webhook",
                now=now,
            )
            InboxEvent.objects.filter(pk=event.pk).update(job=ids[0])
            callback_told(ids[0], callback.system, callback.topic, callback.key, now)
    return True


def refusal_count(reason: str, now: datetime, address: Address | None = None) -> None:
    """Count a callback that was not taken; nothing else of it is kept."""
    with database.cursor() as cursor:
        cursor.execute(COUNT_REFUSAL, [now.date(), reason[:40]])
    if address:
        Hook.objects.filter(pk=address.hook_id).update(rejected=F("rejected") + 1)

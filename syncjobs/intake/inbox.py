"""The inbox: a callback is stored and its job queued in one statement, before it is answered.

PostgreSQL does it in a single round trip; the other path says the same in portable words.
"""

import json
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
from ipaas.prepared import fetch_one
from ipaas.types import System
from syncjobs.callbacks.senders import Callback
from syncjobs.engine.echoes import ECHO_SECONDS
from syncjobs.engine.enqueueing import RUN_LANE, jobs_enqueue, lane_of, queue_of
from syncjobs.engine.job_traces import callback_told
from syncjobs.intake.coalescing import coalescer
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

# Nothing is given, and nothing done, where the address is not any more what it was when it was found.
STORE = """
WITH given AS (
    SELECT pair.id AS connection, %(lane)s::bigint AS lane,
        %(flow)s::text AS flow, %(external_id)s::text AS external_id, %(system)s::text AS system,
        %(topic)s::text AS topic, %(key)s::text AS key, %(disposition)s::text AS disposition, %(body)s::text AS body,
        %(queue)s::text AS queue, %(token)s::text AS token, %(now)s::timestamptz AS now,
        %(arose_at)s::timestamptz AS arose_at, %(may_echo)s::boolean AS may_echo
    FROM connections_hook hook JOIN connections_connection pair ON pair.id = hook.connection_id
    WHERE hook.id = %(hook)s::bigint AND hook.path_token = %(path_token)s::text AND hook.secret = %(secret)s::text
        AND pair.state <> 'disconnected'
), echo AS (
    UPDATE syncjobs_record record SET own_write_at = NULL FROM given
    WHERE may_echo AND (record.connection_id, record.flow, record.external_id)
            = (given.connection, given.flow, given.external_id)
        AND given.arose_at BETWEEN record.own_write_at AND record.own_write_at + make_interval(secs => %(echo_seconds)s)
        AND NOT EXISTS (SELECT 1 FROM syncjobs_syncjob job WHERE (job.connection_id, job.flow, job.external_id)
            = (given.connection, given.flow, given.external_id) AND job.status IN ('pending', 'running'))
    RETURNING record.id
), job AS (
    INSERT INTO syncjobs_syncjob (connection_id, lane_id, flow, external_id, status, cause, hints, requested_at,
        attempts, deaths, not_before, created_at)
    SELECT connection, lane, flow, external_id, 'pending', 'webhook', 1, statement_timestamp(), 0, 0, now, now
    FROM given WHERE flow <> '' AND NOT EXISTS (SELECT 1 FROM echo) AND NOT EXISTS (
        SELECT 1 FROM syncjobs_inboxevent WHERE connection_id = given.connection AND delivery_key = given.key
            AND disposition <> 'echo')
    ON CONFLICT (connection_id, flow, external_id) WHERE status = 'pending' DO UPDATE SET
        hints = syncjobs_syncjob.hints + 1, requested_at = EXCLUDED.requested_at, lane_id = EXCLUDED.lane_id
    RETURNING id
), record AS (
    INSERT INTO syncjobs_record (connection_id, flow, external_id, disposition, code, reason, label, source_status,
        source_version, target_id, target_label, is_distributed, currency, facts, first_seen_at, changed_at,
        same_result_count)
    SELECT connection, flow, external_id, 'in_flight', '', '', '', '', '', '', '', FALSE, '', '{}'::jsonb, now, now, 0
    FROM given WHERE EXISTS (SELECT 1 FROM job) AND NOT EXISTS (
        SELECT 1 FROM syncjobs_record known WHERE (known.connection_id, known.flow, known.external_id)
            = (given.connection, given.flow, given.external_id))
    ON CONFLICT (connection_id, flow, external_id) DO NOTHING
), event AS (
    INSERT INTO syncjobs_inboxevent (connection_id, system, topic, delivery_key, external_id, disposition, body,
        deliveries, received_at, arose_at, job_id)
    SELECT connection, system, topic, key, external_id,
        CASE WHEN EXISTS (SELECT 1 FROM echo) THEN 'echo' ELSE disposition END, body, 1, now, arose_at,
        (SELECT id FROM job)
    FROM given
    ON CONFLICT (connection_id, delivery_key) DO UPDATE SET deliveries = syncjobs_inboxevent.deliveries + 1,
        disposition = EXCLUDED.disposition, job_id = COALESCE(EXCLUDED.job_id, syncjobs_inboxevent.job_id)
    RETURNING deliveries
), woken AS (
    UPDATE syncjobs_lane SET token_queued_at = given.now FROM given
    WHERE id = given.lane AND EXISTS (SELECT 1 FROM job)
        AND (token_queued_at IS NULL OR token_queued_at > given.now)
        AND (lease_until IS NULL OR lease_until < statement_timestamp())
    RETURNING id
), put AS (
    INSERT INTO django_q_ormq (key, payload, lock)
    SELECT queue, token, statement_timestamp() FROM given, woken RETURNING key
)
SELECT EXISTS (SELECT 1 FROM event), (SELECT id FROM job),
    (SELECT count(pg_notify(%(channel)s::text || key, '')) FROM put)"""

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


def callback_receive(address: Address, callback: Callback, now: datetime) -> bool:
    """Store a callback and queue its job, together or not at all; a repeat is only counted.

    False, and nothing is stored, where the address is not what it was when it was found.
    """
    if callback.flow == CUSTOMERS and not address.keeps_customers:
        callback = replace(callback, flow="")
    if database.vendor != "postgresql":
        return _receive_anywhere(address, callback, now)
    is_stored, job_id, tokens = fetch_one(STORE, _values(address, callback, now))
    if is_stored:
        coalescer.received(address.hook_id, now, awake_lane=address.lane_id if job_id and not tokens else None)
    if job_id:
        callback_told(job_id, callback.system, callback.topic, callback.key, now)
    return bool(is_stored)


def _values(address: Address, callback: Callback, now: datetime) -> dict[str, Any]:
    return {
        "hook": address.hook_id,
        "path_token": address.path_token,
        "secret": address.sealed_secret,
        "lane": address.lane_id,
        "flow": callback.flow,
        "external_id": callback.external_id,
        "system": str(callback.system),
        "topic": callback.topic,
        "key": callback.key,
        "disposition": str(_disposition(callback)),
        "body": encrypt(callback.text),
        "arose_at": callback.arose_at,
        "may_echo": callback.may_echo,
        "echo_seconds": ECHO_SECONDS,
        "now": now,
        "queue": queue_of(ServiceClass.NOW),
        "token": address.token,
        "channel": queue.CHANNEL,
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

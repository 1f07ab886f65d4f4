"""All that support needs of one record, as JSON: tries, calls, request ids; no secrets, no people."""

from datetime import datetime
from typing import Any

from connections.models import Connection
from connections.store_kinds import profile_of
from errors.models import SyncError
from ipaas.masking import masked
from ipaas.types import JSON
from syncjobs.models import InboxEvent
from syncjobs.pages.errors.record_story import Look, acts_of, effect_of, issues_of, looks, record_of, related

EVENTS = 100


def bundle_of(error: SyncError, now: datetime) -> JSON:
    """The record's story. Texts pass the redactor once more; facts, answers of people and payloads stay out."""
    connection, record = error.connection, record_of(error)
    return {
        "made_at": now.isoformat(),
        "connection": str(connection.public_id),
        "systems": systems_of(connection),
        "record": {
            "object": error.flow,
            "id": error.external_id,
            "label": error.label,
            "state": error.state,
            "code": error.code,
            "reason": masked(error.reason),
            "effect": effect_of(error, record),
            "attempts": error.attempts,
            "first_seen_at": error.first_seen_at.isoformat(),
            "last_seen_at": error.last_seen_at.isoformat(),
            "next_try_at": error.next_try_at.isoformat() if error.next_try_at else None,
            "number_in_heartland": record.target_label if record else "",
            "id_in_heartland": record.target_id if record else "",
        },
        "causes": [
            {"code": one.code, "title": masked(one.title), "fix": masked(one.fix), "owner": one.owner}
            for one in issues_of(error)
        ],
        "tries": [look_of(one) for one in looks(error)],
        "messages": [
            {"topic": event.topic, "received_at": event.received_at.isoformat(), "deliveries": event.deliveries}
            for event in events_of(error)
        ],
        "related": [
            {"object": one.flow, "id": one.external_id, "state": one.disposition, "code": one.code}
            for one in related(error)
        ],
        "acts": [{"what": act.action, "at": act.at.isoformat()} for act in acts_of(error)],
    }


def systems_of(connection: Connection) -> JSON:
    return {
        "heartland": connection.heartland.base_url,
        "store": profile_of(connection.store).name,
        "store_id": connection.store.store_hash,
    }


def look_of(look: Look) -> JSON:
    """One try; what was sent and answered is masked since it was kept."""
    attempt = look.attempt
    return {
        "number": look.number,
        "began_at": attempt.began_at.isoformat(),
        "duration_ms": attempt.duration_ms,
        "outcome": attempt.outcome,
        "sentence": masked(attempt.sentence),
        "request_ids": [call["request_id"] for call in calls_of(attempt.steps) if call.get("request_id")],
        "steps": attempt.steps,
        "request": look.exchange.request if look.exchange else "",
        "response": look.exchange.response if look.exchange else "",
    }


def calls_of(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [call for step in steps for call in step.get("calls", [])]


def events_of(error: SyncError) -> list[InboxEvent]:
    rows = InboxEvent.objects.filter(connection=error.connection, external_id=error.external_id)
    return list(rows.defer("body").order_by("-received_at")[:EVENTS])

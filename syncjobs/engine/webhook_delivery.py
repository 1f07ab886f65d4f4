"""Delivering outgoing webhooks: one worker an endpoint, in order; a receiver that is away is asked ever more seldom.

Signed by Standard Webhooks. What a receiver refuses is that message's trouble, and the others go on; where it does not
answer, all of its messages wait together. After five days of that it is switched off, and the owners are told.
"""

import logging
import time
from datetime import datetime, timedelta
from http import HTTPStatus

from django.conf import settings
from django.db.models import F, Q
from standardwebhooks.webhooks import Webhook

from connections.audit import audit
from connections.connectors import wire
from connections.models import Membership, Role, WebhookAttempt, WebhookEndpoint, WebhookMessage
from connections.notices import absolute, mail
from connections.outbox import DELIVER, QUEUE, told_events_keep
from ipaas import queue

logger = logging.getLogger(__name__)

SLICE_SECONDS = 20.0
LEASE = timedelta(seconds=60)
CALL_SECONDS = 10.0
LARGEST_ANSWER = 64 * 1024
WAITS = [timedelta(seconds=seconds) for seconds in (5, 60, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)]
GIVEN_UP_AFTER = timedelta(days=5)
AWAY = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}
State = WebhookMessage.State


def webhooks_deliver(*, endpoint_id: int, now: datetime) -> str:
    """Deliver what is due at an endpoint, for a slice."""
    free = Q(lease_until=None) | Q(lease_until__lte=now)
    due = Q(next_try_at=None) | Q(next_try_at__lte=now)
    mine = WebhookEndpoint.objects.filter(free, due, pk=endpoint_id, is_active=True)
    if not mine.update(lease_until=now + LEASE):
        return "not now"
    endpoint = WebhookEndpoint.objects.select_related("merchant").get(pk=endpoint_id)
    began, count = time.monotonic(), 0
    try:
        while time.monotonic() - began < SLICE_SECONDS:
            message = _next(endpoint, now)
            if message is None or not _deliver(endpoint, message, now):
                break
            count += 1
    finally:
        WebhookEndpoint.objects.filter(pk=endpoint_id).update(lease_until=None)
    _ring_again(endpoint_id, now)
    return f"{count} delivered"


def webhooks_sweep(now: datetime) -> int:
    """Wake endpoints whose token was lost; answers how many."""
    due = Q(messages__not_before__lte=now, messages__state=State.PENDING)
    resting = Q(next_try_at__gt=now) | Q(lease_until__gt=now)
    rows = WebhookEndpoint.objects.filter(due, is_active=True).exclude(resting).distinct()
    ids = list(rows.values_list("pk", flat=True))
    for endpoint_id in ids:
        queue.token_put(QUEUE, DELIVER, endpoint_id)
    return len(ids)


def _next(endpoint: WebhookEndpoint, now: datetime) -> WebhookMessage | None:
    rows = WebhookMessage.objects.filter(endpoint=endpoint, state=State.PENDING, not_before__lte=now)
    return rows.order_by("pk").first()


def _deliver(endpoint: WebhookEndpoint, message: WebhookMessage, now: datetime) -> bool:
    """Try once; False when the endpoint had better rest."""
    began = time.monotonic()
    status, problem = _post(endpoint, message, now)
    ms = int((time.monotonic() - began) * 1000)
    WebhookAttempt.objects.create(message=message, at=now, status=status, ms=ms, problem=problem)
    rows = WebhookMessage.objects.filter(pk=message.pk)
    if not problem:
        rows.update(state=State.DELIVERED, delivered_at=now, attempts=F("attempts") + 1)
        if endpoint.failures or endpoint.problem:
            _note(endpoint, problem="", failures=0, failing_since=None, next_try_at=None)
        return True
    logger.info("a webhook was not taken", extra={"endpoint": endpoint.pk, "status": status, "event": message.event})
    if status is not None and status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in AWAY:
        return _refused(endpoint, message, status, problem, now)
    rows.update(attempts=F("attempts") + 1)
    _away(endpoint, problem, now)
    return False


def _refused(endpoint: WebhookEndpoint, message: WebhookMessage, status: int, problem: str, now: datetime) -> bool:
    """The receiver answered, and does not want this message: it is tried again by itself, the others go on."""
    attempts = message.attempts + 1
    is_over = attempts > len(WAITS)
    WebhookMessage.objects.filter(pk=message.pk).update(
        attempts=attempts,
        state=State.FAILED if is_over else State.PENDING,
        not_before=now if is_over else now + WAITS[attempts - 1],
    )
    _note(endpoint, problem=problem)
    if status == HTTPStatus.GONE:  # as Standard Webhooks has it: it wants nothing any more
        _switch_off(endpoint, "The receiver says that it is gone (410).")
        return False
    return True


def _away(endpoint: WebhookEndpoint, problem: str, now: datetime) -> None:
    since = endpoint.failing_since or now
    failures = endpoint.failures + 1
    wait = WAITS[min(failures, len(WAITS)) - 1]
    _note(endpoint, problem=problem, failures=failures, failing_since=since, next_try_at=now + wait)
    if now - since >= GIVEN_UP_AFTER:
        _switch_off(endpoint, f"It was not reached for {GIVEN_UP_AFTER.days} days: {problem}")


def _note(endpoint: WebhookEndpoint, **changes: object) -> None:
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(**changes)
    for name, value in changes.items():
        setattr(endpoint, name, value)


def _switch_off(endpoint: WebhookEndpoint, why: str) -> None:
    """Tell it nothing more until a person switches it on; the owners are mailed."""
    _note(endpoint, is_active=False, problem=why[:300])
    told_events_keep(endpoint.merchant)
    audit(merchant=endpoint.merchant, actor=None, action="webhook.switched_off", subject=endpoint, reason=why[:300])
    owners = Membership.objects.filter(merchant=endpoint.merchant, role=Role.OWNER, user__is_active=True)
    for email in owners.values_list("user__email", flat=True):
        page = absolute(f"/settings/merchant/{endpoint.merchant.public_id}/webhooks/")
        words = {"host": endpoint.host, "why": why, "page": page, "merchant": endpoint.merchant}
        mail(email, f"Webhooks to {endpoint.host} are switched off", "mail/webhook_off.txt", **words)


def _post(endpoint: WebhookEndpoint, message: WebhookMessage, now: datetime) -> tuple[int | None, str]:
    """The answer's status and what is wrong with it; "" when the receiver took the message."""
    message_id = f"msg_{message.message_id.hex}"
    signature = Webhook(endpoint.secret).sign(message_id, now, message.body)
    headers = {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signature,
    }
    try:
        answer = wire.exchange(
            "POST",
            endpoint.address,
            headers=headers,
            body=message.body.encode(),
            public_only=not settings.ALLOW_PRIVATE_HOSTS,
            total_seconds=CALL_SECONDS,
            max_bytes=LARGEST_ANSWER,
        )
    except wire.NoAnswer as exc:
        return None, f"No answer: {exc}"[:300]
    is_taken = HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES
    return answer.status, "" if is_taken else f"Answered {answer.status}."


def _ring_again(endpoint_id: int, now: datetime) -> None:
    """A token for what is left, when its time comes; later ones the sweep puts."""
    endpoint = WebhookEndpoint.objects.filter(pk=endpoint_id, is_active=True).first()
    waiting = WebhookMessage.objects.filter(endpoint=endpoint_id, state=State.PENDING)
    if (
        endpoint is None
        or (first := waiting.order_by("not_before").values_list("not_before", flat=True).first()) is None
    ):
        return
    delay = max(first, endpoint.next_try_at or first) - now
    if delay <= WAITS[1]:
        queue.token_put(QUEUE, DELIVER, endpoint_id, delay=max(0.0, delay.total_seconds()))

"""Endpoints of outgoing webhooks: made, changed, tested, replayed and ended by people or programs."""

import base64
import secrets
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from connections.audit import audit
from connections.connectors.hosts import base_url_checked
from connections.models import Merchant, User, WebhookEndpoint, WebhookMessage
from connections.outbox import DELIVER, QUEUE, message_put, told_events_keep
from errors.failures import ConfigurationFailure
from ipaas import queue

PREFIX = "whsec_"
SECRET_BYTES = 32
MOST = 10  # endpoints of a merchant


def endpoint_make(
    *, merchant: Merchant, actor: User, address: str, events: Sequence[str], now: datetime
) -> WebhookEndpoint:
    """A new endpoint with a secret of its own. Raises ConfigurationFailure for an address that we do not call."""
    checked = address_checked(address)
    with transaction.atomic():
        Merchant.objects.select_for_update().get(pk=merchant.pk)
        if merchant.webhook_endpoints.count() >= MOST:
            raise ConfigurationFailure(f"{MOST} endpoints are the most: end one first.")
        endpoint = WebhookEndpoint.objects.create(
            merchant=merchant,
            address=checked,
            host=urlsplit(checked).hostname or "",
            secret=PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode(),
            events=sorted(set(events)),
            created_at=now,
        )
        told_events_keep(merchant)
        audit(merchant=merchant, actor=actor, action="webhook.made", subject=endpoint, events=endpoint.events)
    return endpoint


def endpoint_change(
    *, endpoint: WebhookEndpoint, actor: User, events: Sequence[str] | None, is_active: bool | None, now: datetime
) -> None:
    """Other events, or switched off or on; what is switched on begins anew with what waits."""
    with transaction.atomic():
        if events is not None:
            endpoint.events = sorted(set(events))
        if is_active is not None and is_active != endpoint.is_active:
            endpoint.is_active, endpoint.problem, endpoint.failures = is_active, "", 0
            endpoint.failing_since, endpoint.next_try_at = None, None
        endpoint.save()
        told_events_keep(endpoint.merchant)
        detail = {"events": endpoint.events, "is_active": endpoint.is_active}
        audit(merchant=endpoint.merchant, actor=actor, action="webhook.changed", subject=endpoint, **detail)
        if endpoint.is_active:
            queue.token_put(QUEUE, DELIVER, endpoint.pk)


def endpoint_end(*, endpoint: WebhookEndpoint, actor: User) -> None:
    """Tell it nothing any more; what waited for it goes too."""
    with transaction.atomic():
        audit(merchant=endpoint.merchant, actor=actor, action="webhook.removed", subject=endpoint)
        merchant = endpoint.merchant
        endpoint.delete()
        told_events_keep(merchant)


def endpoint_test(*, endpoint: WebhookEndpoint, actor: User, now: datetime) -> WebhookMessage:
    """Send a message that tells nothing but that it works."""
    with transaction.atomic():
        audit(merchant=endpoint.merchant, actor=actor, action="webhook.tested", subject=endpoint)
        return message_put(endpoint, "webhook.test", {}, now)


def message_replay(*, message: WebhookMessage, actor: User, now: datetime) -> None:
    """Deliver a message again, under its own id."""
    with transaction.atomic():
        WebhookMessage.objects.filter(pk=message.pk).update(
            state=WebhookMessage.State.PENDING, not_before=now, attempts=0
        )
        audit(
            merchant=message.endpoint.merchant,
            actor=actor,
            action="webhook.replayed",
            subject=message.endpoint,
            message=str(message.message_id),
        )
        queue.token_put(QUEUE, DELIVER, message.endpoint_id)


def address_checked(address: str) -> str:
    """The address without a slash at its end. Raises HostRefused for what is not public or not https."""
    scheme, _, rest = address.strip().partition("://")
    base_url_checked(f"{scheme}://{rest.partition('?')[0]}", allow_private=settings.ALLOW_PRIVATE_HOSTS)
    return address.strip()

"""What other systems are told of: an event becomes a message for each endpoint that wants it, in its transaction.

Which events anybody wants is kept with the connection (`Connection.told_events`), so that who has nobody to tell asks
nothing and writes nothing.
"""

import json
from datetime import datetime
from typing import Any

from connections.models import Connection, Merchant, WebhookEndpoint, WebhookMessage
from ipaas import queue

EVENTS = {
    "order.booked": "An order is in Heartland, right to the cent.",
    "order.held": "An order waits for a person.",
    "order.cancelled": "An order was cancelled on both sides.",
    "order.skipped": "An order does not come down, with the reason.",
    "order.dead": "An order's tries were given up.",
    "refund.booked": "A refund of the store is booked in Heartland, or needs no booking of its own.",
    "refund.held": "A refund waits for a person.",
    "refund.dead": "A refund's tries were given up.",
    "return.booked": "A return at a till was given back by the store, or noted there.",
    "return.held": "A return at a till waits for a person.",
    "return.dead": "A return's tries were given up.",
    "customer.booked": "A customer account is alike on both sides for the first time, or again.",
    "customer.held": "A customer account waits for a person.",
    "customer.dead": "A customer account's tries were given up.",
    "stock.updated": "The store took new numbers of SKUs.",
    "issue.opened": "A cause that holds records appeared, or came back.",
    "webhook.test": "A person asked for a test.",
}
QUEUE = "soon"  # a class of service of the workers
DELIVER = "deliver_webhooks"  # the name of the task


def is_told(connection: Connection, event: str) -> bool:
    """Whether any endpoint wants to be told of it."""
    return event in connection.told_events


def tell(connection: Connection, event: str, data: dict[str, Any], now: datetime) -> int:
    """Put an event to every endpoint that wants it; commits or vanishes with the caller's transaction."""
    if not is_told(connection, event):
        return 0
    rows = WebhookEndpoint.objects.filter(merchant=connection.merchant_id, is_active=True)
    wanted = [row for row in rows if event in row.events]
    for endpoint in wanted:
        message_put(endpoint, event, {"store": str(connection.public_id), **data}, now)
    return len(wanted)


def message_put(endpoint: WebhookEndpoint, event: str, data: dict[str, Any], now: datetime) -> WebhookMessage:
    """One message for one endpoint; a worker is woken."""
    body = json.dumps({"type": event, "timestamp": now.isoformat(), "data": data}, separators=(",", ":"))
    message = WebhookMessage.objects.create(endpoint=endpoint, event=event, body=body, not_before=now, created_at=now)
    queue.token_put(QUEUE, DELIVER, endpoint.pk)
    return message


def told_events_keep(merchant: Merchant) -> None:
    """Keep with each connection what anybody wants to be told of it."""
    rows = WebhookEndpoint.objects.filter(merchant=merchant, is_active=True)
    events = sorted({event for row in rows for event in row.events})
    Connection.objects.filter(merchant=merchant).update(told_events=events)

"""BigCommerce's callbacks: proved by our secret header, and by its signature where one is sent. Its notes, §25."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings

from connections.connect.bigcommerce.hook_side import SECRET_HEADER
from ipaas.types import System
from syncjobs.callbacks.proving import (
    LONGEST_KEY,
    Refused,
    body_read,
    id_text,
    secret_check,
    signature_check,
    standard_headers,
)
from syncjobs.callbacks.senders import UNREAD, Callback, Expected, Meta, Sender, Topic, flow_of
from syncjobs.models import Cursor

SECRET = "HTTP_" + SECRET_HEADER.upper().replace("-", "_")  # as WSGI names it
SHIPMENT_EDITED = "store/shipment/updated"
ORDER = Topic(flow="orders")
ACCOUNT = Topic(flow="customers")
TOPICS = {
    "store/order/created": ORDER,
    "store/order/updated": Topic(flow="orders", is_echo=True),
    "store/order/archived": ORDER,
    "store/order/refund/created": ORDER,
    "store/order/transaction/updated": ORDER,
    "store/shipment/created": ORDER,  # what left by hand is not to be packed again
    "store/shipment/deleted": ORDER,  # and so are its invoices, when the store shows less than it was told
    SHIPMENT_EDITED: Topic(),
    "store/customer/created": Topic(expedites=(Cursor.ACCOUNTS,)),
    "store/customer/updated": Topic(expedites=(Cursor.ACCOUNTS,)),  # of our own writes too: the list tells them apart
    "store/customer/deleted": ACCOUNT,  # no list tells of these
    "store/customer/address/created": ACCOUNT,
    "store/customer/address/updated": ACCOUNT,
    "store/customer/address/deleted": ACCOUNT,
    "store/product/created": Topic(expedites=(Cursor.PRODUCTS,)),
    "store/product/updated": Topic(expedites=(Cursor.PRODUCTS,), is_frequent=True),  # of stock writes too (§25.3)
}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read(meta: Meta, raw: bytes, expected: Expected, now: datetime) -> Callback:
    """Prove secret, signature and producer, then read. Raises Refused."""
    secret_check(meta.get(SECRET, ""), expected.secret)
    headers = standard_headers(meta)
    if "webhook-signature" in headers:
        client_secret = expected.client_secret or settings.BIGCOMMERCE_CLIENT_SECRET
        signature_check(raw, headers, client_secret, now.timestamp())
    body = body_read(raw)
    if body.get("producer") != f"stores/{expected.tenant}":
        raise Refused("other_store", 404)
    scope = body.get("scope")
    topic = scope[:80] if isinstance(scope, str) and scope.isprintable() else expected.topic
    external_id = record_of(topic, body)
    return Callback(
        system=System.BIGCOMMERCE,
        topic=topic,
        key=key_of(body, raw),
        external_id=external_id,
        flow=flow_of(TOPICS, topic, external_id),
        text=raw.decode(),
        arose_at=arose_at(body),
        may_echo=TOPICS.get(topic, UNREAD).is_echo,
        shipment_id=id_text(data_of(body).get("id")) if topic == SHIPMENT_EDITED else "",
    )


def record_of(topic: str, body: Mapping[str, Any]) -> str:
    """The id of the record that a callback names; empty when it names none.

    Notes §25.2: transactions and shipments name their order beside their own id, addresses their account.
    """
    data = data_of(body)
    if topic.startswith("store/order/transaction/"):
        return id_text(data.get("order_id"))
    if topic.startswith("store/shipment/"):
        return id_text(data.get("orderId"))
    if topic.startswith("store/customer/address/"):
        return id_text(part_of(data, "address").get("customer_id"))
    return id_text(data.get("id"))


def data_of(body: Mapping[str, Any]) -> Mapping[str, Any]:
    return part_of(body, "data")


def part_of(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = body.get(name)
    return part if isinstance(part, Mapping) else {}


def key_of(body: Mapping[str, Any], raw: bytes) -> str:
    """The same for every delivery of one event: its hash, else the hash of the bytes."""
    given = body.get("hash")
    if isinstance(given, str) and given.isalnum() and len(given) <= LONGEST_KEY:
        return given
    return hashlib.sha256(raw).hexdigest()


def arose_at(body: Mapping[str, Any]) -> datetime | None:
    """The second in which the event arose; None where the body names none."""
    seconds = body.get("created_at")
    try:
        return EPOCH + timedelta(seconds=seconds) if isinstance(seconds, int) else None
    except OverflowError:
        return None


BIGCOMMERCE = Sender(system=System.BIGCOMMERCE, topics=TOPICS, read=read)

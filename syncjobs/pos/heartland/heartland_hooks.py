"""Heartland's callbacks. Heartland notes §15: nothing is signed, the address alone proves the sender."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ipaas.types import System
from syncjobs.callbacks.proving import body_read, id_text
from syncjobs.callbacks.senders import Callback, Expected, Meta, Sender, Topic, flow_of
from syncjobs.models import Cursor

MENDED = Topic(expedites=(Cursor.HELD, Cursor.CUSTOMERS))  # perhaps what held records wait for
CHANGED = Topic(expedites=(Cursor.HELD, Cursor.ITEMS))
TOPICS = {
    "item_created": CHANGED,
    "item_updated": CHANGED,
    "customer_created": MENDED,
    "customer_updated": MENDED,
    "sales_transaction_completed": Topic(  # the ledger moved
        expedites=(Cursor.STOCK, Cursor.INVOICES, Cursor.TILL_RETURNS)
    ),
}


def read(meta: Meta, raw: bytes, expected: Expected, now: datetime) -> Callback:
    """The address names the event, too. Raises Refused."""
    topic, body = expected.topic, body_read(raw)
    external_id = id_text(body.get("id"))
    return Callback(
        system=System.HEARTLAND,
        topic=topic,
        key=key_of(topic, body),
        external_id=external_id,
        flow=flow_of(TOPICS, topic, external_id),
        text=raw.decode(),
        returned_invoice=returned_invoice(topic, body),
    )


def key_of(event: str, body: Mapping[str, Any]) -> str:
    """Heartland sends no delivery id: event, record and the record's time of change stand for one (notes §15)."""
    parts = "\x1f".join([event, str(body.get("id")), str(body.get("updated_at"))])
    return hashlib.sha256(parts.encode()).hexdigest()


def returned_invoice(topic: str, body: Mapping[str, Any]) -> str:
    """The invoice whose goods came back; empty when the transaction is no return."""
    is_return = topic == "sales_transaction_completed" and body.get("type") == "Return"
    return id_text(body.get("parent_transaction_id")) if is_return else ""


HEARTLAND = Sender(system=System.HEARTLAND, topics=TOPICS, read=read)

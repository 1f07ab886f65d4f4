"""What a Magento shop tells of itself: each message is a hint to look, and nothing in it is believed. Its notes, §19.

Three ways, each with an address of its own (`connections/connect/magento/hand_ways.py`). A module signs the body under
our secret. Commerce's webhooks repeat it in a header. Adobe's events carry neither: Adobe signs them with keys that it
publishes elsewhere, and nobody is asked while a callback is taken; the unguessable address proves them, as Heartland's.
"""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from connections.connect.magento.hand_ways import EVENTS, MODULE, SECRET_HEADER, WEBHOOKS
from ipaas.types import System
from syncjobs.callbacks.proving import Refused, body_read, body_signature_check, id_text, secret_check
from syncjobs.callbacks.senders import ACCOUNTS_MERGED, Callback, Expected, Meta, Sender, Topic, flow_of
from syncjobs.models import Cursor

OTHER = "other"
UNNAMED = "unnamed order"
OF_ORDERS = ("shipment", "creditmemo", "invoice", "order")
# the first that a name holds: sales_order_shipment_save_after tells of a shipment
SUBJECTS = (*OF_ORDERS, "product", "customer")
ORDER = Topic(flow="orders")
ACCOUNT = Topic(flow="customers")
TOPICS = {
    **dict.fromkeys(OF_ORDERS, ORDER),
    UNNAMED: Topic(
        expedites=(Cursor.ORDERS, Cursor.STORE_SHIPMENTS, Cursor.STORE_REFUNDS, Cursor.STORE_INVOICES),
        is_frequent=True,
    ),
    "customer": ACCOUNT,
    ACCOUNTS_MERGED: ACCOUNT,
    "product": Topic(expedites=(Cursor.PRODUCTS,), is_frequent=True),
}
NAMED = {  # subject → where the id of its record may stand
    **dict.fromkeys(OF_ORDERS, ("order_id",)),
    "order": ("order_id", "entity_id", "id"),
    "customer": ("new_id", "customer_id", "entity_id", "id"),
}
SIGNATURE_MARKS = ("SIGNATURE", "HMAC")  # X-Tillbridge-Signature, X-Hub-Signature-256, X-Shop-Hmac-SHA256
LONGEST_ID = 10  # digits of Magento's ids


def read(meta: Meta, raw: bytes, expected: Expected, now: datetime) -> Callback:
    """Prove it by the way that it came, then read what it names. Raises Refused."""
    way = expected.topic
    prove(way, meta, raw, expected.secret)
    body = body_read(raw)
    subject = subject_of(body)
    record_id = record_of(body, subject)
    topic = UNNAMED if subject in OF_ORDERS and not record_id else subject
    if subject == "customer" and merged_ids(body):
        topic = ACCOUNTS_MERGED
    return Callback(
        system=System.MAGENTO,
        topic=topic,
        key=key_of(way, body, raw, now),
        external_id=record_id,
        flow=flow_of(TOPICS, topic, record_id),
        text=raw.decode(),
        arose_at=arose_at(body),
    )


def prove(way: str, meta: Meta, raw: bytes, secret: str) -> None:
    """Raises Refused."""
    if way == WEBHOOKS:
        secret_check(_header(meta, SECRET_HEADER), secret)
    elif way == MODULE:
        body_signature_check(raw, _signatures(meta), secret)
    elif way != EVENTS:
        raise Refused("unknown_address", 404)


def _header(meta: Meta, name: str) -> str:
    return str(meta.get("HTTP_" + name.upper().replace("-", "_"), ""))


def _signatures(meta: Meta) -> list[str]:
    """What may be the body's signature: each module has its own name for the header."""
    names = [name for name in meta if name.startswith("HTTP_") and any(mark in name for mark in SIGNATURE_MARKS)]
    return [str(meta[name]) for name in names]


def subject_of(body: Mapping[str, Any]) -> str:
    """What kind of record changed, by the name of the event; webhooks need not name one, and tell of orders."""
    names = [name for name in (body.get("event"), body.get("type")) if isinstance(name, str)]
    name = (names or ["order"])[0].lower().replace("_", "")
    return next((subject for subject in SUBJECTS if subject in name), OTHER)


def record_of(body: Mapping[str, Any], subject: str) -> str:
    """The id of the order, or the account, that is told of; "" where none is plainly named."""
    names = NAMED.get(subject, ())
    found = (_number(part.get(name)) for part in _parts(body) for name in names)
    return next(filter(None, found), "")


def merged_ids(body: Mapping[str, Any]) -> list[str]:
    """Accounts that a merge names as the former ones, as a module tells of it: `{"old_ids": [91], "new_id": 77}`."""
    found: list[object] = next((part["old_ids"] for part in _parts(body) if isinstance(part.get("old_ids"), list)), [])
    return [one for one in map(_number, found) if one]


def _parts(body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Where an id may stand, the innermost first: Adobe's events hold the record as `data.value`."""
    data = _part(body, "data")
    for part in (_part(data, "value"), data, body):
        yield _part(part, "order")
        yield part


def _part(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = body.get(name)
    return part if isinstance(part, Mapping) else {}


def _number(value: Any) -> str:
    """An id as Magento writes it, so that one order has one; "" for anything else, a visible number among them."""
    text = id_text(value)
    is_id = text.isascii() and text.isdigit() and len(text) <= LONGEST_ID and not text.startswith("0")
    return text if is_id else ""


def key_of(way: str, body: Mapping[str, Any], raw: bytes, now: datetime) -> str:
    """The same for every delivery of an event that bears an id; without one the same body may tell of two changes."""
    given = id_text(body.get("id") if "specversion" in body else body.get("event_id"))
    return hashlib.sha256(b"\x1f".join([way.encode(), (given or now.isoformat()).encode(), raw])).hexdigest()


def arose_at(body: Mapping[str, Any]) -> datetime | None:
    """When an event of Adobe's arose; None where it does not say."""
    try:
        moment = datetime.fromisoformat(str(body.get("time") or ""))
    except ValueError:
        return None
    return moment if moment.tzinfo else None


MAGENTO = Sender(system=System.MAGENTO, topics=TOPICS, read=read, answer=b'{"op":"success"}', is_challenged=True)

"""Callbacks of the outside systems: verify, store, acknowledge. Nothing is asked of any other system here.

The answer never depends on what the business makes of a callback: senders block receivers that often refuse.
"""

import json
import logging
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from connections.models import Connection
from ipaas import failpoints
from ipaas.queue import DATABASE_AWAY
from ipaas.types import System
from syncjobs.engine.cursors import feed_expedite
from syncjobs.engine.expedite_items import items_expedite
from syncjobs.engine.expedite_stock import stock_expedite
from syncjobs.engine.rechecking import recheck_expedite
from syncjobs.intake import callbacks
from syncjobs.intake.callbacks import LARGEST_BODY, Refused
from syncjobs.intake.inbox import Address, Callback, address_find, callback_receive, refusal_count
from syncjobs.intake.shipment_hints import invoice_returned, shipment_edited
from syncjobs.models import Cursor
from syncjobs.stores import topics

logger = logging.getLogger(__name__)

SECRET_HEADER = "HTTP_X_TILLBRIDGE_SECRET"  # noqa: S105 (a header's name)
LONGEST_LENGTH = 9  # digits of a body's length
STANDARD_HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")

Reader = Callable[[HttpRequest, bytes, Address, datetime], Callback]


def bigcommerce_read(request: HttpRequest, raw: bytes, address: Address, now: datetime) -> Callback:
    """Verify secret, signature and producer, then read. Raises Refused."""
    callbacks.secret_check(request.META.get(SECRET_HEADER, ""), address.secret())
    headers = {name: request.headers[name] for name in STANDARD_HEADERS if name in request.headers}
    if "webhook-signature" in headers:
        callbacks.signature_check(raw, headers, client_secret(address), now.timestamp())
    body = callbacks.body_read(raw)
    if body.get("producer") != f"stores/{address.store_hash}":
        raise Refused("other_store", 404)
    scope = body.get("scope")
    topic = scope[:80] if isinstance(scope, str) and scope.isprintable() else address.topic
    key = callbacks.bigcommerce_key(body, raw)
    return _callback(System.BIGCOMMERCE, topic, key, topics.record_of(System.BIGCOMMERCE, topic, body), raw)


def heartland_read(request: HttpRequest, raw: bytes, address: Address, now: datetime) -> Callback:
    """Heartland signs nothing: the address alone proves the sender and names the event. Raises Refused."""
    body = callbacks.body_read(raw)
    key = callbacks.heartland_key(address.topic, body)
    record = topics.record_of(System.HEARTLAND, address.topic, body)
    return _callback(System.HEARTLAND, address.topic, key, record, raw)


def _callback(system: System, topic: str, key: str, external_id: str, raw: bytes) -> Callback:
    flow = topics.flow_of(topic) if external_id else None
    return Callback(system=system, topic=topic, key=key, external_id=external_id, flow=flow or "", text=raw.decode())


def client_secret(address: Address) -> str:
    """The secret of the app that registered the hook: the store's own credential, else our app's."""
    own = json.loads(address.credential() or "{}")
    return str(own.get("client_secret") or settings.BIGCOMMERCE_CLIENT_SECRET)


@csrf_exempt
@require_POST
def receive(request: HttpRequest, token: str, *, system: System, read: Reader) -> HttpResponse:
    """Take one callback: 200 once it is stored, also for a repeat; 503 when it could not be."""
    now = timezone.now()
    address: Address | None = None
    try:
        try:
            _size_check(request)
            address = address_find(system, token)
            if address is None:
                raise Refused("unknown_address", 404)  # before its body is waited for
            raw = _body(request)
            if address.state != Connection.State.DISCONNECTED:
                with callbacks.odd_is_refused():
                    callback = read(request, raw, address, now)
                callback_receive(address, callback, now)
                failpoints.passing("webhook.stored")
                if callback.topic in topics.MOVES_STOCK:
                    stock_expedite(address.connection_id, now)
                if callback.topic in topics.SHIPS:
                    feed_expedite(address.connection_id, Cursor.INVOICES, now)
                    invoice_returned(address.connection_id, callback.text, now)
                if callback.topic in topics.EDITS_SHIPMENTS:
                    shipment_edited(address.connection_id, callback.text, now)
                if callback.topic in topics.MENDS:
                    recheck_expedite(address.connection_id, now)
                if feed := topics.CHANGES_ITEMS.get(callback.topic):
                    items_expedite(address.connection_id, feed, now, topic=callback.topic)
        except Refused as refused:
            refusal_count(refused.reason, now, address)
            return HttpResponse(status=refused.status)
    except DATABASE_AWAY:
        logger.exception("callback not stored")
        return HttpResponse(status=HTTPStatus.SERVICE_UNAVAILABLE)
    return HttpResponse()


def _size_check(request: HttpRequest) -> None:
    """Refuse what says itself to be too large. Raises Refused."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or len(length) > LONGEST_LENGTH or int(length) > LARGEST_BODY:
        raise Refused("too_large", 413)


def _body(request: HttpRequest) -> bytes:
    """The raw bytes, bounded before anything looks into them. Raises Refused."""
    try:
        raw = request.body
    except UnreadablePostError as exc:
        raise Refused("cut_short", 400) from exc
    if len(raw) > LARGEST_BODY:
        raise Refused("too_large", 413)
    return raw


urlpatterns = [
    path(f"{system}/<str:token>", receive, {"system": system, "read": read}, name=f"hook_{system}")
    for system, read in ((System.BIGCOMMERCE, bigcommerce_read), (System.HEARTLAND, heartland_read))
]

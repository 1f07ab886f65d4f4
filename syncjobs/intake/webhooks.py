"""Callbacks of the outside systems: verify, store, acknowledge. Nothing is asked of any other system here.

The answer never depends on what the business makes of a callback: senders block receivers that often refuse.
"""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from http import HTTPStatus

from django.db import connection as database
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from ipaas import failpoints
from ipaas.queue import DATABASE_AWAY, is_cut_off
from ipaas.types import System
from syncjobs.callbacks.proving import LARGEST_BODY, Refused, is_number, odd_is_refused
from syncjobs.callbacks.senders import SENDERS, Meta
from syncjobs.intake import payment_hooks
from syncjobs.intake.coalescing import coalescer
from syncjobs.intake.inbox import Address, address_find, address_kept, callback_receive, refusal_count
from syncjobs.intake.shipment_hints import invoice_returned, shipment_edited

logger = logging.getLogger(__name__)

CHALLENGE = re.compile(r"[\w-]{1,200}", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """A callback as it arrives; its body is read when it is asked for."""

    system: System
    token: str  # the unguessable part of the address
    meta: Meta  # and its length
    read: Callable[[], bytes]  # raises OSError when the sender leaves

    def size_check(self) -> None:
        """Refuse what says itself to be too large. Raises Refused."""
        length = self.meta.get("CONTENT_LENGTH") or "0"
        if not is_number(length) or int(length) > LARGEST_BODY:
            raise Refused("too_large", 413)

    @cached_property
    def raw(self) -> bytes:
        """The bytes of the body, bounded before anything looks into them. Raises Refused."""
        try:
            raw = self.read()
        except OSError as exc:
            raise Refused("cut_short", 400) from exc
        if len(raw) > LARGEST_BODY:
            raise Refused("too_large", 413)
        return raw


def take(delivery: Delivery) -> HTTPStatus:
    """Take one callback: 200 once it is stored, also for a repeat; 503 when it could not be.

    On a connection that turns out to be lost it is tried once more: storing twice is storing once.
    """
    now = timezone.now()
    had_connection = database.connection is not None
    try:
        try:
            return _take(delivery, now)
        except DATABASE_AWAY:
            if not had_connection or database.in_atomic_block or not is_cut_off():
                raise
            database.close()
            return _take(delivery, now)
    except DATABASE_AWAY:
        logger.exception("callback not stored")
        return HTTPStatus.SERVICE_UNAVAILABLE


def _take(delivery: Delivery, now: datetime) -> HTTPStatus:
    address = kept = address_kept(delivery.system, delivery.token)
    try:
        delivery.size_check()
        if kept and _is_stored_as_kept(delivery, kept, now):
            return HTTPStatus.OK
        address = address_find(delivery.system, delivery.token)
        if address is None:
            raise Refused("unknown_address", 404)  # before its body is waited for
        raw = delivery.raw
        if not address.is_live:
            return HTTPStatus.OK
        is_stored = _store(delivery, raw, address, now)
    except Refused as refused:
        refusal_count(refused.reason, now, address)
        return HTTPStatus(refused.status)
    return HTTPStatus.OK if is_stored else HTTPStatus.SERVICE_UNAVAILABLE  # changed in this very moment


def _is_stored_as_kept(delivery: Delivery, kept: Address, now: datetime) -> bool:
    """False where what is kept does not fit: it may be outdated, and is read anew before anything is refused."""
    raw = delivery.raw
    try:
        return _store(delivery, raw, kept, now)
    except Refused:
        return False


def _store(delivery: Delivery, raw: bytes, address: Address, now: datetime) -> bool:
    """Verify, store, and have looked at what it is about. False when the address has changed. Raises Refused."""
    sender = SENDERS[delivery.system]
    with odd_is_refused():
        callback = sender.read(delivery.meta, raw, address, now)
    if not callback_receive(address, callback, now):
        return False
    failpoints.passing("webhook.stored")
    if callback.returned_invoice:
        invoice_returned(address.connection_id, callback.returned_invoice, now)
    if callback.shipment_id:
        shipment_edited(address.connection_id, callback.shipment_id, now)
    topic = sender.topics.get(callback.topic)
    if topic and topic.expedites:
        coalescer.news(address.connection_id, topic)
    return True


def content_of(system: System, status: HTTPStatus) -> bytes:
    """What an answer says: nothing, but to a sender that waits for a word once its callback is stored."""
    return SENDERS[system].answer if status == HTTPStatus.OK else b""


@csrf_exempt
@require_POST
def receive(request: HttpRequest, token: str, *, system: System) -> HttpResponse:
    """Take one callback that came in by Django."""
    delivery = Delivery(system=system, token=token, meta=request.META, read=lambda: request.body)
    status = take(delivery)
    content = content_of(system, status)
    return HttpResponse(content, status=status, content_type="application/json" if content else None)


@csrf_exempt
def receive_challenged(request: HttpRequest, token: str, *, system: System) -> HttpResponse:
    """The same for a sender that asks first whether the address is ours: what it says is repeated to it.

    Source: Adobe's guide to I/O Events webhooks, *challenge request*.
    """
    if request.method != "GET":
        return receive(request, token, system=system)
    challenge = request.GET.get("challenge", "")
    if not CHALLENGE.fullmatch(challenge) or address_find(system, token) is None:
        return HttpResponse(status=HTTPStatus.NOT_FOUND)
    return HttpResponse(challenge, content_type="text/plain")


urlpatterns = [
    path(
        f"{system}/<str:token>",
        receive_challenged if sender.is_challenged else receive,
        {"system": System(system)},
        name=f"hook_{system}",
    )
    for system, sender in SENDERS.items()
]
urlpatterns.append(path("payments/<str:token>/<slug:operation>", payment_hooks.receive, name="payment_hook"))

"""Pages inside BigCommerce's control panel, and its signed callbacks. apis/bigcommerce.md §2.5, §3.

Framed pages use no cookies (browsers drop them in foreign frames) and may be framed by the control panel only.
"""

import logging
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from connections.connect.bigcommerce.claims import claim_url, first_use
from connections.connect.bigcommerce.install import store_uninstalled, store_user_removed
from connections.connectors.bigcommerce.oauth import CallbackRefused, SignedCallback, signed_payload_verify
from connections.glance import glance_of
from connections.models import AccessState, Connection, Store
from connections.views.base import public

logger = logging.getLogger(__name__)


def framed(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """Draw a page that only the control panel may frame."""
    response = render(request, template, context, status=status)
    response.xframe_options_exempt = True
    response._csp_replace = {"frame-ancestors": settings.BIGCOMMERCE_FRAME_ANCESTORS}  # type: ignore[attr-defined]
    return response


def caller(request: HttpRequest) -> SignedCallback | None:
    """Who BigCommerce says is acting; None when the proof does not hold. The reason goes to the log only."""
    try:
        return signed_payload_verify(
            request.GET.get("signed_payload_jwt", ""),
            client_secret=settings.BIGCOMMERCE_CLIENT_SECRET,
            client_id=settings.BIGCOMMERCE_CLIENT_ID,
            now=timezone.now(),
        )
    except CallbackRefused as refusal:
        logger.warning("signed callback refused", extra={"reason": str(refusal)})
        return None


def store_of(callback: SignedCallback) -> Store | None:
    return Store.objects.filter(kind="bigcommerce", store_hash=callback.store_hash).first()


def refused(request: HttpRequest) -> HttpResponse:
    """The same blank answer for every proof that does not hold."""
    return framed(request, "connections/framed_refused.html", {}, status=401)


@require_safe
@never_cache
@public
def load(request: HttpRequest) -> HttpResponse:
    """A person opened the app in the control panel: show how the store is doing, with a way to the full pages."""
    callback = caller(request)
    if callback is None:
        return refused(request)
    store = store_of(callback)
    if store is None or store.state == AccessState.DISCONNECTED:
        return framed(request, "connections/framed_unknown.html", {})
    with timezone.override(ZoneInfo(store.merchant.time_zone) if store.merchant else None):
        return framed(request, "connections/framed_store.html", framed_context(store))


def framed_context(store: Store) -> dict[str, Any]:
    """What the control panel may see of a store: its state, links and three numbers; nothing of a shopper."""
    connection = Connection.objects.select_related("heartland").filter(store=store).first()
    home = reverse("items", args=[connection.public_id]) if connection else reverse("integrations_bigcommerce")
    return {
        "store": store,
        "connection": connection,
        "claim": claim_url(store) if store.state == AccessState.UNCLAIMED else "",
        "glance": glance_of(connection) if connection else None,
        "home": settings.PUBLIC_URL + home,
    }


@require_safe
@never_cache
@public
def uninstall(request: HttpRequest) -> HttpResponse:
    """The app was removed from a store: its token and webhooks are gone already."""
    callback = caller(request)
    if callback is None:
        return HttpResponse(status=401)
    store = store_of(callback)
    if store is not None and first_use(callback.token_id):
        store_uninstalled(store=store, issued_at=callback.issued_at)
    return HttpResponse("OK", content_type="text/plain")


@require_safe
@never_cache
@public
def remove_user(request: HttpRequest) -> HttpResponse:
    """The store's owner took the app away from one person."""
    callback = caller(request)
    if callback is None:
        return HttpResponse(status=401)
    store = store_of(callback)
    if store is not None and first_use(callback.token_id):
        store_user_removed(store=store, user_id=callback.user_id)
    return HttpResponse("OK", content_type="text/plain")

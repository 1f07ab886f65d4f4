"""Connecting a Heartland account: by OAuth, or by a pasted API token. apis/heartland-retail.md §2."""

import secrets
import time
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from connections import services
from connections.connectors.heartland import oauth
from connections.forms import HeartlandTokenForm
from connections.heartland_access import scopes_asked
from connections.models import Connection, HeartlandAccount, Merchant
from connections.permissions import Action
from connections.strict import takes
from connections.views.base import PersonRequest, demand, member, merchant_for, page
from connections.views.go_on import go_on
from errors.failures import SyncFailure

STATE = "heartland_oauth"  # key of the session
STATE_SECONDS = 600


def redirect_uri() -> str:
    """Where Heartland sends the browser back; registered there byte for byte."""
    return str(settings.PUBLIC_URL) + reverse("heartland_callback")


@takes("merchant")
@require_POST
@never_cache
@member
def authorize(request: PersonRequest) -> HttpResponse:
    """Send the browser to Heartland with a `state` that this session alone knows."""
    merchant = merchant_for(request, request.POST.get("merchant", ""), Action.CONNECT)
    if not settings.HEARTLAND_CLIENT_ID:
        messages.error(request, "This installation has no Heartland app yet: paste an API token instead.")
        return redirect("integrations_heartland")
    state = secrets.token_urlsafe(32)
    request.session[STATE] = {"state": state, "merchant": str(merchant.public_id), "at": int(time.time())}
    return redirect(
        oauth.authorize_url(
            settings.HEARTLAND_OAUTH_BASE,
            client_id=settings.HEARTLAND_CLIENT_ID,
            scopes=scopes_asked(),
            redirect_uri=redirect_uri(),
            state=state,
        )
    )


@require_GET  # HEAD would use up the state
@never_cache
@member
def callback(request: PersonRequest) -> HttpResponse:
    """Heartland sends the browser back. The state is used up by the first try, whatever comes of it."""
    asked: dict[str, Any] = request.session.pop(STATE, {})
    given = request.GET.get("state", "")
    is_ours = bool(asked) and secrets.compare_digest(str(asked["state"]).encode(), given.encode())
    if not is_ours or time.time() - asked["at"] > STATE_SECONDS:
        raise BadRequest("This answer from Heartland was not asked for here, or came too late.")
    merchant = merchant_for(request, asked["merchant"], Action.CONNECT)
    if request.GET.get("error") or not request.GET.get("code"):
        messages.warning(request, "Heartland was not connected: access was not allowed there.")
        return redirect("integrations_heartland")
    try:
        account = services.heartland_authorize(
            merchant=merchant, code=request.GET["code"], redirect_uri=redirect_uri(), actor=request.user
        )
    except SyncFailure as failure:
        messages.error(request, failure.summary)
        return redirect("integrations_heartland")
    return connected(request, account)


@takes(HeartlandTokenForm)
@require_http_methods(["GET", "POST"])
@never_cache
@sensitive_post_parameters("token")
@member
def token(request: PersonRequest, merchant_id: str) -> HttpResponse:
    """Paste an API token; it is checked before it is kept. Also replaces a revoked one."""
    merchant = get_object_or_404(Merchant.objects.for_user(request.user), public_id=merchant_id)
    demand(request, merchant, Action.CONNECT)
    form = HeartlandTokenForm(
        request.POST or None, initial={"base_url": known_address(merchant, request.GET.get("address", ""))}
    )
    if request.method == "POST" and form.is_valid():
        try:
            account = services.heartland_connect(
                merchant=merchant,
                base_url=form.cleaned_data["base_url"],
                token=form.cleaned_data["token"],
                auth="token",
                actor=request.user,
            )
        except SyncFailure as failure:
            form.add_error(None, failure.summary)
        else:
            return connected(request, account)
    context = {"form": form, "merchant": merchant}
    return page(request, "connections/heartland_token.html", context, merchant=merchant)


def known_address(merchant: Merchant, address: str) -> str:
    """The address of an account of this merchant; nothing for another, which a link from outside may have put there."""
    return address if merchant.heartland_accounts.filter(base_url=address).exists() else ""


def connected(request: PersonRequest, account: HeartlandAccount) -> HttpResponse:
    """Say so, and go on with what waits for it; of an account that serves stores already, its own page."""
    messages.success(request, f"Heartland account {account} is connected.")
    if account.connections.exclude(state=Connection.State.DISCONNECTED).exists():
        return redirect("heartland_account", public_id=account.public_id)
    return go_on(request, account.merchant)

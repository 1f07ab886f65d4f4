"""Adding a BigCommerce website: install, come back, claim. apis/bigcommerce.md §2.

The install carries no `state`: a signed cookie, set when our button was pressed, tells who came back. Whoever comes
without it (from the control panel) signs in and claims. Neither way attaches a store without a confirmation.
"""

import logging
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from connections import services
from connections.connect.bigcommerce.claims import claim_token, claim_url, claimed_store
from connections.connect.bigcommerce.framed_views import framed
from connections.connect.bigcommerce.grants import missing_needs
from connections.connect.bigcommerce.install import store_install
from connections.connectors.bigcommerce.oauth import CallbackRefused, install_url
from connections.forms import ClaimForm
from connections.hooks import hooks_arm
from connections.models import AccessState, Connection, Merchant, Store
from connections.permissions import Action, may, role_of
from connections.strict import takes
from connections.views.base import PersonRequest, demand, member, merchant_for, page, public
from connections.views.go_on import go_on
from connections.views.integrations import shops
from connections.wall import wall_lifted
from errors.failures import SyncFailure

logger = logging.getLogger(__name__)

COOKIE = "tillbridge_install"
COOKIE_SALT = "bigcommerce-install"
INSTALL_SECONDS = 20 * 60


@require_safe
@member
def websites(request: PersonRequest) -> HttpResponse:
    """BigCommerce websites: add, manage."""
    context = {"shops": shops(request.user), "can_install": bool(settings.BIGCOMMERCE_CLIENT_ID)}
    return page(request, "connections/bigcommerce.html", context)


@takes("merchant", "store")
@require_POST
@member
def install(request: PersonRequest) -> HttpResponse:
    """*Add a BigCommerce website*: remember who asks, and send the browser to BigCommerce."""
    merchant = merchant_for(request, request.POST.get("merchant", ""), Action.CONNECT)
    if not settings.BIGCOMMERCE_CLIENT_ID:
        messages.error(request, "This installation has no BigCommerce app yet: BIGCOMMERCE_CLIENT_ID is not set.")
        return redirect("integrations_bigcommerce")
    response = redirect(install_url(settings.BIGCOMMERCE_LOGIN_BASE, settings.BIGCOMMERCE_CLIENT_ID))
    response.set_signed_cookie(
        COOKIE,
        f"{request.user.pk}:{merchant.public_id}",
        salt=COOKIE_SALT,
        max_age=INSTALL_SECONDS,
        path=reverse("bigcommerce_auth"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


@require_GET  # HEAD would use up the code
@never_cache
@public
def auth(request: HttpRequest) -> HttpResponse:
    """BigCommerce sends the browser here after consent: trade the code for the store's token."""
    try:
        store, _ = store_install(
            code=request.GET.get("code", ""),
            context=request.GET.get("context", ""),
            scope=request.GET.get("scope", ""),
            is_external="external_install" in request.GET,
        )
    except (SyncFailure, CallbackRefused) as failure:
        logger.warning("install refused", extra={"reason": type(failure).__name__})
        summary = failure.summary if isinstance(failure, SyncFailure) else "BigCommerce's answer could not be trusted."
        return answer(request, "connections/install_failed.html", {"reason": summary}, status=400)
    response: HttpResponse
    if asked := asked_here(request):
        response = redirect(reverse("bigcommerce_claim", args=[claim_token(store)]) + f"?merchant={asked}")
    else:
        context = {"store": store, "claim": claim_url(store), "missing": missing_of(store)}
        response = answer(request, "connections/framed_store.html", context)
    response.delete_cookie(COOKIE, path=reverse("bigcommerce_auth"))
    return response


def answer(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page that also shows inside the control panel's frame, without cookies."""
    return framed(request, template, context, status=status)


def asked_here(request: HttpRequest) -> str:
    """The merchant for whom the person who is logged in now pressed our button in this browser; else empty."""
    asked = str(request.get_signed_cookie(COOKIE, default="", salt=COOKIE_SALT, max_age=INSTALL_SECONDS))
    person, _, merchant = asked.partition(":")
    return merchant if person == str(request.user.pk) else ""


@takes(ClaimForm)
@require_http_methods(["GET", "POST"])
@never_cache
@member
@wall_lifted()  # an unclaimed store is nobody's: the token says which
def claim(request: PersonRequest, token: str) -> HttpResponse:
    """*Confirm*: which merchant the installed store belongs to. Nothing is attached before the POST."""
    store = claimed_store(token)
    if store is None:
        raise Http404
    if store.merchant is not None and store.state == AccessState.CONNECTED:
        return already_claimed(request, store)
    merchants = claimable(request)
    form = ClaimForm(request.POST or None, merchants=merchants, initial={"merchant": request.GET.get("merchant")})
    if request.method == "POST" and form.is_valid():
        merchant = form.cleaned_data["merchant"]
        demand(request, merchant, Action.CONNECT)
        try:
            services.store_claim(store=store, merchant=merchant, actor=request.user)
        except SyncFailure as failure:
            messages.error(request, failure.summary)
            return redirect("integrations_bigcommerce")
        return after_claim(request, store, merchant)
    context = {"store": store, "form": form, "has_merchants": bool(merchants), "missing": missing_of(store)}
    return page(request, "connections/claim.html", context)


def missing_of(store: Store) -> list[str]:
    """What BigCommerce did not grant at the install and we need, by its names on BigCommerce's own screen."""
    return [need.words for need in missing_needs(store.credential.scopes if store.credential else "")]


def claimable(request: PersonRequest) -> Any:
    """The person's merchants for which they may connect systems."""
    rows = Merchant.objects.for_user(request.user).order_by("name")
    allowed = [row.pk for row in rows if may(role_of(request.user, row), Action.CONNECT)]
    return rows.filter(pk__in=allowed)


def already_claimed(request: PersonRequest, store: Store) -> HttpResponse:
    """A renewed consent: the store is somebody's already. Someone else's is a 404."""
    if role_of(request.user, store.merchant) is None:
        raise Http404
    messages.info(request, f"{store} is connected already; there is nothing to confirm.")
    if missing := missing_of(store):
        messages.warning(request, f"BigCommerce did not grant {', '.join(missing)}: install the app again and confirm.")
    connection = Connection.objects.filter(store=store).first()
    if connection:
        return redirect("connection", public_id=connection.public_id)
    return redirect("store_pair", public_id=store.public_id)


def after_reinstall(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Orders come again at once: an uninstall takes our webhooks with it (BigCommerce notes §3)."""
    messages.success(request, f"{connection.store} is connected again; what was missed meanwhile is asked for now.")
    for problem in hooks_arm(connection=connection, actor=request.user).problems:
        messages.warning(request, problem)
    return redirect("connection", public_id=connection.public_id)


def after_claim(request: PersonRequest, store: Store, merchant: Merchant) -> HttpResponse:
    """Pair at once when there is exactly one Heartland account, else ask; then the checklist goes on."""
    connection = Connection.objects.filter(store=store).first()
    if connection and connection.is_running:
        return after_reinstall(request, connection)
    messages.success(request, f"{store} is added.")
    return go_on(request, merchant, store)

"""Save and Activate in a browser: our two addresses, Magento's callback, the confirmation. See `handshake`."""

import logging
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from connections.connect.magento.handshake import (
    BROUGHT,
    EXCHANGE,
    brought_to,
    callback_url,
    handshake_begin,
    handshake_complete,
    handshake_receive,
    identity_url,
    is_elsewhere,
    way_back,
)
from connections.connect.magento.magento_forms import ConfirmForm, SigningForm
from connections.connect.magento.magento_views import again, whither
from connections.models import AccessState, Handshake
from connections.permissions import Action
from connections.strict import takes
from connections.views.base import PersonRequest, demand, member, merchant_for, page, public, wants_partial
from connections.views.go_on import pair_what_can
from connections.wall import wall_lifted
from errors.failures import ConfigurationFailure, SyncFailure

logger = logging.getLogger(__name__)


@takes(SigningForm)
@require_http_methods(["GET", "POST"])
@never_cache
@member
def begin(request: PersonRequest, merchant_id: UUID) -> HttpResponse:
    """Ask for the shop's address, then show the addresses that its integration is given."""
    merchant = merchant_for(request, str(merchant_id), Action.CONNECT)
    context = again(request, merchant)
    store = context["store"]
    form = SigningForm(request.POST or None, is_again=bool(store), initial={"address": store.api_base if store else ""})
    if request.method == "POST" and form.is_valid():
        handshake = handshake_begin(
            merchant=merchant,
            person=request.user,
            address=form.cleaned_data["address"],
            signing_url=form.cleaned_data["signing_url"],
            store=store,
            has_moved=form.cleaned_data.get("has_moved", False),
            now=timezone.now(),
        )
        return redirect("magento_activation", public_id=handshake.public_id)
    context |= {"form": form, "merchant": merchant}
    return page(request, "connections/magento/begin.html", context, merchant=merchant)


def begun(request: PersonRequest, public_id: UUID) -> Handshake:
    """A handshake that this very person began, and may still go on with."""
    rows = Handshake.objects.for_user(request.user).select_related("merchant", "store")
    handshake: Handshake = get_object_or_404(rows, public_id=public_id)
    demand(request, handshake.merchant, Action.CONNECT)
    return handshake


@require_safe
@never_cache
@member
def activation(request: PersonRequest, public_id: UUID) -> HttpResponse:
    """What to do in Admin, and how far it has come; a part of it asks again by itself."""
    handshake = begun(request, public_id)
    if handshake.completed_at and handshake.store:
        return HttpResponseClientRedirect(request.path) if wants_partial(request) else whither(request, handshake.store)
    context = {
        "handshake": handshake,
        "merchant": handshake.merchant,
        "callback_url": callback_url(handshake),
        "identity_url": identity_url(handshake),
        "is_over": handshake.expires_at <= timezone.now(),
        **again(request, handshake.merchant),
    }
    template = (
        "connections/magento/_activation_state.html"
        if wants_partial(request)
        else "connections/magento/activation.html"
    )
    return page(request, template, context, merchant=handshake.merchant)


@csrf_exempt
@takes(*BROUGHT)
@require_POST
@sensitive_post_parameters(*BROUGHT)
@sensitive_variables("secret")
@public
def callback(request: HttpRequest, public_id: UUID, secret: str) -> HttpResponse:
    """Magento brings its keys: they are kept, and nothing else is done. The secret in the address is the proof."""
    try:
        is_kept = handshake_receive(public_id=public_id, secret=secret, values=request.POST.dict(), now=timezone.now())
    except ConfigurationFailure as failure:
        logger.warning("activation refused", extra={"reason": failure.summary})
        return HttpResponse(failure.summary, status=400, content_type="text/plain")
    if not is_kept:
        raise Http404
    return HttpResponse("OK", content_type="text/plain")


@takes(ConfirmForm)
@require_http_methods(["GET", "POST"])
@never_cache
@member
@wall_lifted()  # whether the shop is somebody else's already
def identity(request: PersonRequest, public_id: UUID) -> HttpResponse:
    """Magento opens this page for the person who activates; nothing is connected before they confirm."""
    handshake = begun(request, public_id)
    brought = brought_to(handshake)
    form = ConfirmForm(request.POST or None, initial=request.GET.dict())
    problem = ""
    if request.method == "POST" and form.is_valid():
        try:
            store = handshake_complete(
                handshake=handshake,
                consumer_key=form.cleaned_data["oauth_consumer_key"],
                is_elsewhere_fine=form.cleaned_data["is_elsewhere_fine"],
                actor=request.user,
                now=timezone.now(),
                back=form.cleaned_data["success_call_back"],
            )
        except SyncFailure as failure:
            problem = failure.summary
            handshake.refresh_from_db()
            brought = brought_to(handshake)
        else:
            if store.state == AccessState.CONNECTED:
                pair_what_can(request, handshake.merchant)
            back = way_back(form.cleaned_data["success_call_back"], brought.store_base_url if brought else "")
            return page(
                request, "connections/magento/activated.html", {"store": store, "back": back, "handshake": handshake}
            )
    context = {
        "handshake": handshake,
        "brought": brought,
        "is_elsewhere": bool(brought and is_elsewhere(handshake, brought)),
        "is_late": bool(handshake.received_at and timezone.now() - handshake.received_at > EXCHANGE),
        "form": form,
        "problem": problem or handshake.problem,
    }
    return page(request, "connections/magento/identity.html", context, merchant=handshake.merchant)

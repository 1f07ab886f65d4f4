"""Outgoing webhooks: where other systems are told, what they were told, and telling it again."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from connections.models import Merchant, WebhookEndpoint, WebhookMessage
from connections.outbox import EVENTS
from connections.permissions import Action
from connections.services.webhooks import (
    endpoint_change,
    endpoint_end,
    endpoint_make,
    endpoint_test,
    message_replay,
)
from connections.strict import takes
from connections.views.base import PersonRequest, member, merchant_for, page
from errors.failures import ConfigurationFailure

SHOWN = 50


class EndpointForm(forms.Form):
    """Where another system is told, and of what."""

    address = forms.CharField(label="Address", max_length=300, help_text="https://… of the system that is to be told.")
    events = forms.MultipleChoiceField(
        label="It is told of",
        choices=[(event, f"{event}: {words}") for event, words in EVENTS.items() if event != "webhook.test"],
        widget=forms.CheckboxSelectMultiple,
    )


@takes(EndpointForm)
@require_http_methods(["GET", "POST"])
@never_cache
@member
def webhooks(request: PersonRequest, public_id: str) -> HttpResponse:
    """Every endpoint with how it goes; making one shows its secret this once."""
    merchant = merchant_for(request, str(public_id), Action.HOOKS)
    form = EndpointForm(request.POST or None)
    if request.method != "POST":
        return _page(request, merchant, form)
    if form.is_valid():
        try:
            made = endpoint_make(merchant=merchant, actor=request.user, now=timezone.now(), **form.cleaned_data)
        except ConfigurationFailure as failure:
            form.add_error("address", failure.summary)
        else:
            return _page(request, merchant, EndpointForm(), made=made)
    return _page(request, merchant, form, status=400)


@takes("do")
@require_POST
@member
def webhook_move(request: PersonRequest, public_id: str, endpoint_id: int) -> HttpResponse:
    """Test it, switch it off or on, or end it."""
    merchant = merchant_for(request, str(public_id), Action.HOOKS)
    rows = WebhookEndpoint.objects.filter(merchant=merchant).select_related("merchant")
    endpoint, now = get_object_or_404(rows, pk=endpoint_id), timezone.now()
    match request.POST.get("do"):
        case "test":
            endpoint_test(endpoint=endpoint, actor=request.user, now=now)
            messages.success(request, f"A test is on its way to {endpoint.host}: see the list below.")
        case "on" | "off" as verb:
            endpoint_change(endpoint=endpoint, actor=request.user, events=None, is_active=verb == "on", now=now)
            messages.success(request, f"{endpoint.host} is switched {verb}.")
        case "end":
            endpoint_end(endpoint=endpoint, actor=request.user)
            messages.success(request, f"{endpoint.host} is told nothing any more.")
        case _:
            raise Http404
    return redirect("webhooks", public_id=merchant.public_id)


@require_POST
@member
def webhook_replay(request: PersonRequest, public_id: str, message_id: int) -> HttpResponse:
    """Deliver a message again."""
    merchant = merchant_for(request, str(public_id), Action.HOOKS)
    rows = WebhookMessage.objects.filter(endpoint__merchant=merchant).select_related("endpoint__merchant")
    message = get_object_or_404(rows, pk=message_id)
    message_replay(message=message, actor=request.user, now=timezone.now())
    messages.success(request, f"{message.event} goes to {message.endpoint.host} again.")
    return redirect("webhooks", public_id=merchant.public_id)


def _page(
    request: PersonRequest,
    merchant: Merchant,
    form: EndpointForm,
    *,
    made: WebhookEndpoint | None = None,
    status: int = 200,
) -> HttpResponse:
    sent = WebhookMessage.objects.filter(endpoint__merchant=merchant).select_related("endpoint")
    context = {
        "merchant": merchant,
        "form": form,
        "made": made,
        "endpoints": merchant.webhook_endpoints.order_by("-pk"),
        "sent": sent.prefetch_related("tries").order_by("-pk")[:SHOWN],
    }
    response = page(request, "connections/webhooks.html", context, merchant=merchant)
    response.status_code = status
    return response

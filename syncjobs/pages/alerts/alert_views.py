"""The alerts' page: everybody reads it and chooses for themselves; who may, sets rules and channels."""

from decimal import Decimal, InvalidOperation
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from connections.models import Merchant
from connections.permissions import Action
from connections.strict import takes
from connections.views.base import PersonRequest, member, merchant_for, page, proven_lately
from errors.alerts import alert_settings
from errors.alerts.alert_settings import TooManyChannels
from errors.alerts.delivery import message_again
from errors.alerts.sending import AddressRefused
from errors.alerts.targets import subscription_of
from errors.models import AlertChannel, AlertKind, AlertMessage
from ipaas import queue
from syncjobs.alerting.watch import DELIVER
from syncjobs.models import ServiceClass
from syncjobs.pages.alerts.alert_forms import ChannelForm, MineForm, RuleForm
from syncjobs.pages.alerts.alert_lists import alert_rows, channel_rows, rule_rows, watched_since

UNDELIVERED = 10


@require_safe
@member
def alerts_home(request: PersonRequest) -> HttpResponse:
    """The alerts of the person's one merchant; of several, a choice."""
    mine = list(Merchant.objects.for_user(request.user).order_by("name", "pk"))
    if len(mine) == 1:
        return redirect("alerts", public_id=mine[0].public_id)
    return page(request, "alerts/choice.html", {"merchants": mine})


@require_safe
@never_cache
@member
def alerts(request: PersonRequest, public_id: UUID) -> HttpResponse:
    """What is so now; `preview` in the address tries a threshold without saving it."""
    return drawn(request, merchant_for(request, str(public_id), Action.LOOK))


def drawn(
    request: PersonRequest,
    merchant: Merchant,
    *,
    mine: MineForm | None = None,
    channel: ChannelForm | None = None,
    rules: dict[str, RuleForm] | None = None,
) -> HttpResponse:
    """The page, with the forms that were refused."""
    now, chosen = timezone.now(), subscription_of(merchant, request.user)
    open_rows, past = alert_rows(merchant, chosen.seen_at, now)
    undelivered = AlertMessage.objects.filter(merchant=merchant, sent_at=None, gave_up_at__isnull=False)
    tried = tried_in(request)
    context = {
        "merchant": merchant,
        "open": open_rows,
        "past": past,
        "unread": sum(one.is_unread for one in (*open_rows, *past)),
        "mine": mine or MineForm(initial=vars(chosen), auto_id="mine-%s"),
        "rules": rule_rows(merchant, tried, rules or {}, now),
        "tried": tried,
        "watched_since": watched_since(merchant, now),
        "channels": channel_rows(merchant),
        "channel_form": channel or ChannelForm(initial={"kind": "slack"}, auto_id="channel-%s"),
        "undelivered": undelivered.select_related("channel", "person").order_by("-created_at")[:UNDELIVERED],
    }
    return page(request, "alerts/alerts.html", context, merchant=merchant)


def tried_in(request: PersonRequest) -> dict[str, Decimal]:
    """The threshold of one rule that the address asks to try."""
    kind = request.GET.get("preview", "")
    try:
        value = Decimal(request.GET.get("threshold", "")[:12])
    except InvalidOperation:
        return {}
    return {kind: value} if kind in AlertKind.values and value.is_finite() and 0 <= value <= 9_999_999 else {}


@require_POST
@member
def seen(request: PersonRequest, public_id: UUID) -> HttpResponse:
    """Nothing is unread any more."""
    merchant = merchant_for(request, str(public_id), Action.LOOK)
    alert_settings.alerts_seen(merchant=merchant, person=request.user, now=timezone.now())
    return redirect("alerts", public_id=public_id)


@takes(MineForm)
@require_POST
@member
def mine(request: PersonRequest, public_id: UUID) -> HttpResponse:
    """What the person wants to hear."""
    merchant = merchant_for(request, str(public_id), Action.LOOK)
    form = MineForm(request.POST, auto_id="mine-%s")
    if not form.is_valid():
        return drawn(request, merchant, mine=form)
    alert_settings.subscription_save(merchant=merchant, person=request.user, now=timezone.now(), **form.cleaned_data)
    messages.success(request, "Saved what you are told.")
    return redirect("alerts", public_id=public_id)


@takes(RuleForm)
@require_POST
@member
def rule(request: PersonRequest, public_id: UUID, kind: str) -> HttpResponse:
    """Save one rule for everybody of the merchant."""
    merchant = merchant_for(request, str(public_id), Action.ALERTS)
    if kind not in AlertKind.values:
        return redirect("alerts", public_id=public_id)
    form = RuleForm(request.POST, auto_id=f"{kind}-%s")
    if not form.is_valid():
        return drawn(request, merchant, rules={kind: form})
    label = AlertKind(kind).label
    if alert_settings.rule_save(merchant=merchant, kind=AlertKind(kind), actor=request.user, **form.cleaned_data):
        messages.success(request, f"Saved: {label}.")
    return redirect("alerts", public_id=public_id)


@takes(ChannelForm)
@require_POST
@never_cache
@member
@proven_lately
def channel_add(request: PersonRequest, public_id: UUID) -> HttpResponse:
    """Add a channel. The secret of a webhook is shown now and never again."""
    merchant = merchant_for(request, str(public_id), Action.ALERTS)
    form = ChannelForm(request.POST, auto_id="channel-%s")
    if form.is_valid():
        try:
            row = alert_settings.channel_add(merchant=merchant, actor=request.user, **form.cleaned_data)
        except AddressRefused as refused:
            form.add_error("address", str(refused))
        except TooManyChannels as failure:
            form.add_error(None, failure.summary)
        else:
            if row.secret:
                context = {"merchant": merchant, "channel": row}
                return page(request, "alerts/secret.html", context, merchant=merchant)
            messages.success(request, f"{row.name} is added. Send a test to see whether it arrives.")
            return redirect("alerts", public_id=public_id)
    return drawn(request, merchant, channel=form)


def _channel(request: PersonRequest, public_id: UUID, channel_id: int) -> AlertChannel:
    merchant = merchant_for(request, str(public_id), Action.ALERTS)
    return get_object_or_404(AlertChannel.objects.select_related("merchant"), merchant=merchant, pk=channel_id)


@require_POST
@member
def channel_test(request: PersonRequest, public_id: UUID, channel_id: int) -> HttpResponse:
    """Put a test on its way."""
    row = _channel(request, public_id, channel_id)
    message = alert_settings.channel_test(channel=row, actor=request.user, now=timezone.now())
    queue.token_put(ServiceClass.SOON.queue, DELIVER, message.pk)
    messages.success(request, f"A test is on its way to {row.name}. Its row says what came of it.")
    return redirect("alerts", public_id=public_id)


@takes("on")
@require_POST
@member
def channel_switch(request: PersonRequest, public_id: UUID, channel_id: int) -> HttpResponse:
    """Let a channel hear alerts, or not for now."""
    row, is_on = _channel(request, public_id, channel_id), request.POST.get("on") == "yes"
    if alert_settings.channel_switch(channel=row, is_on=is_on, actor=request.user):
        messages.success(request, f"{row.name} is {'on' if is_on else 'off'}.")
    return redirect("alerts", public_id=public_id)


@require_POST
@member
def channel_remove(request: PersonRequest, public_id: UUID, channel_id: int) -> HttpResponse:
    """Forget a channel."""
    row = _channel(request, public_id, channel_id)
    alert_settings.channel_remove(channel=row, actor=request.user)
    messages.success(request, f"{row.name} is removed.")
    return redirect("alerts", public_id=public_id)


@require_POST
@member
def again(request: PersonRequest, public_id: UUID, message_id: int) -> HttpResponse:
    """Try a message anew that was given up."""
    merchant = merchant_for(request, str(public_id), Action.ALERTS)
    row = get_object_or_404(AlertMessage, merchant=merchant, pk=message_id)
    if message_again(message=row, now=timezone.now()):
        queue.token_put(ServiceClass.SOON.queue, DELIVER, row.pk)
        messages.success(request, "It is sent again.")
    return redirect("alerts", public_id=public_id)

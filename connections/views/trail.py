"""The merchant's trail for its owners, and support access: asked for by staff, given and ended by owners."""

from dataclasses import replace
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from connections.models import Merchant, SupportGrant
from connections.permissions import Action
from connections.services.support import NotOpen, support_ask, support_end, support_give
from connections.strict import takes
from connections.trail_lists import TILLBRIDGE, entries_for, filtered, filters_from
from connections.trail_words import words_of
from connections.views.base import PersonRequest, member, merchant_for, page
from connections.wall import wall_lifted

ROWS = 50
FILTERS = ("action", "who", "what", "since", "until")


class SupportForm(forms.Form):
    """Which merchant a member of staff asks, and why."""

    merchant = forms.UUIDField(label="Merchant", help_text="Its public id, as the merchant's own pages show it.")
    reason = forms.CharField(label="Reason", max_length=300, help_text="The merchant's owners read it.")


@require_safe
@member
def trail(request: PersonRequest, public_id: str) -> HttpResponse:
    """Every entry, newest first, by what was done, by whom, to what and when; ROWS a page, older ones behind a link."""
    merchant = merchant_for(request, str(public_id), Action.TRAIL)
    asked = filters_from(request.GET)
    known = entries_for(merchant).order_by()
    actions = sorted(set(known.values_list("action", flat=True)))
    people = sorted(set(known.exclude(actor=None).values_list("actor__email", flat=True)) - {None})
    asked = replace(
        asked,
        action=asked.action if asked.action in actions else "",
        who=asked.who if asked.who in (TILLBRIDGE, *people) else "",
    )
    found = list(filtered(merchant, asked)[: ROWS + 1])
    query = {name: request.GET[name] for name in FILTERS if request.GET.get(name)}
    context = {
        "merchant": merchant,
        "rows": found[:ROWS],
        "older": urlencode(query | {"before": found[ROWS - 1].pk}) if len(found) > ROWS else "",
        "query": urlencode(query),
        "actions": sorted(((action, words_of(action)) for action in actions), key=lambda one: one[1]),
        "people": [TILLBRIDGE, *people],
        "chosen": asked,
    }
    return page(request, "connections/trail.html", context, merchant=merchant)


@takes("hours")
@require_POST
@member
def support_answer(request: PersonRequest, public_id: str, grant_id: int) -> HttpResponse:
    """An owner lets staff look for some hours, refuses it, or ends it."""
    merchant = merchant_for(request, str(public_id), Action.TRAIL)
    grant = get_object_or_404(SupportGrant.objects.select_related("merchant", "staff"), merchant=merchant, pk=grant_id)
    hours = request.POST.get("hours", "")
    if hours.isdigit() and len(hours) < 3:
        try:
            support_give(grant=grant, actor=request.user, hours=int(hours), now=timezone.now())
        except NotOpen as failure:
            messages.error(request, failure.summary)
        else:
            messages.success(request, f"{grant.staff} may look at {merchant} now. You can end it at any time.")
    else:
        support_end(grant=grant, actor=request.user, now=timezone.now())
        messages.success(request, f"{grant.staff} may not look at {merchant}.")
    return redirect("team", public_id=merchant.public_id)


@takes(SupportForm)
@require_http_methods(["GET", "POST"])
@member
@wall_lifted()  # staff ask a merchant that is not theirs
def support(request: PersonRequest) -> HttpResponse:
    """For platform staff alone: ask a merchant to let oneself look, and see what was asked."""
    if not request.user.is_staff:
        raise Http404
    form = SupportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        merchant = Merchant.objects.filter(public_id=form.cleaned_data["merchant"]).first()
        if merchant is None:
            form.add_error("merchant", "No merchant has this id.")
        else:
            reason = form.cleaned_data["reason"]
            support_ask(merchant=merchant, staff=request.user, reason=reason, now=timezone.now())
            messages.success(request, f"The owners of {merchant} see your request.")
            return redirect("support")
    grants = request.user.support_grants.open(timezone.now()).select_related("merchant").order_by("pk")
    return page(request, "connections/support.html", {"form": form, "grants": grants})

"""Tokens of the REST API: an owner makes one, sees it once, and revokes it."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from connections.models import ApiToken, Merchant
from connections.permissions import SCOPES, WORDS, Action
from connections.services.api_tokens import api_token_make, api_token_revoke
from connections.strict import takes
from connections.views.base import PersonRequest, member, merchant_for, page, proven_lately

LIVES = {"30": "30 days", "90": "90 days", "365": "A year", "": "Until it is revoked"}


class ApiTokenForm(forms.Form):
    """What a token is for."""

    name = forms.CharField(label="Name", max_length=80, help_text="Which program holds it, such as “Warehouse”.")
    scopes = forms.MultipleChoiceField(
        label="What it may do",
        choices=[(scope.value, f"{WORDS[scope][0].upper()}{WORDS[scope][1:]}") for scope in SCOPES],
        widget=forms.CheckboxSelectMultiple,
        initial=[Action.LOOK.value],
        help_text="No more than your own role allows, as long as you have it.",
    )
    days = forms.ChoiceField(label="It works for", choices=list(LIVES.items()), initial="90", required=False)


@takes(ApiTokenForm)
@require_http_methods(["GET", "POST"])
@never_cache
@member
def api_tokens(request: PersonRequest, public_id: str) -> HttpResponseBase:
    """Every token with its rights, its maker and its last use; making one shows it this once."""
    merchant = merchant_for(request, str(public_id), Action.API)
    if request.method == "POST":
        answer: HttpResponseBase = _make(request, merchant)
        return answer
    return _page(request, merchant, ApiTokenForm())


@proven_lately
def _make(request: PersonRequest, merchant: Merchant) -> HttpResponse:
    form = ApiTokenForm(request.POST)
    if not form.is_valid():
        return _page(request, merchant, form, status=400)
    wish = form.cleaned_data
    token, secret = api_token_make(
        merchant=merchant,
        actor=request.user,
        name=wish["name"],
        scopes=[Action(scope) for scope in wish["scopes"]],
        days=int(wish["days"]) if wish["days"] else None,
        now=timezone.now(),
    )
    return _page(request, merchant, ApiTokenForm(), made=token, secret=secret)


@require_POST
@member
def api_token_end(request: PersonRequest, public_id: str, token_id: int) -> HttpResponse:
    """Let nobody in with it any more."""
    merchant = merchant_for(request, str(public_id), Action.API)
    token = get_object_or_404(ApiToken, merchant=merchant, pk=token_id)
    if api_token_revoke(token=token, actor=request.user, now=timezone.now()):
        messages.success(request, f"{token.name} is revoked: nobody comes in with it any more.")
    return redirect("api_tokens", public_id=merchant.public_id)


def _page(
    request: PersonRequest,
    merchant: Merchant,
    form: ApiTokenForm,
    *,
    made: ApiToken | None = None,
    secret: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "merchant": merchant,
        "form": form,
        "made": made,
        "secret": secret,
        "tokens": merchant.api_tokens.select_related("made_by").order_by("-pk"),
        "now": timezone.now(),
    }
    response = page(request, "connections/api_tokens.html", context, merchant=merchant)
    response.status_code = status
    return response

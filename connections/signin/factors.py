"""Second factors: who has one, whose session proved it, who is asked for one, and how they are led there."""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.urls import resolve, reverse

from connections.models import Merchant, User

PROVING = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)  # recovery codes only stand in for these
KEPT = "kept_form"
THEN = "after_factor"


def has_factor(person: User) -> bool:
    return bool(Authenticator.objects.filter(user=person, type__in=PROVING).exists())


def is_proven(request: HttpRequest) -> bool:
    """Whether this session was opened with a second factor, or proved one since."""
    return any(record.get("method") == "mfa" for record in get_authentication_records(request, request.user))


def proved(request: HttpRequest, authenticator: Authenticator) -> None:
    """A factor that was just set up was proven by that."""
    if authenticator.type in PROVING:
        record_authentication(
            request, request.user, "mfa", id=authenticator.pk, type=authenticator.type, reauthenticated=True
        )


def is_missing(request: HttpRequest, merchants: Callable[[], Iterable[Merchant]]) -> bool:
    """Whether this session lacks the second factor that staff always need, and others where a merchant asks for it."""
    if is_proven(request):
        return False
    return (isinstance(request.user, User) and request.user.is_staff) or any(
        merchant.needs_second_factor for merchant in merchants()
    )


def to_factor(request: HttpRequest, page: str) -> HttpResponseBase:
    """Lead to where the factor is proven or set up, and back to `page` afterwards. A form is kept meanwhile."""
    request.session[THEN] = page
    request.session.pop(KEPT, None)
    if request.method == "POST" and not request.FILES:
        request.session[KEPT] = {"path": request.path, "get": request.GET.urlencode(), "post": request.POST.urlencode()}
    if isinstance(request.user, User) and has_factor(request.user):
        return redirect(f"{reverse('mfa_reauthenticate')}?{urlencode({'next': reverse('account_proceed')})}")
    messages.warning(request, "A second factor is needed from here on. Set one up; then you go on where you were.")
    return redirect("account_factor")


def kept_page(request: HttpRequest) -> str:
    """Where the person wanted to go when they were asked for a second factor; empty when they were not."""
    return str(request.session.get(THEN, ""))


def proceed(request: HttpRequest) -> HttpResponseBase:
    """Do what the person was about to do when a second factor was asked for: send the kept form, or open the page."""
    page, kept = request.session.pop(THEN, reverse("account")), request.session.pop(KEPT, None)
    if not kept:
        return redirect(page)
    again: Any = request
    again.GET, again.POST = QueryDict(kept["get"]), QueryDict(kept["post"])
    again.path = again.path_info = kept["path"]
    view = resolve(kept["path"])
    response: HttpResponseBase = view.func(again, *view.args, **view.kwargs)
    return response

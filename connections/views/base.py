"""What every page shares: who may see it, whose object it is, and how it is drawn.

Each view says by its decorator who may reach it; a test walks the URLs and fails on one that does not say.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID
from zoneinfo import ZoneInfo

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from connections.models import Connection, Merchant, User
from connections.permissions import Action, abilities, may, refusal, role_of
from connections.services.support import support_looked
from connections.signin.factors import is_missing, to_factor
from connections.wall import wall_raise

View = Callable[..., HttpResponseBase]


OUTDATED = "Nothing was done: what the page showed is another by now. It is shown as it is; choose again."


class PersonRequest(HttpRequest):
    """A request of someone who is logged in."""

    user: User
    htmx: HtmxDetails


def public(view: View) -> View:
    """Declare that anyone may call the view: it proves the caller itself, or shows nothing of a merchant."""
    view.access = "public"  # type: ignore[attr-defined]
    return view


def member(view: View) -> View:
    """Declare that the view needs a log-in and scopes what it shows to the person's merchants."""

    @logged_in
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if is_missing(request, lambda: Merchant.objects.for_user(request.user)):
            return factor_first(request)
        return view(request, *args, **kwargs)

    guarded.access = "member"  # type: ignore[attr-defined]
    return guarded


def person(view: View) -> View:
    """Declare that the view needs a log-in and shows nothing but the person's own account."""
    guarded = logged_in(view)
    guarded.access = "person"  # type: ignore[attr-defined]
    return guarded


def proven_lately(view: View) -> View:
    """Let only in who proved who they are within the last minutes; a form is kept while they do."""
    guarded: View = reauthentication_required(app="allauth.account")(view)
    return guarded


def logged_in(view: View) -> View:
    """Let nobody in but people, each behind the wall around their merchants (`connections.wall`).

    Who was logged out meanwhile comes back to the page they were on.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return to_log_in(request)
        if request.user.is_staff and request.resolver_match:
            support_looked(staff=request.user, page=str(request.resolver_match.url_name), now=timezone.now())
        wall_raise(request.user)
        return view(request, *args, **kwargs)

    return guarded


def to_log_in(request: HttpRequest) -> HttpResponseBase:
    """The log-in page. A part of a page must not be filled with it, and a form's own address shows nothing."""
    if request.method == "POST":
        messages.warning(request, "You were logged out meanwhile, and nothing was done. Log in and do it again.")
        return redirect_to_login(came_from(request))
    if wants_partial(request):
        return HttpResponseClientRedirect(redirect_to_login(came_from(request)).url)
    return redirect_to_login(request.get_full_path())


def factor_first(request: HttpRequest) -> HttpResponseBase:
    """To the second factor that the merchant asks for, and back; a part of a page leads there as a whole."""
    if wants_partial(request):
        return HttpResponseClientRedirect(came_from(request))
    return to_factor(request, came_from(request) if request.method == "POST" else request.get_full_path())


def came_from(request: HttpRequest) -> str:
    """The page of ours on which a link or button was pressed."""
    page_address = urlsplit(request.headers.get("Referer", ""))
    is_ours = page_address.netloc == request.get_host()
    return own_path(request, urlunsplit(("", "", *page_address[2:4], "")) if is_ours else "", "/")


def for_connection(action: Action) -> Callable[[View], View]:
    """Give the view the connection of `public_id`: 404 for someone else's, 403 in words without the role."""

    def decorate(view: View) -> View:
        @logged_in
        @wraps(view)
        def guarded(request: PersonRequest, public_id: str, **kwargs: Any) -> HttpResponseBase:
            rows = Connection.objects.for_user(request.user).select_related("merchant", "heartland", "store")
            connection = get_object_or_404(rows, public_id=public_id)
            if is_missing(request, lambda: [connection.merchant]):
                return factor_first(request)
            demand(request, connection.merchant, action)
            return view(request, connection, **kwargs)

        guarded.access = action  # type: ignore[attr-defined]
        return guarded

    return decorate


def demand(request: HttpRequest, merchant: Merchant, action: Action) -> None:
    """Raise PermissionDenied in words unless the person's role at the merchant allows the action."""
    role = role_of(request.user, merchant)
    if not may(role, action):
        raise PermissionDenied(refusal(role, action))


def merchant_for(request: HttpRequest, public_id: str, action: Action) -> Merchant:
    """The merchant a form names: 404 for someone else's, 403 in words without the role."""
    try:
        wanted = UUID(public_id)
    except ValueError as exc:
        raise Http404 from exc
    merchant = get_object_or_404(Merchant.objects.for_user(request.user), public_id=wanted)
    demand(request, merchant, action)
    return merchant


def page(
    request: HttpRequest, template: str, context: dict[str, Any] | None = None, *, merchant: Merchant | None = None
) -> HttpResponse:
    """Draw a page: times in the merchant's zone, buttons by the person's role there."""
    zone = ZoneInfo(merchant.time_zone) if merchant else None
    with timezone.override(zone) if zone else timezone.override(timezone.get_current_timezone()):
        return render(request, template, {"can": abilities(role_of(request.user, merchant)), **(context or {})})


def wants_partial(request: HttpRequest) -> bool:
    """True for an htmx refresh of a part; false for boosted navigation and for restored history."""
    htmx: HtmxDetails = request.htmx  # type: ignore[attr-defined]
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def own_path(request: HttpRequest, candidate: str, fallback: str) -> str:
    """`candidate` when it is a path of ours, else `fallback`: no redirect leads away."""
    if candidate.startswith("/") and url_has_allowed_host_and_scheme(
        candidate, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return candidate
    return fallback


def go_back(request: HttpRequest, fallback: str, /, *args: Any, **kwargs: Any) -> HttpResponseRedirect:
    """Redirect to the page the form came from (its hidden `next`), else to the named one."""
    return redirect(own_path(request, request.POST.get("next", ""), reverse(fallback, args=args, kwargs=kwargs)))


def is_as_shown(request: HttpRequest, now: str, name: str = "version") -> bool:
    """Whether a form was drawn for what holds `now`; else the person is told that nothing was done."""
    if request.POST.get(name) == now:
        return True
    messages.error(request, OUTDATED)
    return False

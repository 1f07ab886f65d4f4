"""Where the link of an invitation leads: whoever opens it joins with their account, or makes one."""

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from connections.models import Invitation, Role, User
from connections.permissions import MEANINGS
from connections.services.invitations import (
    InvitationVoid,
    NotTheirs,
    invitation_accept,
    invitation_accept_new,
    invitation_seen,
)
from connections.signin.person_of_address import person_of
from connections.strict import takes
from connections.team_forms import JoinForm
from connections.views.base import page, public

VOID = "It was used already, was withdrawn, or is older than a week. Ask who invited you to send it again."


@takes(JoinForm)
@require_http_methods(["GET", "POST"])
@never_cache
@public
def join(request: HttpRequest, token: str) -> HttpResponseBase:
    """Says who invites to what; joins by a button, never by opening the page."""
    invitation = invitation_seen(token=token)
    if invitation is None:
        return page(request, "team/join.html", {"head": "This invitation no longer works", "void": VOID})
    try:
        if isinstance(request.user, User):
            return _as_person(request, request.user, token, invitation)
        if person_of(invitation.email):
            return _after_log_in(request, invitation)
        return _as_new(request, token, invitation)
    except (InvitationVoid, NotTheirs) as failure:  # it changed between the look and the press
        return page(request, "team/join.html", {"head": "Nothing was done", "void": failure.summary})


def _drawn(request: HttpRequest, invitation: Invitation, way: str, form: JoinForm | None = None) -> HttpResponse:
    context = {
        "head": f"Join {invitation.merchant}",
        "invitation": invitation,
        "meaning": MEANINGS[Role(invitation.role)],
        "way": way,
        "form": form,
    }
    return page(request, "team/join.html", context)


def _as_person(request: HttpRequest, person: User, token: str, invitation: Invitation) -> HttpResponseBase:
    if person.email.lower() != invitation.email:
        return _drawn(request, invitation, "other")
    if request.method == "GET":
        return _drawn(request, invitation, "button")
    row = invitation_accept(token=token, person=person)
    messages.success(request, f"You belong to {row.merchant} now. Your role: {row.get_role_display().lower()}.")
    return redirect("dashboard")


def _after_log_in(request: HttpRequest, invitation: Invitation) -> HttpResponseBase:
    if request.method == "POST":
        return redirect_to_login(request.path)
    return _drawn(request, invitation, "log in")


def _as_new(request: HttpRequest, token: str, invitation: Invitation) -> HttpResponseBase:
    form = JoinForm(request.POST or None, invitation=invitation)
    if request.method == "GET" or not form.is_valid():
        return _drawn(request, invitation, "new", form)
    wish = form.cleaned_data
    row = invitation_accept_new(
        token=token, first_name=wish["first_name"], last_name=wish["last_name"], password=wish["password"]
    )
    messages.success(request, f"You belong to {row.merchant} now. Log in with {invitation.email} and your password.")
    return redirect("account_login")

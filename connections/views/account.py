"""A person's own account: password, address, second factor, sessions. Nothing of a merchant stands here."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from connections.forms import AddressForm
from connections.models import AddressChange, AuditEntry, User
from connections.services import address as addresses
from connections.services import sessions
from connections.services.address import Answer
from connections.signin import factors
from connections.signin.request_origin import browser_of
from connections.signin.signin_trail import note
from connections.signin.try_limits import address_limits, take
from connections.strict import takes
from connections.views.base import PersonRequest, page, person, proven_lately, public

EVENTS = 10
ANSWERS = {
    Answer.VOID: "This link no longer works",
    Answer.HALF: "One of two",
    Answer.DONE: "Your address is changed",
    Answer.TAKEN: "This address cannot be used",
}


@require_GET
@never_cache
@person
def account(request: PersonRequest) -> HttpResponse:
    """All of it on one page."""
    context = {
        "factors": factors_of(request),
        "change": AddressChange.objects.filter(person=request.user).first(),
        "sessions": [session_row(one, request) for one in sessions.sessions_of(person=request.user)],
        "events": [event_row(entry) for entry in own_events(request.user)],
    }
    return page(request, "account/account.html", context)


def session_row(session: UserSession, request: HttpRequest) -> dict[str, Any]:
    """A session as the page shows it."""
    return {
        "id": session.pk,
        "browser": browser_of(session.user_agent),
        "address": session.ip,
        "began_at": session.created_at,
        "seen_at": session.last_seen_at,
        "is_this": session.session_key == request.session.session_key,
    }


def own_events(user: User) -> QuerySet[AuditEntry]:
    """What happened to the person's account, the newest first."""
    return AuditEntry.objects.filter(merchant=None, person=user).order_by("-pk")[:EVENTS]


def event_row(entry: AuditEntry) -> dict[str, Any]:
    """An entry of the trail in words, such as `Signed in` for `person.signed_in`."""
    words = entry.action.partition(".")[2].replace("_", " ").capitalize()
    if kind := dict(Authenticator.Type.choices).get(entry.detail.get("factor", "")):
        words = f"{words}: {kind}"
    place = ", ".join(str(entry.detail[name]) for name in ("from", "browser") if entry.detail.get(name))
    return {"what": words, "at": entry.at, "where": place}


def factors_of(request: PersonRequest) -> dict[str, Any]:
    """The person's second factors by kind, and how many recovery codes are left."""
    rows = list(Authenticator.objects.filter(user=request.user).order_by("created_at"))
    codes = next((row for row in rows if row.type == Authenticator.Type.RECOVERY_CODES), None)
    return {
        "app": next((row for row in rows if row.type == Authenticator.Type.TOTP), None),
        "passkeys": [row for row in rows if row.type == Authenticator.Type.WEBAUTHN],
        "codes_left": len(codes.wrap().get_unused_codes()) if codes else None,
        "is_on": any(row.type in factors.PROVING for row in rows),
    }


@takes(AddressForm)
@require_http_methods(["GET", "POST"])
@never_cache
@person
@proven_lately
def address(request: PersonRequest) -> HttpResponseBase:
    """Ask for another address: mails go to both, and the answer is the same whether somebody has it or not."""
    form = AddressForm(request.POST or None, person=request.user)
    if request.method == "POST" and form.is_valid():
        if take(address_limits(request.user.pk)) is None:
            form.add_error("new_email", "That was often enough for an hour. Try again later.")
        else:
            addresses.address_change_ask(person=request.user, new_email=form.cleaned_data["new_email"])
            messages.success(request, "We sent a mail to both addresses. Once both said yes, the new one counts.")
            return redirect("account")
    return page(request, "account/address.html", {"form": form})


@require_POST
@person
def address_cancel(request: PersonRequest) -> HttpResponseBase:
    """Take the wish for another address back."""
    if addresses.address_change_cancel(person=request.user):
        note("address_change_cancelled", request.user, request)
        messages.success(request, "Your address stays as it is.")
    return redirect("account")


@require_http_methods(["GET", "POST"])
@never_cache
@public
def address_confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Where the links of both mails lead: it says what a yes does, and takes it by a button."""
    if request.method == "POST":
        answer = addresses.address_change_confirm(token=token)
        return page(request, "account/address_confirm.html", {"answer": answer, "head": ANSWERS[answer]})
    change = addresses.address_change_seen(token=token)
    if change is None:
        return page(request, "account/address_confirm.html", {"answer": Answer.VOID, "head": ANSWERS[Answer.VOID]})
    return page(request, "account/address_confirm.html", {"change": change, "head": "Change the address?"})


@require_POST
@person
def session_end(request: PersonRequest, session_id: int) -> HttpResponseBase:
    """End one of the person's own sessions; it stops at its next request."""
    if sessions.session_end(person=request.user, session_id=session_id):
        note("session_ended", request.user, request)
        messages.success(request, "That session is ended.")
    return redirect("account")


@require_POST
@person
def sessions_end(request: PersonRequest) -> HttpResponseBase:
    """End all sessions but this one."""
    count = sessions.sessions_end(person=request.user, keep=request.session.session_key)
    note("sessions_ended", request.user, request, sessions=count)
    messages.success(request, "All other sessions are ended.")
    return redirect("account")


@require_GET
@never_cache
@person
def factor(request: PersonRequest) -> HttpResponse:
    """Choose a second factor to set up."""
    return page(request, "account/factor.html", {"page": factors.kept_page(request)})


@require_http_methods(["GET", "POST"])
@never_cache
@person
def proceed(request: PersonRequest) -> HttpResponseBase:
    """Go on where a second factor was asked for. A form that was kept is sent by a button, not by coming here."""
    if request.method == "POST":
        return factors.proceed(request)
    if factors.KEPT in request.session:
        return page(request, "account/proceed.html")
    return redirect(request.session.pop(factors.THEN, None) or "account")

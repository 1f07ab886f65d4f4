"""How long a session lives: idle and altogether, shorter for platform staff; and where and when it was last seen."""

import logging
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from connections.models import User
from connections.signin.devices import device_remember

logger = logging.getLogger(__name__)

BEGAN, SEEN = "session_began", "session_seen"  # seconds since the epoch
NOTED_EVERY = 60  # seconds: not every request writes


def session_watch(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: end a session that is over, note one that goes on, know the browser in which somebody logged in."""

    def watched(request: HttpRequest) -> HttpResponseBase:
        person = request.user
        if isinstance(person, User) and request.session.session_key:
            _watch(request, person)
        response = get_response(request)
        if isinstance(person, User):
            _note_refusal(request, person, response.status_code)
        if getattr(request, "signed_out", False):
            response["Clear-Site-Data"] = '"cache", "storage"'  # not cookies: the browser stays known to the account
        if email := getattr(request, "device_earned", ""):
            device_remember(request, response, email)
        return response

    return watched


def limits_for(person: User) -> tuple[timedelta, timedelta]:
    """How long a session of the person may be idle, and last altogether."""
    if person.is_staff:
        return timedelta(minutes=settings.STAFF_SESSION_IDLE_MINUTES), timedelta(hours=settings.STAFF_SESSION_HOURS)
    return timedelta(minutes=settings.SESSION_IDLE_MINUTES), timedelta(hours=settings.SESSION_HOURS)


def _note_refusal(request: HttpRequest, person: User, status: int) -> None:
    """Who was refused what, for the log: looking writes nothing. What is foreign is a 404, as what is nowhere."""
    if status in (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND):
        page = request.resolver_match.view_name if request.resolver_match else "none"
        logger.warning("access refused", extra={"person": person.pk, "status": status, "page": page})


def _watch(request: HttpRequest, person: User) -> None:
    now = int(timezone.now().timestamp())
    began, seen = request.session.get(BEGAN, now), request.session.get(SEEN, now)
    idle, altogether = limits_for(person)
    if now - seen > idle.total_seconds() or now - began > altogether.total_seconds():
        UserSession.objects.filter(session_key=request.session.session_key).delete()
        logout(request)
        messages.info(request, "You were logged out because this session was idle or open for too long.")
    elif SEEN not in request.session or (now - seen >= NOTED_EVERY and not _is_by_itself(request)):
        request.session[BEGAN], request.session[SEEN] = began, now
        UserSession.objects.create_from_request(request)


def _is_by_itself(request: HttpRequest) -> bool:
    """A part of an open page that refreshes itself: nobody need be there."""
    return request.method == "GET" and "HX-Request" in request.headers and "HX-Boosted" not in request.headers

"""What happens to people's accounts, in the trail: listeners to the library's signals. No password is ever in it.

The typed address of somebody unknown stands there as a keyed digest only.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as factor
from django.contrib.auth import signals as auth
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from connections.audit import audit_person
from connections.models import SignInLimit, User
from connections.services.address import address_change_cancel
from connections.services.sessions import sessions_end
from connections.signin.factors import proved
from connections.signin.person_of_address import person_of
from connections.signin.request_origin import address_of, browser_of
from connections.signin.try_limits import Limit


def note(action: str, person: User | None, request: HttpRequest | None, **detail: Any) -> None:
    """Write down what a person did to their own account."""
    audit_person(actor=person, action=f"person.{action}", subject=person or "nobody", **where(request), **detail)


def whose(email: str) -> User | str:
    """Whose address was typed: a person of ours, or a keyed digest of anybody else's."""
    if person := person_of(email):
        return person
    digest = salted_hmac("connections.signin.unknown", email.strip().lower(), algorithm="sha256").hexdigest()
    return f"unknown {digest[:24]}"


def where(request: HttpRequest | None) -> dict[str, str]:
    if request is None:
        return {}
    return {"from": address_of(request), "browser": browser_of(request.headers.get("User-Agent", ""))}


def refused_try(email: str, limit: Limit) -> None:
    """A log-in was refused because the tries were spent: noted once while that lasts, however often it is tried."""
    key = Limit(name=f"told:{limit.name}", amount=1, seconds=limit.seconds).key
    now = datetime.now(UTC)
    told, is_new = SignInLimit.objects.get_or_create(
        key=key, defaults={"until": now + timedelta(seconds=limit.seconds)}
    )
    if not is_new and not SignInLimit.objects.filter(pk=told.pk, until__lt=now).update(
        until=now + timedelta(seconds=limit.seconds)
    ):
        return
    audit_person(actor=None, action="person.sign_in_refused", subject=whose(email))


@receiver(account.user_logged_in)
def _signed_in(request: HttpRequest, user: User, **_: Any) -> None:
    request.device_earned = user.email  # type: ignore[attr-defined]
    note("signed_in", user, request)


@receiver(auth.user_logged_out)
def _signed_out(request: HttpRequest, user: User | None, **_: Any) -> None:
    request.signed_out = True  # type: ignore[attr-defined]
    if isinstance(user, User):
        note("signed_out", user, request)


@receiver(auth.user_login_failed)
def _failed(credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    subject = whose(str(credentials.get("email") or ""))
    audit_person(actor=None, action="person.sign_in_failed", subject=subject, **where(request))


@receiver(account.password_changed)
def _password_changed(request: HttpRequest, user: User, **_: Any) -> None:
    address_change_cancel(person=user)
    note("password_changed", user, request)


@receiver(account.password_reset)
def _password_reset(request: HttpRequest, user: User, **_: Any) -> None:
    request.device_earned = user.email  # type: ignore[attr-defined]
    address_change_cancel(person=user)
    note("password_reset", user, request)


@receiver(factor.authenticator_added)
def _factor_added(request: HttpRequest, user: User, authenticator: Any, **_: Any) -> None:
    proved(request, authenticator)
    sessions_end(person=user, keep=request.session.session_key)
    note("factor_added", user, request, factor=authenticator.type)


@receiver(factor.authenticator_removed)
def _factor_removed(request: HttpRequest, user: User, authenticator: Any, **_: Any) -> None:
    note("factor_removed", user, request, factor=authenticator.type)


@receiver(factor.authenticator_reset)
def _codes_made(request: HttpRequest, user: User, **_: Any) -> None:
    note("recovery_codes_made", user, request)


@receiver(factor.authentication_failed)
def _code_wrong(request: HttpRequest, user: User, **_: Any) -> None:
    audit_person(actor=None, action="person.factor_failed", subject=user, **where(request))

"""The library's forms, where ours differ."""

from collections.abc import Callable
from typing import Any

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.account.forms import LoginForm, ResetPasswordForm, SetPasswordForm
from allauth.core import context as library
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from allauth.mfa.webauthn.forms import AddWebAuthnForm, AuthenticateWebAuthnForm, ReauthenticateWebAuthnForm
from cryptography.exceptions import InvalidSignature
from django.http import HttpRequest

from connections import crypto
from connections.models import User
from connections.signin.person_of_address import person_of
from connections.signin.reset import reset_mail
from connections.signin.try_limits import code_limits, give_back, take


class LogInForm(LoginForm):  # type: ignore[misc]
    """Labels say what belongs into a field; nothing repeats them inside."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("login", "password"):
            self.fields[name].widget.attrs.pop("placeholder", None)
        if "remember" in self.fields:
            self.fields["remember"].label = "Stay logged in on this device"


class NewPasswordForm(SetPasswordForm):  # type: ignore[misc]
    """A new password, for whoever has just proven who they are: the former one is not asked again."""


class ResetForm(ResetPasswordForm):  # type: ignore[misc]
    """Mails a link to the one address of the person, and an equal mail to an address that nobody here has."""

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).strip().lower()

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        email: str = self.cleaned_data["email"]
        person = person_of(email)
        reset_mail(person if person and person.is_active else None, email)
        return email


class _CountedCode:
    """Counts a typed code before it is looked at, in our own table."""

    user: User

    def clean_code(self) -> str:
        taken = take(code_limits(self.user.pk))
        if taken is None:
            raise get_account_adapter().validation_error("too_many_login_attempts")
        code: str = super().clean_code()  # type: ignore[misc]
        give_back(taken)
        return code


class CodeForm(_CountedCode, AuthenticateForm):  # type: ignore[misc]
    """The second step of a log-in."""


class CodeAgainForm(_CountedCode, ReauthenticateForm):  # type: ignore[misc]
    """A code before something sensitive."""


class AddPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """A new passkey; an answer that no device gives is a wrong one."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = said_by_a_device(super().clean)
        return cleaned


class PasskeyForm(AuthenticateWebAuthnForm):  # type: ignore[misc]
    """The second step of a log-in."""

    def clean_credential(self) -> Any:
        return said_by_a_device(super().clean_credential)


class PasskeyAgainForm(ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey before something sensitive."""

    def clean_credential(self) -> Any:
        return said_by_a_device(super().clean_credential)


def said_by_a_device(read: Callable[[], Any]) -> Any:
    """What was read of a device's answer. Raises ValidationError for any answer that cannot be read."""
    try:
        return read()
    except (TypeError, ValueError, LookupError, AttributeError, InvalidSignature) as exc:
        raise get_adapter().validation_error("incorrect_code") from exc


class AppForm(ActivateTOTPForm):  # type: ignore[misc]
    """Setting up an authenticator app: until it is proven, its secret waits in the session, encrypted."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        session = library.request.session
        waiting = session.get(SECRET_SESSION_KEY)
        super().__init__(*args, **kwargs)
        if self.is_bound and waiting:
            self.secret = crypto.decrypt(waiting)
        else:
            session[SECRET_SESSION_KEY] = crypto.encrypt(self.secret)

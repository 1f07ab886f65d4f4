"""What we change in the log-in library: limits, addresses, notices, encryption at rest."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.core import context as library
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib.auth import authenticate
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest

from connections import crypto, notices
from connections.models import User
from connections.signin.devices import device_name
from connections.signin.factors import has_factor
from connections.signin.request_origin import network_of
from connections.signin.signin_trail import refused_try
from connections.signin.try_limits import Taken, give_back, log_in_limits, take

NOTICES = {  # the library's mail → what happened, in words
    "account/email/password_changed": "Your password was changed.",
    "account/email/password_reset": "Your password was set anew by a link in a mail to this address.",
    "mfa/email/totp_activated": "An authenticator app was added as second factor.",
    "mfa/email/totp_deactivated": "The authenticator app was removed as second factor.",
    "mfa/email/recovery_codes_generated": "New recovery codes were made. The former ones no longer work.",
    "mfa/email/webauthn_added": "A passkey was added as second factor.",
    "mfa/email/webauthn_removed": "A passkey was removed as second factor.",
}


NO_ADDRESS = "0.0.0.0"  # noqa: S104 (nobody listens there)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """People are added by an owner or an admin, log in under limits that strangers cannot fill up, and get notices."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "too_many_login_attempts": (
            "Too many failed log-ins. Wait a quarter of an hour, or set a new password by mail: that lets you in."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """The person behind address and password. Raises ValidationError when the tries are spent."""
        email = str(credentials.get("email", "")).strip().lower()
        taken = self._take(request, email)
        AuthenticationBackend.unstash_authenticated_user()
        found: Any = authenticate(request, email=email, password=credentials.get("password"))
        person: User | None = found or AuthenticationBackend.unstash_authenticated_user()
        if person:
            give_back(taken)
        return person

    def _take(self, request: HttpRequest, email: str) -> Taken:
        network, device = network_of(self.get_client_ip(request)), device_name(request, email)
        limits = log_in_limits(email=email, network=network, device=device)
        if taken := take(limits):
            return taken
        refused_try(email, limits[0])
        raise self.validation_error("too_many_login_attempts")

    def reauthenticate(self, user: User, password: str) -> bool:
        found = self.authenticate(library.request, email=user.email, password=password)
        return found is not None and found.pk == user.pk

    def get_reauthentication_methods(self, user: User) -> list[dict[str, Any]]:
        """Who has a second factor proves that one: a password alone does not take it away."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        if user.is_authenticated and has_factor(user):
            return [method for method in methods if method["id"] != "reauthenticate"]
        return methods

    def get_client_ip(self, request: HttpRequest) -> str:
        """The client's address; the peer's where fewer proxies answered than TRUSTED_PROXY_COUNT says.

        Behind a socket the peer has none: then all are one, of which `check --deploy` warns.
        """
        try:
            return str(super().get_client_ip(request))
        except (ImproperlyConfigured, PermissionDenied):
            return str(request.META["REMOTE_ADDR"]) or NO_ADDRESS

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        notices.account_notice(library.request, user.email, NOTICES[template_prefix])


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets of second factors are encrypted at rest; they bear our name in an authenticator app."""

    def encrypt(self, text: str) -> str:
        return crypto.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return crypto.decrypt(encrypted_text)

    def get_totp_issuer(self) -> str:
        return "Tillbridge"

    def _get_site_name(self) -> str:
        return "Tillbridge"

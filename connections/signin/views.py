"""The library's pages, where ours lead elsewhere."""

from allauth.account.views import PasswordChangeView
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.webauthn.views import AddWebAuthnView
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from connections.views.base import PersonRequest, logged_in, proven_lately


@logged_in
@proven_lately
def password_change(request: PersonRequest) -> HttpResponseBase:
    """A new password, for whoever has just proven who they are; who has none sets the first one by mail."""
    if not request.user.has_usable_password():
        return redirect("account_reset_password")
    answer: HttpResponseBase = PasswordChangeView.as_view()(request)
    return answer


class _ToCodesOrOn:
    """After a factor was added: first the recovery codes, if they are new, then on to where the person was going."""

    did_generate_recovery_codes: bool

    def get_success_url(self) -> str:
        return reverse("mfa_view_recovery_codes" if self.did_generate_recovery_codes else "account_proceed")


class ActivateApp(_ToCodesOrOn, ActivateTOTPView):  # type: ignore[misc]
    """Adds an authenticator app."""


class AddPasskey(_ToCodesOrOn, AddWebAuthnView):  # type: ignore[misc]
    """Adds a passkey."""

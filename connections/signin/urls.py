"""Addresses below `accounts/`, each with what its form holds: of the library only what we mean.

`tests/screens` lists them exactly.
"""

from allauth.account import views as account
from allauth.mfa.base import views as factors
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as app
from allauth.mfa.webauthn import views as passkeys
from django.urls import path, re_path, reverse_lazy

from connections.signin.views import ActivateApp, AddPasskey, password_change
from connections.strict import takes
from connections.views import account as ours

urlpatterns = [
    path("", ours.account, name="account"),
    path("login/", takes("login", "password", "remember", "next")(account.login), name="account_login"),
    path("logout/", takes("next")(account.logout), name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", takes("password", "next")(account.reauthenticate), name="account_reauthenticate"),
    path("password/change/", takes("password1", "password2", "next")(password_change), name="account_change_password"),
    path("password/reset/", takes("email")(account.password_reset), name="account_reset_password"),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        takes("password1", "password2", "next")(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("address/", ours.address, name="account_address"),
    path("address/cancel/", ours.address_cancel, name="account_address_cancel"),
    path("address/confirm/<str:token>/", ours.address_confirm, name="account_address_confirm"),
    path("sessions/<int:session_id>/end/", ours.session_end, name="account_session_end"),
    path("sessions/end/", ours.sessions_end, name="account_sessions_end"),
    path("factor/", ours.factor, name="account_factor"),
    path("factor/proceed/", ours.proceed, name="account_proceed"),
    path("factor/authenticate/", takes("code", "credential")(factors.authenticate), name="mfa_authenticate"),
    path("factor/reauthenticate/", takes("code", "next")(factors.reauthenticate), name="mfa_reauthenticate"),
    path("factor/app/add/", takes("code")(ActivateApp.as_view()), name="mfa_activate_totp"),
    path(
        "factor/app/remove/",
        app.DeactivateTOTPView.as_view(success_url=reverse_lazy("account")),
        name="mfa_deactivate_totp",
    ),
    path("factor/codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("factor/codes/new/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("factor/passkeys/add/", takes("name", "credential")(AddPasskey.as_view()), name="mfa_add_webauthn"),
    path(
        "factor/passkeys/reauthenticate/",
        takes("credential", "next")(passkeys.reauthenticate_webauthn),
        name="mfa_reauthenticate_webauthn",
    ),
    path(
        "factor/passkeys/<int:pk>/remove/",
        passkeys.RemoveWebAuthnView.as_view(success_url=reverse_lazy("account")),
        name="mfa_remove_webauthn",
    ),
]

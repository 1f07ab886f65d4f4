"""The demo's merchant and its people. Their passwords are public: a demo listens on loopback only."""

from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.db import transaction

from connections.models import Merchant, Role, User
from connections.services.people import membership_set

MERCHANT = "Harbor & Pine"
PASSWORD = "harbor-pine-demo"  # noqa: S105 (public by design)
APP_SECRET = "TILLBRIDGEDEMOTILLBRIDGEDEMOTILL"  # noqa: S105 (the admin's authenticator app; public likewise)


@dataclass(frozen=True, kw_only=True)
class Login:
    """A log-in to print."""

    email: str
    role: str


LOGINS = (
    Login(email="owner@harborpine.example", role=Role.OWNER),
    Login(email="staff@harborpine.example", role=Role.STAFF),
    Login(email="ops@harborpine.example", role=Role.OPS),
    Login(email="viewer@harborpine.example", role=Role.VIEWER),
    Login(email="admin@tillbridge.example", role="admin"),
)


@transaction.atomic
def seed() -> Merchant:
    """Create what is missing; a second run changes nothing."""
    merchant, _ = Merchant.objects.get_or_create(name=MERCHANT)
    for login in LOGINS:
        is_admin = login.role == "admin"
        user, is_new = User.objects.get_or_create(
            email=login.email,
            defaults={"username": login.email, "is_staff": is_admin, "is_superuser": is_admin},
        )
        if is_new:
            user.set_password(PASSWORD)
            user.save(update_fields=["password"])
        if is_admin and not Authenticator.objects.filter(user=user).exists():
            RecoveryCodes.activate(user)
            TOTP.activate(user, APP_SECRET)
        if not is_admin and not user.memberships.filter(merchant=merchant).exists():
            membership_set(merchant=merchant, person=user, role=Role(login.role), actor=None)
    return merchant


def recovery_codes() -> list[str]:
    """What the admin may type instead of a code of the app, each once."""
    kept = Authenticator.objects.get(user__email=LOGINS[-1].email, type=Authenticator.Type.RECOVERY_CODES)
    codes: list[str] = kept.wrap().get_unused_codes()
    return codes

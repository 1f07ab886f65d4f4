"""A person's second factor in tests: an authenticator app, and what it shows."""

import time

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value

from connections import crypto
from connections.models import User


def second_factor(person: User, secret: str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP") -> Authenticator:
    """An authenticator app of the person, with recovery codes."""
    RecoveryCodes.activate(person)
    return TOTP.activate(person, secret).instance


def app_code(person: User, steps: int = 0) -> str:
    """What the person's authenticator app shows now, or some half minutes from now."""
    return code_of(crypto.decrypt(Authenticator.objects.get(user=person, type="totp").data["secret"]), steps)


def code_of(secret: str, steps: int = 0) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps)))

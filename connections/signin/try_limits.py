"""How many wrong tries are forgiven, and to whom.

A browser in which the person logged in before has tries of its own (`devices.py`), so that strangers cannot use up what
the owner of an account needs. All others share: a network at one account, a network at all accounts, everybody
together at one account. A new password by mail makes a browser known: the way in when strangers used up theirs.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.utils.crypto import salted_hmac

from connections.models import SignInLimit

MINUTE, HOUR = 60, 3600


@dataclass(frozen=True, kw_only=True)
class Limit:
    """At most `amount` tries in any `seconds`, counted under `name`."""

    name: str
    amount: int
    seconds: int

    @property
    def key(self) -> str:
        """What stands in the table: the address that somebody typed does not."""
        return salted_hmac("connections.signin.limits", self.name, algorithm="sha256").hexdigest()


@dataclass(frozen=True, kw_only=True)
class Taken:
    """Tries that were counted; given back when the try was right."""

    limits: Sequence[Limit]
    at: float


def log_in_limits(*, email: str, network: str, device: str) -> list[Limit]:
    """Where a try to log in counts; `device` is empty for a browser that is not known to the account."""
    if device:
        return [Limit(name=f"device:{device}", amount=5, seconds=5 * MINUTE)]
    return [
        Limit(name=f"at:{email}:{network}", amount=10, seconds=15 * MINUTE),
        Limit(name=f"network:{network}", amount=10, seconds=MINUTE),
        Limit(name=f"strangers:{email}", amount=30, seconds=HOUR),
    ]


def code_limits(person: int) -> list[Limit]:
    """Where a typed code counts: only who knows the password gets to type one."""
    return [Limit(name=f"code:{person}", amount=5, seconds=5 * MINUTE)]


def address_limits(person: int) -> list[Limit]:
    """How often a person may have mails sent to an address that is not theirs yet."""
    return [Limit(name=f"address:{person}", amount=5, seconds=HOUR)]


def invitation_limits(merchant: int, email: str) -> list[Limit]:
    """How often a merchant may have invitations mailed, and to one address."""
    return [
        Limit(name=f"invitations:{merchant}", amount=30, seconds=HOUR),
        Limit(name=f"invited:{merchant}:{email.strip().lower()}", amount=5, seconds=HOUR),
    ]


def take(limits: Sequence[Limit]) -> Taken | None:
    """Count a try before it is looked at, so that tries at the same moment cannot pass together; None when spent."""
    now = time.time()
    with transaction.atomic():
        counted = [(limit, _locked(limit)) for limit in _in_order(limits)]
        for limit, row in counted:
            row.tries = [at for at in row.tries if at > now - limit.seconds]
        if any(len(row.tries) >= limit.amount for limit, row in counted):
            return None
        for limit, row in counted:
            row.tries.append(now)
            row.until = datetime.fromtimestamp(now + limit.seconds, UTC)
            row.save(update_fields=["tries", "until"])
    return Taken(limits=limits, at=now)


def give_back(taken: Taken) -> None:
    """The try was right: it does not count."""
    with transaction.atomic():
        for limit in _in_order(taken.limits):
            row = _locked(limit)
            row.tries = [at for at in row.tries if at != taken.at]
            row.save(update_fields=["tries"])


def _in_order(limits: Sequence[Limit]) -> list[Limit]:
    """As rows are locked: everywhere alike, so that two log-ins never wait for each other."""
    return sorted(limits, key=lambda one: one.key)


def _locked(limit: Limit) -> SignInLimit:
    row, _ = SignInLimit.objects.get_or_create(
        key=limit.key, defaults={"until": datetime.now(UTC) + timedelta(seconds=limit.seconds)}
    )
    return SignInLimit.objects.select_for_update().get(pk=row.pk)

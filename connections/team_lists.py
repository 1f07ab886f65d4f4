"""What a merchant's owners see of its people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.utils import timezone

from connections.models import Membership, Merchant, Role
from connections.permissions import MEANINGS, ROLES, WORDS
from connections.signin.factors import PROVING


@dataclass(frozen=True, kw_only=True)
class Member:
    """A person of the merchant."""

    row: Membership
    meaning: str  # of the role
    has_factor: bool
    sessions: int  # that live
    seen_at: datetime | None
    is_last_owner: bool


@dataclass(frozen=True, kw_only=True)
class RoleRow:
    """A role with what it may do, in words."""

    role: Role
    meaning: str
    may: Sequence[str]


def members(merchant: Merchant) -> list[Member]:
    """The merchant's people, by address; four queries however many they are."""
    rows = list(merchant.memberships.select_related("user").order_by("user__email"))
    people = [row.user_id for row in rows]
    proven = Authenticator.objects.filter(user__in=people, type__in=PROVING)
    with_factor = set(proven.values_list("user", flat=True))
    seen = _sessions(people)
    owners = [row for row in rows if row.role == Role.OWNER and row.user.is_active]
    return [
        Member(
            row=row,
            meaning=MEANINGS[Role(row.role)],
            has_factor=row.user_id in with_factor,
            sessions=len(seen.get(row.user_id, [])),
            seen_at=max([*seen.get(row.user_id, []), *filter(None, [row.user.last_login])], default=None),
            is_last_owner=owners == [row],
        )
        for row in rows
    ]


def _sessions(people: Sequence[int]) -> dict[int, list[datetime]]:
    """By person: when each session that lives was last seen."""
    known = list(UserSession.objects.filter(user__in=people).values_list("user", "session_key", "last_seen_at"))
    keys = [key for _, key, _ in known]
    alive = Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    living = set(alive.values_list("session_key", flat=True))
    found: dict[int, list[datetime]] = {}
    for person, key, seen_at in known:
        if key in living:
            found.setdefault(person, []).append(seen_at)
    return found


def roles() -> list[RoleRow]:
    """Every role, read off the table of permissions."""
    return [
        RoleRow(
            role=role,
            meaning=MEANINGS[role],
            may=[words for action, words in WORDS.items() if role in ROLES[action]],
        )
        for role in Role
    ]

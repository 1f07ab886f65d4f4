"""Sessions of people: listing them and ending them. An ended one stops at its next request."""

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import QuerySet

from connections.models import User


def sessions_of(*, person: User) -> list[UserSession]:
    """Those that still live, the one used last first; what ended by itself is forgotten."""
    alive: list[UserSession] = UserSession.objects.purge_and_list(person)
    return sorted(alive, key=lambda one: one.last_seen_at, reverse=True)


def sessions_end(*, person: User, keep: str | None = None) -> int:
    """End all sessions of a person but the one whose key is kept; answers how many."""
    return _end(UserSession.objects.filter(user=person).exclude(session_key=keep or ""))


def session_end(*, person: User, session_id: int) -> bool:
    """End one of the person's own sessions; answers whether there was such a one."""
    return bool(_end(UserSession.objects.filter(user=person, pk=session_id)))


def _end(sessions: QuerySet[UserSession]) -> int:
    keys = list(sessions.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    sessions.filter(session_key__in=keys).delete()
    return len(keys)

"""Tokens of the REST API: made and revoked by owners, looked up and counted at every call."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, Q, Value, When

from connections.audit import audit
from connections.models import ApiToken, Merchant, User
from connections.models.api import api_token_digest
from connections.permissions import Action

PREFIX = "tb_"  # of every token, so that scanners of secrets know one when they see it
RANDOM_BYTES = 32
HINT = 7  # signs
WINDOW = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Quota:
    """What is left of a token's calls in this minute."""

    limit: int
    left: int  # below 0: one too many
    seconds: int  # until the next minute begins


def api_token_make(
    *, merchant: Merchant, actor: User, name: str, scopes: Sequence[Action], days: int | None, now: datetime
) -> tuple[ApiToken, str]:
    """A new token and its secret, which nothing shows again. `days` is how long it lives; None: until revoked."""
    secret = PREFIX + secrets.token_urlsafe(RANDOM_BYTES)
    with transaction.atomic():
        token = ApiToken.objects.create(
            merchant=merchant,
            made_by=actor,
            name=name,
            digest=api_token_digest(secret),
            hint=secret[:HINT],
            scopes=[str(scope) for scope in scopes],
            created_at=now,
            expires_at=now + timedelta(days=days) if days else None,
        )
        until = token.expires_at.isoformat() if token.expires_at else "revoked"
        audit(merchant=merchant, actor=actor, action="api_token.made", subject=token, scopes=token.scopes, until=until)
    return token, secret


def api_token_revoke(*, token: ApiToken, actor: User, now: datetime) -> bool:
    """Let nobody in with it any more; False when it was revoked before."""
    with transaction.atomic():
        if not ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now):
            return False
        audit(merchant=token.merchant, actor=actor, action="api_token.revoked", subject=token)
    return True


def api_token_of(secret: str, now: datetime) -> ApiToken | None:
    """The live token with this secret, its merchant and its maker."""
    rows = ApiToken.objects.live(now).select_related("merchant", "made_by")
    return rows.filter(digest=api_token_digest(secret), made_by__is_active=True).first()


def api_call_count(token: ApiToken, now: datetime) -> Quota:
    """Count a call, in one statement, so that no two processes count the same; says what is left of the minute."""
    fresh = Q(window_at=None) | Q(window_at__lte=now - WINDOW)
    ApiToken.objects.filter(pk=token.pk).update(
        window_calls=Case(When(fresh, then=Value(1)), default=F("window_calls") + 1),
        window_at=Case(When(fresh, then=Value(now)), default=F("window_at")),
        last_used_at=now,
    )
    token.refresh_from_db(fields=["window_calls", "window_at"])
    limit = settings.API_CALLS_PER_MINUTE
    rest = (token.window_at or now) + WINDOW - now
    return Quota(limit=limit, left=limit - token.window_calls, seconds=max(1, int(rest / timedelta(seconds=1)) + 1))

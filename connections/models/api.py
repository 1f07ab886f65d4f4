"""What other systems come in with over the REST API, and what they were answered."""

import hashlib
from datetime import datetime
from typing import Any, Self

from django.db import models

from connections.crypto import EncryptedTextField
from connections.models.people import Merchant, User, theirs


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def for_user(self, user: Any) -> Self:
        return self.filter(theirs("merchant", user))

    def live(self, now: datetime) -> Self:
        return self.filter(models.Q(expires_at=None) | models.Q(expires_at__gt=now), revoked_at=None)


class ApiToken(models.Model):
    """Lets a program in, for one merchant and with some rights. The token itself is shown once and kept as a digest.

    It acts for the person who made it, and never beyond what that person's role allows now.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="api_tokens")
    made_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=80)  # which program holds it
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=8)  # how it begins, so that people can tell theirs apart
    scopes = models.JSONField(default=list)  # values of connections.permissions.SCOPES
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)  # None: it does not
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    window_at = models.DateTimeField(null=True, blank=True)  # when the minute began that the next one counts
    window_calls = models.PositiveIntegerField(default=0)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=~models.Q(name=""), name="api_token_has_name")]

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"


class ApiAnswer(models.Model):
    """What a request with an idempotency key was answered: the same request is answered so again for a day."""

    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="answers", db_index=False)
    key = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)  # of method, address and body
    status = models.PositiveSmallIntegerField()
    body = EncryptedTextField(blank=True)
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="api_answer_once")]

    def __str__(self) -> str:
        return f"{self.status} at {self.at:%Y-%m-%d %H:%M}"


def api_token_digest(secret: str) -> str:
    """What a token is looked up by: of 256 random bits a plain digest tells nothing."""
    return hashlib.sha256(secret.encode()).hexdigest()

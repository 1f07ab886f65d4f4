"""What was sent and answered where a try failed: for who may retry, for days."""

from typing import Any, Self

from django.db import models

from connections.crypto import EncryptedTextField
from syncjobs.models.ledger import Attempt


class AttemptExchangeQuerySet(models.QuerySet["AttemptExchange"]):
    def for_user(self, user: Any) -> Self:
        return self.filter(attempt__job__connection__merchant__memberships__user=user)


class AttemptExchange(models.Model):
    """The call that a try failed at: request and response, without secrets, cards and people."""

    attempt = models.OneToOneField(Attempt, on_delete=models.CASCADE, related_name="exchange")
    request = EncryptedTextField(blank=True)  # method, path and body
    response = EncryptedTextField(blank=True)  # the same with status and request id, and the body
    at = models.DateTimeField()

    objects = AttemptExchangeQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["at"], name="attempt_exchange_age")]

    def __str__(self) -> str:
        return f"call of attempt {self.attempt_id}"

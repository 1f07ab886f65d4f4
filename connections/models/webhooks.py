"""Outgoing webhooks: where merchants want to be told of what happens, and what is told."""

import uuid

from django.db import models
from django.db.models import Q

from connections.crypto import EncryptedTextField
from connections.models.people import Merchant
from connections.vocabulary import STATES


class WebhookEndpoint(models.Model):
    """An address of another system that is told of events. Its secret, which signs what is sent, is shown once."""

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="webhook_endpoints")
    address = EncryptedTextField()  # it may hold a password of the other system
    host = models.CharField(max_length=255)  # of it: what pages show
    secret = EncryptedTextField()
    events = models.JSONField(default=list)  # of connections.outbox.EVENTS
    is_active = models.BooleanField(default=True)
    problem = models.CharField(max_length=300, blank=True)  # of the last delivery; "" when it was taken
    failures = models.PositiveIntegerField(default=0)  # in a row, while which its messages wait together
    failing_since = models.DateTimeField(null=True, blank=True)
    next_try_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)  # one worker at a time, so that order is kept
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.host


class WebhookMessage(models.Model):
    """One event for one endpoint, written in the transaction of what it tells."""

    class State(models.TextChoices):
        PENDING = "pending", STATES["in_flight"]
        DELIVERED = "delivered", "Delivered"
        FAILED = "failed", "Given up"

    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="messages", db_index=False)
    message_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)  # the same at every try
    event = models.CharField(max_length=40)
    body = EncryptedTextField()  # as it is sent, without what each try says of itself
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField()
    created_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["pending", "delivered", "failed"]), name="webhook_message_state_known"
            )
        ]
        indexes = [
            models.Index(fields=["endpoint", "id"], condition=Q(state="pending"), name="webhook_message_pending"),
            models.Index(fields=["endpoint", "-id"], name="webhook_message_listing"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.message_id}"


class WebhookAttempt(models.Model):
    """One try to deliver a message."""

    message = models.ForeignKey(WebhookMessage, on_delete=models.CASCADE, related_name="tries")
    at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True, blank=True)  # None: no answer
    ms = models.PositiveIntegerField()
    problem = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return f"{self.status or 'no answer'} at {self.at:%Y-%m-%d %H:%M}"

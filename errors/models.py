"""Problems as people see them: issues (one per cause) and the records that wait behind them."""

from decimal import Decimal
from typing import Any, Self

from django.db import models
from django.db.models import Q

from connections.crypto import EncryptedTextField
from connections.models import Connection


class Issue(models.Model):
    """One cause: the same missing link or map folds all its records here. Open while a record waits."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="issues")
    fingerprint = models.CharField(max_length=64)  # of owner, code, field and value
    owner = models.CharField(max_length=10)  # errors.failures.Owner
    code = models.CharField(max_length=60)
    title = models.CharField(max_length=300)
    fix = models.CharField(max_length=300, blank=True)
    fix_page = models.CharField(max_length=20, blank=True)
    is_open = models.BooleanField(default=True)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "fingerprint"], name="issue_once")]
        indexes = [models.Index(fields=["connection", "-last_seen_at"], name="issue_open", condition=Q(is_open=True))]

    def __str__(self) -> str:
        return self.title


class SyncErrorQuerySet(models.QuerySet["SyncError"]):
    def for_user(self, user: Any) -> Self:
        return self.filter(connection__merchant__memberships__user=user)

    def open(self) -> Self:
        return self.exclude(state=SyncError.State.RESOLVED)


class SyncError(models.Model):
    """Why one record has not gone through. Closes itself when the record succeeds."""

    class State(models.TextChoices):
        RETRYING = "retrying", "Retrying"
        HELD = "held", "Held for you"
        DEAD = "dead", "Dead letter"
        RESOLVED = "resolved", "Resolved"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="sync_errors")
    flow = models.CharField(max_length=20)
    external_id = models.CharField(max_length=255)  # of stock a SKU
    label = models.CharField(max_length=160)  # "Order 10457"
    state = models.CharField(max_length=10, choices=State.choices)
    code = models.CharField(max_length=60)
    reason = models.TextField()  # plain words, all violations
    answer = EncryptedTextField(blank=True, db_default="")  # the other side's, redacted; for who may retry, for days
    detail = models.TextField(blank=True, default="", db_default="", editable=False)  # of old: see migration 0003
    violations = models.JSONField(default=list)
    amount = models.DecimalField(max_digits=14, decimal_places=2, default=Decimal(0))
    currency = models.CharField(max_length=3, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, blank=True)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)
    issues = models.ManyToManyField(Issue, related_name="errors")

    objects = SyncErrorQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "flow", "external_id"],
                name="sync_error_one_open",
                condition=~Q(state="resolved"),
            ),
            models.CheckConstraint(
                condition=Q(state__in=["retrying", "held", "dead", "resolved"]), name="sync_error_state_known"
            ),
        ]
        indexes = [models.Index(fields=["connection", "state", "-last_seen_at"], name="sync_error_listing")]

    def __str__(self) -> str:
        return f"{self.label}: {self.reason[:60]}"

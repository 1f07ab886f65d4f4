"""Problems as people see them: issues (one per cause) and the records that wait behind them."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from connections.crypto import EncryptedTextField
from connections.models import Connection
from connections.vocabulary import STATES
from errors.alerts.alert_models import (
    Alert,
    AlertChannel,
    AlertKind,
    AlertMessage,
    AlertNotice,
    AlertRule,
    AlertSubscription,
)

__all__ = [
    "Alert",
    "AlertChannel",
    "AlertKind",
    "AlertMessage",
    "AlertNotice",
    "AlertRule",
    "AlertSubscription",
    "Issue",
    "IssueCount",
    "IssueNote",
    "IssueTag",
    "SyncError",
]


class IssueQuerySet(models.QuerySet["Issue"]):
    def for_user(self, user: Any) -> Self:
        return self.filter(connection__merchant__memberships__user=user)

    def open(self) -> Self:
        """Those that records wait behind, whatever people said of them."""
        return self.filter(is_open=True)

    def calling(self, now: datetime) -> Self:
        """Open ones that nobody set aside."""
        return self.open().exclude(_set_aside(now))

    def set_aside(self, now: datetime) -> Self:
        """Open ones that somebody ignores, or snoozed until later: they call for nobody."""
        return self.open().filter(_set_aside(now))

    def in_state(self, state: "Issue.State", now: datetime) -> Self:
        """Those whose `state_at` is this one."""
        return self.filter(in_state(state, now))


def in_state(state: "Issue.State", now: datetime) -> Q:
    """Of an issue: that its `state_at` is this one."""
    triage, states = Issue.Triage, Issue.State
    is_open = Q(is_open=True)
    match state:
        case states.RESOLVED:
            return Q(is_open=False)
        case states.IGNORED:
            return is_open & Q(triage=triage.IGNORED)
        case states.SNOOZED:
            return is_open & Q(triage=triage.SNOOZED, snoozed_until__gt=now)
        case states.ACKNOWLEDGED:
            return is_open & Q(triage=triage.ACKNOWLEDGED)
        case _:
            return is_open & (Q(triage=triage.NONE) | Q(triage=triage.SNOOZED, snoozed_until__lte=now))


def _set_aside(now: datetime) -> Q:
    """Of an issue: ignored, or snoozed until later."""
    return Q(triage=Issue.Triage.IGNORED) | Q(triage=Issue.Triage.SNOOZED, snoozed_until__gt=now)


class Issue(models.Model):
    """One cause: the same missing link or map folds all its records here. Open while a record waits.

    What people said of it (`triage`) and whether records wait (`is_open`) are two things: an ignored cause stays
    ignored when its last record went through and the next one came; a snooze ends by the clock.
    """

    class Triage(models.TextChoices):
        NONE = "", "Open"
        ACKNOWLEDGED = "acknowledged", "Acknowledged"
        SNOOZED = "snoozed", "Snoozed"
        IGNORED = "ignored", "Ignored"

    class State(models.TextChoices):
        """As people see it: of `triage`, `snoozed_until` and `is_open`."""

        OPEN = "open", "Open"
        ACKNOWLEDGED = "acknowledged", "Acknowledged"
        SNOOZED = "snoozed", "Snoozed"
        IGNORED = "ignored", "Ignored"
        RESOLVED = "resolved", STATES["resolved"]

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="issues")
    fingerprint = models.CharField(max_length=64)  # of owner, code, field and value
    owner = models.CharField(max_length=10)  # errors.failures.Owner
    code = models.CharField(max_length=60)
    field = models.CharField(max_length=100, blank=True, default="", db_default="")  # of the cause's violation
    value = models.CharField(max_length=300, blank=True, default="", db_default="")  # … such as the SKU; no people
    title = models.CharField(max_length=300)
    fix = models.CharField(max_length=300, blank=True)
    fix_page = models.CharField(max_length=20, blank=True)
    is_open = models.BooleanField(default=True)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    triage = models.CharField(max_length=12, choices=Triage.choices, blank=True, default="", db_default="")
    snoozed_until = models.DateTimeField(null=True, blank=True)
    because = EncryptedTextField(blank=True, default="", db_default="")  # why it is ignored, in a person's words
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    objects = IssueQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "fingerprint"], name="issue_once"),
            models.CheckConstraint(
                condition=Q(triage__in=["", "acknowledged", "snoozed", "ignored"]), name="issue_triage_known"
            ),
            models.CheckConstraint(
                condition=~Q(triage="snoozed") | Q(snoozed_until__isnull=False), name="issue_snoozed_until_when"
            ),
        ]
        indexes = [
            models.Index(fields=["connection", "-last_seen_at"], name="issue_open", condition=Q(is_open=True)),
            models.Index(fields=["connection", "-last_seen_at"], name="issue_done", condition=Q(is_open=False)),
        ]

    def __str__(self) -> str:
        return self.title

    def is_set_aside(self, now: datetime) -> bool:
        """True while somebody ignores it, or has snoozed it until later: it calls for nobody."""
        is_snoozed = self.triage == Issue.Triage.SNOOZED and bool(self.snoozed_until and self.snoozed_until > now)
        return is_snoozed or self.triage == Issue.Triage.IGNORED

    def state_at(self, now: datetime) -> "Issue.State":
        """Where it stands: resolved without a record, else as people said, as long as that holds."""
        if not self.is_open:
            return Issue.State.RESOLVED
        if self.triage == Issue.Triage.SNOOZED and not self.is_set_aside(now):
            return Issue.State.OPEN
        return Issue.State(self.triage or Issue.State.OPEN)


class IssueTag(models.Model):
    """A word that people put on an issue, to find it by."""

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="tags", db_index=False)
    name = models.CharField(max_length=40)  # in lower case

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issue", "name"], name="issue_tag_once")]

    def __str__(self) -> str:
        return self.name


class IssueNote(models.Model):
    """What somebody wrote about an issue for the others."""

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="notes", db_index=False)
    text = EncryptedTextField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["issue", "-at"], name="issue_note_recent")]

    def __str__(self) -> str:
        return f"note on {self.issue_id}"


class IssueCount(models.Model):
    """How many records met a cause within an hour: what the trend is drawn of."""

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="counts", db_index=False)
    hour = models.DateTimeField()  # its beginning
    records = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issue", "hour"], name="issue_count_once")]
        indexes = [models.Index(fields=["hour"], name="issue_count_age")]

    def __str__(self) -> str:
        return f"{self.records} at {self.hour:%Y-%m-%d %H}"


class SyncErrorQuerySet(models.QuerySet["SyncError"]):
    def for_user(self, user: Any) -> Self:
        return self.filter(connection__merchant__memberships__user=user)

    def open(self) -> Self:
        return self.exclude(state=SyncError.State.RESOLVED)

    def calling(self, now: datetime) -> Self:
        """Open ones that nobody set aside: not by themselves, and not by all of their causes."""
        causes = Issue.objects.filter(errors=OuterRef("pk"))
        aside = Exists(causes) & ~Exists(causes.exclude(_set_aside(now)))
        return self.open().exclude(ignored_until__gt=now).exclude(aside)


class SyncError(models.Model):
    """Why one record has not gone through. Closes itself when the record succeeds."""

    class State(models.TextChoices):
        RETRYING = "retrying", STATES["retrying"]
        HELD = "held", STATES["held"]
        DEAD = "dead", STATES["dead"]
        RESOLVED = "resolved", STATES["resolved"]

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="sync_errors")
    flow = models.CharField(max_length=20)
    external_id = models.CharField(max_length=255)  # of stock a SKU
    label = models.CharField(max_length=160)  # "Order 10457"
    state = models.CharField(max_length=10, choices=State.choices)
    code = models.CharField(max_length=60)
    reason = models.TextField()  # plain words, all violations
    # the other side's, redacted; for who may retry, for days
    answer = EncryptedTextField(blank=True, default="", db_default="")
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
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    ignored_until = models.DateTimeField(null=True, blank=True)  # by a person: it calls for nobody before then

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
        indexes = [
            models.Index(fields=["connection", "state", "-last_seen_at"], name="sync_error_listing"),
            models.Index(fields=["connection", "flow", "external_id"], name="sync_error_of_record"),
        ]

    def __str__(self) -> str:
        return f"{self.label}: {self.reason[:60]}"

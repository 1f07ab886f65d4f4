"""Rules, channels and subscriptions; incidents; and the outbox of what is told of them.

An incident is written down whatever the rules say, with the highest value it had: so a rule can say how often it
would have told somebody last week. Whom it concerns is a notice each; what is sent is a message, which takes along all
notices that wait for its target. So a thousand failures are one incident, and a hundred incidents one message.
"""

import uuid

from django.db import models
from django.db.models import Q

from connections.crypto import EncryptedTextField
from connections.models import Connection, Merchant, User


class AlertKind(models.TextChoices):
    FAILURE = "failure", "Records need you"
    OUTAGE = "outage", "A system does not answer"
    BACKLOG = "backlog", "Work waits too long"
    LATENCY = "latency", "Orders go through slowly"
    ERROR_RATE = "error_rate", "Many orders fail"
    MONEY = "money", "Money waits"
    DISTRIBUTE = "distribute", "Orders to distribute"
    STOCK = "stock", "Stock is not heard of"
    BOOKS = "books", "Money that no order explains"
    PROMISE = "promise", "Promised money runs out"
    CHANNEL = "channel", "Alerts do not arrive"


class AlertRule(models.Model):
    """From which value on a merchant is told of a kind; without a row the defaults of `alert_rules.py` hold."""

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="alert_rules", db_index=False)
    kind = models.CharField(max_length=12, choices=AlertKind.choices)
    is_on = models.BooleanField(default=True)
    threshold = models.DecimalField(max_digits=12, decimal_places=2)  # in the kind's unit
    escalate_minutes = models.PositiveIntegerField(null=True, blank=True)  # told once more when still open; None: never

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "kind"], name="alert_rule_once"),
            models.CheckConstraint(condition=Q(kind__in=AlertKind.values), name="alert_rule_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.merchant}"


class AlertChannel(models.Model):
    """Where a merchant's alerts go beside its people's mail: a chat, or a webhook of another system."""

    class Kind(models.TextChoices):
        SLACK = "slack", "Slack"
        TEAMS = "teams", "Microsoft Teams"
        WEBHOOK = "webhook", "Webhook"

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="alert_channels")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    name = models.CharField(max_length=60)
    address = EncryptedTextField()  # holds the secret of a chat
    secret = EncryptedTextField(blank=True)  # by which a webhook is signed
    kinds = models.JSONField(default=list)  # AlertKinds
    is_on = models.BooleanField(default=True)
    quiet_from = models.TimeField(null=True, blank=True)  # by the merchant's clock
    quiet_until = models.TimeField(null=True, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=300, blank=True)
    last_success_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["slack", "teams", "webhook"]), name="alert_channel_kind_known")
        ]

    def __str__(self) -> str:
        return self.name


class AlertSubscription(models.Model):
    """What one person is told of a merchant, and when not."""

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="alert_subscriptions", db_index=False)
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="alert_subscriptions")
    by_mail = models.BooleanField(default=False)
    kinds = models.JSONField(default=list)  # AlertKinds that are mailed
    quiet_from = models.TimeField(null=True, blank=True)  # by the merchant's clock
    quiet_until = models.TimeField(null=True, blank=True)
    digest = models.BooleanField(default=False)
    digest_on = models.DateField(null=True, blank=True)  # the merchant's day of the newest digest
    seen_at = models.DateTimeField(null=True, blank=True)  # what was told since is unread

    class Meta:
        constraints = [models.UniqueConstraint(fields=["merchant", "person"], name="alert_subscription_once")]

    def __str__(self) -> str:
        return f"{self.person} of {self.merchant}"


class Alert(models.Model):
    """An incident: something that holds now, or held from `opened_at` to `closed_at`. One is open a cause."""

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="alerts", db_index=False)
    connection = models.ForeignKey(Connection, null=True, blank=True, on_delete=models.CASCADE, related_name="alerts")
    kind = models.CharField(max_length=12, choices=AlertKind.choices)
    key = models.CharField(max_length=80)  # of the cause
    title = models.CharField(max_length=300)
    page = models.CharField(max_length=200)  # path of the page that shows it
    value = models.DecimalField(max_digits=14, decimal_places=2)  # in the kind's unit, as last seen
    peak = models.DecimalField(max_digits=14, decimal_places=2)
    records = models.PositiveIntegerField(default=0)
    money = models.JSONField(default=list)  # [currency, amount as text], one each
    oldest_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)  # when it reached its rule's threshold
    escalated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "kind", "key"], condition=Q(closed_at__isnull=True), name="alert_one_open"
            ),
            models.CheckConstraint(condition=Q(kind__in=AlertKind.values), name="alert_kind_known"),
        ]
        indexes = [
            models.Index(fields=["merchant", "-opened_at"], name="alert_recent"),
            models.Index(fields=["merchant", "-told_at"], name="alert_told", condition=Q(told_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.title


ONE_TARGET = Q(channel__isnull=False, person__isnull=True) | Q(channel__isnull=True, person__isnull=False)


class AlertMessage(models.Model):
    """What is sent to one target. Its content stands: a second try sends the same under the same id."""

    class Reason(models.TextChoices):
        ALERTS = "alerts", "Alerts"
        DIGEST = "digest", "Digest"
        TEST = "test", "Test"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="alert_messages", db_index=False)
    channel = models.ForeignKey(
        AlertChannel, null=True, blank=True, on_delete=models.CASCADE, related_name="messages", db_index=False
    )
    person = models.ForeignKey(User, null=True, blank=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    reason = models.CharField(max_length=8, choices=Reason.choices)
    content = models.JSONField()  # alert_words.Content
    created_at = models.DateTimeField()
    not_before = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    gave_up_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=ONE_TARGET, name="alert_message_one_target"),
            models.CheckConstraint(condition=Q(reason__in=["alerts", "digest", "test"]), name="alert_message_reason"),
        ]
        indexes = [
            models.Index(
                fields=["not_before"],
                condition=Q(sent_at__isnull=True, gave_up_at__isnull=True),
                name="alert_message_due",
            ),
            models.Index(fields=["merchant", "-created_at"], name="alert_message_recent"),
            models.Index(fields=["channel", "-created_at"], name="alert_message_channel"),
            models.Index(fields=["person", "-created_at"], name="alert_message_person"),
        ]

    def __str__(self) -> str:
        return f"{self.reason} {self.public_id}"


class AlertNotice(models.Model):
    """That one target is to hear of one event of an incident; once, by the database."""

    class Event(models.TextChoices):
        OPENED = "opened", "Opened"
        ESCALATED = "escalated", "Still open"
        CLOSED = "closed", "Over"

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="notices", db_index=False)
    event = models.CharField(max_length=9, choices=Event.choices)
    channel = models.ForeignKey(
        AlertChannel, null=True, blank=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    person = models.ForeignKey(User, null=True, blank=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    message = models.ForeignKey(
        AlertMessage, null=True, blank=True, on_delete=models.CASCADE, related_name="notices"
    )  # None: waits
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["alert", "event", "channel"], condition=Q(person=None), name="alert_notice_channel_once"
            ),
            models.UniqueConstraint(
                fields=["alert", "event", "person"], condition=Q(channel=None), name="alert_notice_person_once"
            ),
            models.CheckConstraint(condition=ONE_TARGET, name="alert_notice_one_target"),
            models.CheckConstraint(
                condition=Q(event__in=["opened", "escalated", "closed"]), name="alert_notice_event_known"
            ),
        ]
        indexes = [models.Index(fields=["created_at"], condition=Q(message=None), name="alert_notice_waits")]

    def __str__(self) -> str:
        return f"{self.event}: {self.alert_id}"

"""Inbox, records, jobs, lanes and attempts. DESIGN.md, The ledger.

Foreign keys carry no index of their own where a constraint or a named index begins with them, or nobody asks that way:
every callback and every claim pays for each index.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, When
from django.db.models.functions import Coalesce

from connections.crypto import EncryptedTextField
from connections.models import Connection
from connections.vocabulary import STATES
from mappings.core.canonical.statuses import LEFT


class ServiceClass(models.TextChoices):
    """What a job may wait for. Each class has its own worker cluster of the same name."""

    NOW = "now", "Now"  # orders, shipments
    SOON = "soon", "Soon"  # stock changes
    BULK = "bulk", "Bulk"  # catalogue, backfills

    @property
    def queue(self) -> str:
        """The queue, and with it the cluster, that works this class."""
        return str(settings.Q_CLUSTER["name"]) if self == ServiceClass.NOW else str(self)


# When an order was placed, or first seen. No COALESCE: of that row-level security lets no range begin in an index.
PLACED = Case(When(source_placed_at__isnull=True, then=F("first_seen_at")), default=F("source_placed_at"))
NEWEST = (PLACED.desc(), F("id").desc())  # orders of the lists
LARGEST = (Coalesce("source_total", Decimal(0)).desc(), F("id").desc())
GONE = Q(to_distribute=0) | Q(source_meaning__in=LEFT)  # nothing of the order waits for a location
IN_VAIN = Q(is_distributed=True, to_call_back__gt=0) & ~Q(code__startswith="kept_")  # Record.calls_back


class InboxEvent(models.Model):
    """A raw callback, stored before it is answered. Kept for PAYLOAD_RETENTION_DAYS."""

    class Disposition(models.TextChoices):
        QUEUED = "queued", "Queued"  # a job looks at its record
        NOT_HANDLED = "not_handled", "Kept; no flow handles it yet"
        ECHO = "echo", "Told of our own write"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="inbox_events", db_index=False)
    system = models.CharField(max_length=12)
    topic = models.CharField(max_length=80)
    delivery_key = models.CharField(max_length=100)  # a second delivery of the same event has the same key
    external_id = models.CharField(max_length=80, blank=True)
    disposition = models.CharField(max_length=12, choices=Disposition.choices, default=Disposition.QUEUED)
    body = EncryptedTextField()
    deliveries = models.PositiveIntegerField(default=1)
    received_at = models.DateTimeField()
    arose_at = models.DateTimeField(null=True, blank=True)  # by the sender's clock; None where it does not say
    job = models.ForeignKey(
        "syncjobs.SyncJob", null=True, blank=True, on_delete=models.SET_NULL, related_name="events", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "delivery_key"], name="inbox_event_once"),
            models.CheckConstraint(
                condition=Q(disposition__in=["queued", "not_handled", "echo"]), name="inbox_event_disposition_known"
            ),
        ]
        indexes = [
            models.Index(fields=["connection", "external_id", "received_at"], name="inbox_event_record"),
            models.Index(fields=["connection"], condition=Q(disposition="echo"), name="inbox_event_echoes"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.external_id}"


class Record(models.Model):
    """A source record and its one visible disposition: where it stands now, and the totals on both sides."""

    class Disposition(models.TextChoices):
        IN_FLIGHT = "in_flight", STATES["in_flight"]
        BOOKED = "booked", STATES["booked"]
        CANCELLED = "cancelled", STATES["cancelled"]
        SKIPPED = "skipped", STATES["skipped"]
        HELD = "held", STATES["held"]
        RETRYING = "retrying", STATES["retrying"]
        DEAD = "dead", STATES["dead"]
        SETTLED = "settled", STATES["settled"]  # see Settlement

    class Choice(models.TextChoices):
        STORE = "store", "Accept the store's order"
        HEARTLAND = "heartland", "Keep Heartland's order"
        CANCEL = "cancel", "Cancel Heartland's order"
        SPLIT = "split", "Split it"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="records", db_index=False)
    flow = models.CharField(max_length=20)
    external_id = models.CharField(max_length=255)  # of stock a SKU
    # what people call it, where that is not its id
    number = models.CharField(max_length=80, blank=True, default="", db_default="")
    # of what belongs to a store order
    order_id = models.CharField(max_length=80, blank=True, default="", db_default="")
    disposition = models.CharField(max_length=10, choices=Disposition.choices, default=Disposition.IN_FLIGHT)
    code = models.CharField(max_length=60, blank=True)  # of the skip, hold or failure
    reason = models.TextField(blank=True)  # the same in plain words
    label = models.CharField(max_length=160, blank=True)
    source_status = models.CharField(max_length=255, blank=True)  # merchants name them as they like
    source_meaning = models.CharField(max_length=16, blank=True, default="", db_default="")  # a StatusMeaning
    source_placed_at = models.DateTimeField(null=True, blank=True)
    source_version = models.CharField(max_length=60, blank=True)  # date_modified as last read or written by us
    own_write_at = models.DateTimeField(null=True, blank=True)  # by the source's clock; until it was heard of, or read
    source_total = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    target_id = models.CharField(max_length=40, blank=True)
    target_label = models.CharField(max_length=255, blank=True)
    target_total = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    is_distributed = models.BooleanField(default=False)
    to_distribute = models.PositiveIntegerField(null=True, blank=True)  # pieces that wait for a location; None: unknown
    to_call_back = models.PositiveIntegerField(null=True, blank=True)  # … that a location is to ship, and have left
    currency = models.CharField(max_length=3, blank=True)
    facts = models.JSONField(default=dict)  # what the page shows without asking again; no personal data
    choice = models.CharField(max_length=9, choices=Choice.choices, blank=True, default="", db_default="")  # a person's
    # the state of the store's order it means
    choice_about = models.CharField(max_length=64, blank=True, default="", db_default="")
    first_seen_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)  # when its last read at the source began
    source_seen_at = models.DateTimeField(null=True, blank=True)  # when the source last said what `facts` hold of it
    target_seen_at = models.DateTimeField(null=True, blank=True)  # … and the target
    booked_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField()
    same_result_count = models.PositiveIntegerField(default=0)  # identical results in a row stop automatic retry

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "flow", "external_id"], name="record_once"),
            models.CheckConstraint(
                condition=Q(
                    disposition__in=[
                        "in_flight",
                        "booked",
                        "cancelled",
                        "skipped",
                        "held",
                        "retrying",
                        "dead",
                        "settled",
                    ]
                ),
                name="record_disposition_known",
            ),
            models.CheckConstraint(
                condition=Q(choice__in=["", "store", "heartland", "cancel", "split"]), name="record_choice_known"
            ),
        ]
        indexes = [
            models.Index("connection", "flow", "disposition", *NEWEST, name="record_of_state"),
            models.Index("connection", "flow", *NEWEST, name="record_by_age"),
            models.Index("connection", "flow", *LARGEST, name="record_by_total"),
            models.Index(fields=["connection", "-id"], name="record_listed"),
            models.Index(fields=["connection", "flow", "-id"], name="record_listed_of_flow"),
            models.Index(
                fields=["connection", "flow", "-booked_at"], condition=Q(booked_at__isnull=False), name="record_booked"
            ),
            models.Index(
                fields=["connection", "flow"],
                condition=Q(disposition="booked", is_distributed=False),
                name="record_undistributed",
            ),
            models.Index(
                fields=["connection", "flow", "booked_at"],
                condition=Q(disposition="booked", is_distributed=False) & ~GONE,
                name="record_to_distribute",
            ),
            models.Index(
                fields=["connection", "flow", "booked_at"],
                condition=Q(disposition="booked") & (Q(is_distributed=False) & GONE | IN_VAIN),
                name="record_left_open",
            ),
            models.Index(
                fields=["connection", "flow", "booked_at"],
                condition=Q(disposition="held", is_distributed=False, booked_at__isnull=False),
                name="record_held_booked",
            ),
            models.Index(fields=["connection", "order_id"], condition=~Q(order_id=""), name="record_of_order"),
            models.Index(fields=["connection", "number"], condition=~Q(number=""), name="record_of_number"),
            models.Index(fields=["connection", "target_id"], condition=~Q(target_id=""), name="record_of_target"),
            models.Index(
                fields=["connection", "target_label"], condition=~Q(target_label=""), name="record_of_target_label"
            ),
            models.Index(
                fields=["connection", "-changed_at", "-id"],
                condition=Q(disposition="skipped"),
                name="record_skipped",
            ),
        ]

    def __str__(self) -> str:
        return self.label or f"{self.flow.removesuffix('s').capitalize()} {self.external_id}"

    @property
    def title(self) -> str:
        """What people call the source's record: its number, or its id where that is the number."""
        return self.number or self.external_id

    @property
    def state(self) -> str:
        """Which state of the source's record this row tells of: what a person decides is about this one."""
        return str(self.facts.get("state") or self.source_version)

    @property
    def waits_for_location(self) -> bool:
        """Booked, and some location still has to be told to ship it."""
        return self._is_undistributed and self.to_distribute != 0 and self.source_meaning not in LEFT

    @property
    def is_left_open(self) -> bool:
        """Gone or given back in the store, while Heartland waits for somebody to ship it."""
        return (self._is_undistributed and not self.waits_for_location) or (self.calls_back and self.is_distributed)

    @property
    def calls_back(self) -> bool:
        """A location is asked to ship what has gone; not where a person keeps it so."""
        is_kept = self.code.startswith("kept_")
        return self.disposition == self.Disposition.BOOKED and bool(self.to_call_back) and not is_kept

    @property
    def _is_undistributed(self) -> bool:
        return self.disposition == self.Disposition.BOOKED and not self.is_distributed

    @property
    def difference(self) -> Decimal | None:
        """Target total − source total, where both are known."""
        if self.source_total is None or self.target_total is None:
            return None
        return self.target_total - self.source_total


class Lane(models.Model):
    """The queue's unit: one service class of one connection, worked by one worker at a time."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="lanes")
    service_class = models.CharField(max_length=4, choices=ServiceClass.choices)
    lease_owner = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    token_queued_at = models.DateTimeField(null=True, blank=True)  # when the token in the queue rings; it may be later

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "service_class"], name="lane_once"),
            models.CheckConstraint(condition=Q(service_class__in=ServiceClass.values), name="lane_class_known"),
        ]

    def __str__(self) -> str:
        return f"{self.service_class} lane of {self.connection_id}"


class SyncJobQuerySet(models.QuerySet["SyncJob"]):
    def for_user(self, user: Any) -> Self:
        return self.filter(connection__merchant__memberships__user=user)

    def due(self, now: datetime) -> Self:
        return self.filter(status=SyncJob.Status.PENDING, not_before__lte=now)


class SyncJob(models.Model):
    """One record to carry to the other system: ledger, retry clock and audit trail."""

    class Status(models.TextChoices):
        PENDING = "pending", "Pending"
        RUNNING = "running", "Running"
        DONE = "done", "Done"  # booked, cancelled, skipped or nothing to do: see the record
        HELD = "held", "Held"
        DEAD = "dead", "Dead letter"
        SUPERSEDED = "superseded", "Superseded"  # gave way to a newer pending job of the same record

    LOOK_AGAIN = "look again"  # cause: a person wants to know how both sides stand, or what a page showed is not so

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="jobs", db_index=False)
    lane = models.ForeignKey(Lane, on_delete=models.CASCADE, related_name="jobs", db_index=False)
    flow = models.CharField(max_length=20)
    external_id = models.CharField(max_length=255)  # of stock a SKU
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PENDING)
    cause = models.CharField(max_length=20)  # webhook, poll, backfill, look again, fix, sweep
    hints = models.PositiveIntegerField(default=1)  # messages folded into this job
    requested_at = models.DateTimeField()  # of the newest hint: a read that began later has seen it
    run = models.ForeignKey(
        "syncjobs.Run", null=True, blank=True, on_delete=models.SET_NULL, related_name="jobs", db_index=False
    )
    attempts = models.PositiveIntegerField(default=0)
    deaths = models.PositiveIntegerField(default=0)  # workers that died with this job in hand
    not_before = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = SyncJobQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "flow", "external_id"], condition=Q(status="pending"), name="syncjob_one_pending"
            ),
            models.UniqueConstraint(
                fields=["connection", "flow", "external_id"], condition=Q(status="running"), name="syncjob_one_running"
            ),
            models.CheckConstraint(
                condition=~Q(status="running") | Q(claimed_at__isnull=False), name="syncjob_running_is_claimed"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "running", "done", "held", "dead", "superseded"]),
                name="syncjob_status_known",
            ),
        ]
        indexes = [
            models.Index(fields=["lane", "not_before"], condition=Q(status="pending"), name="syncjob_due"),
            models.Index(fields=["lane", "id"], condition=Q(status="pending"), name="syncjob_turn"),
            models.Index(fields=["lane"], condition=Q(status="running"), name="syncjob_running"),
            models.Index(fields=["run"], condition=Q(run__isnull=False), name="syncjob_run"),
            models.Index(fields=["connection", "flow", "external_id", "-id"], name="syncjob_record"),
            models.Index(fields=["connection", "-id"], name="syncjob_listed"),
            models.Index(fields=["connection"], condition=Q(status__in=["pending", "running"]), name="syncjob_open"),
        ]

    def __str__(self) -> str:
        return f"{self.flow} {self.external_id} ({self.status})"


class Attempt(models.Model):
    """One try of a job with its steps and calls: the evidence on the timeline."""

    WORKER_DIED, DATABASE_AWAY = "worker_died", "database_away"
    INTERRUPTED = (WORKER_DIED, DATABASE_AWAY)  # ended without telling what it had done

    job = models.ForeignKey(SyncJob, on_delete=models.CASCADE, related_name="attempt_rows", db_index=False)
    number = models.PositiveIntegerField()
    worker = models.CharField(max_length=80)
    outcome = models.CharField(max_length=20)  # a Record disposition, "waiting", or one of INTERRUPTED
    sentence = models.TextField(blank=True)
    steps = models.JSONField(
        default=list
    )  # [{name, ms, decision, calls: [{system, method, path, status, ms, request_id}]}]
    calls_heartland = models.PositiveIntegerField(default=0)
    calls_store = models.PositiveIntegerField(default=0)
    began_at = models.DateTimeField()
    duration_ms = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["job", "number"], name="attempt_of_job")]

    def __str__(self) -> str:
        return f"Attempt {self.number}: {self.outcome}"

"""Limits shared by all processes and hosts: rate budgets, circuits, write leases, worker heartbeats."""

from django.db import models

from connections.models import Connection


class RateBudget(models.Model):
    """Permits for calls to one tenant of one system, and the lease that keeps its writes serial."""

    system = models.CharField(max_length=12)
    tenant = models.CharField(max_length=300)  # Heartland's base URL, or the store as it names itself
    permits = models.FloatField(default=0)  # left now
    capacity = models.FloatField()  # most that can be saved up
    refill_per_second = models.FloatField()  # 0 when the other side refills at reset_at
    refilled_at = models.DateTimeField()
    reset_at = models.DateTimeField(null=True, blank=True)  # end of the window, as its headers say
    quota = models.PositiveIntegerField(null=True, blank=True)  # per window, as its headers say
    blocked_until = models.DateTimeField(null=True, blank=True)  # a 429 said so
    untold_throttles = models.PositiveSmallIntegerField(default=0, db_default=0)  # 429s in a row that named no time
    spent_on = models.DateField(null=True, blank=True)  # the day, UTC, that the next three count
    spent_now = models.BigIntegerField(default=0, db_default=0)  # calls of each ServiceClass
    spent_soon = models.BigIntegerField(default=0, db_default=0)
    spent_bulk = models.BigIntegerField(default=0, db_default=0)
    writer = models.CharField(max_length=80, blank=True)
    writer_until = models.DateTimeField(null=True, blank=True)
    next_lane = models.PositiveBigIntegerField(null=True, blank=True)  # waits for the write lease
    next_rank = models.PositiveSmallIntegerField(default=0)  # of its class: orders first
    next_until = models.DateTimeField(null=True, blank=True)  # when it is forgotten unless it asks again

    class Meta:
        constraints = [models.UniqueConstraint(fields=["system", "tenant"], name="rate_budget_once")]

    def __str__(self) -> str:
        return f"{self.system} {self.tenant}"


class Circuit(models.Model):
    """Opens when a system is down for a connection: work waits without burning attempts, one probe at a time."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="circuits")
    system = models.CharField(max_length=12)
    failures = models.PositiveIntegerField(default=0)  # in a row
    opened_at = models.DateTimeField(null=True, blank=True)
    probe_after = models.DateTimeField(null=True, blank=True)
    last_success_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "system"], name="circuit_once")]

    def __str__(self) -> str:
        return f"{self.system} {'open' if self.opened_at else 'closed'}"


class RefusalStreak(models.Model):
    """What a run or a look that tries again by itself was last refused, and how often in a row in the same words."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+")
    flow = models.CharField(max_length=20)  # syncjobs.engine.stalls: RUNS or FEEDS
    key = models.CharField(max_length=40)  # a run's kind, a feed's or a look's name
    reason = models.TextField()
    count = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "flow", "key"], name="refusal_streak_once")]

    def __str__(self) -> str:
        return f"{self.flow} {self.key}: {self.count} times"


class WorkerBeat(models.Model):
    """When each host's cluster last worked or ticked."""

    host = models.CharField(max_length=80)
    queue = models.CharField(max_length=20)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["host", "queue"], name="worker_beat_once")]

    def __str__(self) -> str:
        return f"{self.queue} on {self.host}"


class Refusal(models.Model):
    """How many callbacks were refused on a day, by reason: all that is kept of them."""

    on = models.DateField()
    reason = models.CharField(max_length=40)
    count = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["on", "reason"], name="refusal_once")]

    def __str__(self) -> str:
        return f"{self.count} x {self.reason} on {self.on}"

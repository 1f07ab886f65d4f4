"""How far we read, and bulk runs."""

from django.db import models

from connections.models import Connection, User


class Cursor(models.Model):
    """High-water mark of one feed; moved only after its rows are safely queued, by the other side's clock."""

    ORDERS = "bigcommerce.orders"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="cursors")
    feed = models.CharField(max_length=40)  # such as ORDERS
    position = models.CharField(max_length=60, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField()
    succeeded_at = models.DateTimeField(null=True, blank=True)
    found = models.PositiveBigIntegerField(default=0)  # records that polling saw
    missed_by_hooks = models.PositiveBigIntegerField(default=0)  # of them, those no webhook had told us of
    failure = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "feed"], name="cursor_once")]

    def __str__(self) -> str:
        return f"{self.feed} at {self.position or 'the beginning'}"


class Run(models.Model):
    """A bulk operation that a person or schedule started, with its progress."""

    class State(models.TextChoices):
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        STOPPED = "stopped", "Stopped"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="runs")
    kind = models.CharField(max_length=30)  # orders_backfill
    parameters = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    total = models.PositiveIntegerField(null=True, blank=True)
    done = models.PositiveIntegerField(default=0)
    checkpoint = models.CharField(max_length=80, blank=True)  # the last record listed
    is_listed = models.BooleanField(default=False)  # True when every record of the run has its job
    sentence = models.TextField(blank=True)
    started_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["connection", "-started_at"], name="run_recent")]

    def __str__(self) -> str:
        return f"{self.kind} ({self.state})"

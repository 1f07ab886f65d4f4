"""Which location ships which line of an order, as a person said on the list of orders to distribute."""

from django.db import models
from django.db.models import Q

from connections.vocabulary import STATES
from syncjobs.models.cursors_and_runs import Run
from syncjobs.models.ledger import Record


class Assignment(models.Model):
    """One order of a distribution. It is written to Heartland by the run, and may be taken back by another."""

    class State(models.TextChoices):
        WAITING = "waiting", STATES["in_flight"]
        DONE = "done", "Distributed"
        LEFT = "left", "Left over"
        TAKING_BACK = "taking_back", "Being taken back"
        TAKEN_BACK = "taken_back", "Taken back"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="assignments", db_index=False)
    record = models.ForeignKey(Record, on_delete=models.CASCADE, related_name="assignments", db_index=False)
    taken_back_by = models.ForeignKey(
        Run, null=True, blank=True, on_delete=models.SET_NULL, related_name="taken_back", db_index=False
    )
    state = models.CharField(max_length=12, choices=State.choices, default=State.WAITING)
    lines = models.JSONField()  # of the sales order, as shown: [{item, pieces, leaving, place}], places are ids
    goods = models.CharField(max_length=16)  # digest of the store's lines as shown
    is_suggested = models.BooleanField()  # the stock is looked at once more; else it is a person's word
    placed = models.JSONField(default=dict, db_default={})  # what was written: place by id of the line
    sentence = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["record"], condition=Q(state__in=["waiting", "taking_back"]), name="assignment_one_at_work"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "done", "left", "taking_back", "taken_back"]),
                name="assignment_state_known",
            ),
        ]
        indexes = [
            models.Index(fields=["run", "id"], name="assignment_of_run"),
            models.Index(fields=["record", "-id"], name="assignment_of_record"),
            models.Index(
                fields=["taken_back_by"], condition=Q(taken_back_by__isnull=False), name="assignment_taken_back"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.record}: {self.get_state_display().lower()}"

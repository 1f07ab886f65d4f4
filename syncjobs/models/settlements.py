"""What needs nobody any more, mostly as a person said: it is not worked on again while it stays as it was."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from syncjobs.models.ledger import Record


class SettlementQuerySet(models.QuerySet["Settlement"]):
    def for_user(self, user: Any) -> Self:
        return self.filter(record__connection__merchant__memberships__user=user)


class Settlement(models.Model):
    """Why a record needs nobody any more. Taking it back deletes the row; the audit trail keeps both."""

    class Kind(models.TextChoices):
        BOOKED_BY_HAND = "booked_by_hand", "Booked by hand"
        NOT_WANTED = "not_wanted", "Not wanted"
        SETTLED_ELSEWHERE = "settled_elsewhere", "Settled elsewhere"
        MADE_IN_HEARTLAND = "made_in_heartland", "Made in Heartland"  # its mark says so: nobody closed it

    record = models.OneToOneField(Record, on_delete=models.CASCADE, related_name="settlement")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    about = models.CharField(max_length=100, blank=True)  # Record.state it means; another state asks anew
    heartland_id = models.CharField(max_length=40, blank=True)  # of the sales order booked by hand, or made there
    found = models.CharField(max_length=300, blank=True)  # what Heartland said of it then
    note = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    objects = SettlementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["booked_by_hand", "not_wanted", "settled_elsewhere", "made_in_heartland"]),
                name="settlement_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["booked_by_hand", "made_in_heartland"]) | Q(heartland_id=""),
                name="settlement_number_of_what_was_booked",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.record}: {self.get_kind_display().lower()}"

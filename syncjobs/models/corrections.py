"""Corrections of single orders: proposed by us, accepted by a person."""

from typing import Any, Self

from django.conf import settings
from django.db import models

from connections.crypto import EncryptedTextField
from connections.models import Connection


class OrderCorrectionQuerySet(models.QuerySet["OrderCorrection"]):
    def for_user(self, user: Any) -> Self:
        return self.filter(connection__merchant__memberships__user=user)

    def of(self, connection: Connection, external_id: str) -> Self:
        return self.filter(connection=connection, external_id=external_id).order_by("pk")


class OrderCorrection(models.Model):
    """One value of an order as the store has it and as it goes to Heartland; a proposal until it is accepted."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="corrections", db_index=False)
    external_id = models.CharField(max_length=80)
    field = models.CharField(max_length=100)  # of mappings.core.rules.corrections.Correction
    before = EncryptedTextField(blank=True)
    after = EncryptedTextField(blank=True)
    confidence = models.PositiveSmallIntegerField(default=0, db_default=0)  # of a hundred; 0: an older version's
    why = models.CharField(max_length=200, blank=True, default="", db_default="")
    note = EncryptedTextField(blank=True, default="", db_default="")  # a person's reason, who wrote it by hand
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = OrderCorrectionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "external_id", "field"], name="order_correction_once")
        ]

    def __str__(self) -> str:
        return f"{self.field} of order {self.external_id}"

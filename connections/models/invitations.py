"""Invitations: a place at a merchant that waits for whoever reads the mail."""

from datetime import timedelta

from django.db import models
from django.utils import timezone

from connections.models.people import Merchant, Role, User

LASTS = timedelta(days=7)


class Invitation(models.Model):
    """A role at a merchant for whoever opens the mailed link. The row goes when it is accepted or withdrawn."""

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()  # in lower case
    role = models.CharField(max_length=10, choices=Role.choices)
    nonce = models.CharField(max_length=40, unique=True)  # what the newest link names; those before it are void
    invited_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    mailed_at = models.DateTimeField(null=True, blank=True)  # None: the mail server did not take it

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "email"], name="invitation_once"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="invitation_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.email} at {self.merchant} ({self.role})"

    @property
    def is_over(self) -> bool:
        return self.expires_at <= timezone.now()

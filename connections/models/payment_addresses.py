"""Where Heartland asks before money moves on a payment of ours (heartland-retail.md §16)."""

from django.db import models

from connections.models.systems import HeartlandAccount


class PaymentAddress(models.Model):
    """The one address of a Heartland account, whose payment types are shared by all its stores."""

    heartland = models.OneToOneField(HeartlandAccount, on_delete=models.CASCADE, related_name="payment_address")
    path_token = models.CharField(max_length=64, unique=True)  # digest of the unguessable part
    made_at = models.DateTimeField()
    called_at = models.DateTimeField(null=True, blank=True)  # last

    class Meta:
        verbose_name_plural = "payment addresses"

    def __str__(self) -> str:
        return f"Payment address of {self.heartland}"

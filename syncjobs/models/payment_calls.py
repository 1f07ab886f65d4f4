"""Payments of sales orders that Heartland may ask about, and what it asked (heartland-retail.md §16)."""

from django.db import models
from django.db.models import Q

from connections.models import Connection, HeartlandAccount


class SalesPayment(models.Model):
    """A pending payment on a sales order, with the web order that it pays."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="sales_payments")
    payment_id = models.CharField(max_length=40)  # Heartland's
    external_id = models.CharField(max_length=80)  # of the store's order

    class Meta:
        constraints = [models.UniqueConstraint(fields=["payment_id", "connection"], name="sales_payment_once")]

    def __str__(self) -> str:
        return f"Payment {self.payment_id} of order {self.external_id}"


class OwnPaymentWrite(models.Model):
    """A write of ours that Heartland is about to ask us about; deleted once it did, or soon after."""

    heartland = models.ForeignKey(HeartlandAccount, on_delete=models.CASCADE, related_name="+")
    operation = models.CharField(max_length=10)
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["heartland", "at"], name="own_payment_write")]

    def __str__(self) -> str:
        return f"{self.operation} of {self.amount}"


class PaymentCall(models.Model):
    """What Heartland asked about a payment and what it was answered; one row however often it asks."""

    class State(models.TextChoices):
        RUNNING = "running", "Being worked on"
        DONE = "done", "Done"
        REFUSED = "refused", "Refused"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="payment_calls")
    payment_id = models.CharField(max_length=40)
    operation = models.CharField(max_length=10)
    external_id = models.CharField(max_length=80)  # of the store's order
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    state = models.CharField(max_length=8, choices=State.choices, default=State.RUNNING)
    sentence = models.CharField(max_length=500, blank=True)
    asked = models.PositiveIntegerField(default=1)  # how often
    began_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "payment_id", "operation"], name="payment_call_once"),
            models.CheckConstraint(condition=Q(state__in=["running", "done", "refused"]), name="payment_call_state"),
        ]
        indexes = [models.Index(fields=["connection", "external_id"], name="payment_call_of_order")]

    def __str__(self) -> str:
        return f"{self.operation} of payment {self.payment_id}: {self.state}"

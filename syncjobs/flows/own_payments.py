"""Payments that we write ourselves: where Heartland asks us before money moves, it asks about these too."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from syncjobs.flows.base import Context
from syncjobs.models import OwnPaymentWrite, SalesPayment

CAPTURE, REFUND, VOID = "capture", "refund", "void"
ASKED_WITHIN = timedelta(minutes=2)


def expect(context: Context, operation: str, amount: Decimal) -> None:
    """Note, at once, a write that Heartland may ask us about; nothing where it asks nobody.

    Whether it asks is read once for as long as the lane keeps its connection.
    """
    account = context.connection.heartland
    if getattr(account, "payment_address", None):
        now = timezone.now()
        OwnPaymentWrite.objects.filter(heartland=account, at__lt=now - ASKED_WITHIN).delete()
        OwnPaymentWrite.objects.create(heartland=account, operation=operation, amount=abs(amount), at=now)


def note_pending(context: Context, payments: Iterable[Mapping[str, Any]]) -> None:
    """Keep whose the payments are that are still to come."""
    rows = [
        SalesPayment(connection=context.connection, payment_id=str(one["id"]), external_id=context.external_id)
        for one in payments
        if one.get("status") == "pending" and one.get("id")
    ]
    if rows:
        SalesPayment.objects.bulk_create(rows, ignore_conflicts=True)

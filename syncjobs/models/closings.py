"""Days that were closed: what stood in the books then, for good, and by which accounts it is exported."""

from typing import Any, Self

from django.conf import settings
from django.db import models

from connections.models import Connection


class OfAStore(models.QuerySet[Any]):
    def for_user(self, user: Any) -> Self:
        return self.filter(connection__merchant__memberships__user=user)


class DayClose(models.Model):
    """One day of a store, closed. Rows are added; the database refuses to change or delete one.

    Days are closed one after the other. What changes afterwards of a day is in the next one that is closed.
    """

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="day_closes", db_index=False)
    day = models.DateField()  # in the merchant's time zone
    made_at = models.DateTimeField()
    by = models.ForeignKey(  # no constraint: people may go, a close never changes
        settings.AUTH_USER_MODEL, null=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    note = models.CharField(max_length=300, blank=True)  # needed where something was open
    currency = models.CharField(max_length=3, blank=True)
    open_points = models.JSONField(default=dict)  # what was open, by name: see syncjobs.money.open_points
    figures = models.JSONField(default=dict)  # see syncjobs.money.day_figures
    lines = models.JSONField(default=list)  # [document, its day, {account: amount}], see syncjobs.money.close_day
    previous = models.CharField(max_length=64, blank=True)  # digest of the store's close before
    digest = models.CharField(max_length=64)

    objects = OfAStore.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "day"], name="day_closed_once"),
            models.UniqueConstraint(fields=["connection", "previous"], name="day_close_chain_has_no_forks"),
        ]

    def __str__(self) -> str:
        return f"Close of {self.day}"


class ClosedDocument(models.Model):
    """What all closes together hold of one order, row or word: the next one adds what is another by then."""

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="closed_documents", db_index=False
    )
    document = models.CharField(max_length=280)
    amounts = models.JSONField(default=dict)  # by account

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "document"], name="closed_document_once")]

    def __str__(self) -> str:
        return self.document


class AccountName(models.Model):
    """Which account of the merchant's own books one of ours is."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="account_names", db_index=False)
    account = models.CharField(max_length=20)  # of mappings.core.rules.journal.Account
    code = models.CharField(max_length=40, blank=True)
    name = models.CharField(max_length=160, blank=True)
    tax_rate = models.CharField(max_length=80, blank=True)  # as Xero calls it

    objects = OfAStore.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "account"], name="account_name_once")]

    def __str__(self) -> str:
        return f"{self.account}: {self.code} {self.name}"

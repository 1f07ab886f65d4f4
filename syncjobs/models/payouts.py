"""Payouts of gateways as their files told them, and what each row was matched with."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from connections.crypto import EncryptedTextField
from connections.models import Connection
from mappings.core.canonical.payout import PayoutRow, RowKind
from mappings.core.rules.match_payouts import How

SETTLED = (How.REFERENCE, How.AMOUNT, How.PERSON)
OPEN = (How.NONE_FITS, How.SEVERAL_FIT, How.DIFFERS, How.ENDED)


class OfConnection(models.QuerySet[Any]):
    def for_user(self, user: Any) -> Self:
        return self.filter(connection__merchant__memberships__user=user)


class PayoutLayout(models.Model):
    """Which column of a merchant's own file holds what: the fields of `payout_formats.Layout` by name."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="payout_layouts")
    name = models.CharField(max_length=60)
    columns = models.JSONField(default=dict)

    objects = OfConnection.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "name"], name="payout_layout_once")]

    def __str__(self) -> str:
        return self.name


class PayoutFile(models.Model):
    """A file that was read, and what came of it."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="payout_files")
    name = models.CharField(max_length=120)
    layout = models.CharField(max_length=60)
    rows_new = models.PositiveIntegerField(default=0)
    rows_known = models.PositiveIntegerField(default=0)
    refused = models.JSONField(default=list)  # [[line, why], …] of rows that were left out
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    objects = OfConnection.as_manager()

    def __str__(self) -> str:
        return self.name


class PayoutEntry(models.Model):
    """One row: known by the gateway's id, or, where a file has none, by its content and its place among equal ones.

    What a person splits off for another order is a row of its own, and the row it was of holds the rest.
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="payout_entries", db_index=False)
    file = models.ForeignKey(PayoutFile, null=True, on_delete=models.SET_NULL, related_name="entries")
    identity = models.CharField(max_length=80)
    place = models.PositiveIntegerField(default=0)  # among rows of one content: real twins are two
    line = models.PositiveIntegerField()
    gateway_id = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=10, choices=[(kind.value, kind.value.capitalize()) for kind in RowKind])
    reference = models.CharField(max_length=120, blank=True)
    gross = models.DecimalField(max_digits=14, decimal_places=2)
    fee = models.DecimalField(max_digits=14, decimal_places=2)
    net = models.DecimalField(max_digits=14, decimal_places=2)
    currency = models.CharField(max_length=3, blank=True)
    happened_at = models.DateTimeField()
    available_on = models.DateField(null=True, blank=True)
    payout = models.CharField(max_length=120, blank=True)
    text = EncryptedTextField(blank=True)  # gateways write names and addresses into it
    how = models.CharField(max_length=12, blank=True)  # a match's How; "" of rows that stand for no payment
    order_id = models.CharField(max_length=255, blank=True)  # the store's, of the order that it is matched with
    matched_at = models.DateTimeField(null=True, blank=True)  # when its order became another than before
    candidates = models.JSONField(default=list)  # orders that may be it
    note = models.CharField(max_length=300, blank=True)  # of the person who matched it or wrote it off
    part_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="parts")
    asked_at = models.DateTimeField(null=True, blank=True)  # the store, for what this row's money lacks there
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    objects = OfConnection.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "identity", "place"], name="payout_entry_once"),
            models.CheckConstraint(condition=Q(kind__in=list(RowKind)), name="payout_entry_kind_known"),
            models.CheckConstraint(condition=Q(how__in=["", *How]), name="payout_entry_how_known"),
        ]
        indexes = [
            models.Index(fields=["connection", "payout"], name="payout_entry_payout"),
            models.Index(fields=["connection", "order_id"], condition=~Q(order_id=""), name="payout_entry_order"),
            models.Index(fields=["connection", "happened_at"], condition=Q(how__in=OPEN), name="payout_entry_open"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.gross}"

    @property
    def shown(self) -> str:
        """What a person decides about: another match meanwhile is another state."""
        return f"{self.how}:{self.order_id}:{self.gross}"

    @property
    def row(self) -> PayoutRow:
        """The canonical row. Its `line` is our key, so that rows of several files are told apart."""
        return PayoutRow(
            line=self.pk,
            id=self.gateway_id,
            kind=RowKind(self.kind),
            reference=self.reference,
            gross=self.gross,
            fee=self.fee,
            net=self.net,
            currency=self.currency,
            happened_at=self.happened_at,
            available_on=self.available_on,
            payout=self.payout,
            text=self.text,
        )


class PayoutWord(models.Model):
    """What a person says a payout's difference is."""

    class Meaning(models.TextChoices):
        FEE = "fee", "Fee"
        LOAN = "loan", "Loan repayment"
        RESERVE = "reserve", "Reserve"
        OTHER = "other", "Something else"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="payout_words")
    payout = models.CharField(max_length=120)
    meaning = models.CharField(max_length=10, choices=Meaning.choices)
    amount = models.DecimalField(max_digits=14, decimal_places=2)  # signed, as the difference was
    note = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True, blank=True)  # it then counts no more, in the next close

    objects = OfConnection.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(meaning__in=["fee", "loan", "reserve", "other"]), name="payout_word_meaning_known"
            )
        ]
        indexes = [models.Index(fields=["connection", "payout"], name="payout_word_payout")]

    def __str__(self) -> str:
        return f"{self.payout}: {self.get_meaning_display()}"

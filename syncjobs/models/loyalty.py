"""Loyalty points: the merchant's rules, who has how many, and every movement with its cause.

A balance is the sum of its movements. What each side's field held, and what a write without an answer was to make of
it, is kept so that a change over there is told from our own.
"""

from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from connections.models import Connection, HeartlandAccount
from mappings.core.rules.loyalty import Cause, Program, Tier

WORDS = {  # of more, of fewer
    Cause.OPENING: ("there before", "there before"),
    Cause.EARNED: ("earned by an order", "its goods came back"),
    Cause.SPENT: ("given back with goods", "spent on an order"),
    Cause.TILL: ("added in Heartland", "taken off in Heartland"),
    Cause.STORE: ("added in the store", "taken off in the store"),
    Cause.EXPIRED: ("expired", "expired"),
}


class LoyaltySettings(models.Model):
    """How one store and Heartland keep points alike, and what earns them."""

    class Opening(models.TextChoices):
        ASK = "ask", "Ask me, person by person"
        SUM = "sum", "Add both up: they were two programs"
        HEARTLAND = "heartland", "Heartland’s number counts"
        STORE = "store", "The store’s number counts"

    connection = models.OneToOneField(Connection, on_delete=models.CASCADE, related_name="loyalty_settings")
    is_on = models.BooleanField(default=False)
    heartland_field = models.CharField(max_length=60, blank=True)  # key of a customer custom field
    store_field = models.CharField(max_length=60, blank=True)  # as `port.Loyalty.fields` calls it
    opening = models.CharField(max_length=9, choices=Opening.choices, default=Opening.ASK)  # where both differ at first
    points = models.PositiveIntegerField(default=0)  # for each whole `amount` of goods paid; 0: orders earn none
    amount = models.DecimalField(
        max_digits=8, decimal_places=2, default=Decimal(1), validators=[MinValueValidator(Decimal("0.01"))]
    )
    categories = models.JSONField(default=list)  # of Heartland's items that earn; empty: all
    coupon_prefix = models.CharField(max_length=40, blank=True)
    worth = models.PositiveIntegerField(default=0)  # see mappings.core.rules.loyalty.Program
    months = models.PositiveIntegerField(default=0)  # until points expire; 0: never
    tiers = models.JSONField(default=list)  # [{name, earned, group}], the lowest first
    base_group = models.CharField(max_length=40, blank=True)  # the store's group below the first tier
    tiers_fall = models.BooleanField(default=True)

    class Meta:
        verbose_name_plural = "loyalty settings"
        constraints = [
            models.CheckConstraint(
                condition=Q(opening__in=["ask", "sum", "heartland", "store"]), name="loyalty_opening_known"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="loyalty_amount_positive"),
            models.CheckConstraint(
                condition=Q(is_on=False) | ~Q(heartland_field="") & ~Q(store_field=""), name="loyalty_on_has_fields"
            ),
        ]

    def __str__(self) -> str:
        return f"Loyalty settings of {self.connection}"

    @property
    def program(self) -> Program:
        return Program(
            points=self.points,
            amount=self.amount,
            coupon_prefix=self.coupon_prefix,
            worth=self.worth,
            months=self.months,
        )

    @property
    def levels(self) -> list[Tier]:
        return [Tier(name=one["name"], earned=one["earned"], group=one["group"]) for one in self.tiers]


class PointsAccountQuerySet(models.QuerySet["PointsAccount"]):
    def for_user(self, user: Any) -> Self:
        return self.filter(heartland__merchant__memberships__user=user)


class PointsAccount(models.Model):
    """Somebody's points: one for a customer of Heartland, with whatever accounts in stores are the same person's."""

    heartland = models.ForeignKey(HeartlandAccount, on_delete=models.CASCADE, related_name="points", db_index=False)
    customer_id = models.CharField(max_length=40)  # Heartland's
    balance = models.IntegerField(default=0)  # Σ movements
    known = models.IntegerField(null=True, blank=True)  # what Heartland's field held; None before it was read
    begun = models.IntegerField(null=True, blank=True)  # what a write was to make of it, until it is seen there
    begun_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)

    objects = PointsAccountQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["heartland", "customer_id"], name="points_account_once")]

    def __str__(self) -> str:
        return f"Points of customer {self.customer_id}"


class PointsSide(models.Model):
    """An account of a store whose field shows the same points."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="points_sides", db_index=False)
    account = models.ForeignKey(PointsAccount, on_delete=models.CASCADE, related_name="sides")
    external_id = models.CharField(max_length=80)  # of the store's account
    known = models.IntegerField(null=True, blank=True)  # these as a PointsAccount has them of Heartland
    begun = models.IntegerField(null=True, blank=True)
    begun_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    tier = models.CharField(max_length=60, blank=True)  # by the store's rules
    is_group_due = models.BooleanField(default=False)  # … and its group is still to be told to the store

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "external_id"], name="points_side_once")]

    def __str__(self) -> str:
        return f"Points of account {self.external_id}"


class PointsMovement(models.Model):
    """One change of a balance. Only added; what was wrong is moved back by another one."""

    account = models.ForeignKey(PointsAccount, on_delete=models.CASCADE, related_name="movements", db_index=False)
    side = models.ForeignKey(PointsSide, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    why = models.CharField(max_length=8, choices=[(one.value, one.value.capitalize()) for one in Cause])
    key = models.CharField(max_length=200)  # of its cause, with how many of it came before: what happens once
    points = models.IntegerField()
    order = models.CharField(max_length=120, blank=True)  # "<connection>:<order>" of the store
    on = models.DateField()  # the merchant's day on which it happened
    expires_on = models.DateField(null=True, blank=True)  # the last day of points that came
    before = models.IntegerField(null=True, blank=True)  # what a side's field showed before and after its change
    after = models.IntegerField(null=True, blank=True)
    at = models.DateTimeField()  # when it was written down
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "key"], name="points_movement_once"),
            models.CheckConstraint(condition=~Q(points=0), name="points_movement_moves"),
            models.CheckConstraint(
                condition=Q(why__in=["opening", "earned", "spent", "till", "store", "expired"]),
                name="points_movement_why_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.points:+d} ({self.why})"

    @property
    def order_id(self) -> str:
        """The store's, of the order that moved them; "" for none."""
        return self.order.partition(":")[2]

    @property
    def words(self) -> str:
        """Why, as people say it."""
        return WORDS[Cause(self.why)][self.points < 0]


class OrderPoints(models.Model):
    """What a store order of somebody with an account is worth in points, as last read: movements follow it."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="order_points", db_index=False)
    external_id = models.CharField(max_length=255)  # of the order
    buyer = models.CharField(max_length=80)  # id of the store's account
    earned = models.IntegerField()
    spent = models.IntegerField()
    is_paid = models.BooleanField(default=False)  # its money was taken: only then it earns
    placed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "external_id"], name="order_points_once")]
        indexes = [models.Index(fields=["connection", "buyer"], name="order_points_of_buyer")]

    def __str__(self) -> str:
        return f"Points of order {self.external_id}"

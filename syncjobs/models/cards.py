"""Gift cards: what each is worth, by movements with a cause, and what till and store were last known to hold."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from connections.crypto import EncryptedTextField
from connections.models import Connection
from mappings.core.rules.card_ledger import Kind, Movement, Place, Sharing, overdrawn

KINDS: Mapping[Kind, str] = {
    Kind.SOLD: "Sold",
    Kind.TAKEN_OVER: "Taken over",
    Kind.LOADED: "Loaded",
    Kind.SPENT: "Spent",
    Kind.GIVEN_BACK: "Given back",
    Kind.UNEXPLAINED: "Unexplained rise",
    Kind.ACCEPTED: "Rise accepted",
    Kind.REJECTED: "Rise taken off",
    Kind.WRITTEN_OFF: "Overdraw written off",
    Kind.TAKEN_BACK: "Taken back",
}
PLACES: Mapping[Place, str] = {Place.TILL: "Till", Place.STORE: "Web store", Place.US: "Tillbridge"}


class OfConnection(models.QuerySet[Any]):
    def for_user(self, user: Any) -> Self:
        return self.filter(connection__merchant__memberships__user=user)


class CardSettings(models.Model):
    """Whether a store's gift cards and the till's are one, and how much of a card each may spend unasked."""

    SHARINGS = {
        Sharing.BOTH: "Both may spend all of it",
        Sharing.RESERVE: "The web store may spend all but a reserve",
        Sharing.TILL: "Only the till may spend it",
        Sharing.STORE: "Only the web store may spend it",
    }

    connection = models.OneToOneField(Connection, on_delete=models.CASCADE, related_name="card_settings")
    follows = models.BooleanField(default=False)
    sharing = models.CharField(max_length=8, choices=list(SHARINGS.items()), default=Sharing.BOTH)
    reserve = models.DecimalField(max_digits=14, decimal_places=2, default=Decimal("0.00"))
    email = models.EmailField(blank=True)  # whom a store names as holder of what the till sold
    till_asks = models.BooleanField(default=False)  # Heartland keeps no cards, and asks us what each is worth
    # key of Heartland's field of customers that names the card of their store credit; "": the credit is left alone
    credit_field = models.CharField(max_length=80, blank=True, default="", db_default="")
    credit_seen_at = models.DateTimeField(null=True, blank=True)  # when the store's credit was last looked for
    # where the day's round through all accounts goes on (`stores.card_port`); "" where it is over
    credit_position = models.CharField(max_length=40, blank=True, default="", db_default="")

    class Meta:
        verbose_name_plural = "card settings"
        constraints = [
            models.CheckConstraint(condition=Q(sharing__in=list(Sharing)), name="card_sharing_known"),
            models.CheckConstraint(condition=Q(reserve__gte=0), name="card_reserve_sound"),
        ]

    def __str__(self) -> str:
        return f"Card settings of {self.connection}"

    @property
    def shown(self) -> str:
        """What a form of them was drawn for."""
        return f"{self.follows}:{self.sharing}:{self.reserve:.2f}:{self.email}:{self.till_asks}:{self.credit_field}"


class GiftCard(models.Model):
    """A card. Its number opens money: it is kept encrypted, found by a keyed digest, and shown by its last signs.

    Store credit of an account is a card too, which lies in Heartland under a number and in the store with the account.
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="gift_cards", db_index=False)
    digest = models.CharField(max_length=40)  # mappings.person_keys.digests of the number
    number = EncryptedTextField()  # core.rules.card_numbers.card_number
    last_signs = models.CharField(max_length=4)
    balance = models.DecimalField(max_digits=14, decimal_places=2, default=Decimal("0.00"))  # what movements add up to
    is_good = models.BooleanField(default=True)  # False: voided, lost, taken back or expired
    is_kept = models.BooleanField(default=False)  # a person left it good although its sale was given back
    expires_on = models.DateField(null=True, blank=True)
    sold_in = models.CharField(max_length=255, blank=True)  # id of the store's order that sold it
    # the store's account, of whose credit it is
    account_id = models.CharField(max_length=40, blank=True, default="", db_default="")
    till_id = models.CharField(max_length=40, blank=True)  # Heartland's
    store_id = models.CharField(max_length=80, blank=True)
    till_holds = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)  # as last known
    store_holds = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    # a balance that is being written: where, what it was, what it becomes
    writing = models.CharField(max_length=5, blank=True)
    writing_from = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    writing_to = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    made_at = models.DateTimeField()
    moved_at = models.DateTimeField()

    objects = OfConnection.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "digest"], name="gift_card_once"),
            models.UniqueConstraint(
                fields=["connection", "account_id"], condition=~Q(account_id=""), name="gift_card_credit_once"
            ),
            models.CheckConstraint(
                condition=Q(writing="")
                | Q(writing__in=["till", "store"], writing_from__isnull=False, writing_to__isnull=False),
                name="gift_card_writing_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["connection", "-moved_at", "-id"], name="gift_card_listing"),
            models.Index(fields=["connection"], condition=Q(balance__lt=0), name="gift_card_overdrawn"),
            models.Index(fields=["connection"], condition=~Q(balance=0), name="gift_card_owed"),
            models.Index(fields=["connection", "sold_in"], condition=~Q(sold_in=""), name="gift_card_sold_in"),
        ]

    def __str__(self) -> str:
        return f"Store credit of account {self.account_id}" if self.is_credit else f"Gift card …{self.last_signs}"

    @property
    def is_credit(self) -> bool:
        return bool(self.account_id)

    @property
    def shown(self) -> str:
        """What a person decides about: a card that moved meanwhile is another."""
        return f"{self.balance}:{self.moved_at.isoformat()}:{self.writing}:{self.is_good}"

    @property
    def overdrawn(self) -> Decimal:
        return overdrawn(self.balance)


class CardMovement(models.Model):
    """One change of a card's worth. Only ever added; `cause` makes each happen once."""

    card = models.ForeignKey(GiftCard, on_delete=models.CASCADE, related_name="movements", db_index=False)
    cause = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=list(KINDS.items()))
    place = models.CharField(max_length=5, choices=list(PLACES.items()))
    delta = models.DecimalField(max_digits=14, decimal_places=2)
    document = models.CharField(max_length=120, blank=True)  # "Order 700", "Ticket 55210"; "" where nothing names it
    order_id = models.CharField(max_length=255, blank=True)  # the store's, where the document is one
    note = models.CharField(max_length=300, blank=True)  # of the person
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["card", "cause"], name="card_movement_once"),
            models.CheckConstraint(condition=Q(kind__in=list(Kind)), name="card_movement_kind_known"),
            models.CheckConstraint(condition=Q(place__in=list(Place)), name="card_movement_place_known"),
            models.CheckConstraint(condition=~Q(delta=0), name="card_movement_moves"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.delta}"

    @property
    def movement(self) -> Movement:
        return Movement(delta=self.delta, kind=Kind(self.kind), place=Place(self.place))


class CardTotal(models.Model):
    """What all cards of a store were worth on a night, beside what both systems held."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="card_totals", db_index=False)
    day = models.DateField()  # the merchant's, that had ended
    cards = models.PositiveIntegerField()
    worth = models.DecimalField(max_digits=16, decimal_places=2)  # of cards above zero: what is owed
    # of it: store credit
    credit = models.DecimalField(max_digits=16, decimal_places=2, default=Decimal("0.00"), db_default=Decimal("0.00"))
    # of it: cards that a store of the same tills which was connected before counts too
    shared = models.DecimalField(max_digits=16, decimal_places=2, default=Decimal("0.00"), db_default=Decimal("0.00"))
    overdrawn = models.DecimalField(max_digits=16, decimal_places=2)
    moved = models.DecimalField(max_digits=16, decimal_places=2)  # what all movements add up to
    differing = models.PositiveIntegerField()  # cards that a system holds otherwise than they are due
    difference = models.DecimalField(max_digits=16, decimal_places=2)  # … by so much
    at = models.DateTimeField()

    objects = OfConnection.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "day"], name="card_total_once")]

    def __str__(self) -> str:
        return f"{self.worth} on {self.day}"

    @property
    def ties_out(self) -> bool:
        return self.moved == self.worth - self.overdrawn and not self.differing

"""Customers on both sides: how they are kept alike, who is who, what was changed, and what a person is asked.

What names people is encrypted; ids of accounts and of Heartland's customers are not.
"""

from collections.abc import Iterable
from typing import Any, Self

from django.db import models
from django.db.models import Q

from connections.crypto import EncryptedTextField
from connections.models import Connection, HeartlandAccount, User


class CustomerSettings(models.Model):
    """How a store's accounts and Heartland's customers are kept alike. Off until somebody switches it on."""

    connection = models.OneToOneField(Connection, on_delete=models.CASCADE, related_name="customer_settings")
    is_on = models.BooleanField(default=False)
    creates_in_heartland = models.BooleanField(default=True)  # whoever makes an account and is not known there
    creates_in_store = models.BooleanField(default=False)  # the store may mail whom it makes an account for
    # keys of Heartland's custom fields
    company_field = models.CharField(max_length=80, blank=True, default="", db_default="")
    group_field = models.CharField(max_length=80, blank=True, default="", db_default="")
    tax_exempt_field = models.CharField(max_length=80, blank=True, default="", db_default="")
    rules = models.JSONField(default=dict, db_default={})  # field → {"owner", "blank"}; the defaults where none stands
    groups = models.JSONField(default=dict, db_default={})  # the store's key of a group → what Heartland's field says
    # the shop's numbers, by commas: no keys
    own_phones = models.CharField(max_length=300, blank=True, default="", db_default="")

    class Meta:
        verbose_name_plural = "customer settings"

    def __str__(self) -> str:
        return f"Customer settings of {self.connection}"


class CustomerIdentityQuerySet(models.QuerySet["CustomerIdentity"]):
    def for_user(self, user: Any) -> Self:
        return self.filter(connection__merchant__memberships__user=user)

    def of_customer(self, connection: Connection, customer_id: str) -> Self:
        """All that were ever one customer of Heartland's."""
        return self.filter(connection=connection, customer_id=customer_id)


class CustomerIdentity(models.Model):
    """An account of a store, and which of Heartland's customers it is. One customer may have several."""

    class State(models.TextChoices):
        LINKED = "linked", "Linked"
        ASKED = "asked", "A person is asked who it is"
        LEFT = "left", "Left alone, as a person chose"
        ENDED = "ended", "Ended"

    class Ended(models.TextChoices):
        DELETED_IN_STORE = "deleted_in_store", "Deleted in the store"
        MERGED_IN_STORE = "merged_in_store", "Merged into another account in the store"
        GONE_IN_HEARTLAND = "gone_in_heartland", "Deleted in Heartland"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="customer_identities")
    account_id = models.CharField(max_length=40)  # the store's
    customer_id = models.CharField(max_length=40, blank=True)  # Heartland's; "" while it is not known
    state = models.CharField(max_length=8, choices=State.choices)
    place = models.CharField(max_length=40, blank=True, default="", db_default="")  # the website of the account
    ended_because = models.CharField(max_length=20, choices=Ended.choices, blank=True, default="", db_default="")
    ended_at = models.DateTimeField(null=True, blank=True)
    # the account that took its place
    merged_into = models.CharField(max_length=40, blank=True, default="", db_default="")
    said = EncryptedTextField(blank=True)  # JSON: syncjobs.flows.customers.memory.Memory
    # keyed, of the account as last seen
    store_digest = models.CharField(max_length=40, blank=True, default="", db_default="")
    # updated_at as last seen
    heartland_version = models.CharField(max_length=40, blank=True, default="", db_default="")
    created_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField(null=True, blank=True)

    objects = CustomerIdentityQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "customer identities"
        constraints = [
            models.UniqueConstraint(fields=["connection", "account_id"], name="customer_identity_once"),
            models.CheckConstraint(
                condition=Q(state__in=["linked", "asked", "left", "ended"]), name="customer_identity_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="ended") | Q(ended_at__isnull=False), name="customer_identity_ended_at"
            ),
            models.CheckConstraint(
                condition=Q(ended_because__in=["", "deleted_in_store", "merged_in_store", "gone_in_heartland"]),
                name="customer_identity_ended_because_known",
            ),
        ]
        indexes = [
            models.Index(fields=["connection", "customer_id"], name="customer_identity_of"),
            models.Index(fields=["connection", "state"], name="customer_identity_state"),
        ]

    def __str__(self) -> str:
        return f"Account {self.account_id} of {self.connection_id}"


class CustomerChangeQuerySet(models.QuerySet["CustomerChange"]):
    def for_user(self, user: Any) -> Self:
        return self.filter(connection__merchant__memberships__user=user)


class CustomerChange(models.Model):
    """A value of a customer that was changed at its source: what the profile's timeline shows."""

    class Origin(models.TextChoices):
        STORE = "store", "In the store"
        HEARTLAND = "heartland", "In Heartland"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+", db_index=False)
    identity = models.ForeignKey(CustomerIdentity, on_delete=models.CASCADE, related_name="changes", db_index=False)
    field = models.CharField(max_length=20)  # a CustomerField
    before = EncryptedTextField(blank=True)
    after = EncryptedTextField(blank=True)
    origin = models.CharField(max_length=10, choices=Origin.choices)
    changed_at = models.DateTimeField(null=True, blank=True)  # by the source's clock, where it says
    seen_at = models.DateTimeField()

    objects = CustomerChangeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(origin__in=["store", "heartland"]), name="customer_change_origin_known")
        ]
        indexes = [
            models.Index(fields=["identity", "-seen_at"], name="customer_change_of"),
            models.Index(fields=["connection", "seen_at"], name="customer_change_age"),
        ]

    def __str__(self) -> str:
        return f"{self.field} of {self.identity_id}"


class CustomerQuestionQuerySet(models.QuerySet["CustomerQuestion"]):
    def for_user(self, user: Any) -> Self:
        return self.filter(connection__merchant__memberships__user=user)

    def open(self) -> Self:
        return self.filter(answer="")


class CustomerQuestion(models.Model):
    """What only a person can say of an account: who it is, or whose value stands."""

    class Kind(models.TextChoices):
        WHO = "who", "Who is it?"  # several customers of Heartland's may be the account's
        VALUE = "value", "Whose value stands?"  # both sides differ, and nothing tells which is later

    class Answer(models.TextChoices):
        SAME = "same", "Same person"
        TWO = "two", "Two people"
        REJECTED = "rejected", "Leave it alone"
        STORE = "store", "The store's value"
        HEARTLAND = "heartland", "Heartland's value"
        SETTLED = "settled", "It settled itself"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="customer_questions")
    identity = models.ForeignKey(CustomerIdentity, on_delete=models.CASCADE, related_name="questions", db_index=False)
    kind = models.CharField(max_length=6, choices=Kind.choices)
    field = models.CharField(max_length=20, blank=True, default="", db_default="")  # of VALUE: a CustomerField
    candidates = models.JSONField(default=list, db_default=[])  # of WHO: ids of Heartland's customers, in order
    content = EncryptedTextField(blank=True)  # JSON: of WHO account and candidates, of VALUE both values and times
    about = models.CharField(max_length=40)  # keyed digest of what is asked: the same is not asked again
    answer = models.CharField(max_length=10, choices=Answer.choices, blank=True, default="", db_default="")
    # of SAME: the customer who stays
    chosen_id = models.CharField(max_length=40, blank=True, default="", db_default="")
    merges = models.BooleanField(default=False, db_default=False)  # … and the other candidates are switched off
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)  # the answer was carried out on both sides

    objects = CustomerQuestionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["identity", "about"], name="customer_question_once"),
            models.CheckConstraint(condition=Q(kind__in=["who", "value"]), name="customer_question_kind_known"),
            models.CheckConstraint(
                condition=Q(answer__in=["", "same", "two", "rejected", "store", "heartland", "settled"]),
                name="customer_question_answer_known",
            ),
        ]
        indexes = [
            models.Index(fields=["connection", "asked_at"], condition=Q(answer=""), name="customer_question_open")
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.identity_id}"


class CustomerMergeQuerySet(models.QuerySet["CustomerMerge"]):
    def for_user(self, user: Any) -> Self:
        return self.filter(heartland__merchant__memberships__user=user)

    def standing(self) -> Self:
        """Those that nobody took back by switching the customer on again."""
        return self.filter(reopened_at=None)

    def who_now(self, heartland: HeartlandAccount, customer_id: str) -> str:
        """Who a customer is by now: whoever they were merged into."""
        rows = self.standing().filter(heartland=heartland, gone_id=customer_id)
        return rows.values_list("kept_id", flat=True).first() or customer_id

    def all_of(self, heartland: HeartlandAccount, customer_ids: Iterable[str]) -> set[str]:
        """Those customers and all who were merged into them."""
        ids = set(customer_ids)
        rows = self.standing().filter(heartland=heartland, kept_id__in=ids)
        return ids | set(rows.values_list("gone_id", flat=True))


class CustomerMerge(models.Model):
    """Two of Heartland's customers who are one person: who stays, and how far the other was taken over.

    Kept before anything is written, so that a merge that is broken off goes on.
    """

    class Because(models.TextChoices):
        PERSON = "person", "A person said so"
        STORE = "store", "The store merged their accounts"
        HEARTLAND = "heartland", "Merged in Heartland"

    heartland = models.ForeignKey(HeartlandAccount, on_delete=models.CASCADE, related_name="merges", db_index=False)
    gone_id = models.CharField(max_length=40)  # Heartland's
    kept_id = models.CharField(max_length=40)
    because = models.CharField(max_length=9, choices=Because.choices)
    said_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)  # taken over on both sides
    reopened_at = models.DateTimeField(null=True, blank=True)  # seen switched on again: left alone from then on

    objects = CustomerMergeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["heartland", "gone_id"], name="customer_merge_once"),
            models.CheckConstraint(condition=~Q(gone_id=models.F("kept_id")), name="customer_merge_of_two"),
            models.CheckConstraint(
                condition=Q(because__in=["person", "store", "heartland"]), name="customer_merge_because_known"
            ),
        ]
        indexes = [models.Index(fields=["heartland", "kept_id"], name="customer_merge_kept")]

    def __str__(self) -> str:
        return f"Customer {self.gone_id} is {self.kept_id}"

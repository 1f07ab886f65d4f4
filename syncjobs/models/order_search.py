"""What an order is found by, and who ordered: encrypted, and under keyed digests only."""

from typing import Any, Self

from django.db import models

from connections.crypto import EncryptedTextField
from connections.models import Connection


class OrderTerm(models.Model):
    """A number, a tracking number or a SKU by which an order is found: mappings.core.rules.search_terms."""

    OF_SKU = "="  # no number begins so

    class Kind(models.TextChoices):
        NUMBER = "number", "Number"  # and its ends, in either system
        TRACKING = "tracking", "Tracking number"
        SKU = "sku", "SKU of a line"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+", db_index=False)
    external_id = models.CharField(max_length=255)  # of the store's order
    kind = models.CharField(max_length=8, choices=Kind.choices)
    term = models.CharField(
        max_length=90
    )  # of a SKU behind OF_SKU; PostgreSQL compares it byte by byte: a beginning is a range
    placed_at = models.DateTimeField()  # the newest are shown first

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "external_id", "kind", "term"], name="order_term_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["number", "tracking", "sku"]), name="order_term_kind_known"
            ),
        ]
        indexes = [models.Index(fields=["connection", "term", "-placed_at"], name="order_term_found")]

    def __str__(self) -> str:
        return f"{self.term} of order {self.external_id}"


class OrderPeopleQuerySet(models.QuerySet["OrderPeople"]):
    def for_user(self, user: Any) -> Self:
        return self.filter(connection__merchant__memberships__user=user)


class OrderPeople(models.Model):
    """Who ordered and where it goes, of one store order, as last read. Kept as long as payloads are."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="order_people", db_index=False)
    external_id = models.CharField(max_length=255)
    content = EncryptedTextField()  # JSON, see syncjobs.flows.orders.keep_people
    placed_at = models.DateTimeField()
    read_at = models.DateTimeField(db_index=True)

    objects = OrderPeopleQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "external_id"], name="order_people_once")]

    def __str__(self) -> str:
        return f"People of order {self.external_id}"


class PersonTerm(models.Model):
    """The keyed digest of a name, an address or a phone by which somebody who ordered is found; goes with them."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+", db_index=False)
    people = models.ForeignKey(OrderPeople, on_delete=models.CASCADE, related_name="terms", db_index=False)
    term = models.CharField(max_length=40)  # mappings.person_keys.digests
    placed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["people", "term"], name="person_term_once")]
        indexes = [models.Index(fields=["connection", "term", "-placed_at"], name="person_term_found")]

    def __str__(self) -> str:
        return f"A term of {self.people_id}"

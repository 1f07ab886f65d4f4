"""What staff write on an order or a SKU, for each other: encrypted, as it may name a shopper."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from connections.crypto import EncryptedTextField
from connections.models import Connection


class CommentQuerySet(models.QuerySet["Comment"]):
    def for_user(self, user: Any) -> Self:
        return self.filter(connection__merchant__memberships__user=user)


class Comment(models.Model):
    """One comment on an order's timeline or a SKU's stock card. Never changed; an order's goes with its texts."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="comments", db_index=False)
    external_id = models.CharField(max_length=80, blank=True)  # of the order, as the store gives it
    sku = models.CharField(max_length=255, blank=True)
    text = EncryptedTextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    objects = CommentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(external_id="") & ~Q(sku="") | ~Q(external_id="") & Q(sku=""), name="comment_on_one"
            )
        ]
        indexes = [
            models.Index(fields=["connection", "external_id"], condition=~Q(external_id=""), name="comment_on_order"),
            models.Index(fields=["connection", "sku"], condition=~Q(sku=""), name="comment_on_sku"),
        ]

    def __str__(self) -> str:
        return f"Comment on {self.sku or f'order {self.external_id}'}"

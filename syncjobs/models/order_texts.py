"""What people wrote on an order, as last read: encrypted."""

from typing import Any, Self

from django.db import models

from connections.crypto import EncryptedTextField
from connections.models import Connection


class OrderTextQuerySet(models.QuerySet["OrderText"]):
    def for_user(self, user: Any) -> Self:
        return self.filter(connection__merchant__memberships__user=user)


class OrderText(models.Model):
    """The texts of one store order for its page. Kept as long as payloads are; an order without texts has no row."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="order_texts", db_index=False)
    external_id = models.CharField(max_length=80)
    content = EncryptedTextField()  # JSON: [{label, text, field}], see syncjobs.flows.orders.write_texts
    read_at = models.DateTimeField(db_index=True)

    objects = OrderTextQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "external_id"], name="order_text_once")]

    def __str__(self) -> str:
        return f"Texts of order {self.external_id}"

"""Sales orders whose making was begun: what a lost answer leaves for the next try to look for."""

from django.db import models

from connections.models import Connection


class BegunOrder(models.Model):
    """The number of a sales order, kept before the call that makes it, until a link knows its id."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="begun_orders")
    external_id = models.CharField(max_length=255)  # of the store's order
    number = models.CharField(max_length=255)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "external_id", "number"], name="begun_order_once"),
        ]

    def __str__(self) -> str:
        return self.number

"""What a person chose to see of a list: columns, and views with a name."""

from django.db import models

from connections.models.people import User


class ListView(models.Model):
    """Filters and columns of one list as a person saved them; the one without a name is how the list opens."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="list_views", db_index=False)
    page = models.CharField(max_length=20)  # orders, …
    name = models.CharField(max_length=60, blank=True)
    query = models.CharField(max_length=1000, blank=True)  # of the address
    columns = models.JSONField(default=list)  # keys in their order; what is no column any more is passed over

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "page", "name"], name="list_view_once")]
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.page}: {self.name or 'as it opens'}"

"""What was proved of a day, kept for good."""

from django.db import models

from connections.models import Connection


class Proof(models.Model):
    """All orders that a store placed on a day, each with its disposition. Rows are added, never changed.

    A day may be proved again, when orders of it were still on their way: the newest counts.
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="proofs", db_index=False)
    day = models.DateField()  # in the merchant's time zone
    made_at = models.DateTimeField()
    orders = models.PositiveIntegerField()  # by the store's own list
    counts = models.JSONField(default=dict)  # by disposition; they sum to `orders`
    repaired = models.JSONField(default=list)  # ids that nothing here knew of; they were queued
    beyond = models.JSONField(default=list)  # ids that we hold and the store lists no more
    lines = models.JSONField(default=list)  # see syncjobs.proof.chain.Line
    previous = models.CharField(max_length=64, blank=True)  # digest of the connection's proof before
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "previous"], name="proof_chain_has_no_forks")]
        indexes = [models.Index(fields=["connection", "-day", "-id"], name="proof_of_day")]

    def __str__(self) -> str:
        return f"Proof of {self.day}"

    @property
    def is_closed(self) -> bool:
        """True when every order of the day has arrived somewhere: nothing is on its way any more."""
        return not any(self.counts.get(state) for state in ("in_flight", "retrying"))

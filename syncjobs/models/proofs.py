"""What was proved of a day, kept for good."""

from django.db import models

from connections.models import Connection


class Proof(models.Model):
    """All orders that a store placed on a day, each with its disposition and what Heartland's list says of it.

    Rows are added; the database refuses to change or delete one.

    A day may be proved again, when orders of it were still on their way: the newest counts.
    """

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="proofs", db_index=False)
    day = models.DateField()  # in the merchant's time zone
    made_at = models.DateTimeField()
    version = models.PositiveSmallIntegerField(default=2, db_default=1)  # of what the digest covers, see proof.chain
    orders = models.PositiveIntegerField()  # by the store's own list
    counts = models.JSONField(default=dict)  # by disposition; they sum to `orders`
    repaired = models.JSONField(default=list)  # ids that nothing here knew of; they were queued
    again = models.JSONField(default=list, db_default=[])  # ids that disagreed; they were queued to be looked at
    beyond = models.JSONField(default=list)  # ids that we hold and the store lists no more
    sales_orders = models.PositiveIntegerField(null=True)  # by Heartland's own list of the day, those of others too
    strays = models.JSONField(default=list, db_default=[])  # see syncjobs.proof.judge_order.Stray
    sums = models.JSONField(default=dict, db_default={})  # money by currency, see syncjobs.proof.judge_order.sums_of
    lines = models.JSONField(default=list)  # see syncjobs.proof.proof_chain.Line
    previous = models.CharField(max_length=64, blank=True)  # digest of the connection's proof before
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "previous"], name="proof_chain_has_no_forks")]
        indexes = [models.Index(fields=["connection", "-day", "-id"], name="proof_of_day")]

    def __str__(self) -> str:
        return f"Proof of {self.day}"

    @property
    def is_closed(self) -> bool:
        """True when every order of the day has arrived somewhere: nothing is on its way or looked at any more."""
        return not self.again and not any(self.counts.get(state) for state in ("in_flight", "retrying"))

    @property
    def disagreements(self) -> int:
        """Orders of which both systems, or we and one of them, say different things."""
        return int(self.counts.get("disagrees", 0)) + sum(1 for stray in self.strays if not stray["is_known"])

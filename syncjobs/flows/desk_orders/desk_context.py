"""What the steps of the flow of desk orders hand on to each other."""

from dataclasses import dataclass, field
from functools import cached_property

from ipaas import digests
from mappings.core.canonical.desk_order import DeskOrder
from mappings.core.heartland.desk_marks import DeskMark, account_named
from mappings.core.heartland.sales_orders import SalesOrder
from syncjobs.flows.settling import SettlingContext

SHOWN = "shown"  # of the facts: what the person saw when they chose it
SAYS = "desk orders"


@dataclass(kw_only=True)
class DeskContext(SettlingContext):
    """One run for one sales order. `external_id` is its id in Heartland."""

    sales_order: SalesOrder = field(init=False)  # from `read` on
    desired: DeskOrder = field(init=False)  # from `prepare` on

    @cached_property
    def mark(self) -> DeskMark:
        """What the store's order bears."""
        return DeskMark(account_named(self.connection.heartland.base_url), self.external_id)

    @property
    def shown(self) -> str:
        """What a person is shown, in a digest: another is another choice."""
        return digests.content_digest(SAYS, repr(self.desired))

    def keep(self, **facts: object) -> None:
        """Hold on to what pages show of it, beside what is known already."""
        self.learn(facts={**self.record.facts, **self.facts.get("facts", {})} | facts)

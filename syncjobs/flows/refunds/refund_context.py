"""What the steps of the refund flow hand on to each other."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from connections.models import OrderSettings
from ipaas.types import JSON
from mappings.core.canonical.order import Order
from mappings.core.canonical.refund import Refund
from mappings.core.rules.refund_plan import RefundPlan, ReturnPlan
from mappings.models import Link
from syncjobs.flows.refund_records import refund_of
from syncjobs.flows.settling import SettlingContext


@dataclass(frozen=True, kw_only=True)
class Standing:
    """All sales orders of an order together. Pieces are by item id."""

    open: Mapping[str, int]
    pieces: Mapping[str, int]
    total: Decimal
    paid: Decimal


@dataclass(kw_only=True)
class RefundContext(SettlingContext):
    """One run for one refund. `external_id` names the order and the refund."""

    order: Order = field(init=False)  # from `read` on
    refund: Refund = field(init=False)
    every_refund: list[Refund] = field(default_factory=list)  # of the order
    link: Link = field(init=False)  # of the order, from `decide` on
    customer_id: str = ""  # Heartland's, of the invoices
    stations: dict[str, str] = field(default_factory=dict)  # by location id
    items: dict[str, str] = field(default_factory=dict)  # Heartland's, by the order's lines that came back
    there: Standing = field(init=False)  # from `plan` on: what its sales orders hold
    plan: RefundPlan = field(init=False)  # from `plan` on

    @cached_property
    def settings(self) -> OrderSettings:
        return self.connection.order_settings

    @property
    def order_id(self) -> str:
        return refund_of(self.external_id)[0]

    @property
    def refund_id(self) -> str:
        return refund_of(self.external_id)[1]

    @property
    def name(self) -> str:
        return f"Refund {self.refund.number} of order {self.order.title}"

    def location_of(self, part: ReturnPlan) -> str:
        """Where a return is booked: where its invoice shipped from, or the first of the order's did."""
        return part.sold.location_id if part.sold else next(iter(self.stations), "")

    def number(self, at: int) -> str:
        """Our mark in Heartland: the sales order's number and the refund's, and which of its returns it is."""
        return f"{self.link.target_label}-R{self.refund.number}" + (f"-{at + 1}" if at else "")

    def keep(self, **facts: object) -> None:
        """Hold on to what the order's page shows of this refund, beside what is known already."""
        before: JSON = {**self.record.facts, **self.facts.get("facts", {})}
        self.learn(facts=before | facts)

"""What the steps of the shipment flow hand on to each other."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from connections.models import OrderSettings
from ipaas.types import JSON
from mappings import services
from mappings.core.canonical.order import Order
from mappings.core.canonical.shipment import Invoice, Shipment, Tracking
from mappings.core.heartland.invoices import pieces_from_heartland
from mappings.core.heartland.sales_orders import SalesOrder, sales_order_from_heartland
from mappings.core.rules.search_terms import number_terms
from mappings.core.rules.shipments import Plan
from mappings.models import Link
from syncjobs.flows.orders import ORDERS
from syncjobs.flows.settling import SettlingContext
from syncjobs.models import OrderTerm, Record


@dataclass(kw_only=True)
class ShipmentContext(SettlingContext):
    """One run for one Heartland invoice. `external_id` is its id."""

    invoice: Invoice = field(init=False)  # from `read` on
    order_id: str = ""  # of the store
    sales_order_id: str = ""  # of Heartland
    own: list[Link] = field(default_factory=list)  # the store's shipments of this invoice, as we remember them
    shipments: list[Shipment] | None = None  # all that the store knows of; None before it was asked
    order: Order = field(init=False)  # from `match` on
    plan: Plan = field(init=False)
    leaves_out: bool = False  # a person chose that the store is not told of something

    @cached_property
    def settings(self) -> OrderSettings:
        return self.connection.order_settings

    @cached_property
    def order_title(self) -> str:
        """What people call the store's order."""
        records = Record.objects.filter(connection=self.connection, flow=ORDERS.name, external_id=self.order_id)
        return records.values_list("number", flat=True).first() or self.order_id

    @property
    def tracking(self) -> Tracking:
        """Carrier and tracking as the store should show them."""
        return self.store.shipments.tracking_of(self.invoice)

    @property
    def there(self) -> list[Shipment]:
        """This invoice's shipments that the store shows."""
        ids = {link.source_id for link in self.own}
        return [shipment for shipment in self.shipments or () if shipment.id in ids]

    @property
    def vanished(self) -> list[str]:
        """This invoice's shipments that the store does not show any more."""
        ids = {shipment.id for shipment in self.there}
        return sorted(link.source_id for link in self.own if link.source_id not in ids)

    @cached_property
    def sales_order(self) -> SalesOrder:
        """The order in Heartland as it is now: one call, made only where the invoice alone does not tell."""
        return sales_order_from_heartland(self.heartland.order_read(self.sales_order_id))

    @cached_property
    def returned(self) -> Counter[str]:
        """Pieces of this invoice by item id that Heartland took back: one call, made only before a hold."""
        tickets = self.heartland.returns_of([self.invoice.id])
        self.keep(returns=sorted(str(ticket["id"]) for ticket in tickets))
        pieces: Counter[str] = Counter()
        for ticket in tickets:
            pieces.update(pieces_from_heartland(ticket.get("lines") or ()))
        return Counter({item: -count for item, count in pieces.items() if count < 0})

    @property
    def charge_state(self) -> str:
        """How far the store's provider was asked for the money of what leaves; "" where it was not."""
        noted = self.facts.get("facts", self.record.facts).get("charge") or {}
        return str(noted.get("state", ""))

    def keep(self, **facts: object) -> None:
        """Hold on to what the order's page shows of this invoice, beside what is known already."""
        before: JSON = {**self.record.facts, **self.facts.get("facts", {})}
        if (tracking := facts.get("tracking")) and tracking != before.get("tracking"):
            self._find_by(tracking)
        self.learn(facts=before | facts)

    def _find_by(self, tracking: Any) -> None:
        """The order is found by the tracking numbers of its parcels."""
        whose: JSON = {"connection": self.connection, "external_id": self.order_id, "kind": OrderTerm.Kind.TRACKING}
        terms = [OrderTerm(**whose, term=term, placed_at=self.now) for term in number_terms(tracking)]
        OrderTerm.objects.bulk_create(terms, ignore_conflicts=True)

    def remember(self, shipment: Shipment) -> None:
        """The store's shipment is this invoice's; its tracking is noted as the store shows it."""
        services.link_store(
            self.connection,
            Link.Kind.SHIPMENT,
            source_id=shipment.id,
            target_id=self.invoice.id,
            target_label=self.invoice.number,
            fingerprint=digest(shipment.told),
        )

    def forget(self, shipment_ids: list[str]) -> None:
        """These shipments are no longer in the store."""
        Link.objects.of(self.connection, Link.Kind.SHIPMENT).filter(source_id__in=shipment_ids).delete()


def notifies(context: ShipmentContext) -> bool:
    """Whether the merchant wants the shopper to be mailed, where the store asks."""
    return context.settings.notifies_shopper


def digest(told: Mapping[str, str]) -> str:
    """Tells whether carrier or tracking differ."""
    return hashlib.sha256(repr(dict(told)).encode()).hexdigest()

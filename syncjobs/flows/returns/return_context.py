"""What the steps of the flow of returns hand on to each other."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from connections.models import OrderSettings
from ipaas.types import JSON
from mappings.catalogue import linked_items
from mappings.core.canonical.order import ZERO, Order
from mappings.core.canonical.refund import Refund, together
from mappings.core.canonical.till_return import TillReturn
from mappings.core.rules.give_back import Pieces, Wish
from mappings.models import ValueMap
from syncjobs.flows.base import Outcome
from syncjobs.flows.settling import SettlingContext
from syncjobs.models import Record

WAITS = "refund_waits"


@dataclass(kw_only=True)
class ReturnContext(SettlingContext):
    """One run for one return at a till. `external_id` is the ticket's id in Heartland."""

    till: TillReturn = field(init=False)  # from `read` on
    order_id: str = ""  # of the store
    order: Order = field(init=False)  # from `match` on
    given: list[Refund] = field(default_factory=list)  # all refunds of the order, as the store told them last
    pieces: Pieces = field(init=False)  # … that the store is to count as returned
    wishes: tuple[Wish, ...] = ()  # what it is asked for, from `judge` on: one for each part of its quote
    money: Decimal = ZERO  # that the store is to give back for no goods, in place of pieces

    @cached_property
    def settings(self) -> OrderSettings:
        return self.connection.order_settings

    @cached_property
    def items(self) -> dict[str, str]:
        """Heartland's items by the SKUs of the order."""
        return linked_items(self.connection, {line.sku for line in self.order.lines})

    @property
    def ours(self) -> list[Refund]:
        """The store's refunds of this very return, found by their mark: one for each part of what it quoted."""
        return [one for one in self.given if one.till_return == self.till.id]

    @property
    def made(self) -> Refund | None:
        """… as one."""
        return together(self.ours) if self.ours else None

    @property
    def given_pieces(self) -> Counter[str]:
        """… their pieces by line."""
        pieces = Counter[str]()
        for line in (line for one in self.ours for line in one.lines):
            pieces[line.line_id] += line.quantity
        return pieces

    @property
    def open_pieces(self) -> dict[str, int]:
        """By line, what the store is still to give back."""
        return dict(Counter(self.pieces.by_line) - self.given_pieces)

    @property
    def by_store(self) -> Decimal:
        """What of the ticket's money the store is to give back: what stands under the web's types of payment."""
        if self.settings.till_returns == OrderSettings.TillReturns.NOTED:
            return ZERO
        rows = ValueMap.objects.filter(connection=self.connection, kind=ValueMap.Kind.PAYMENT)
        types = {self.settings.payment_type_id, *rows.values_list("target_value", flat=True)}
        return max(self.till.given_by(frozenset(types - {""})), ZERO)

    def missing(self, refund: Refund) -> Counter[str]:
        """Pieces of the ticket, by the item's name, that a refund does not hold."""
        skus = {line.source_id: self.items.get(line.sku, "") for line in self.order.lines}
        back = Counter[str]()
        for line in refund.lines:
            back[skus.get(line.line_id, "")] += line.quantity
        left = Counter[str]()
        for goods in self.till.goods:
            covered = min(goods.quantity, back[goods.item_id])
            back[goods.item_id] -= covered
            left[goods.name] += goods.quantity - covered
        return +left

    def wait(self, sentence: str, at: datetime) -> Outcome:
        """End the run; the look for news of the tills has it go on from that time on."""
        self.decide(sentence)
        self.keep(again_at=at.isoformat())
        return Outcome(disposition=Record.Disposition.IN_FLIGHT, code=WAITS, sentence=sentence)

    def keep(self, **facts: object) -> None:
        """Hold on to what the order's page shows of this return, beside what is known already."""
        before: JSON = {**self.record.facts, **self.facts.get("facts", {})}
        self.learn(facts=before | facts)

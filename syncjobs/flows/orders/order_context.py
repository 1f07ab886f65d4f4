"""What the steps of the order flow hand on to each other."""

import hashlib
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Unpack

from connections.models import OrderSettings
from ipaas.types import JSON
from mappings import services
from mappings.core.canonical.order import ZERO, HeartlandOrder, Order, PaymentState
from mappings.core.canonical.refund import Refund
from mappings.core.heartland.marks import Mark
from mappings.core.heartland.sales_orders import SalesOrder
from mappings.core.rules.corrections import Correction
from mappings.core.rules.lookups import OrderLookups
from mappings.core.rules.order_content import is_comparable, state_of
from mappings.models import Link
from syncjobs.flows.base import Facts
from syncjobs.flows.orders import evidence
from syncjobs.flows.orders.compare_orders import changes
from syncjobs.flows.orders.left_pieces import still_to_leave
from syncjobs.flows.orders.numbers import is_number_of
from syncjobs.flows.orders.people_found import People
from syncjobs.flows.orders.traces import Traces, traces_of
from syncjobs.flows.orders.waiting_orders import orders_behind
from syncjobs.flows.settling import SettlingContext
from syncjobs.models import BegunOrder, Record

GONE = "gone"  # the state of an order that the store does not hold any more
WITHDRAWN = "withdrawn"  # fingerprint of a link whose sales order we cancel, or have cancelled, ourselves
PARTS = "parts"  # fact of an order's record
NOT_WITHDRAWN = "not withdrawn"  # … of one that could not be cancelled any more


class Effect(StrEnum):
    """What a run does in Heartland."""

    CREATE = "create"
    UPDATE = "update"  # fields in place, nothing else
    CANCEL = "cancel"
    NOTHING = "nothing"
    CONFLICT = "conflict"
    HOLD = "hold"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Unkept:
    """What is to be kept of who ordered, and of what the order is found by."""

    order: Order  # as it was read
    content: str  # JSON
    terms: list[tuple[str, str]]  # (kind, term)


@dataclass(kw_only=True)
class OrderContext(SettlingContext):
    """One run for one store order. `external_id` is the store's order id."""

    order: Order = field(init=False)  # from `normalise` on: as it is to be booked
    as_read: Order = field(init=False)  # … as the store has it
    every_refund: tuple[Refund, ...] = ()  # whatever became of it
    refunds: tuple[Refund, ...] | None = None  # that moved money; None where the store tells of none, or not enough
    left_out: tuple[str, ...] = ()  # ids of refunds without which `order` is booked
    is_gone: bool = False  # the store does not hold it any more: there is no `order`
    related: JSON = field(default_factory=dict)  # facts of the orders before and after this one
    content: str = ""  # fingerprint of the order's content
    accepted: list[Correction] = field(default_factory=list)  # corrections of this order
    has_proposals: bool = False  # corrections that nobody accepted yet are kept for the order's page
    unkept: Unkept | None = None  # not written yet
    texts: dict[str, str] = field(default_factory=dict)  # sales order's custom field → what people wrote
    link: Link | None = None  # to the Heartland sales order, once its id is known; no fingerprint = unfinished
    standing: SalesOrder | None = None  # the booked sales order as it was read in this run
    payment: PaymentState | None = None  # whether its money was taken, once that was asked
    people: People = field(init=False)  # from `resolve` on
    lookups: OrderLookups = field(init=False)
    desired: HeartlandOrder = field(init=False)  # from `shape` on: without what `parts` hold

    def learn(self, **facts: Unpack[Facts]) -> None:
        """Keep what is known now, and what follows of it: how many pieces wait for a location, or are called back."""
        super().learn(**facts)
        if "facts" in facts:
            meaning = self.facts.get("source_meaning", self.record.source_meaning)
            left = still_to_leave(self.connection, self.external_id, self.facts["facts"], meaning)
            self.facts["to_distribute"], self.facts["to_call_back"] = left.to_distribute, left.to_call_back

    @cached_property
    def settings(self) -> OrderSettings:
        return self.connection.order_settings

    @cached_property
    def store_facts(self) -> JSON:
        """What the page shows of the store's order: from `normalise` on."""
        known = evidence.references(self.as_read, self.record.facts)
        return evidence.store_facts(self.as_read) | known | self.related

    @property
    def state(self) -> str:
        """Which state of the store's order a person who closes it means."""
        return GONE if self.is_gone else state_of(self.order, self.content)

    @property
    def title(self) -> str:
        """What people call the store's order: as last read, where it is gone."""
        return self.record.title if self.is_gone else self.order.title

    @property
    def number(self) -> str:
        """Our reference in Heartland: the order prefix and the store's order number."""
        return f"{self.settings.order_prefix}{self.title}"

    @property
    def numbers(self) -> list[str]:
        """Our reference as it is, and as it would have been under the prefixes that the store had before."""
        return self.numbers_of(self.title)

    def numbers_of(self, title: str) -> list[str]:
        """The same of any order of the store."""
        prefixes = dict.fromkeys([self.settings.order_prefix, *self.settings.former_prefixes])
        return [f"{prefix}{title}" for prefix in prefixes]

    @property
    def mark(self) -> Mark:
        """How its sales order is known as its own."""
        number, view = (self.record.number, "") if self.is_gone else (self.order.number, self.order.store_view)
        marking = services.marking_of(self.connection)
        return Mark(marking=marking, order_id=self.external_id, number=number, store_view=view)

    @cached_property
    def behind(self) -> list[str]:
        """Orders that wait behind this one in its lane, whose reads it may share."""
        return orders_behind(self)

    @cached_property
    def traces(self) -> Traces:
        """What there is of the order in our database, as of when this was first asked: after the store answered."""
        return traces_of(self.record)

    @cached_property
    def begun(self) -> list[str]:
        """Numbers under which a sales order was about to be made, and that no link tells of."""
        if not self.traces.begun:
            return []
        rows = BegunOrder.objects.filter(connection=self.connection, external_id=self.external_id)
        return list(rows.order_by("pk").values_list("number", flat=True))

    def is_our_number(self, text: str) -> bool:
        """BC-10457, BC-10457-2, …, under any prefix that the store ever had."""
        return any(is_number_of(text, number) for number in self.numbers)

    @property
    def is_booked(self) -> bool:
        """True when our link names a finished sales order that should be living."""
        return bool(self.link and self.link.fingerprint and self.link.fingerprint != WITHDRAWN)

    @property
    def parts(self) -> list[JSON]:
        """Sales orders that stay beside the order's own, as a person split it: `id`, `number`, `total` as text."""
        found: list[JSON] = self.facts.get("facts", self.record.facts).get(PARTS, [])
        return found

    @property
    def parts_total(self) -> Decimal:
        return sum((Decimal(part["total"]) for part in self.parts), ZERO)

    @property
    def has_left(self) -> bool:
        """True when goods have left of what it was booked as: of its sales order, or of one that stays beside it."""
        return self.standing is not None and (self.standing.is_final or bool(self.parts))

    @property
    def replaces(self) -> bool:
        """True when the linked sales order gives way to another: it was finished once."""
        return bool(self.link and self.link.fingerprint)

    def intend(self, effect: Effect, sentence: str) -> None:
        """Say what is written next; everything was looked at and judged. A preview ends here."""
        self.decide(sentence)

    def ask(self, *about: str) -> None:
        """What a choice that is made now is about: the store's order as it is, and what else is named.

        Another state of either side asks anew.
        """
        rest = "\x1f".join(about)
        one = self.content if not rest else hashlib.sha256(f"{self.content}\x1f{rest}".encode()).hexdigest()
        self.learn(facts=self.facts.get("facts", self.record.facts) | {"about": one, "about_rest": rest})

    @property
    def chosen(self) -> Record.Choice | None:
        """What a person chose for exactly what `ask` named; None while nobody has."""
        facts, record = self.facts.get("facts", {}), self.record
        if not record.choice or "about" not in facts:
            return None
        if record.choice_about != facts["about"]:
            if not self._is_as_last_chosen(facts):
                return None
            Record.objects.filter(pk=record.pk).update(choice_about=facts["about"])
        return Record.Choice(record.choice)

    def _is_as_last_chosen(self, facts: JSON) -> bool:
        """True when the choice held at the last look and only the rules of digesting are others since."""
        before = self.record.facts
        is_last = before.get("about") == self.record.choice_about and before.get("about_rest") == facts["about_rest"]
        return is_last and self.is_as_last_read(facts)

    def is_as_last_read(self, facts: JSON) -> bool:
        """True when the last look digested by other rules, and the store's side in plain words is what it was."""
        before = self.record.facts
        return not is_comparable(str(before.get("content", "")), self.content) and not changes(
            facts | {"booked": before}
        )

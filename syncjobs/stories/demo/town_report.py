"""Judging two stores on one account by what the outside systems hold, and by the auditor."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field

from ipaas.types import JSON
from syncjobs.stories.auditor import audit_rules
from syncjobs.stories.auditor.audit import Audit
from syncjobs.stories.auditor.read_pages import StorePages
from syncjobs.stories.auditor.read_systems import mark_of

ON_THEIR_WAY = {"in_flight", "retrying"}


@dataclass(frozen=True, kw_only=True)
class TownReport:
    """Exit status 0 only when every count is 0 and nobody waited in vain."""

    orders: int
    stores: int
    acts: dict[str, int]
    dispositions: dict[str, dict[str, int]]  # by store
    lost: int
    doubled: int
    adopted_foreign: int
    wrong_store: int
    cent_differences: int
    disagreements: int
    oversold: dict[str, int]  # of pieces that all channels sold at once: offered, avoidable, simultaneous
    problems: list[str] = field(default_factory=list)  # a sentence for each of the six, and for what was not in time
    not_in_time: int = 0

    @property
    def is_clean(self) -> bool:
        counts = (self.lost, self.doubled, self.adopted_foreign, self.wrong_store, self.cent_differences)
        return not any((*counts, self.disagreements, self.oversold["avoidable"], self.not_in_time))

    def as_json(self) -> JSON:
        return asdict(self)


@dataclass(kw_only=True)
class Verdicts:
    """Sentences by what is wrong."""

    lost: list[str]
    doubled: list[str]
    adopted: list[str]
    misplaced: list[str]
    cents: list[str]


def judged(audit: Audit, strangers: Sequence[JSON], rows_now: dict[int, JSON], prefixes: Sequence[str]) -> Verdicts:
    """`strangers` are sales orders of the shop's own as they were made, `rows_now` Heartland's by id as they are.

    `prefixes` of the numbers of each store's orders there.
    """
    return Verdicts(
        lost=list(_lost(audit)),
        doubled=list(audit_rules.nothing_is_there_twice(audit.outside, audit.ours)),
        adopted=[*_touched(strangers, rows_now), *_claimed(audit, strangers)],
        misplaced=list(_misplaced(audit, prefixes)),
        cents=list(_cents(audit)),
    )


def _lost(audit: Audit) -> Iterator[str]:
    """An order that is nowhere, still on its way, or said to be booked and not there."""
    yield from audit_rules.every_order_is_somewhere(audit.outside, audit.ours)
    for pages in audit.ours.stores:
        for order, claim in pages.listed.items():
            if claim["disposition"] in ON_THEIR_WAY:
                yield f"Order {order} of store {pages.shop.hash} has not arrived anywhere"
    for side, pages in audit_rules.pairs(audit.outside, audit.ours):
        for order, claim in pages.listed.items():
            is_there = any(row.is_alive for row in audit.outside.bearing(side.shop, order))
            if claim["disposition"] == "booked" and not is_there and not _is_kept(pages, order):
                yield f"{audit_rules.name(side, order)} is said to be booked, and Heartland holds nothing of it"


def _touched(strangers: Sequence[JSON], rows_now: dict[int, JSON]) -> Iterator[str]:
    for row in strangers:
        now = rows_now.get(row["id"], {})
        for name in ("status", "total", "customer_id", "custom", "public_id"):
            if now.get(name) != row[name]:
                yield f"The shop's own {row['public_id']}: {name} was {row[name]} and is {now.get(name)}"


def _claimed(audit: Audit, strangers: Sequence[JSON]) -> Iterator[str]:
    """A sales order of somebody else, or one that two orders name as theirs."""
    theirs = {row["public_id"] for row in strangers}
    named: dict[str, str] = {}
    for pages in audit.ours.stores:
        for order, claim in pages.listed.items():
            number, name = claim["number"], f"order {order} of store {pages.shop.hash}"
            if number and number in theirs:
                yield f"{number} is the shop's own, and said to be {name}"
            if number and named.setdefault(number, name) != name:
                yield f"{number} is said to be {named[number]} and {name}"


def _misplaced(audit: Audit, prefixes: Sequence[str]) -> Iterator[str]:
    """A sales order under the mark of one store's order and the number of another's."""
    for side, prefix in zip(audit.outside.stores, prefixes, strict=True):
        for row in audit.outside.sales_orders:
            sold = side.orders.get(mark_of(row.custom, side.shop))
            number = f"{prefix}{sold.number}" if sold else ""
            if sold and row.number != number and not row.number.startswith(f"{number}-"):
                yield f"{row.number} bears the mark of {audit_rules.name(side, sold.id)}, whose number is {number}"


def _cents(audit: Audit) -> Iterator[str]:
    """Booked, with nothing that a person kept: both totals and what is paid are equal."""
    for side, pages in audit_rules.pairs(audit.outside, audit.ours):
        for order, claim in pages.listed.items():
            sold = side.orders.get(order)
            if claim["disposition"] != "booked" or sold is None or _is_kept(pages, order):
                continue
            for row in audit.outside.bearing(side.shop, order):
                if row.is_alive and not row.total == row.paid == sold.total:
                    yield f"{audit_rules.name(side, order)}: store {sold.total}, Heartland {row.total}, paid {row.paid}"


def _is_kept(pages: StorePages, order: str) -> bool:
    return order in pages.orders and audit_rules.is_kept(pages.orders[order])

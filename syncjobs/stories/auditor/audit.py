"""One audit: read the outside, read our pages, name what differs."""

from collections.abc import Sequence
from dataclasses import dataclass

from syncjobs.stories.auditor.audit_rules import disagreements
from syncjobs.stories.auditor.read_pages import Opener, OurPages, pages_read
from syncjobs.stories.auditor.read_systems import Outside, Shop, outside_read
from syncjobs.stories.demo.sim import Sandbox

CARDS = 12  # SKUs whose cards are opened: those that most pieces were ordered of


@dataclass(frozen=True, kw_only=True)
class Audit:
    """What was read on both sides, and a sentence for each disagreement."""

    outside: Outside
    ours: OurPages
    disagreements: list[str]


def audit(opener: Opener, heartland: Sandbox, shops: Sequence[Shop], skus: Sequence[str] = ()) -> Audit:
    """To be asked when nothing is on its way."""
    outside = outside_read(heartland, list(shops))
    ours = pages_read(opener, list(shops), list(dict.fromkeys([*skus, *_busiest(outside)])))
    return Audit(outside=outside, ours=ours, disagreements=disagreements(outside, ours))


def _busiest(outside: Outside) -> list[str]:
    ordered: dict[str, int] = {}
    for side in outside.stores:
        for order in side.orders.values():
            if int(order.id) >= side.shop.since:
                for sku, count in order.pieces.items():
                    ordered[sku] = ordered.get(sku, 0) + count
    return sorted((sku for sku in ordered if sku), key=lambda sku: -ordered[sku])[:CARDS]

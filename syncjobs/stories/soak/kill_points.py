"""Processes that end exactly where it hurts: at a named place, or while a write is on its way."""

import time
from dataclasses import dataclass
from random import Random

from django.utils import timezone

from ipaas.types import JSON
from syncjobs.flows.orders import ORDERS
from syncjobs.stories.soak import process_groups
from syncjobs.stories.soak.soak_world import Finding, Stage, eventually

STRIKE_SECONDS = 30.0
ON_ITS_WAY = 1.0  # seconds that a stalled write takes to arrive


@dataclass(frozen=True, kw_only=True)
class Place:
    """A fail point. A new buyer's taxed order passes each of them."""

    name: str
    needs_poll: bool = False  # webhooks are silent, so that the poll brings the order


WRITES = 7  # of a new buyer: customer, address, sales order, tax, payment, its opening, and the number at the store
PLACES = (
    Place(name="webhook.stored"),
    Place(name="lane.taken"),
    Place(name="job.claimed"),
    *(Place(name=f"{ORDERS.name}.{step.name}") for step in ORDERS.steps),
    *(Place(name=f"{ORDERS.name}.{side}:{count}") for count in range(1, WRITES + 1) for side in ("asks", "answered")),
    Place(name="job.recording"),
    Place(name="job.recorded"),
    Place(name="lane.released"),
    Place(name="poll.queued", needs_poll=True),
)


def at(stage: Stage, rng: Random, orders: int, *, place: Place) -> Finding:
    """One order of a new buyer; the process that carries it ends at `place`, once."""
    began = time.monotonic()
    if place.needs_poll:
        stage.deliver(drop=1.0)
    stage.fail_point.write_text(place.name)
    since = timezone.now()
    with stage.shoppers([stranger(stage, rng)], gap=0.0) as shopping:
        has_struck = eventually(lambda: not stage.fail_point.exists(), STRIKE_SECONDS, look=0.02)
    stage.fail_point.unlink(missing_ok=True)
    placed = shopping.result()
    stage.wait(list(placed))
    return stage.finding(f"die-at-{place.name}", placed, began, since, has_struck=has_struck)


def in_flight(stage: Stage, rng: Random, orders: int) -> Finding:
    """The worker dies while its sales order is on its way to Heartland, where it arrives a moment later."""
    began = time.monotonic()
    rule = {"method": "POST", "path": r"/api/sales/orders$", "times": 1, "stall": ON_ITS_WAY}
    (fault,) = stage.heartland.post("/_sim/faults", rule)["faults"]
    with stage.shoppers([stranger(stage, rng)], gap=0.0) as shopping:
        is_on_its_way = eventually(lambda: hits(stage, fault["id"]) > 0, STRIKE_SECONDS, look=0.02)
        since = timezone.now()
        met = process_groups.kill([holder] if (holder := process_groups.lane_holder()) else [])
    placed = shopping.result()
    stage.wait(list(placed))
    stage.heartland.delete("/_sim/faults")
    return stage.finding("kill-in-flight", placed, began, since, has_struck=is_on_its_way and bool(met))


def hits(stage: Stage, fault_id: int) -> int:
    faults: list[JSON] = stage.heartland.get("/_sim/faults")["faults"]
    return next((int(fault["hits"]) for fault in faults if fault["id"] == fault_id), 0)


def stranger(stage: Stage, rng: Random) -> JSON:
    """A taxed order of somebody whom neither system has met."""
    (recipe,) = (one for one in stage.recipes(rng, 50) if one["kind"] == "taxed")
    number = rng.randrange(10**9)
    person = {"email": f"stranger{number}@example.org", "phone": f"(512) 555-{number % 10_000:04}"}
    street = f"{number % 99_999 + 1} Congress Ave"
    return {**recipe, "guest": {**recipe["guest"], **person, "street_1": street}}

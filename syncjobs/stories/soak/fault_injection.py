"""Outside systems half broken: a share of their calls fails, or is done and never answered, while shoppers order."""

import re
import time
from dataclasses import dataclass
from random import Random

from ipaas.types import JSON
from syncjobs.stories.shops.shop_side import OURS
from syncjobs.stories.soak.soak_world import Finding, Stage

ORDERS = 20
RETRY_AFTER_SECONDS = 1
LOST: JSON = {"after": True, "lose": True, "probability": 0.2}
AFTERWARDS = 5  # orders placed when the trouble is over
KIND = "plain"
SHOPPER: JSON = {
    "lines": [{"sku": "DOG-LEAD", "quantity": 1}],
    "guest": {
        "first_name": "Ann", "last_name": "Ruiz", "email": "ann.ruiz@example.com", "phone": "2515550100",
        "street_1": "12 Bay St", "city": "Austin", "state": "Texas", "zip": "78701", "country": "United States",
        "country_iso2": "US",
    },
    "kind": KIND,
}  # fmt: skip
PATIENCE_SECONDS = 300.0
OF_ORDERS = re.compile(r"^/api/(sales/orders/\d+|sales/orders\?.*public_id|customers|items)")


def half_broken(stage: Stage, rng: Random, orders: int, *, share: float) -> Finding:
    """The same orders twice: in good weather, then with that share of Heartland's answers being trouble.

    The notes compare the rough time with the calm one: calls with those that the failures force (each tried until it
    is answered, a look after each write that failed, and what the clock asks for meanwhile: the rough time is longer),
    and speed with what the answered share and the waits that Heartland named allow.
    """
    began = time.monotonic()
    first = drained(stage, 1)  # the shopper is known from here on
    calm = drained(stage, ORDERS)
    stage.heartland.post("/_sim/faults", spoiling(share))
    rough = drained(stage, ORDERS)
    told_seconds = stage.heartland.get("/_sim/faults")["faults"][0]["hits"] * RETRY_AFTER_SECONDS
    stage.heartland.delete("/_sim/faults")
    after = drained(stage, AFTERWARDS)
    placed = [web_id for drain in (first, calm, rough, after) for web_id in drain.ids]
    return stage.finding(
        name_of(share),
        dict.fromkeys(placed, KIND),
        began,
        calls=rough.calls,
        calls_of_clock=rough.of_clock,
        calls_forced=round((calm.calls + rough.failed_writes + rough.of_clock_answered) / (1 - share)),
        speed=round((calm.seconds / (1 - share) + told_seconds) / rough.seconds, 2),
        seconds_afterwards=round(after.seconds, 1),
    )


def answers_lost(stage: Stage, rng: Random, orders: int) -> Finding:
    """Both systems do what we ask, and of a share of it we never hear."""
    began = time.monotonic()
    systems = {stage.heartland: "^/api/", stage.store.sandbox: stage.store.api}
    for system, api in systems.items():
        system.post("/_sim/faults", LOST | {"path": f"{api}{OURS}"})
    with stage.shoppers(stage.recipes(rng, orders), gap=0.0) as shopping:
        pass
    placed = shopping.result()
    stage.wait(list(placed), seconds=PATIENCE_SECONDS)
    lost = {}
    for system in systems:
        lost[system.base] = system.get("/_sim/faults")["faults"][0]["hits"]
        system.delete("/_sim/faults")
    stage.wait(list(placed))
    return stage.finding("answers-lost", placed, began, lost=sum(lost.values()), has_struck=all(lost.values()))


def name_of(share: float) -> str:
    return f"half-broken-{share:.0%}".rstrip("%")


@dataclass(frozen=True, kw_only=True)
class Drain:
    """Orders that were placed at once, and what it took to settle them."""

    ids: list[int]
    seconds: float
    calls: int  # to Heartland
    failed_writes: int  # answered 5xx: each forces a look
    of_clock: int  # of the calls, those that schedules make whether anybody orders or not: feeds, preflight, hooks
    of_clock_answered: int


def drained(stage: Stage, count: int) -> Drain:
    """Place orders at once and wait until all are settled."""
    stage.heartland.delete("/_sim/calls")
    began = time.monotonic()
    ids = stage.store.buy([SHOPPER] * count)
    stage.wait(ids, seconds=PATIENCE_SECONDS)
    seconds = time.monotonic() - began
    asked = stage.heartland.get("/_sim/calls", log=1)
    log = asked["log"]
    clock = [call for call in log if call["method"] == "GET" and not OF_ORDERS.search(call["path"])]
    return Drain(
        ids=ids,
        seconds=seconds,
        calls=asked["total"],
        failed_writes=sum(call["method"] in {"POST", "PUT"} and call["status"] >= 500 for call in log),
        of_clock=len(clock),
        of_clock_answered=sum(call["status"] < 400 for call in clock),
    )


def spoiling(share: float) -> list[JSON]:
    """Rules for that share of all calls: a half is 429, every other one without Retry-After, the rest 500 and 503.

    The first rule that meets a call wins, so that each one's chance is of what those before it let pass.
    """
    slow: JSON = {"status": 429, "body": {"error": "rate_limited"}}
    answers = [
        slow | {"headers": {"Retry-After": str(RETRY_AFTER_SECONDS)}},
        slow,
        {"status": 500, "body": {"error": "internal_error"}},
        {"status": 503, "body": ""},
    ]
    part = share / len(answers)
    return [
        answer | {"path": "^/api/", "probability": part / (1 - part * number)} for number, answer in enumerate(answers)
    ]

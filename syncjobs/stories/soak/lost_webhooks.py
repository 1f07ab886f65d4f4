"""Webhooks on their way: as they should, astray, or to a web server that is being restarted."""

import os
import signal
import time
from dataclasses import replace
from random import Random
from typing import Any

from ipaas.types import JSON
from syncjobs.models import InboxEvent
from syncjobs.stories.soak.soak_world import KINDS, Finding, Stage, eventually, patiently

ASTRAY: JSON = {"copies": 3, "drop": 0.33, "order": "lifo", "batch_seconds": 0.5}
RESTARTS = 2
UNDER_LOAD = 40  # orders, two webhooks each
GAP_SECONDS = 0.05
LAST_DELIVERY_SECONDS = 60.0


def travelled(stage: Stage, rng: Random, orders: int, *, name: str, **controls: Any) -> Finding:
    """Every kind of shopper once; the same seed gives the same shoppers, to be compared ending by ending."""
    began = time.monotonic()
    stage.deliver(**controls)
    with stage.shoppers(stage.recipes(rng, KINDS), gap=0.0) as shopping:
        pass
    placed = shopping.result()
    stage.wait(list(placed))
    return stage.finding(name, placed, began)


def restarted(stage: Stage, rng: Random, orders: int) -> Finding:
    """The web server is told to end while webhooks arrive; what it refuses comes again."""
    began, web = time.monotonic(), stage.supervisor.running["web"]
    last = newest_delivery(stage)
    with stage.shoppers(stage.recipes(rng, UNDER_LOAD), gap=GAP_SECONDS) as shopping:
        for number in range(RESTARTS):
            time.sleep(rng.uniform(0.2, 0.5))
            os.kill(web.process.pid, signal.SIGTERM)
            eventually(lambda expected=number + 1: web.restarts >= expected, LAST_DELIVERY_SECONDS)  # type: ignore[misc]
    placed = shopping.result()
    stage.wait(list(placed))
    eventually(lambda: not flushed(stage), LAST_DELIVERY_SECONDS)
    rows = deliveries(stage, after=last)
    lost = never_arrived(rows)
    tries = sum(len(row["tries"]) for row in rows)
    finding = stage.finding("restart-web", placed, began, deliveries=len(rows), tries=tries)
    return replace(finding, lost=finding.lost + len(lost), problems=[*finding.problems, *lost])


def flushed(stage: Stage) -> int:
    """Bring retries forward, as if their time had come; answers how many are still open."""
    state = stage.store.sandbox.post("/_sim/deliveries/flush", {"wait": 5})
    return int(state["queued"] + state["sending"])


def deliveries(stage: Stage, after: int = 0) -> list[JSON]:
    return list(stage.store.sandbox.get("/_sim/deliveries", after=after)["deliveries"])


def newest_delivery(stage: Stage) -> int:
    return max((row["id"] for row in deliveries(stage)), default=0)


def record_of(row: JSON) -> str:
    """The record that a webhook is about: a shipment is about its order (bigcommerce.md §25.2)."""
    data = row["body"]["data"]
    return str(data.get("orderId") or data.get("order_id") or data["id"])


def never_arrived(rows: list[JSON]) -> list[str]:
    """Webhooks that are neither delivered nor to be tried again, or delivered and not in our inbox."""
    ids = {record_of(row) for row in rows}
    held = patiently(
        lambda: set(InboxEvent.objects.filter(external_id__in=ids).values_list("topic", "external_id").distinct())
    )
    lost = []
    for row in rows:
        topic, external_id = row["body"]["scope"], record_of(row)
        if row["status"] != "delivered":
            lost.append(f"Webhook {topic} of order {external_id} is {row['status']}")
        elif (topic, external_id) not in held:
            lost.append(f"Webhook {topic} of order {external_id} was accepted, but not kept")
    return lost

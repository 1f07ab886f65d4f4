"""What we add to the time of an order while each outside call takes a tenth of a second."""

import statistics

from ipaas.types import JSON
from syncjobs.models import Attempt, InboxEvent, Record
from syncjobs.stories.bench.figures import percentile
from syncjobs.stories.bench.measures import RECIPE, SINGLES, Bench
from syncjobs.stories.demo import story

CALL_MS = 100


def own_share(bench: Bench) -> JSON:
    """From the stored webhook to the booked order, less the time in calls: ms, one order at a time."""
    slow = {"path": "^/(api|stores)/", "latency_ms": CALL_MS}
    for system in (bench.store, bench.heartland):
        system.post("/_sim/faults", slow)
    shares = [share_of_one(bench) for _ in range(SINGLES)]
    for system in (bench.store, bench.heartland):
        system.delete("/_sim/faults")
    return {
        "p50_ms": round(statistics.median(shares), 1),
        "goal_p50_ms": 30,
        "p95_ms": round(percentile(shares, 0.95), 1),
        "goal_p95_ms": 80,
        "call_ms": CALL_MS,
    }


def share_of_one(bench: Bench) -> float:
    (web_id,) = bench.store.post("/_sim/orders", RECIPE)["ids"]
    story.wait_for_all([web_id], seconds=60, told=lambda line: None)
    first = InboxEvent.objects.filter(external_id=str(web_id)).order_by("received_at")[0]
    booked_at = Record.objects.get(external_id=str(web_id)).booked_at
    attempt = Attempt.objects.filter(job__external_id=str(web_id), outcome="booked").order_by("began_at")[0]
    if booked_at is None:
        raise RuntimeError(f"Order {web_id} was not booked")
    in_calls = sum(float(call["ms"]) for step in attempt.steps for call in step["calls"])
    return (booked_at - first.received_at).total_seconds() * 1000 - in_calls

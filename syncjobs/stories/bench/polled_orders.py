"""Orders of a store that is polled: how fast those of one look are booked, and by how many calls."""

from django.utils import timezone

from connections.models import Connection
from connections.store_kinds import profile_of
from ipaas.types import JSON
from syncjobs.engine.cursors import feed_expedite
from syncjobs.models import Attempt, Cursor, Record
from syncjobs.stories.bench.measures import RECIPE, Bench
from syncjobs.stories.demo import story

POLLED = 40


def polled_orders(bench: Bench) -> JSON:
    """A burst, from the begin of its first run to its last booked order, beside the calls that we allow ourselves."""
    (store,), connection = story.sides_of(bench.world), Connection.objects.select_related("store").get()
    ids = store.buy([RECIPE] * POLLED)
    feed_expedite(connection.pk, Cursor.ORDERS, timezone.now())
    story.wait_for_all(ids, seconds=180, told=lambda line: None)
    wanted = [str(web_id) for web_id in ids]
    booked = list(Record.objects.filter(external_id__in=wanted).values_list("booked_at", flat=True))
    attempts = Attempt.objects.filter(job__external_id__in=wanted)
    seconds = (max(filter(None, booked)) - attempts.earliest("began_at").began_at).total_seconds()
    last, limits = attempts.filter(outcome="booked").latest("pk"), profile_of(connection.store).limits
    return {
        "store": store.kind,
        "orders_per_second": round(len(booked) / seconds, 1),
        "calls_per_order": {store.kind: last.calls_store, "heartland": last.calls_heartland},
        "calls_per_second_at_most": {store.kind: round(limits.quota / limits.window_seconds, 1)},
    }

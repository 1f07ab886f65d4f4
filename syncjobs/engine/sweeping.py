"""The sweep: once a minute, put right whatever a lost token or a dead process left undone. Safe to run any time."""

import logging
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q, QuerySet
from django.db.models.functions import Now

from connections.models import Connection, OrderSettings
from connections.store_kinds import profiles
from ipaas import queue
from syncjobs.engine.budgets import budgets_follow_settings
from syncjobs.engine.cursors import POLLS, feed_ring, feeds_end
from syncjobs.engine.enqueueing import lane_wake, queue_of
from syncjobs.engine.heartbeats import heartbeat
from syncjobs.engine.orphans_release import leases_release
from syncjobs.engine.run_counts import runs_settle
from syncjobs.engine.webhook_delivery import webhooks_sweep
from syncjobs.models import Cursor, Lane, Run, ServiceClass, SyncJob

logger = logging.getLogger(__name__)

SOON = timedelta(seconds=60)  # what falls due before the next sweep gets its token now
STALE_TOKEN = timedelta(seconds=300)  # a token that rang this long ago is lost, or its worker died with it
EVERYWHERE = (
    Cursor.ORDERS,
    Cursor.INVOICES,
    Cursor.SALES_ORDERS,
    Cursor.HELD,
)  # feeds that every running connection has
OF_CUSTOMERS = (Cursor.ACCOUNTS, Cursor.ACCOUNT_SWEEP, Cursor.CUSTOMERS)  # … those where customers are kept alike
ON = (OrderSettings.TillReturns.STORE, OrderSettings.TillReturns.NOTED)
OF_TILLS = (Cursor.TILL_RETURNS,)  # … those whose store gives back what comes back at a till
OVER: dict[tuple[str, ...], Q] = {  # feeds that a merchant may switch off → whose they are no more
    OF_TILLS: Q(order_settings__till_returns=OrderSettings.TillReturns.OFF),
    (Cursor.CARDS,): Q(card_settings__follows=False),
    (Cursor.POINTS,): Q(loyalty_settings__is_on=False),
}
SWEPT = (  # … and those of kinds where an order's clock may stand still
    Cursor.ORDER_SWEEP,
    Cursor.STORE_SHIPMENTS,
    Cursor.STORE_REFUNDS,
    Cursor.STORE_INVOICES,
)
LATE_POLL = timedelta(seconds=30)  # polls carry themselves on; one that is later than this lost its token
RUN_SLICE = "run_slice"


@dataclass(frozen=True, kw_only=True)
class Swept:
    """What a sweep found to do."""

    jobs_released: int
    lanes_woken: int
    polls_started: int
    runs_settled: int


def sweep(*, now: datetime, is_start: bool = False) -> Swept:
    """Free the dead's leases, wake lanes, start late polls, settle runs.

    `is_start` is for a cluster that just came up: tokens that its predecessor held are as good as lost.
    """
    heartbeat("sweep")
    budgets_follow_settings()
    swept = Swept(
        jobs_released=leases_release(now),
        lanes_woken=lanes_wake(now, is_start=is_start),
        polls_started=polls_start(now, is_start=is_start),
        runs_settled=runs_settle(now),
    )
    webhooks_sweep(now)
    logger.info("swept", extra=asdict(swept))
    return swept


def lanes_wake(now: datetime, *, is_start: bool) -> int:
    """Wake the lanes with work that is due or soon will be, where nobody works and no token waits."""
    running = Connection.objects.running()
    due = Q(jobs__status=SyncJob.Status.PENDING, jobs__not_before__lte=now + SOON)
    lanes = Lane.objects.filter(due, connection__in=running).filter(
        Q(lease_until__isnull=True) | Q(lease_until__lt=Now())
    )
    lost = queues_short_of_tokens()
    woken = 0
    for lane in lanes.annotate(due_at=Min("jobs__not_before", filter=due)):
        rang_at = lane.token_queued_at
        is_lost = rang_at is not None and (is_start or lane.service_class in lost or rang_at < now - STALE_TOKEN)
        at = max(lane.due_at, now)
        woken += lane_wake(lane.pk, ServiceClass(lane.service_class), now=now, at=at, is_forced=is_lost)
    return woken


def queues_short_of_tokens() -> set[str]:
    """Classes whose queue holds fewer tokens than lanes believe to have there: some were lost."""
    believed = Lane.objects.filter(token_queued_at__isnull=False).values("service_class").annotate(count=Count("pk"))
    return {
        row["service_class"]
        for row in believed
        if queue.tokens_waiting(queue_of(ServiceClass(row["service_class"]))) < row["count"]
    }


def polls_start(now: datetime, *, is_start: bool = False) -> int:
    """Give every running connection its cursors, and polls a token that have lost theirs.

    Lost is the token of a poll that is late; after a start any, since the dead may have held it.
    """
    running = Connection.objects.running()
    cursors_give(running, now)
    late = Cursor.objects.filter(
        Q(lease_until__isnull=True) | Q(lease_until__lt=Now()),
        connection__in=running,
        feed__in=POLLS,
        due_at__lte=now + SOON if is_start else now - LATE_POLL,
    )
    polls = list(late.values_list("connection_id", "feed", "due_at"))
    for connection_id, feed, due_at in polls:
        feed_ring(connection_id, feed, max(due_at - now, timedelta()))
    slices_start(now, is_start=is_start)
    return len(polls)


def cursors_give(running: QuerySet[Connection], now: datetime) -> None:
    """What each connection follows. Returns at the tills are followed from their switch on, until it is off."""
    for feeds, is_over in OVER.items():
        for connection in Connection.objects.filter(is_over, cursors__feed__in=feeds):
            feeds_end(connection, feeds, now)
    swept = running.filter(store__kind__in=[one.kind for one in profiles() if one.sweeps_orders])
    of_customers = running.filter(customer_settings__is_on=True)
    of_tills = Connection.objects.filter(order_settings__till_returns__in=ON)  # one that rests finds them later
    followed: dict[tuple[str, ...], QuerySet[Connection]] = {
        EVERYWHERE: running,
        OF_CUSTOMERS: of_customers,
        OF_TILLS: of_tills,
        SWEPT: swept,
    }
    for feeds, those in followed.items():
        begins = {"position": now.isoformat()} if feeds == OF_TILLS else {}
        for feed in feeds:
            for connection in those.exclude(pk__in=Cursor.objects.filter(feed=feed).values("connection")):
                defaults = {"due_at": now - LATE_POLL, **begins}
                Cursor.objects.get_or_create(connection=connection, feed=feed, defaults=defaults)


def slices_start(now: datetime, *, is_start: bool) -> None:
    """Give bulk runs a token whose next slice is late; after a start all of them."""
    runs = Run.objects.filter(state=Run.State.RUNNING, is_listed=False, connection__in=Connection.objects.running())
    if is_start:
        runs.filter(due_at__gt=now).update(due_at=now)
    for run_id in runs.filter(Q(due_at__isnull=True) | Q(due_at__lte=now - LATE_POLL) | Q(due_at=now)).values_list(
        "pk", flat=True
    ):
        queue.token_put(ServiceClass.BULK.queue, RUN_SLICE, run_id)

"""Entry points of the queue: ids as arguments, no logic, harmless when delivered twice.

`TASKS` is all that a token can call.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from inspect import signature

from django.db.models import Min, QuerySet
from django.utils import timezone
from django_q.exceptions import TimeoutException

from connections.hooks import hooks_arm
from connections.models import Connection
from connections.preflight.doctor import preflight
from connections.preflight.kept import preflight_keep, preflight_known
from errors.alerts.delivery import message_deliver
from errors.failures import ConfigurationFailure, SyncFailure
from ipaas import queue
from ipaas.counts import many
from ipaas.queue import DATABASE_AWAY, NotOurs
from syncjobs import engine
from syncjobs.alerting.watch import watch
from syncjobs.bulk import runs
from syncjobs.bulk.night import night_in
from syncjobs.catalogue import follow_catalogues as catalogue
from syncjobs.catalogue.walk_catalogues import CHECK as ITEMS_CHECK
from syncjobs.distribution import work_distribution
from syncjobs.distribution.begin_distribution import BACK, SEND
from syncjobs.engine import rechecking
from syncjobs.engine.cursors import feed_expedite
from syncjobs.engine.defects import Defect, defects_reported, one_of_many
from syncjobs.engine.settings_changed import STATUS_CODES, newly_eligible
from syncjobs.engine.stalls import HOOKS, PROOF, look_moves, look_stalls
from syncjobs.engine.webhook_delivery import webhooks_deliver
from syncjobs.intake import (
    backfill,
    customer_feeds,
    follow_cards,
    follow_invoices,
    follow_order_parts,
    follow_points,
    follow_sales_orders,
    follow_till_returns,
    order_sweeps,
    polls,
)
from syncjobs.intake import first_look as first_looks
from syncjobs.intake.backfill import BACKFILL
from syncjobs.intake.follow_distribution import connections_to_look_at, distribution_look
from syncjobs.intake.orders_before import orders_before_find
from syncjobs.models import CardSettings, Cursor, PayoutEntry, Run, ServiceClass
from syncjobs.models.payouts import OPEN
from syncjobs.money.match_entries import entries_match
from syncjobs.money.total_cards import cards_total
from syncjobs.proof.days import days_due
from syncjobs.proof.prove_day import proof_make
from syncjobs.stock import check_levels, follow_ledger, stale_guard
from syncjobs.stock import follow_locations as locations

LOOK_AT_DISTRIBUTION = "look_at_distribution"
LOOK_AT_PLACES = "look_at_places"
CHECK_HOOKS = "check_hooks"
PREFLIGHT = "check_preflight"
PROVE = "prove"
TOTAL_CARDS = "total_cards"
AFTER_BLOCK_SECONDS = 10.0
ABOUT_A_DAY = timedelta(hours=23)
SPREAD = timedelta(minutes=10)  # over which the hourly look at all connections' webhooks is spread

Task = Callable[..., str]
TASKS: dict[str, Task] = {}
LARGEST_ID = 2**63 - 1


def task(function: Task) -> Task:
    """Let tokens call a function by its name."""
    TASKS[function.__name__] = function
    return function


def task_of(token: queue.Token) -> Task:
    """What a token calls. Raises NotOurs."""
    function = TASKS.get(token.task)
    if function is None:
        raise NotOurs("unknown_task")
    if len(token.ids) != len(signature(function).parameters) or not all(0 < one <= LARGEST_ID for one in token.ids):
        raise NotOurs("odd_ids")
    return function


@task
def run_lane(lane_id: int) -> str:
    """Work a lane for a slice. A database that went away meanwhile costs nothing but time."""
    try:
        return engine.lane_run(lane_id=lane_id, now=timezone.now())
    except DATABASE_AWAY:
        engine.lane_abandon(lane_id=lane_id, now=timezone.now())
        return "the database was away"
    except (Exception, TimeoutException):  # a time-out is a SystemExit: this worker ends with it
        engine.lane_abandon(lane_id=lane_id, now=timezone.now(), is_death=True)
        raise


@task
def sweep() -> str:
    """Every minute."""
    return str(engine.sweep(now=timezone.now()))


@task
def run_poll(connection_id: int) -> str:
    """Look for changed orders of one store."""
    connection = engine.connection_read(connection_id)
    return str(polls.poll_orders(connection=connection, now=timezone.now()))


@task
def run_order_sweep(connection_id: int) -> str:
    """Look for orders of one store that its list of changes does not tell of."""
    connection = engine.connection_read(connection_id)
    return str(order_sweeps.orders_sweep(connection=connection, now=timezone.now()))


@task
def run_store_shipments(connection_id: int) -> str:
    """Look for orders of one store whose shipments changed."""
    return _follow_parts(connection_id, Cursor.STORE_SHIPMENTS)


@task
def run_store_refunds(connection_id: int) -> str:
    """Look for orders of one store whose refunds changed."""
    return _follow_parts(connection_id, Cursor.STORE_REFUNDS)


@task
def run_store_invoices(connection_id: int) -> str:
    """Look for orders of one store whose invoices changed."""
    return _follow_parts(connection_id, Cursor.STORE_INVOICES)


def _follow_parts(connection_id: int, feed: str) -> str:
    connection = engine.connection_read(connection_id)
    return str(follow_order_parts.parts_follow(connection=connection, feed=feed, now=timezone.now()))


@task
def run_stock(connection_id: int) -> str:
    """Bring one store the stock that moved."""
    connection = engine.connection_read(connection_id)
    return str(follow_ledger.stock_follow(connection=connection, now=timezone.now()))[:500]


@task
def run_items(connection_id: int) -> str:
    """Look at the changes of Heartland's catalogue."""
    return _follow(connection_id, Cursor.ITEMS)


@task
def run_products(connection_id: int) -> str:
    """Look at the changes of one store's catalogue."""
    return _follow(connection_id, Cursor.PRODUCTS)


@task
def run_invoices(connection_id: int) -> str:
    """Look for what was invoiced of one store's orders."""
    connection = engine.connection_read(connection_id)
    return str(follow_invoices.invoices_follow(connection=connection, now=timezone.now()))[:500]


@task
def run_sales_orders(connection_id: int) -> str:
    """Look for what the desk did to one store's sales orders."""
    connection = engine.connection_read(connection_id)
    return str(follow_sales_orders.sales_orders_follow(connection=connection, now=timezone.now()))[:500]


@task
def run_till_returns(connection_id: int) -> str:
    """Look for what came back at the tills of one store's orders."""
    connection = engine.connection_read(connection_id)
    return str(follow_till_returns.till_returns_follow(connection=connection, now=timezone.now()))[:500]


@task
def run_cards(connection_id: int) -> str:
    """Look for gift cards of one store and its tills that moved."""
    connection = engine.connection_read(connection_id)
    return str(follow_cards.cards_follow(connection=connection, now=timezone.now()))


@task
def run_accounts(connection_id: int) -> str:
    """Look for changed customer accounts of one store."""
    connection = engine.connection_read(connection_id)
    return str(customer_feeds.accounts_follow(connection=connection, now=timezone.now()))


@task
def run_account_sweep(connection_id: int) -> str:
    """Look for customer accounts that the store's list of changes does not tell of."""
    connection = engine.connection_read(connection_id)
    return str(customer_feeds.accounts_sweep(connection=connection, now=timezone.now()))


@task
def run_customers(connection_id: int) -> str:
    """Look for Heartland's changed customers who have an account at one store."""
    connection = engine.connection_read(connection_id)
    return str(customer_feeds.customers_follow(connection=connection, now=timezone.now()))


@task
def run_points(connection_id: int) -> str:
    """Look for loyalty points that changed on either side of one store."""
    connection = engine.connection_read(connection_id)
    return str(follow_points.points_follow(connection=connection, now=timezone.now()))


@task
def run_held(connection_id: int) -> str:
    """Look again at what waits for something to be mended on the other side."""
    connection = engine.connection_read(connection_id)
    return str(rechecking.held_recheck(connection=connection, now=timezone.now()))


def _follow(connection_id: int, feed: str) -> str:
    connection = engine.connection_read(connection_id)
    changes = catalogue.catalogue_follow(connection=connection, feed=feed, now=timezone.now())
    return f"{changes.found} changed, {changes.echoes} echoes, {changes.ours} ours" if changes else "not now"


@task
def run_slice(run_id: int) -> str:
    """Work a part of a bulk run."""
    run = Run.objects.select_related("connection__heartland", "connection__store__credential").get(pk=run_id)
    run.connection = engine.connection_read(run.connection_id)
    works = {SEND: work_distribution.slice_work, BACK: work_distribution.slice_work, BACKFILL: backfill.run_slice}
    return works.get(run.kind, runs.slice_work)(run=run, now=timezone.now())


@task
def hooks() -> str:
    """Every hour: have each running connection's webhooks looked at, not all at the same time."""
    ids = list(Connection.objects.running().values_list("pk", flat=True))
    for position, connection_id in enumerate(ids):
        delay = SPREAD.total_seconds() * position / len(ids)
        queue.token_put(engine.queue_of(ServiceClass.SOON), CHECK_HOOKS, connection_id, delay=delay)
    return f"{len(ids)} connections"


@task
def check_hooks(connection_id: int) -> str:
    """Compare one connection's webhooks with what both sides say, and mend them."""
    connection = engine.connection_read(connection_id)
    if not connection.is_running:
        return "not running"
    report = hooks_arm(connection)
    if report.failures:
        look_stalls(connection, HOOKS, report.failures[0], timezone.now())
    else:
        look_moves(connection, HOOKS, timezone.now())
    if report.lost:
        feed_expedite(connection.pk, Cursor.ORDERS, timezone.now())
    if report.blocked_seconds:
        delay = report.blocked_seconds + AFTER_BLOCK_SECONDS
        queue.token_put(engine.queue_of(ServiceClass.SOON), CHECK_HOOKS, connection_id, delay=delay)
    return "fine" if report.is_ok else "; ".join(report.problems)[:500]


@task
def preflights() -> str:
    """Every hour: have each connection looked at that was not for a day, by night where one is set."""
    now, started = timezone.now(), 0
    for connection in Connection.objects.running():
        known = preflight_known(connection)
        if not night_in(connection, now) and not (known and now - known.at < ABOUT_A_DAY):
            queue.token_put(engine.queue_of(ServiceClass.SOON), PREFLIGHT, connection.pk)
            started += 1
    return f"{started} begun"


@task
def check_preflight(connection_id: int) -> str:
    """Look at both systems and the settings of one connection; what is found stands on its page and the dashboard."""
    connection = engine.connection_read(connection_id)
    if not connection.is_running:
        return "not running"
    try:
        found = preflight(connection)
    except SyncFailure as failure:
        return failure.summary[:500]
    preflight_keep(connection, found, timezone.now())
    return f"{len(found)} findings"


@task
def first_look(connection_id: int) -> str:
    """Look at a store that was just set up: the check-up, both catalogues, open orders of before."""
    connection, now = engine.connection_read(connection_id), timezone.now()
    if not connection.is_running:
        return "not running"
    began = first_looks.items_check_first(connection, now)
    found = check_preflight(connection_id)
    try:
        before = orders_before_find(connection, now)
    except SyncFailure as failure:
        return failure.summary[:500]
    return f"{found}; {before} orders of before; items {'begun' if began else 'known'}"


@task
def first_preview(connection_id: int) -> str:
    """Preview the first stock of a store, once its items are checked; what it feeds is looked at before."""
    found = check_preflight(connection_id)
    return f"{first_looks.stock_preview_first(engine.connection_read(connection_id), timezone.now())}; {found}"


@task
def distribution() -> str:
    """Every minute: have the orders looked at that wait for distribution in Heartland."""
    ids = connections_to_look_at()
    for connection_id in ids:
        queue.token_put(engine.queue_of(ServiceClass.SOON), LOOK_AT_DISTRIBUTION, connection_id)
    return f"{len(ids)} connections"


@task
def look_at_distribution(connection_id: int) -> str:
    """Ask Heartland about one connection's undistributed orders."""
    connection = engine.connection_read(connection_id)
    return str(distribution_look(connection=connection, now=timezone.now()))


@task
def places() -> str:
    """Every hour: have the locations of each Heartland account read again, by one of its running connections."""
    ids = Connection.objects.running().values("heartland").annotate(first=Min("pk")).values_list("first", flat=True)
    for connection_id in ids:
        queue.token_put(engine.queue_of(ServiceClass.SOON), LOOK_AT_PLACES, connection_id)
    return f"{len(ids)} accounts"


@task
def look_at_places(connection_id: int) -> str:
    """Read the locations of one connection's account; stock heeds what came, went or was renamed."""
    return locations.places_look(connection=engine.connection_read(connection_id), now=timezone.now())


@task
def stock_guards() -> str:
    """Every minute: take the last pieces off sale where stock has not been heard of for too long."""
    guarded = 0
    for connection in stale_guard.connections_unheard(timezone.now()):
        with one_of_many("the guard of the last pieces", connection=connection.pk):
            guarded += stale_guard.stock_guard(connection=connection, now=timezone.now()) or 0
    return many(guarded, "SKU")


@task
def stock_checks() -> str:
    """Every hour: compare what each store holds with what it was told, once a day and by night where one is set."""
    return _checks(Connection.objects.running().filter(inventory_settings__follows=True), check_levels.CHECK)


@task
def check_stock(connection_id: int) -> str:
    """The same of one store now, unless a run goes on."""
    connection = engine.connection_read(connection_id)
    with suppress(ConfigurationFailure):
        runs.run_start(connection=connection, actor=None, kind=check_levels.CHECK, now=timezone.now())
    return "a check is ahead"


@task
def item_checks() -> str:
    """Every hour: the same for both catalogues, read whole where that was done before; what polls lost is found."""
    return _checks(Connection.objects.running().filter(cursors__feed=Cursor.PRODUCTS), ITEMS_CHECK)


def _checks(connections: QuerySet[Connection], kind: str) -> str:
    now, started = timezone.now(), 0
    lately = Run.objects.filter(kind=kind, started_at__gt=now - ABOUT_A_DAY).values("connection")
    for connection in connections.exclude(pk__in=lately):
        if not night_in(connection, now):
            with one_of_many("the daily check", connection=connection.pk):  # or another run goes on
                runs.run_start(connection=connection, actor=None, kind=kind, now=now)
                started += 1
    return f"{started} begun"


@task
def proofs() -> str:
    """Every hour: have the days proved that are over and not proved yet, or on which orders were still on their way."""
    ids = list(Connection.objects.running().values_list("pk", flat=True))
    for connection_id in ids:
        queue.token_put(ServiceClass.SOON.queue, PROVE, connection_id)
    return f"{len(ids)} connections"


@task
def prove(connection_id: int) -> str:
    """Prove one connection's days that are due; a store that cannot be asked is asked again in an hour."""
    connection, now = engine.connection_read(connection_id), timezone.now()
    newly_eligible(connection, actor=None, rules=STATUS_CODES)
    made = 0
    for day in days_due(connection, now):
        try:
            with defects_reported("the proof of a day", connection=connection.pk, day=day.isoformat()):
                proof_make(connection=connection, day=day, now=now)
        except Defect:  # of this day: the others are proved all the same
            continue
        except SyncFailure as failure:
            look_stalls(connection, PROOF, failure, now)
            return failure.summary[:500]
        made += 1
        look_moves(connection, PROOF, now)
    return f"{made} days"


@task
def card_totals() -> str:
    """Every hour: have the gift cards of each store added up whose day has ended since."""
    ids = CardSettings.objects.filter(follows=True, connection__in=Connection.objects.running())
    for connection_id in ids.values_list("connection_id", flat=True):
        queue.token_put(ServiceClass.SOON.queue, TOTAL_CARDS, connection_id)
    return f"{len(ids)} connections"


@task
def total_cards(connection_id: int) -> str:
    """Add up one store's gift cards; a system that cannot be asked is asked again in an hour."""
    try:
        return str(cards_total(engine.connection_read(connection_id), timezone.now()))
    except SyncFailure as failure:
        return failure.summary[:500]


@task
def payout_matches() -> str:
    """Every hour: hold rows of payouts that found no order against those that came since."""
    waiting = PayoutEntry.objects.filter(how__in=OPEN).order_by().values("connection").distinct()
    matched = 0
    for connection in Connection.objects.filter(pk__in=waiting).select_related("heartland", "store"):
        with one_of_many("the matching of payouts", connection=connection.pk):
            matched += entries_match(connection)
    return f"{matched} matched"


@task
def deliver_webhooks(endpoint_id: int) -> str:
    """Tell another system what waits for it."""
    return webhooks_deliver(endpoint_id=endpoint_id, now=timezone.now())


@task
def alerts() -> str:
    """Every minute: look at what is watched; whoever is to hear of it is told."""
    return f"{watch(timezone.now())} messages due"


@task
def deliver_alert(message_id: int) -> str:
    """Send one message of alerts."""
    return message_deliver(message_id=message_id, now=timezone.now())


@task
def retention() -> str:
    """Every day."""
    return f"{engine.retention_apply(timezone.now())} callbacks deleted"

"""Figures for Prometheus, read from the database when they are asked for: any process answers for all of them.

Each family is one statement over what is small or indexed: what waits, works, rests or is open, never all of history.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db.models import Count, Min
from django.utils import timezone
from django_q.models import OrmQ
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from connections.models import Connection, WebhookEndpoint, WebhookMessage
from errors.models import AlertMessage, Issue, SyncError
from syncjobs.models import (
    Circuit,
    Cursor,
    CustomerQuestion,
    Lane,
    PayoutEntry,
    RateBudget,
    Refusal,
    Run,
    ServiceClass,
    SyncJob,
    WorkerBeat,
)
from syncjobs.models.payouts import OPEN

Labels = tuple[str, ...]
Sample = tuple[Labels, float]


def metrics_text() -> bytes:
    """All families in the text format."""
    registry = CollectorRegistry()
    registry.register(Figures(timezone.now()))
    return generate_latest(registry)


class Figures(Collector):
    """What is so at a moment."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield family("connections", "Stores by state.", ["state"], self.connections())
        yield family("queue_tokens", "Tokens that wait in a queue.", ["queue"], self.tokens())
        yield family("jobs", "Jobs that wait or are worked.", ["class", "flow", "status"], self.jobs())
        yield family("job_oldest_due_seconds", "Age of the oldest due job.", ["class", "flow"], self.oldest())
        yield family("lanes_leased", "Lanes that a worker holds.", ["class"], self.lanes())
        yield family("runs", "Runs that go on or rest.", ["kind", "state"], self.runs())
        yield family("errors_open", "Records with a problem.", ["flow", "state"], self.errors())
        yield family("issues_open", "Causes that hold records.", ["owner"], self.issues())
        yield family("feed_age_seconds", "Since a feed was last read whole.", ["store", "feed"], self.feeds())
        budgets = list(RateBudget.objects.order_by("system", "tenant"))
        names = ["system", "tenant"]
        yield family("budget_permits", "Calls that may be made now.", names, self.permits(budgets))
        yield family("budget_capacity", "The most that can be saved up.", names, self.capacities(budgets))
        yield family("budget_blocked", "1 while a 429 silences it.", names, self.blocked(budgets))
        yield family("budget_calls_today", "Calls of the day, UTC.", [*names, "class"], self.spent(budgets))
        yield family("circuit_open", "1 while a system is down.", ["store", "system"], self.circuits())
        yield family("worker_beat_age_seconds", "Since a cluster gave a sign.", ["host", "queue"], self.beats())
        yield family("callbacks_refused_today", "Callbacks refused, UTC.", ["reason"], self.refusals())
        yield family("webhook_messages_waiting", "Outgoing messages that wait.", [], self.messages())
        yield family("alert_messages_waiting", "Alerts that wait to be sent.", [], self.alert_messages())
        yield family("questions_open", "What only people can say.", ["about"], self.questions())
        yield family("webhook_endpoints_failing", "Receivers that do not answer.", [], self.failing())

    def connections(self) -> Iterable[Sample]:
        return counted(Connection.objects.order_by().values_list("state").annotate(n=Count("pk")))

    def tokens(self) -> Iterable[Sample]:
        known = dict(OrmQ.objects.order_by().values_list("key").annotate(n=Count("pk")))
        return [((one.queue,), known.get(one.queue, 0)) for one in ServiceClass]

    def jobs(self) -> Iterable[Sample]:
        live = SyncJob.objects.filter(status__in=[SyncJob.Status.PENDING, SyncJob.Status.RUNNING])
        return counted(live.order_by().values_list("lane__service_class", "flow", "status").annotate(n=Count("pk")))

    def oldest(self) -> Iterable[Sample]:
        rows = SyncJob.objects.due(self.now).order_by().values_list("lane__service_class", "flow")
        return [((name, flow), self.age(at)) for name, flow, at in rows.annotate(at=Min("not_before"))]

    def lanes(self) -> Iterable[Sample]:
        rows = Lane.objects.filter(lease_until__gt=self.now).order_by().values_list("service_class")
        known = {labels[0]: value for labels, value in counted(rows.annotate(n=Count("pk")))}
        return [((str(one),), known.get(str(one), 0)) for one in ServiceClass]

    def runs(self) -> Iterable[Sample]:
        live = Run.objects.filter(state__in=[Run.State.RUNNING, Run.State.PAUSED])
        return counted(live.order_by().values_list("kind", "state").annotate(n=Count("pk")))

    def errors(self) -> Iterable[Sample]:
        return counted(SyncError.objects.open().order_by().values_list("flow", "state").annotate(n=Count("pk")))

    def issues(self) -> Iterable[Sample]:
        rows = Issue.objects.filter(is_open=True).order_by().values_list("owner")
        return counted(rows.annotate(n=Count("pk")))

    def feeds(self) -> Iterable[Sample]:
        """Of what is followed: the stock's cursor stays where following ended, as it is the lease to write, too."""
        rows = Cursor.objects.filter(connection__in=Connection.objects.running(), succeeded_at__isnull=False)
        rows = rows.exclude(feed=Cursor.STOCK, connection__inventory_settings__follows=False)
        named = rows.values_list("connection__public_id", "feed", "succeeded_at")
        return [((str(store), feed), self.age(at)) for store, feed, at in named if at]

    def permits(self, budgets: list[RateBudget]) -> Iterable[Sample]:
        return [((row.system, row.tenant), row.permits) for row in budgets]

    def capacities(self, budgets: list[RateBudget]) -> Iterable[Sample]:
        return [((row.system, row.tenant), row.capacity) for row in budgets]

    def blocked(self, budgets: list[RateBudget]) -> Iterable[Sample]:
        return [
            ((row.system, row.tenant), float(bool(row.blocked_until and row.blocked_until > self.now)))
            for row in budgets
        ]

    def spent(self, budgets: list[RateBudget]) -> Iterator[Sample]:
        for row in budgets:
            if row.spent_on == self.now.date():
                for one in ServiceClass:
                    yield (row.system, row.tenant, str(one)), getattr(row, f"spent_{one}")

    def circuits(self) -> Iterable[Sample]:
        rows = Circuit.objects.values_list("connection__public_id", "system", "opened_at")
        return [((str(store), system), float(opened is not None)) for store, system, opened in rows]

    def beats(self) -> Iterable[Sample]:
        return [
            ((host, queue), self.age(at)) for host, queue, at in WorkerBeat.objects.values_list("host", "queue", "at")
        ]

    def refusals(self) -> Iterable[Sample]:
        return counted(Refusal.objects.filter(on=self.now.date()).values_list("reason", "count"))

    def messages(self) -> Iterable[Sample]:
        return [((), WebhookMessage.objects.filter(state=WebhookMessage.State.PENDING).count())]

    def alert_messages(self) -> Iterable[Sample]:
        return [((), AlertMessage.objects.filter(sent_at=None, gave_up_at=None).count())]

    def questions(self) -> Iterable[Sample]:
        customers = CustomerQuestion.objects.filter(answer="").count()
        payouts = PayoutEntry.objects.filter(how__in=OPEN).count()
        return [(("customers",), customers), (("payout_rows",), payouts)]

    def failing(self) -> Iterable[Sample]:
        return [((), WebhookEndpoint.objects.filter(is_active=True, failures__gt=0).count())]

    def age(self, at: datetime) -> float:
        return max(0.0, (self.now - at).total_seconds())


def family(name: str, words: str, labels: list[str], samples: Iterable[Sample]) -> GaugeMetricFamily:
    made = GaugeMetricFamily(f"tillbridge_{name}", words, labels=labels)
    for values, number in samples:
        made.add_metric(list(values), number)
    return made


def counted(rows: Iterable[tuple[object, ...]]) -> list[Sample]:
    """Rows of labels with their number at the end."""
    return [(tuple(str(one) for one in row[:-1]), float(str(row[-1]))) for row in rows]

"""Platform admin of the ledger: looked at here; retrying and releasing go through services."""

from collections.abc import Collection, Iterator
from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.db.models.functions import Left
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django_q.models import Failure, OrmQ, Schedule, Success

from connections.admin_pages import OVERVIEW, Figure, ReadOnlyAdmin, acting, listed
from connections.models import ListView, User
from errors.admin import IssueAdmin, SyncErrorAdmin
from errors.failures import Owner
from errors.models import Issue, SyncError
from ipaas.counts import many
from ipaas.queue import LONGEST_TOKEN, NotOurs, Token, token_read
from syncjobs import engine
from syncjobs.engine.doctor.work import LATE
from syncjobs.flows import ORDERS
from syncjobs.models import (
    Assignment,
    Attempt,
    AttemptExchange,
    BeforeImage,
    Circuit,
    Cursor,
    CustomerChange,
    CustomerIdentity,
    CustomerMerge,
    CustomerQuestion,
    CustomerSettings,
    InboxEvent,
    Lane,
    Proof,
    RateBudget,
    Record,
    Refusal,
    RefusalStreak,
    Run,
    RunChange,
    Settlement,
    StockMove,
    SyncJob,
    WorkerBeat,
)
from syncjobs.models.begun_orders import BegunOrder
from syncjobs.models.comments import Comment
from syncjobs.models.corrections import OrderCorrection
from syncjobs.models.order_search import OrderPeople, OrderTerm, PersonTerm
from syncjobs.models.order_texts import OrderText
from syncjobs.money import money_admin  # noqa: F401 (registers its models)
from syncjobs.pages.runs.run_list import address_of
from syncjobs.tasks import task_of

CONNECTION = ["connection__heartland", "connection__store"]


def records_retry(rows: Collection[Record] | Collection[SyncError], actor: User) -> int:
    """Have the records of rows looked at again; answers how many."""
    for row in rows:
        engine.record_retry(connection=row.connection, flow=row.flow, external_id=row.external_id, actor=actor)
    return len(rows)


def record_page(row: Any) -> str:
    """The product's page of a record, or of what was done for it."""
    if row.flow == ORDERS.name:
        return reverse("order", args=[row.connection.public_id, row.external_id])
    return reverse("record", args=[row.connection.public_id, row.flow, row.external_id])


def overview() -> Iterator[Figure]:
    """What waits, rests or is broken, over all merchants."""
    calling = Issue.objects.calling(timezone.now()).filter(owner=Owner.OPERATOR)
    yield listed("Causes that are ours to mend", calling, "?is_open__exact=1&owner__exact=operator")
    yield listed("Records that gave up", SyncError.objects.filter(state="dead"), "?state__exact=dead")
    late = SyncJob.objects.due(timezone.now() - LATE)
    yield listed("Jobs that are due for minutes", late, "?status__exact=pending")
    yield listed("Systems that are down for a store", Circuit.objects.exclude(opened_at=None))
    refused = Refusal.objects.filter(on=timezone.now().date())
    yield listed("Reasons for which callbacks were refused today", refused)
    yield listed("Runs that go on", Run.objects.filter(state="running"), "?state__exact=running", is_bad=False)


OVERVIEW.append(overview)


for model in (Failure, OrmQ, Schedule, Success):  # django-q2's own pages unpickle what they show, and call by name
    admin.site.unregister(model)


@admin.register(OrmQ)
class TokenAdmin(ReadOnlyAdmin):
    """The queue: what is waiting, and what is not ours. A row is verified, never opened."""

    list_display = ["id", "key", "task", "age", "lock"]
    list_filter = ["key"]
    fields = ["key", "task", "age", "lock"]
    readonly_fields = ["key", "task", "age", "lock"]
    ordering = ["pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        shortened: QuerySet[Any] = rows.defer("payload").annotate(token=Left("payload", LONGEST_TOKEN + 1))
        return shortened

    @admin.display(description="Task")
    def task(self, row: Any) -> str:
        token = _token_of(row)
        return f"{token.task} {', '.join(map(str, token.ids))}".strip() if token else "not ours"

    @admin.display(description="Age")
    def age(self, row: Any) -> timedelta | None:
        token = _token_of(row)
        return timezone.now().replace(microsecond=0) - token.put_at if token else None


def _token_of(row: Any) -> Token | None:
    try:
        token = token_read(row.token)
        task_of(token)
    except NotOurs:
        return None
    return token


@admin.register(Schedule)
class ScheduleAdmin(ReadOnlyAdmin):
    """When the clock rings next."""

    list_display = ["name", "minutes", "next_run"]
    fields = ["name", "minutes", "next_run"]


@admin.register(InboxEvent)
class InboxEventAdmin(ReadOnlyAdmin):
    list_display = ["received_at", "topic", "external_id", "connection", "deliveries", "disposition"]
    list_select_related = CONNECTION
    list_filter = ["system", "disposition", "topic"]
    search_fields = ["external_id", "delivery_key"]
    exclude = ["body"]
    raw_id_fields = ["connection", "job"]


@admin.register(Record)
class RecordAdmin(ReadOnlyAdmin):
    list_display = ["label", "connection", "disposition", "code", "source_status", "source_total", "target_label"]
    list_select_related = CONNECTION
    list_filter = ["disposition", "flow", "code"]
    search_fields = ["external_id", "target_label", "target_id"]
    raw_id_fields = ["connection"]
    actions = ["retry"]

    def view_on_site(self, row: Any) -> str | None:
        return record_page(row)

    @admin.action(description="Look at these records again now", permissions=["act"])
    def retry(self, request: HttpRequest, queryset: QuerySet[Record]) -> None:
        count = records_retry(queryset.select_related("connection__merchant"), acting(request))
        self.message_user(request, f"{many(count, 'record is', 'records are')} looked at again.", messages.SUCCESS)


admin.site.unregister([Issue, SyncError])  # what is done with them needs the ledger


@admin.register(Issue)
class IssueReleaseAdmin(IssueAdmin):
    actions = ["acknowledge", "release"]

    def view_on_site(self, row: Issue) -> str | None:
        return f"{reverse('errors', args=[row.connection.public_id])}?issue={row.pk}"

    @admin.action(description="Release: try again all that waits behind these causes", permissions=["act"])
    def release(self, request: HttpRequest, queryset: QuerySet[Issue]) -> None:
        issues = queryset.select_related("connection__merchant")
        count = sum(
            engine.records_release(connection=issue.connection, issue=issue, actor=acting(request)) for issue in issues
        )
        self.message_user(request, f"{many(count, 'record is', 'records are')} looked at again.", messages.SUCCESS)


@admin.register(SyncError)
class SyncErrorRetryAdmin(SyncErrorAdmin):
    actions = ["retry"]

    def view_on_site(self, row: SyncError) -> str | None:
        return reverse("error", args=[row.connection.public_id, row.pk])

    @admin.action(description="Retry: look at these records again now", permissions=["act"])
    def retry(self, request: HttpRequest, queryset: QuerySet[SyncError]) -> None:
        count = records_retry(queryset.select_related("connection__merchant"), acting(request))
        self.message_user(request, f"{many(count, 'record is', 'records are')} looked at again.", messages.SUCCESS)


@admin.register(BegunOrder)
class BegunOrderAdmin(ReadOnlyAdmin):
    list_display = ["number", "external_id", "connection"]
    list_select_related = CONNECTION
    search_fields = ["external_id", "number"]
    raw_id_fields = ["connection"]


@admin.register(OrderText)
class OrderTextAdmin(ReadOnlyAdmin):
    list_display = ["external_id", "connection", "read_at"]
    list_select_related = CONNECTION
    search_fields = ["external_id"]
    raw_id_fields = ["connection"]
    exclude = ["content"]


@admin.register(CustomerSettings)
class CustomerSettingsAdmin(ReadOnlyAdmin):
    changed_on = ("Customers", "customer_settings")
    list_display = ["connection", "is_on", "creates_in_heartland", "creates_in_store"]
    list_select_related = CONNECTION
    raw_id_fields = ["connection"]


@admin.register(CustomerIdentity)
class CustomerIdentityAdmin(ReadOnlyAdmin):
    list_display = ["account_id", "customer_id", "state", "ended_because", "connection"]
    list_select_related = CONNECTION
    search_fields = ["=account_id", "=customer_id"]
    raw_id_fields = ["connection"]
    exclude = ["said", "store_digest"]


@admin.register(CustomerMerge)
class CustomerMergeAdmin(ReadOnlyAdmin):
    list_display = ["gone_id", "kept_id", "because", "said_at", "done_at", "reopened_at", "heartland"]
    list_select_related = ["heartland"]
    search_fields = ["=gone_id", "=kept_id"]
    raw_id_fields = ["heartland"]


@admin.register(CustomerChange)
class CustomerChangeAdmin(ReadOnlyAdmin):
    list_display = ["field", "origin", "changed_at", "seen_at", "identity"]
    list_select_related = ["identity"]
    raw_id_fields = ["connection", "identity"]
    exclude = ["before", "after"]


@admin.register(CustomerQuestion)
class CustomerQuestionAdmin(ReadOnlyAdmin):
    list_display = ["kind", "field", "answer", "asked_at", "connection"]
    list_select_related = CONNECTION
    raw_id_fields = ["connection", "identity", "answered_by"]
    exclude = ["content", "about"]


@admin.register(OrderPeople)
class OrderPeopleAdmin(ReadOnlyAdmin):
    list_display = ["external_id", "connection", "read_at"]
    list_select_related = CONNECTION
    search_fields = ["external_id"]
    raw_id_fields = ["connection"]
    exclude = ["content"]


@admin.register(OrderTerm)
class OrderTermAdmin(ReadOnlyAdmin):
    list_display = ["term", "kind", "external_id", "connection"]
    list_select_related = CONNECTION
    list_filter = ["kind"]
    search_fields = ["=term", "=external_id"]
    raw_id_fields = ["connection"]


@admin.register(PersonTerm)
class PersonTermAdmin(ReadOnlyAdmin):
    list_display = ["pk", "people", "connection"]
    list_select_related = [*CONNECTION, "people"]
    raw_id_fields = ["connection", "people"]
    exclude = ["term"]


@admin.register(OrderCorrection)
class OrderCorrectionAdmin(ReadOnlyAdmin):
    list_display = ["external_id", "field", "connection", "accepted_at", "accepted_by"]
    list_select_related = [*CONNECTION, "accepted_by"]
    list_filter = ["field"]
    search_fields = ["external_id"]
    raw_id_fields = ["connection", "accepted_by"]
    exclude = ["before", "after", "note"]


@admin.register(Comment)
class CommentAdmin(ReadOnlyAdmin):
    list_display = ["pk", "external_id", "sku", "connection", "by", "at"]
    list_select_related = [*CONNECTION, "by"]
    search_fields = ["external_id", "sku"]
    raw_id_fields = ["connection", "by"]
    exclude = ["text"]


@admin.register(Settlement)
class SettlementAdmin(ReadOnlyAdmin):
    list_display = ["record", "kind", "heartland_id", "by", "at"]
    list_select_related = ["record", "by"]
    list_filter = ["kind"]
    raw_id_fields = ["record", "by"]


@admin.register(Lane)
class LaneAdmin(ReadOnlyAdmin):
    list_display = ["connection", "service_class", "lease_owner", "lease_until", "token_queued_at"]
    list_select_related = CONNECTION
    list_filter = ["service_class"]
    raw_id_fields = ["connection"]


@admin.register(SyncJob)
class SyncJobAdmin(ReadOnlyAdmin):
    list_display = [
        "id",
        "flow",
        "external_id",
        "connection",
        "status",
        "cause",
        "attempts",
        "not_before",
        "created_at",
    ]
    list_select_related = CONNECTION
    list_filter = ["status", "cause", "flow"]
    search_fields = ["external_id"]
    raw_id_fields = ["connection", "lane", "run"]

    def view_on_site(self, row: Any) -> str | None:
        return record_page(row)


@admin.register(Attempt)
class AttemptAdmin(ReadOnlyAdmin):
    list_display = ["id", "job", "number", "outcome", "began_at", "duration_ms", "calls_heartland", "calls_store"]
    list_select_related = ["job"]
    list_filter = ["outcome"]
    search_fields = ["job__external_id"]
    raw_id_fields = ["job"]


@admin.register(AttemptExchange)
class AttemptExchangeAdmin(ReadOnlyAdmin):
    list_display = ["attempt", "at"]
    list_select_related = ["attempt"]
    exclude = ["request", "response"]
    raw_id_fields = ["attempt"]
    date_hierarchy = "at"


@admin.register(Cursor)
class CursorAdmin(ReadOnlyAdmin):
    list_display = ["feed", "connection", "position", "due_at", "succeeded_at", "found", "missed_by_hooks", "failure"]
    list_select_related = CONNECTION
    list_filter = ["feed"]
    raw_id_fields = ["connection"]


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    list_display = ["kind", "connection", "state", "done", "total", "started_by", "started_at", "finished_at"]
    list_select_related = [*CONNECTION, "started_by"]
    list_filter = ["kind", "state"]
    raw_id_fields = ["connection", "started_by"]

    def view_on_site(self, row: Run) -> str | None:
        return address_of(row.connection, row) or None


@admin.register(RunChange)
class RunChangeAdmin(ReadOnlyAdmin):
    list_display = ["subject", "kind", "before", "after", "reason", "run"]
    list_select_related = ["run"]
    list_filter = ["kind"]
    search_fields = ["subject"]
    raw_id_fields = ["run"]


@admin.register(StockMove)
class StockMoveAdmin(ReadOnlyAdmin):
    list_display = ["sku", "store_location", "before", "after", "reason", "entry", "at", "connection"]
    list_select_related = CONNECTION
    search_fields = ["sku"]
    raw_id_fields = ["connection"]


@admin.register(Proof)
class ProofAdmin(ReadOnlyAdmin):
    list_display = ["day", "connection", "orders", "made_at", "counts", "digest"]
    list_select_related = CONNECTION
    list_filter = ["day"]
    search_fields = ["digest"]
    exclude = ["lines"]
    raw_id_fields = ["connection"]

    def view_on_site(self, row: Proof) -> str | None:
        return reverse("proof", args=[row.connection.public_id, row.pk])


@admin.register(RateBudget)
class RateBudgetAdmin(ReadOnlyAdmin):
    list_display = ["system", "tenant", "permits", "quota", "reset_at", "blocked_until", "writer"]
    list_filter = ["system"]
    search_fields = ["tenant"]


@admin.register(Circuit)
class CircuitAdmin(ReadOnlyAdmin):
    list_display = ["system", "connection", "failures", "opened_at", "probe_after", "last_success_at", "reason"]
    list_select_related = CONNECTION
    list_filter = ["system"]
    raw_id_fields = ["connection"]


@admin.register(RefusalStreak)
class RefusalStreakAdmin(ReadOnlyAdmin):
    list_display = ["flow", "key", "count", "reason", "connection"]
    list_select_related = CONNECTION
    list_filter = ["flow"]
    raw_id_fields = ["connection"]


@admin.register(WorkerBeat)
class WorkerBeatAdmin(ReadOnlyAdmin):
    list_display = ["host", "queue", "at"]


@admin.register(Refusal)
class RefusalAdmin(ReadOnlyAdmin):
    list_display = ["on", "reason", "count"]
    list_filter = ["reason"]


@admin.register(ListView)
class ListViewAdmin(ReadOnlyAdmin):
    list_display = ["person", "page", "name"]
    list_select_related = ["person"]
    list_filter = ["page"]
    raw_id_fields = ["person"]


@admin.register(Assignment)
class AssignmentAdmin(ReadOnlyAdmin):
    list_display = ["record", "run_id", "state", "is_suggested", "sentence"]
    list_select_related = ["record"]
    list_filter = ["state"]
    raw_id_fields = ["run", "record", "taken_back_by"]


@admin.register(BeforeImage)
class BeforeImageAdmin(ReadOnlyAdmin):
    list_display = ["key", "run_id", "is_too_large", "at"]
    raw_id_fields = ["run"]

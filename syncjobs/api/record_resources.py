"""Records of every flow, the jobs that carry them, and the issues that hold them: read, retry, fix."""

from typing import Any, ClassVar

import django_filters
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from connections.permissions import Action
from errors.issues import error_filters
from errors.issues.issue_lists import Behind, behind
from errors.models import Issue, SyncError
from syncjobs import engine
from syncjobs.api.access import ApiView
from syncjobs.api.lists import ApiList, ConnectionFilters, MomentFilter, TruthFilter
from syncjobs.api.once import once
from syncjobs.api.problems import Problem
from syncjobs.api.strict_json import Wish, wished
from syncjobs.flows import FLOWS, ORDERS, REFUNDS, RETURNS, SHIPMENTS
from syncjobs.flows.orders.changing import CHOICES
from syncjobs.flows.refunds.plan_returns import CHOICES as REFUND_CHOICES
from syncjobs.flows.returns.return_questions import CHOICES as RETURN_CHOICES
from syncjobs.flows.shipments.questions import CHOICES as INVOICE_CHOICES
from syncjobs.models import Attempt, Record, SyncJob
from syncjobs.pages.orders.order_corrections import corrections_accept, digest, proposed_for

FLOW_NAMES = tuple(error_filters.FLOWS)


class Money(serializers.Serializer[Any]):
    """An amount in a currency."""

    currency = serializers.CharField()
    amount = serializers.DecimalField(max_digits=16, decimal_places=2)


WHERE = ", ".join(f"`{one.value}` ({one.label})" for one in Record.Disposition)


class RecordRow(serializers.ModelSerializer[Record]):
    """A record of one system and where it stands in the other."""

    store = serializers.UUIDField(source="connection.public_id")
    state = serializers.CharField(source="disposition", help_text=f"Where it stands, and what pages call it: {WHERE}.")
    number = serializers.CharField(source="title", help_text="What people call it.")
    source_total = serializers.DecimalField(max_digits=14, decimal_places=2, allow_null=True)
    target_total = serializers.DecimalField(max_digits=14, decimal_places=2, allow_null=True)

    class Meta:
        model = Record
        fields = (
            "id", "store", "flow", "external_id", "number", "label", "state", "code", "reason", "source_status",
            "source_placed_at", "source_total", "target_id", "target_label", "target_total", "currency",
            "first_seen_at", "read_at", "booked_at", "changed_at",
        )  # fmt: skip


class Correction(serializers.Serializer[Any]):
    """A correction that is proposed for an order; its values are people's data and stand on the order's page."""

    version = serializers.CharField(help_text="Send it as `correction` to apply exactly this one.")
    fields_corrected = serializers.ListField(child=serializers.CharField())


class RecordWhole(RecordRow):
    """A record with what a person may decide about it."""

    choices = serializers.SerializerMethodField(help_text="What may be sent as `choice`; none while it asks nothing.")
    correction = serializers.SerializerMethodField()

    @extend_schema_field({"type": "array", "items": {"type": "string", "enum": Record.Choice.values}})
    def get_choices(self, record: Record) -> list[str]:
        return [str(choice) for choice in choices_of(record)]

    @extend_schema_field(Correction(allow_null=True))
    def get_correction(self, record: Record) -> dict[str, Any] | None:
        proposed = proposed_for(record) if record.flow == ORDERS.name else []
        if not proposed:
            return None
        return {"version": digest(proposed), "fields_corrected": [one.field for one in proposed]}

    class Meta(RecordRow.Meta):
        fields = (*RecordRow.Meta.fields, "choices", "correction")  # type: ignore[assignment]


def choices_of(record: Record) -> tuple[Record.Choice, ...]:
    """What a person may choose about an order, an invoice, a return or a refund now."""
    if record.disposition != Record.Disposition.HELD:
        return ()
    if record.flow == ORDERS.name:
        return CHOICES.get(record.code, ())
    others = {SHIPMENTS.name: INVOICE_CHOICES, RETURNS.name: RETURN_CHOICES, REFUNDS.name: REFUND_CHOICES}
    asked = others.get(record.flow, {})
    return tuple(asked.get(record.code, ()))


class RecordFilters(ConnectionFilters):
    flow = django_filters.ChoiceFilter(choices=[(name, name) for name in FLOW_NAMES])
    state = django_filters.ChoiceFilter(field_name="disposition", choices=Record.Disposition.choices)
    code = django_filters.CharFilter(max_length=60, label="The reason of a skip, a hold or a failure.")
    external_id = django_filters.CharFilter(max_length=255, label="The id at its source.")
    issue = django_filters.NumberFilter(
        method="behind_issue", min_value=1, max_value=2**62, decimal_places=0, label="Id of the issue it waits for."
    )
    changed_since = MomentFilter(field_name="changed_at", lookup_expr="gte")

    def behind_issue(self, rows: QuerySet[Record], name: str, value: Any) -> QuerySet[Record]:
        same = {field: OuterRef(field) for field in ("connection", "flow", "external_id")}
        return rows.filter(Exists(SyncError.objects.open().filter(issues=int(value), **same)))


class RecordView(ApiView):
    """What stands below one record."""

    flow: ClassVar[str] = ""  # of an address for one flow only

    def records(self) -> QuerySet[Record]:
        rows = Record.objects.filter(connection__in=self.connection_ids)
        rows = rows.filter(flow=self.flow) if self.flow else rows
        return rows.select_related("connection__merchant", "connection__heartland", "connection__store")

    def record(self) -> Record:
        return get_object_or_404(self.records(), pk=self.kwargs["id"])


class Records(RecordView, ApiList):
    """List records."""

    queryset = Record.objects.none()
    serializer_class = RecordRow
    filterset_class = RecordFilters

    def get_queryset(self) -> Any:
        return self.records()

    @extend_schema(
        operation_id="list_records",
        description="Every record that moves between both systems: orders, invoices, refunds, returns, customers, "
        "gift cards, points, SKUs, products. Each is in "
        "exactly one state.",
    )
    def get(self, request: Request) -> Response:
        return self.list(request)


class OneRecord(RecordView):
    """Read a record."""

    needs: ClassVar = {"get": Action.LOOK}
    serializer_class = RecordWhole

    @extend_schema(operation_id="read_record", description="One record, with what may be decided about it now.")
    def get(self, request: Request, id: int) -> Response:
        return self.answer(RecordWhole(self.record()).data)


class RetryRecord(RecordView):
    """Retry a record."""

    needs: ClassVar = {"post": Action.RETRY}

    @extend_schema(
        operation_id="retry_record",
        request=None,
        responses=RecordRow,
        description="Look at it again now, whatever its waiting time; its attempts start anew. An order brings its "
        "invoices. Safe: what is in the other system already is not written twice.",
    )
    @once
    def post(self, request: Request, id: int) -> Response:
        record = self.record()
        if record.flow not in FLOWS:
            raise Problem("conflict", f"Records of the flow {record.flow} are not retried one by one.")
        connection, external_id = record.connection, record.external_id
        engine.record_retry(connection=connection, flow=record.flow, external_id=external_id, actor=self.actor)
        return self.answer(RecordRow(self.record()).data)


@extend_schema_serializer(
    examples=[OpenApiExample("Keep Heartland's", request_only=True, value={"choice": "heartland"})]
)
class Fix(Wish):
    """What is decided: a choice, or a proposed correction by its version. Give one of both."""

    choice = serializers.ChoiceField(choices=Record.Choice.choices, required=False)
    correction = serializers.CharField(max_length=64, required=False)

    def validate(self, attrs: Any) -> Any:
        if len(attrs) != 1:
            raise serializers.ValidationError("Give either `choice` or `correction`.")
        return attrs


class FixRecord(RecordView):
    """Fix a record."""

    needs: ClassVar = {"post": Action.RETRY}

    @extend_schema(
        operation_id="fix_record",
        request=Fix,
        responses=RecordWhole,
        description="Answer what a held record asks: one of its `choices`, or apply its proposed `correction`. It is "
        "worked on at once. What it does not ask any more is a conflict, and nothing is changed.",
    )
    @once
    def post(self, request: Request, id: int) -> Response:
        wish = wished(request, Fix)
        with transaction.atomic():
            record = get_object_or_404(self.records().select_for_update(of=("self",)), pk=id)
            is_done = self._choose(record, wish["choice"]) if "choice" in wish else self._correct(record, wish)
        if not is_done:
            raise Problem("conflict", f"{record} does not ask this now: read it anew.")
        return self.answer(RecordWhole(self.record()).data)

    def _choose(self, record: Record, choice: str) -> bool:
        if choice not in choices_of(record):
            return False
        if record.flow == ORDERS.name:
            engine.order_choose(record=record, choice=Record.Choice(choice), actor=self.actor)
            return True
        question = str(record.facts.get("question") or "")
        if question:
            choosing = {RETURNS.name: engine.return_choose, REFUNDS.name: engine.refund_choose}
            choose = choosing.get(record.flow, engine.invoice_choose)
            choose(record=record, choice=Record.Choice(choice), question=question, actor=self.actor)
        return bool(question)

    def _correct(self, record: Record, wish: dict[str, Any]) -> bool:
        shown, now = wish["correction"], timezone.now()
        is_order = record.flow == ORDERS.name
        return is_order and corrections_accept(record=record, shown=shown, actor=self.actor, now=now)


class AttemptRow(serializers.ModelSerializer[Attempt]):
    """One try of a job, with its steps and calls."""

    steps = serializers.ListField(child=serializers.DictField(), help_text="Name, milliseconds, decision and calls.")

    class Meta:
        model = Attempt
        fields = (
            "number", "outcome", "sentence", "steps", "calls_heartland", "calls_store", "began_at", "duration_ms",
        )  # fmt: skip


class JobRow(serializers.ModelSerializer[SyncJob]):
    """A wish to look at a record."""

    store = serializers.UUIDField(source="connection.public_id")
    hints = serializers.IntegerField(help_text="Messages that this one look answers.")
    run = serializers.IntegerField(source="run_id", allow_null=True)

    class Meta:
        model = SyncJob
        fields = (
            "id", "store", "flow", "external_id", "status", "cause", "hints", "run", "attempts", "not_before",
            "created_at", "claimed_at", "finished_at",
        )  # fmt: skip


class JobWhole(JobRow):
    """A job with its tries."""

    tries = AttemptRow(source="attempt_rows", many=True)

    class Meta(JobRow.Meta):
        fields = (*JobRow.Meta.fields, "tries")  # type: ignore[assignment]


class JobFilters(ConnectionFilters):
    flow = django_filters.ChoiceFilter(choices=[(name, name) for name in FLOW_NAMES])
    status = django_filters.ChoiceFilter(choices=SyncJob.Status.choices)
    external_id = django_filters.CharFilter(max_length=255, label="The id of its record at the source.")
    created_since = MomentFilter(field_name="created_at", lookup_expr="gte")


class Jobs(ApiList):
    """List jobs."""

    queryset = SyncJob.objects.none()
    serializer_class = JobRow
    filterset_class = JobFilters

    def get_queryset(self) -> Any:
        return SyncJob.objects.filter(connection__in=self.connection_ids).select_related("connection")

    @extend_schema(
        operation_id="list_jobs",
        description="What looks at records, newest first. Messages about one record become one job.",
    )
    def get(self, request: Request) -> Response:
        return self.list(request)


class OneJob(ApiView):
    """Read a job."""

    needs: ClassVar = {"get": Action.LOOK}
    serializer_class = JobWhole

    @extend_schema(operation_id="read_job", description="One job with every try, its decisions and its calls.")
    def get(self, request: Request, id: int) -> Response:
        rows = SyncJob.objects.filter(connection__in=self.connection_ids).select_related("connection")
        job = get_object_or_404(rows.prefetch_related("attempt_rows"), pk=id)
        return self.answer(JobWhole(job).data)


class IssueRow(serializers.ModelSerializer[Issue]):
    """A cause that holds records."""

    store = serializers.UUIDField(source="connection.public_id")
    owner = serializers.CharField(help_text="Who can fix it: merchant, operator or nobody.")
    records = serializers.SerializerMethodField(help_text="How many wait for it now.")
    money = serializers.SerializerMethodField(help_text="Their totals, by currency.")

    class Meta:
        model = Issue
        fields = (
            "id", "store", "owner", "code", "title", "fix", "is_open", "records", "money", "first_seen_at",
            "last_seen_at",
        )  # fmt: skip

    def get_records(self, issue: Issue) -> int:
        return self._behind(issue).records

    @extend_schema_field(Money(many=True))
    def get_money(self, issue: Issue) -> list[dict[str, Any]]:
        sums = [{"currency": currency, "amount": amount} for currency, amount in self._behind(issue).money]
        return list(Money(sums, many=True).data)

    def _behind(self, issue: Issue) -> Behind:
        waiting: dict[int, Behind] = self.context.get("behind", {})
        return waiting.get(issue.pk, Behind())


class IssueFilters(ConnectionFilters):
    is_open = TruthFilter()
    code = django_filters.CharFilter(max_length=60)
    seen_since = MomentFilter(field_name="last_seen_at", lookup_expr="gte")


class Issues(ApiList):
    """List issues."""

    queryset = Issue.objects.none()
    serializer_class = IssueRow
    filterset_class = IssueFilters

    def get_queryset(self) -> Any:
        return Issue.objects.filter(connection__in=self.connection_ids).select_related("connection")

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        rows = args[0] if args else []
        return IssueRow(*args, **(kwargs | {"context": {"behind": behind(list(rows))}}))

    @extend_schema(
        operation_id="list_issues",
        description="Causes, each with how many records and how much money wait for it. `records?issue=` lists them.",
    )
    def get(self, request: Request) -> Response:
        return self.list(request)


class IssueView(ApiView):
    """What stands below one issue."""

    def issue(self) -> Issue:
        rows = Issue.objects.filter(connection__in=self.connection_ids)
        rows = rows.select_related("connection__merchant", "connection__heartland", "connection__store")
        return get_object_or_404(rows, pk=self.kwargs["id"])


class OneIssue(IssueView):
    """Read an issue."""

    needs: ClassVar = {"get": Action.LOOK}
    serializer_class = IssueRow

    @extend_schema(operation_id="read_issue", description="One cause.")
    def get(self, request: Request, id: int) -> Response:
        issue = self.issue()
        return self.answer(IssueRow(issue, context={"behind": behind([issue])}).data)


class Retried(serializers.Serializer[Any]):
    """How many records are looked at again."""

    retried = serializers.IntegerField()


class RetryIssue(IssueView):
    """Retry what waits for an issue."""

    needs: ClassVar = {"post": Action.RETRY}

    @extend_schema(
        operation_id="retry_issue",
        request=None,
        responses=Retried,
        description="The cause is fixed: everything that waits for it is looked at again now.",
    )
    @once
    def post(self, request: Request, id: int) -> Response:
        issue = self.issue()
        count = engine.records_release(connection=issue.connection, issue=issue, actor=self.actor)
        return self.answer({"retried": count})

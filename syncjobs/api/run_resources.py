"""Runs over all stock or all items, and proofs of days."""

from typing import Any, ClassVar

import django_filters
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django_filters.rest_framework import FilterSet
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from connections.permissions import Action
from connections.vocabulary import FETCH_OLDER
from syncjobs.api.access import ApiView
from syncjobs.api.lists import ApiList, ConnectionFilters, MomentFilter
from syncjobs.api.once import once
from syncjobs.api.problems import Problem
from syncjobs.api.strict_json import Wish, wished
from syncjobs.bulk import runs
from syncjobs.bulk.run_progress import KINDS
from syncjobs.models import Proof, Run, RunChange

STARTED = ("stock_sync", "stock_preview", "stock_check", "items_check", "items_preview")


class RunRow(serializers.ModelSerializer[Run]):
    """A run over everything, and how far it is."""

    store = serializers.UUIDField(source="connection.public_id")
    counts = serializers.DictField(source="result", help_text="What it did so far, by name.")
    sentence = serializers.CharField(help_text="The same in words; while it waits, why.")

    class Meta:
        model = Run
        fields = ("id", "store", "kind", "state", "done", "total", "counts", "sentence", "started_at", "finished_at")


class RunFilters(ConnectionFilters):
    kind = django_filters.CharFilter(max_length=30)
    state = django_filters.ChoiceFilter(choices=Run.State.choices)
    started_since = MomentFilter(field_name="started_at", lookup_expr="gte")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Check what the store shows",
            request_only=True,
            value={"store": "5f0c2f9e-6f2b-4b5e-9f43-1f6f5b3f9a10", "kind": "stock_check"},
        )
    ]
)
class RunWish(Wish):
    """Which run to start."""

    store = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=[(kind, KINDS[kind]) for kind in STARTED])


class Runs(ApiList):
    """List and start runs."""

    needs: ClassVar = {"get": Action.LOOK, "post": Action.RUNS}
    http_method_names = ["get", "head", "post"]
    queryset = Run.objects.none()
    serializer_class = RunRow
    filterset_class = RunFilters

    def get_queryset(self) -> Any:
        return Run.objects.filter(connection__in=self.connection_ids).select_related("connection")

    @extend_schema(
        operation_id="list_runs", description="Syncs, previews, checks and fetches of older orders, newest first."
    )
    def get(self, request: Request) -> Response:
        return self.list(request)

    @extend_schema(
        operation_id="start_run",
        request=RunWish,
        responses={201: RunRow},
        description="A sync pushes what differs; previews and checks write nothing. One run over stock and one over "
        "items at a time: another is a conflict.",
    )
    @once
    def post(self, request: Request) -> Response:
        wish = wished(request, RunWish)
        connection = get_object_or_404(self.connections, public_id=wish["store"])
        run = runs.run_start(connection=connection, actor=self.actor, kind=wish["kind"], now=timezone.now())
        return Response(RunRow(run).data, status=201)


class RunView(ApiView):
    """What stands below one run."""

    def run(self) -> Run:
        rows = Run.objects.filter(connection__in=self.connection_ids)
        return get_object_or_404(rows.select_related("connection__merchant", "connection__store"), pk=self.kwargs["id"])


class OneRun(RunView):
    """Read a run."""

    needs: ClassVar = {"get": Action.LOOK}
    serializer_class = RunRow

    @extend_schema(operation_id="read_run", description="One run, with its progress.")
    def get(self, request: Request, id: int) -> Response:
        return self.answer(RunRow(self.run()).data)


class ChangeRow(serializers.ModelSerializer[RunChange]):
    """A difference that a run found, put right or could not put right."""

    details = serializers.ListField(child=serializers.DictField(), help_text="Of a product: field by field.")

    class Meta:
        model = RunChange
        fields = ("id", "kind", "subject", "title", "before", "after", "reason", "details")


class ChangeFilters(FilterSet):  # type: ignore[misc]
    kind = django_filters.ChoiceFilter(choices=RunChange.Kind.choices)
    subject = django_filters.CharFilter(max_length=255, label="A SKU.")


class RunChanges(RunView, ApiList):
    """List a run's differences."""

    queryset = RunChange.objects.none()
    serializer_class = ChangeRow
    filterset_class = ChangeFilters

    def get_queryset(self) -> Any:
        return RunChange.objects.filter(run=self.run())

    @extend_schema(operation_id="list_run_changes", description="Every difference of a run.")
    def get(self, request: Request, id: int) -> Response:
        return self.list(request)


class MoveRun(RunView):
    """Move a run. Subclasses say whereto."""

    needs: ClassVar = {"post": Action.RUNS}

    def move(self, run: Run) -> bool:
        raise NotImplementedError

    @once
    def post(self, request: Request, id: int) -> Response:
        run = self.run()
        if not run.kind.startswith(("stock", "items")):
            raise Problem("conflict", f"“{FETCH_OLDER}” is not paused or stopped: its orders are queued already.")
        if not self.move(run):
            raise Problem("conflict", f"The run is {run.state}.")
        return self.answer(RunRow(self.run()).data)


def moving(verb: str, description: str) -> Any:
    operation = extend_schema(operation_id=f"{verb}_run", request=None, responses=RunRow, description=description)
    return extend_schema_view(post=operation)


@moving("pause", "It rests after the page in hand. One that does not run is a conflict.")
class PauseRun(MoveRun):
    """Pause a run."""

    def move(self, run: Run) -> bool:
        return runs.run_pause(run=run, actor=self.actor)


@moving("resume", "It goes on from its checkpoint. One that is not paused is a conflict.")
class ResumeRun(MoveRun):
    """Resume a run."""

    def move(self, run: Run) -> bool:
        return runs.run_resume(run=run, actor=self.actor, now=timezone.now())


@moving("stop", "It ends where it is: what was written stays. One that is over is a conflict.")
class StopRun(MoveRun):
    """Stop a run."""

    def move(self, run: Run) -> bool:
        return runs.run_stop(run=run, actor=self.actor, now=timezone.now())


class ProofRow(serializers.ModelSerializer[Proof]):
    """What was proved of a day: both systems' lists held against each other. Never changed, only added."""

    store = serializers.UUIDField(source="connection.public_id")
    counts = serializers.DictField(child=serializers.IntegerField(), help_text="Orders by state.")
    sums = serializers.DictField(help_text="Money by currency.")
    is_closed = serializers.BooleanField(help_text="Every order of the day has arrived somewhere.")
    disagreements = serializers.IntegerField()

    class Meta:
        model = Proof
        fields = (
            "id", "store", "day", "made_at", "orders", "sales_orders", "counts", "sums", "is_closed",
            "disagreements", "previous", "digest",
        )  # fmt: skip


class ProofWhole(ProofRow):
    """A proof with a line for each order."""

    lines = serializers.ListField(child=serializers.DictField())
    strays = serializers.ListField(
        child=serializers.DictField(), help_text="Living sales orders of ours whose order the store has no more."
    )

    class Meta(ProofRow.Meta):
        fields = (*ProofRow.Meta.fields, "lines", "strays")  # type: ignore[assignment]


class ProofFilters(ConnectionFilters):
    day = django_filters.DateFilter()


class Proofs(ApiList):
    """List proofs."""

    queryset = Proof.objects.none()
    serializer_class = ProofRow
    filterset_class = ProofFilters

    def get_queryset(self) -> Any:
        return Proof.objects.filter(connection__in=self.connection_ids).select_related("connection").defer("lines")

    @extend_schema(operation_id="list_proofs", description="Proofs of days; of several for a day the newest counts.")
    def get(self, request: Request) -> Response:
        return self.list(request)


class OneProof(ApiView):
    """Read a proof."""

    needs: ClassVar = {"get": Action.LOOK}
    serializer_class = ProofWhole

    @extend_schema(operation_id="read_proof", description="One proof, with a line for each order of the day.")
    def get(self, request: Request, id: int) -> Response:
        rows = Proof.objects.filter(connection__in=self.connection_ids).select_related("connection")
        return self.answer(ProofWhole(get_object_or_404(rows, pk=id)).data)

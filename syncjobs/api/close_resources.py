"""The books: closed days with their journal entries, what keeps a day open, and closing one."""

from collections.abc import Iterator
from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    extend_schema,
    extend_schema_field,
    extend_schema_serializer,
)
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from connections.permissions import Action
from mappings.core.rules.journal import NAMES, Account
from mappings.core.rules.journal_layouts import Chart
from syncjobs.api.access import ApiView
from syncjobs.api.lists import ApiList, ConnectionFilters
from syncjobs.api.once import once
from syncjobs.api.problems import invalid
from syncjobs.api.store_resources import StoreView
from syncjobs.api.strict_json import Wish, wished
from syncjobs.models import DayClose
from syncjobs.money.chart import chart_read
from syncjobs.money.close_day import day_close, entries_of
from syncjobs.money.open_points import Of, Point, points_between

MOST_DAYS = 31


class EntryLine(serializers.Serializer[Any]):
    """One account of an entry. Debits are positive, credits negative."""

    account = serializers.ChoiceField(choices=[(one.value, NAMES[one]) for one in Account])
    code = serializers.CharField(allow_blank=True, help_text="Of the merchant's own chart.")
    name = serializers.CharField()
    amount = serializers.DecimalField(max_digits=14, decimal_places=2)


class EntryRow(serializers.Serializer[Any]):
    """A journal entry: its lines sum to nothing."""

    number = serializers.CharField(help_text="Ends in -A where it brings changes of days closed before.")
    date = serializers.DateField()
    memo = serializers.CharField()
    currency = serializers.CharField(allow_blank=True)
    lines = EntryLine(many=True)


CLOSE = {
    "id": 31,
    "store": "5f0c2f9e-6f2b-4b5e-9f43-1f6f5b3f9a10",
    "day": "2026-03-30",
    "made_at": "2026-03-31T14:02:11Z",
    "note": "",
    "currency": "USD",
    "open_points": {},
    "figures": {
        "orders": 3,
        "store_total": "385.52",
        "heartland_total": "385.52",
        "refunds": 1,
        "store_refunds": "45.00",
        "heartland_refunds": "45.00",
        "taxes": {"US IL": "0.00"},
    },
    "previous": "",
    "digest": "2c6e…",
}
ENTRY = {
    "number": "2026-03-30",
    "date": "2026-03-30",
    "memo": "Sales of 2026-03-30",
    "currency": "USD",
    "lines": [
        {"account": "gateway", "code": "1200", "name": "Gateway", "amount": "385.52"},
        {"account": "sales", "code": "4000", "name": "Sales", "amount": "-385.52"},
    ],
}


@extend_schema_serializer(examples=[OpenApiExample("A closed day", response_only=True, value=CLOSE)])
class CloseRow(serializers.ModelSerializer[DayClose]):
    """A day that was closed. Never changed: what changed later is in a later close."""

    store = serializers.UUIDField(source="connection.public_id")
    open_points = serializers.DictField(child=serializers.IntegerField(), help_text="What was open, by what it is.")
    figures = serializers.DictField(
        help_text="Orders and refunds of the day in both systems, tenders, tax by place, balances."
    )

    class Meta:
        model = DayClose
        fields = (
            "id", "store", "day", "made_at", "note", "currency", "open_points", "figures", "previous", "digest",
        )  # fmt: skip


@extend_schema_serializer(
    examples=[OpenApiExample("With its entries", response_only=True, value=CLOSE | {"entries": [ENTRY]})]
)
class CloseWhole(CloseRow):
    """A closed day with its journal entries."""

    entries = serializers.SerializerMethodField()

    class Meta(CloseRow.Meta):
        fields = (*CloseRow.Meta.fields, "entries")  # type: ignore[assignment]

    @extend_schema_field(EntryRow(many=True))
    def get_entries(self, close: DayClose) -> Any:
        chart = chart_read(close.connection)
        return EntryRow(list(entry_rows(close, chart)), many=True).data


def entry_rows(close: DayClose, chart: Chart) -> Iterator[dict[str, Any]]:
    for entry in entries_of(close):
        lines = [
            {"account": account, "code": chart[account].code, "name": chart[account].name, "amount": amount}
            for account, amount in entry.amounts.items()
        ]
        head = {"number": entry.number, "date": entry.day, "memo": entry.memo, "currency": entry.currency}
        yield head | {"lines": lines}


class CloseFilters(ConnectionFilters):
    day = django_filters.DateFilter()
    day_since = django_filters.DateFilter(field_name="day", lookup_expr="gte")
    day_before = django_filters.DateFilter(field_name="day", lookup_expr="lt")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Close a day",
            request_only=True,
            value={"store": "5f0c2f9e-6f2b-4b5e-9f43-1f6f5b3f9a10", "day": "2026-03-30", "note": ""},
        )
    ]
)
class CloseWish(Wish):
    """Which day to close."""

    store = serializers.UUIDField()
    day = serializers.DateField(help_text="The one after the last that is closed; the first may be any.")
    note = serializers.CharField(max_length=300, allow_blank=True, default="", help_text="Needed if something is open.")


class Closes(ApiList):
    """List and close days."""

    needs: ClassVar = {"get": Action.LOOK, "post": Action.MONEY}
    http_method_names = ["get", "head", "post"]
    queryset = DayClose.objects.none()
    serializer_class = CloseRow
    filterset_class = CloseFilters

    def get_queryset(self) -> Any:
        return DayClose.objects.filter(connection__in=self.connection_ids).select_related("connection").defer("lines")

    @extend_schema(operation_id="list_closes", description="Closed days of stores, the one closed last first.")
    def get(self, request: Request) -> Response:
        return self.list(request)

    @extend_schema(
        operation_id="close_day",
        request=CloseWish,
        responses={201: CloseWhole},
        description="Seal a day that is over. Another than the next one, or one with something open and no note, is a "
        "conflict.",
    )
    @once
    def post(self, request: Request) -> Response:
        wish = wished(request, CloseWish)
        connection = get_object_or_404(self.connections, public_id=wish["store"])
        made = day_close(
            connection=connection, day=wish["day"], shown=None, note=wish["note"], actor=self.actor,
            now=timezone.now(),
        )  # fmt: skip
        return Response(CloseWhole(made).data, status=201)


class OneClose(ApiView):
    """Read a closed day."""

    needs: ClassVar = {"get": Action.LOOK}
    serializer_class = CloseWhole

    @extend_schema(
        operation_id="read_close",
        description="One closed day with its journal entries, by the merchant's own accounts.",
    )
    def get(self, request: Request, id: int) -> Response:
        rows = DayClose.objects.filter(connection__in=self.connection_ids)
        return self.answer(CloseWhole(get_object_or_404(rows.select_related("connection__store"), pk=id)).data)


class PointRow(serializers.Serializer[Point]):
    """One thing that keeps a day open."""

    of = serializers.ChoiceField(choices=[(one.value, one.value) for one in Of])
    day = serializers.DateField()
    since = serializers.DateTimeField()
    amount = serializers.DecimalField(max_digits=14, decimal_places=2)
    reason = serializers.CharField()
    order = serializers.CharField(allow_blank=True, help_text="The store's id of the order.")
    payout = serializers.CharField(allow_blank=True)
    reference = serializers.CharField(allow_blank=True, help_text="The gateway's, of the payment.")


class Points(serializers.Serializer[Any]):
    """Everything that is open, the newest day first."""

    points = PointRow(many=True)


class OpenPoints(StoreView):
    """Report what is open."""

    needs: ClassVar = {"get": Action.LOOK}
    queries = ("first", "last")
    serializer_class = Points

    @extend_schema(
        operation_id="report_open_points",
        parameters=[
            OpenApiParameter("first", {"type": "string", "format": "date"}, required=True, description="A day."),
            OpenApiParameter(
                "last", {"type": "string", "format": "date"}, required=True, description=f"Within {MOST_DAYS} days."
            ),
        ],
        description="What keeps days of a store from being green, each with its amount, since when, and why.",
    )
    def get(self, request: Request, store: UUID) -> Response:
        connection = self.store()
        asked = Days(data=request.query_params.dict())
        if not asked.is_valid():
            raise invalid({name: [str(one) for one in said] for name, said in asked.errors.items()})
        first, last = asked.validated_data["first"], asked.validated_data["last"]
        if not 0 <= (last - first).days < MOST_DAYS:
            raise invalid({"last": f"Give a day at most {MOST_DAYS - 1} days after first."})
        return self.answer(Points({"points": points_between(connection, first, last, timezone.now())}).data)


class Days(serializers.Serializer[Any]):
    """A span of days."""

    first = serializers.DateField()
    last = serializers.DateField()

"""Orders with both sides' lines, and what the same flow tells besides: payments, customers, totals by day."""

from decimal import Decimal
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import django_filters
from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, TruncDate
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    extend_schema,
    extend_schema_field,
    extend_schema_serializer,
    extend_schema_view,
)
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from connections.permissions import Action
from mappings.models import Link
from syncjobs.api.lists import ApiList, ConnectionFilters, MomentFilter, TruthFilter
from syncjobs.api.problems import invalid
from syncjobs.api.record_resources import RecordRow, RecordView, RecordWhole, RetryRecord
from syncjobs.distribution.waiting_lines import WAITS_FOR_LOCATION
from syncjobs.flows import ORDERS
from syncjobs.models import Record
from syncjobs.pages.orders.order_filters import matching

MOST_DAYS = 400


class StoreLine(serializers.Serializer[Any]):
    """A line as the store has it. Amounts are in the order's currency."""

    sku = serializers.CharField()
    name = serializers.CharField()
    quantity = serializers.IntegerField()
    shipped = serializers.IntegerField(default=0)
    refunded = serializers.IntegerField(default=0)
    unit_price = serializers.CharField()
    total = serializers.CharField()
    discount = serializers.CharField()
    tax = serializers.CharField()


class HeartlandLine(serializers.Serializer[Any]):
    """A line as Heartland had it when it was last looked at."""

    item_id = serializers.CharField(allow_null=True, default=None)
    description = serializers.CharField()
    quantity = serializers.CharField()
    invoiced = serializers.CharField(default="0")
    unit_price = serializers.CharField()
    value = serializers.CharField()
    is_distributed = serializers.BooleanField()


class Term(serializers.Serializer[Any]):
    """A part of the store's total."""

    name = serializers.CharField()
    amount = serializers.CharField()


class StoreSide(serializers.Serializer[Any]):
    """The order in the store."""

    status = serializers.CharField()
    placed_at = serializers.DateTimeField(allow_null=True)
    total = serializers.DecimalField(max_digits=14, decimal_places=2, allow_null=True)
    shipping_method = serializers.CharField(allow_blank=True)
    terms = Term(many=True)
    lines = StoreLine(many=True)


class HeartlandSide(serializers.Serializer[Any]):
    """The sales order in Heartland."""

    id = serializers.CharField()
    number = serializers.CharField()
    status = serializers.CharField(allow_blank=True)
    total = serializers.DecimalField(max_digits=14, decimal_places=2, allow_null=True)
    tax = serializers.CharField(allow_null=True)
    paid = serializers.CharField(allow_null=True)
    due = serializers.CharField(allow_null=True)
    lines = HeartlandLine(many=True)


EXAMPLE = {
    "id": 812,
    "store": "5f0c2f9e-6f2b-4b5e-9f43-1f6f5b3f9a10",
    "flow": "orders",
    "external_id": "10457",
    "number": "10457",
    "label": "Order 10457",
    "state": "booked",
    "code": "",
    "reason": "Booked as BC-10457.",
    "source_status": "Awaiting Fulfillment",
    "source_placed_at": "2026-03-02T18:20:00Z",
    "source_total": "53.25",
    "target_id": "100318",
    "target_label": "BC-10457",
    "target_total": "53.25",
    "currency": "USD",
    "first_seen_at": "2026-03-02T18:20:01Z",
    "read_at": "2026-03-02T18:20:01Z",
    "booked_at": "2026-03-02T18:20:03Z",
    "changed_at": "2026-03-02T18:20:03Z",
}


@extend_schema_serializer(examples=[OpenApiExample("A booked order", response_only=True, value=EXAMPLE)])
class OrderRow(RecordRow):
    """An order and its sales order."""


class OrderWhole(RecordWhole):
    """An order with both sides as they were last seen."""

    in_store = serializers.SerializerMethodField()
    in_heartland = serializers.SerializerMethodField()

    class Meta(RecordWhole.Meta):
        fields = (*RecordWhole.Meta.fields, "in_store", "in_heartland")  # type: ignore[assignment]

    @extend_schema_field(StoreSide)
    def get_in_store(self, record: Record) -> Any:
        facts = record.facts
        side = {
            "status": record.source_status,
            "placed_at": record.source_placed_at,
            "total": record.source_total,
            "shipping_method": facts.get("shipping_method") or "",
            "terms": facts.get("equation") or [],
            "lines": facts.get("lines") or [],
        }
        return StoreSide(side).data

    @extend_schema_field(HeartlandSide(allow_null=True))
    def get_in_heartland(self, record: Record) -> Any:
        there = record.facts.get("heartland") or {}
        if not there and not record.target_id:
            return None
        side = {
            "id": str(there.get("id") or record.target_id),
            "number": str(there.get("number") or record.target_label),
            "status": there.get("status", ""),
            "total": record.target_total,
            "lines": there.get("lines") or [],
            **{name: there.get(name) for name in ("tax", "paid", "due")},
        }
        return HeartlandSide(side).data


class OrderFilters(ConnectionFilters):
    state = django_filters.ChoiceFilter(field_name="disposition", choices=Record.Disposition.choices)
    code = django_filters.CharFilter(max_length=60, label="The reason of a skip, a hold or a failure.")
    number = django_filters.CharFilter(
        method="numbered", max_length=80, label="A web order number, a Heartland number or a Heartland id."
    )
    to_distribute = TruthFilter(method="waiting", label="Whether a location still has to be told to ship it.")
    placed_since = MomentFilter(field_name="source_placed_at", lookup_expr="gte")
    placed_before = MomentFilter(field_name="source_placed_at", lookup_expr="lt")
    changed_since = MomentFilter(field_name="changed_at", lookup_expr="gte")

    def numbered(self, rows: QuerySet[Record], name: str, value: str) -> QuerySet[Record]:
        return rows.filter(matching(value.lstrip("#")))

    def waiting(self, rows: QuerySet[Record], name: str, value: bool) -> QuerySet[Record]:
        return rows.filter(WAITS_FOR_LOCATION) if value else rows.exclude(WAITS_FOR_LOCATION)


class Orders(RecordView, ApiList):
    """List orders."""

    flow = ORDERS.name
    queryset = Record.objects.none()
    serializer_class = OrderRow
    filterset_class = OrderFilters

    def get_queryset(self) -> Any:
        return self.records()

    @extend_schema(
        operation_id="list_orders",
        description="Every order that a store told of, each in exactly one state. No buyer is named: the store has "
        "names and addresses.",
    )
    def get(self, request: Request) -> Response:
        return self.list(request)


class OneOrder(RecordView):
    """Read an order."""

    flow = ORDERS.name
    needs: ClassVar = {"get": Action.LOOK}
    serializer_class = OrderWhole

    @extend_schema(
        operation_id="read_order",
        description="One order with the lines, totals and states of both systems, as they were last seen.",
    )
    def get(self, request: Request, id: int) -> Response:
        return self.answer(OrderWhole(self.record()).data)


@extend_schema_view(
    post=extend_schema(
        operation_id="retry_order",
        request=None,
        responses=OrderRow,
        description="Look at it again now. Safe: an order that is booked already is not booked twice.",
    )
)
class RetryOrder(RetryRecord):
    """Retry an order."""

    flow = ORDERS.name


class Tender(serializers.Serializer[Any]):
    """What an order was, or is to be, paid with."""

    method = serializers.CharField()
    amount = serializers.CharField()


class PaymentRow(serializers.ModelSerializer[Record]):
    """The money of an order."""

    store = serializers.UUIDField(source="connection.public_id")
    order = serializers.IntegerField(source="pk", help_text="Id of the order.")
    number = serializers.CharField(source="title")
    method = serializers.SerializerMethodField(help_text="As the store names it.")
    status = serializers.SerializerMethodField(help_text="As the store names it; blank where it does not say.")
    tenders = serializers.SerializerMethodField()
    paid_in_heartland = serializers.SerializerMethodField(help_text="Null while Heartland has no sales order of it.")
    due_in_heartland = serializers.SerializerMethodField()

    class Meta:
        model = Record
        fields = (
            "order", "store", "number", "currency", "method", "status", "tenders", "source_total",
            "paid_in_heartland", "due_in_heartland", "changed_at",
        )  # fmt: skip

    def get_method(self, record: Record) -> str:
        return str(record.facts.get("payment_method") or "")

    def get_status(self, record: Record) -> str:
        return str(record.facts.get("payment_status") or "")

    @extend_schema_field(Tender(many=True))
    def get_tenders(self, record: Record) -> Any:
        return Tender(record.facts.get("tenders") or [], many=True).data

    def get_paid_in_heartland(self, record: Record) -> str | None:
        return (record.facts.get("heartland") or {}).get("paid")

    def get_due_in_heartland(self, record: Record) -> str | None:
        return (record.facts.get("heartland") or {}).get("due")


class Payments(RecordView, ApiList):
    """List payments."""

    flow = ORDERS.name
    queryset = Record.objects.none()
    serializer_class = PaymentRow
    filterset_class = OrderFilters

    def get_queryset(self) -> Any:
        return self.records().exclude(source_total=None)

    @extend_schema(
        operation_id="list_payments",
        description="What each order was paid with in the store, and what Heartland holds of it. Cards are never kept.",
    )
    def get(self, request: Request) -> Response:
        return self.list(request)


class CustomerRow(serializers.ModelSerializer[Link]):
    """A shopper's customer in Heartland. Nobody is named: no name, no address."""

    store = serializers.UUIDField(source="connection.public_id")
    heartland_customer = serializers.CharField(source="target_id")

    class Meta:
        model = Link
        fields = ("id", "store", "heartland_customer", "created_at", "updated_at")


class CustomerFilters(ConnectionFilters):
    heartland_customer = django_filters.CharFilter(field_name="target_id", max_length=40)
    updated_since = MomentFilter(field_name="updated_at", lookup_expr="gte")


class Customers(ApiList):
    """List customers."""

    queryset = Link.objects.none()
    serializer_class = CustomerRow
    filterset_class = CustomerFilters

    def get_queryset(self) -> Any:
        rows = Link.objects.filter(connection__in=self.connection_ids, kind=Link.Kind.CUSTOMER)
        return rows.select_related("connection")

    @extend_schema(
        operation_id="list_customers",
        description="Which Heartland customers shoppers of a store became. Nobody is named: Heartland has the rest.",
    )
    def get(self, request: Request) -> Response:
        return self.list(request)


class DayRow(serializers.Serializer[Any]):
    """The orders that were placed on a day, by currency."""

    day = serializers.DateField(help_text="In the merchant's time zone.")
    currency = serializers.CharField()
    orders = serializers.IntegerField()
    booked = serializers.IntegerField()
    store_total = serializers.DecimalField(max_digits=18, decimal_places=2, help_text="Of all orders.")
    booked_total = serializers.DecimalField(max_digits=18, decimal_places=2, help_text="Of booked ones, in the store.")
    heartland_total = serializers.DecimalField(max_digits=18, decimal_places=2, help_text="Of the same, in Heartland.")
    difference = serializers.DecimalField(max_digits=18, decimal_places=2, help_text="Heartland's less the store's.")


class Report(serializers.Serializer[Any]):
    """Totals by day and currency, the newest day first."""

    days = DayRow(many=True)


class Transactions(RecordView):
    """Report transactions."""

    flow = ORDERS.name
    needs: ClassVar = {"get": Action.LOOK}
    queries = ("store", "placed_since", "placed_before")
    serializer_class = Report

    @extend_schema(
        operation_id="report_transactions",
        parameters=[
            OpenApiParameter("placed_since", str, required=True, description="A moment with its offset."),
            OpenApiParameter("placed_before", str, required=True, description=f"At most {MOST_DAYS} days later."),
            OpenApiParameter("store", {"type": "string", "format": "uuid"}, description="Id of a store."),
        ],
        description="Orders and money of both systems, by day and currency.",
    )
    def get(self, request: Request) -> Response:
        filters = Placed(request.query_params, queryset=self.records())
        if not filters.is_valid():
            raise invalid({name: [str(one) for one in said] for name, said in filters.errors.items()})
        first, last = (filters.form.cleaned_data[name] for name in ("placed_since", "placed_before"))
        if not 0 <= (last - first).days <= MOST_DAYS:
            raise invalid({"placed_before": f"Give a moment at most {MOST_DAYS} days after placed_since."})
        return self.answer(Report({"days": self._days(filters.qs)}).data)

    def _days(self, rows: QuerySet[Record]) -> list[dict[str, Any]]:
        booked = Q(disposition=Record.Disposition.BOOKED)
        zone = ZoneInfo(self.merchant.time_zone)
        zero = Decimal(0)
        days = (
            rows.order_by()
            .values("currency", day=TruncDate("source_placed_at", tzinfo=zone))
            .annotate(
                orders=Count("pk"),
                booked=Count("pk", filter=booked),
                store_total=Coalesce(Sum("source_total"), zero),
                booked_total=Coalesce(Sum("source_total", filter=booked), zero),
                heartland_total=Coalesce(Sum("target_total", filter=booked), zero),
            )
        )
        found: Any = days.order_by("-day", "currency")
        return [row | {"difference": row["heartland_total"] - row["booked_total"]} for row in found]


class Placed(ConnectionFilters):
    """Orders placed in a span of time."""

    placed_since = MomentFilter(field_name="source_placed_at", lookup_expr="gte", required=True)
    placed_before = MomentFilter(field_name="source_placed_at", lookup_expr="lt", required=True)

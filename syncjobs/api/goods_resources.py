"""Products, what each store shows of their stock and why, and which SKU is which Heartland item."""

from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from connections.models import Connection, User
from connections.permissions import Action
from mappings.linking import item_link, item_unlink
from mappings.models import CatalogueProduct, CatalogueSku, Link, Side, StockLevel
from syncjobs.api.access import ApiView
from syncjobs.api.lists import ApiList, ConnectionFilters, MomentFilter
from syncjobs.api.once import once
from syncjobs.api.problems import Problem, invalid
from syncjobs.api.store_resources import StoreView
from syncjobs.api.strict_json import Wish, wished
from syncjobs.catalogue.orphans import stock_errors_close
from syncjobs.engine.expedite_stock import stock_expedite
from syncjobs.engine.settings_changed import released_by
from syncjobs.stock.availability import Card, cards_of

LONGEST_SKU = 255


class ProductRow(serializers.ModelSerializer[CatalogueProduct]):
    """A product of one side, as it was last read."""

    store = serializers.UUIDField(source="connection.public_id")
    name = serializers.SerializerMethodField()
    skus = serializers.SerializerMethodField()

    class Meta:
        model = CatalogueProduct
        fields = ("id", "store", "side", "external_id", "name", "skus", "is_tracked", "written_at")

    def get_name(self, product: CatalogueProduct) -> str:
        return str(product.facts.get("name") or "")

    def get_skus(self, product: CatalogueProduct) -> list[str]:
        return [row.sku for row in product.skus.all()]


class ProductFilters(ConnectionFilters):
    side = django_filters.ChoiceFilter(choices=Side.choices, label="Whose product it is.")
    external_id = django_filters.CharFilter(max_length=40)
    sku = django_filters.CharFilter(method="of_sku", max_length=LONGEST_SKU)

    def of_sku(self, rows: QuerySet[CatalogueProduct], name: str, value: str) -> QuerySet[CatalogueProduct]:
        return rows.filter(pk__in=CatalogueSku.objects.filter(sku=value).values("product"))


class Products(ApiList):
    """List products."""

    queryset = CatalogueProduct.objects.none()
    serializer_class = ProductRow
    filterset_class = ProductFilters

    def get_queryset(self) -> Any:
        rows = CatalogueProduct.objects.filter(connection__in=self.connection_ids)
        return rows.select_related("connection").prefetch_related("skus")

    @extend_schema(
        operation_id="list_products",
        description="Both catalogues as they were last read or written. Start a run `items_check` to read them anew.",
    )
    def get(self, request: Request) -> Response:
        return self.list(request)


class LevelRow(serializers.ModelSerializer[StockLevel]):
    """What a store shows of a SKU at one of its locations."""

    store = serializers.UUIDField(source="connection.public_id")
    heartland_item = serializers.CharField(source="item_id")
    shown = serializers.IntegerField(allow_null=True, help_text="What the store shows; null while nobody knows.")
    last_pushed = serializers.IntegerField(source="quantity", allow_null=True)

    class Meta:
        model = StockLevel
        fields = (
            "id", "store", "sku", "heartland_item", "store_location", "shown", "last_pushed", "pushed_at",
            "pending", "is_tracked", "refusal",
        )  # fmt: skip


class LevelFilters(ConnectionFilters):
    sku = django_filters.CharFilter(max_length=LONGEST_SKU)
    store_location = django_filters.CharFilter(max_length=80)
    pushed_since = MomentFilter(field_name="pushed_at", lookup_expr="gte")


class Inventory(ApiList):
    """List stock levels."""

    queryset = StockLevel.objects.none()
    serializer_class = LevelRow
    filterset_class = LevelFilters

    def get_queryset(self) -> Any:
        return StockLevel.objects.filter(connection__in=self.connection_ids).select_related("connection")

    @extend_schema(
        operation_id="list_inventory",
        description="What each store was told of each linked SKU, and what it shows. `stores/{store}/stock` says why.",
    )
    def get(self, request: Request) -> Response:
        return self.list(request)


class Place(serializers.Serializer[Any]):
    """A Heartland location's part in a number."""

    name = serializers.CharField()
    counts = serializers.BooleanField()
    on_hand = serializers.DecimalField(max_digits=16, decimal_places=4, source="figures.on_hand")
    committed = serializers.DecimalField(max_digits=16, decimal_places=4, source="figures.committed")
    available = serializers.DecimalField(max_digits=16, decimal_places=4, source="figures.available")


class StockCard(serializers.Serializer[Card]):
    """Why a SKU's number is what it is, at one location of the store: counted − safety − pending, then the clamps."""

    store_location = serializers.CharField(source="level.store_location")
    state = serializers.CharField(help_text="agrees, keeps, due, differs, left_alone, refused or unread.")
    counted_as = serializers.CharField()
    places = Place(many=True, source="rows")
    counted = serializers.DecimalField(max_digits=16, decimal_places=4, source="answer.counted")
    kept_back = serializers.DecimalField(max_digits=16, decimal_places=4, source="answer.kept_back")
    safety = serializers.DecimalField(max_digits=16, decimal_places=4, source="answer.safety")
    pending = serializers.IntegerField(source="answer.pending", help_text="Pieces of orders that Heartland lacks yet.")
    for_sale = serializers.IntegerField(source="answer.quantity")
    clamps = serializers.ListField(child=serializers.CharField())
    store_shows = serializers.IntegerField(source="held.quantity", allow_null=True)
    store_problem = serializers.CharField(source="held.problem")


class StockCards(serializers.Serializer[Any]):
    """The cards of a SKU, or why there is none."""

    sku = serializers.CharField()
    lacking = serializers.CharField(help_text="Why no stock is sent; empty where it is.")
    cards = StockCard(many=True)


class Stock(StoreView):
    """Explain a SKU's stock."""

    needs: ClassVar = {"get": Action.LOOK}
    queries = ("sku",)
    serializer_class = StockCards
    asks_others = True

    @extend_schema(
        operation_id="explain_stock",
        parameters=[OpenApiParameter("sku", str, required=True)],
        description="Asks both systems now, two calls and more, and shows the sum step by step.",
    )
    def get(self, request: Request, store: UUID) -> Response:
        connection = self.store()
        sku = request.query_params.get("sku", "").strip()
        if not 0 < len(sku) <= LONGEST_SKU:
            raise invalid({"sku": f"Give a SKU of 1 to {LONGEST_SKU} signs."})
        found = cards_of(connection, sku, timezone.now())
        if found.problem:
            raise Problem("system_away", found.problem)
        return self.answer(StockCards({"sku": sku, "lacking": found.lacking, "cards": found.cards}).data)


class LinkRow(serializers.ModelSerializer[Link]):
    """A stored pair: a SKU and the Heartland item that it means."""

    store = serializers.UUIDField(source="connection.public_id")
    sku = serializers.CharField(source="source_id")
    heartland_item = serializers.CharField(source="target_id")
    item_number = serializers.CharField(source="target_label")

    class Meta:
        model = Link
        fields = ("id", "store", "sku", "heartland_item", "item_number", "is_by_hand", "created_at", "updated_at")


class LinkFilters(ConnectionFilters):
    sku = django_filters.CharFilter(field_name="source_id", max_length=LONGEST_SKU)
    heartland_item = django_filters.CharFilter(field_name="target_id", max_length=40)
    updated_since = MomentFilter(field_name="updated_at", lookup_expr="gte")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Link a SKU",
            request_only=True,
            value={
                "store": "5f0c2f9e-6f2b-4b5e-9f43-1f6f5b3f9a10",
                "sku": "HT-M-RED",
                "item_number": "HT-M-RED",
                "linked_with": "",
            },
        )
    ]
)
class LinkWish(Wish):
    """Which item a SKU means."""

    store = serializers.UUIDField()
    sku = serializers.CharField(max_length=LONGEST_SKU)
    item_number = serializers.CharField(max_length=LONGEST_SKU, help_text="Heartland's Item #, letter by letter.")
    linked_with = serializers.CharField(
        max_length=40, allow_blank=True, default="", help_text="`heartland_item` that it means now; empty: none."
    )


class Links(ApiList):
    """List and make links."""

    needs: ClassVar = {"get": Action.LOOK, "put": Action.MAPS}
    http_method_names = ["get", "head", "put"]
    queryset = Link.objects.none()
    serializer_class = LinkRow
    filterset_class = LinkFilters
    asks_others = True

    def get_queryset(self) -> Any:
        rows = Link.objects.filter(connection__in=self.connection_ids, kind=Link.Kind.ITEM)
        return rows.select_related("connection__merchant", "connection__heartland", "connection__store")

    @extend_schema(operation_id="list_links", description="Which SKU is which Heartland item.")
    def get(self, request: Request) -> Response:
        return self.list(request)

    @extend_schema(
        operation_id="put_link",
        request=LinkWish,
        responses=LinkRow,
        description="Say that a SKU means an item; Heartland is asked for its number. Orders that waited for it go on. "
        "Repeating it changes nothing.",
    )
    def put(self, request: Request) -> Response:
        wish = wished(request, LinkWish)
        connection = get_object_or_404(self.connections, public_id=wish["store"])
        same = self.get_queryset().filter(connection=connection, source_id=wish["sku"])
        if known := same.filter(target_label=wish["item_number"]).first():
            return self.answer(LinkRow(known).data)
        link = item_link(
            connection=connection,
            sku=wish["sku"],
            number=wish["item_number"],
            actor=self.actor,
            was=wish["linked_with"],
        )
        link_follow(connection, self.actor)
        return self.answer(LinkRow(link).data)


def link_follow(connection: Connection, actor: User) -> None:
    """What waited for a link goes on; what was said of one that is gone is over."""
    stock_errors_close(connection, timezone.now())
    released_by(connection, ["item_links"], actor=actor)
    stock_expedite(connection.pk, timezone.now())


class OneLink(ApiView):
    """Read and end a link."""

    needs: ClassVar = {"get": Action.LOOK, "delete": Action.MAPS}
    serializer_class = LinkRow

    def link(self) -> Link:
        rows = Link.objects.filter(connection__in=self.connection_ids, kind=Link.Kind.ITEM)
        return get_object_or_404(rows.select_related("connection__merchant", "connection__store"), pk=self.kwargs["id"])

    @extend_schema(operation_id="read_link", description="One link.")
    def get(self, request: Request, id: int) -> Response:
        return self.answer(LinkRow(self.link()).data)

    @extend_schema(
        operation_id="delete_link",
        responses={200: LinkRow},
        description="Part a SKU from its item: no stock is sent for it, and orders with it wait. Answers what it was.",
    )
    @once
    def delete(self, request: Request, id: int) -> Response:
        link = self.link()
        was = LinkRow(link).data
        connection = link.connection
        if not item_unlink(connection=connection, sku=link.source_id, was=link.target_id, actor=self.actor):
            raise Problem("conflict", "It was linked with another item meanwhile: read it anew.")
        stock_errors_close(connection, timezone.now())
        return self.answer(was)

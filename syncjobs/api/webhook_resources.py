"""Outgoing webhooks: endpoints, what was sent to them, and sending it again."""

from typing import Any, ClassVar

import django_filters
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django_filters.rest_framework import FilterSet
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from connections.models import WebhookAttempt, WebhookEndpoint, WebhookMessage
from connections.outbox import EVENTS
from connections.permissions import Action
from connections.services.webhooks import (
    endpoint_change,
    endpoint_end,
    endpoint_make,
    endpoint_test,
    message_replay,
)
from syncjobs.api.access import ApiView
from syncjobs.api.lists import ApiList, MomentFilter
from syncjobs.api.once import once
from syncjobs.api.strict_json import Wish, wished

CHOSEN = [(event, event) for event in EVENTS if event != "webhook.test"]


class EndpointRow(serializers.ModelSerializer[WebhookEndpoint]):
    """Where another system is told of events. Its address is not repeated: it may hold a password."""

    events = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = WebhookEndpoint
        fields = (
            "id",
            "host",
            "events",
            "is_active",
            "problem",
            "failures",
            "failing_since",
            "next_try_at",
            "created_at",
        )


class EndpointMade(EndpointRow):
    """A new endpoint with its secret, which no later answer holds."""

    secret = serializers.CharField(help_text="Verify with it what comes, as Standard Webhooks has it.")

    class Meta(EndpointRow.Meta):
        fields = (*EndpointRow.Meta.fields, "secret")  # type: ignore[assignment]


ORDERS = {"address": "https://warehouse.example/tillbridge", "events": ["order.booked", "order.held"]}


@extend_schema_serializer(examples=[OpenApiExample("Tell a warehouse", request_only=True, value=ORDERS)])
class EndpointWish(Wish):
    """Where, and of what."""

    address = serializers.CharField(max_length=300, help_text="https, and public.")
    events = serializers.ListField(child=serializers.ChoiceField(choices=CHOSEN), allow_empty=False, max_length=20)


class EndpointChange(Wish):
    """What is to be different."""

    events = serializers.ListField(
        child=serializers.ChoiceField(choices=CHOSEN), allow_empty=False, max_length=20, required=False
    )
    is_active = serializers.BooleanField(required=False)


class Webhooks(ApiList):
    """List and make endpoints."""

    needs: ClassVar = {"get": Action.LOOK, "post": Action.HOOKS}
    http_method_names = ["get", "head", "post"]
    queryset = WebhookEndpoint.objects.none()
    serializer_class = EndpointRow

    def get_queryset(self) -> Any:
        return WebhookEndpoint.objects.filter(merchant=self.merchant)

    @extend_schema(operation_id="list_webhooks", description="Where events are told, and how that goes.")
    def get(self, request: Request) -> Response:
        return self.list(request)

    @extend_schema(
        operation_id="make_webhook",
        request=EndpointWish,
        responses={201: EndpointMade},
        description="Events are posted there, signed by Standard Webhooks, in order, and again and again until they "
        "are taken. The answer holds the secret; nothing shows it again.",
    )
    @once
    def post(self, request: Request) -> Response:
        wish = wished(request, EndpointWish)
        made = endpoint_make(merchant=self.merchant, actor=self.actor, now=timezone.now(), **wish)
        return Response(EndpointMade(made).data, status=201)


class EndpointView(ApiView):
    """What stands below one endpoint."""

    def endpoint(self) -> WebhookEndpoint:
        rows = WebhookEndpoint.objects.filter(merchant=self.merchant).select_related("merchant")
        return get_object_or_404(rows, pk=self.kwargs["id"])


class OneWebhook(EndpointView):
    """Read, change and end an endpoint."""

    needs: ClassVar = {"get": Action.LOOK, "patch": Action.HOOKS, "delete": Action.HOOKS}
    serializer_class = EndpointRow

    @extend_schema(operation_id="read_webhook", description="One endpoint.")
    def get(self, request: Request, id: int) -> Response:
        return self.answer(EndpointRow(self.endpoint()).data)

    @extend_schema(
        operation_id="change_webhook",
        request=EndpointChange,
        responses=EndpointRow,
        description="Other events, or switched off or on. What is switched on gets what waits for it.",
    )
    @once
    def patch(self, request: Request, id: int) -> Response:
        endpoint, wish = self.endpoint(), wished(request, EndpointChange)
        endpoint_change(
            endpoint=endpoint,
            actor=self.actor,
            events=wish.get("events"),
            is_active=wish.get("is_active"),
            now=timezone.now(),
        )
        return self.answer(EndpointRow(self.endpoint()).data)

    @extend_schema(
        operation_id="delete_webhook",
        responses={200: EndpointRow},
        description="It is told nothing any more; what waited for it is dropped. Answers what it was.",
    )
    @once
    def delete(self, request: Request, id: int) -> Response:
        endpoint = self.endpoint()
        was = EndpointRow(endpoint).data
        endpoint_end(endpoint=endpoint, actor=self.actor)
        return self.answer(was)


class TryRow(serializers.ModelSerializer[WebhookAttempt]):
    """One try to deliver a message."""

    class Meta:
        model = WebhookAttempt
        fields = ("at", "status", "ms", "problem")


class MessageRow(serializers.ModelSerializer[WebhookMessage]):
    """An event for an endpoint."""

    body = serializers.CharField(help_text="As it is sent.")
    tries = TryRow(many=True)

    class Meta:
        model = WebhookMessage
        fields = (
            "id", "message_id", "event", "state", "attempts", "not_before", "created_at", "delivered_at", "body",
            "tries",
        )  # fmt: skip


class MessageFilters(FilterSet):  # type: ignore[misc]
    state = django_filters.ChoiceFilter(choices=WebhookMessage.State.choices)
    event = django_filters.ChoiceFilter(choices=[(event, event) for event in EVENTS])
    created_since = MomentFilter(field_name="created_at", lookup_expr="gte")


class Deliveries(EndpointView, ApiList):
    """List an endpoint's messages."""

    queryset = WebhookMessage.objects.none()
    serializer_class = MessageRow
    filterset_class = MessageFilters

    def get_queryset(self) -> Any:
        return WebhookMessage.objects.filter(endpoint=self.endpoint()).prefetch_related("tries")

    @extend_schema(operation_id="list_deliveries", description="What it was told, or is to be, with every try.")
    def get(self, request: Request, id: int) -> Response:
        return self.list(request)


class TestWebhook(EndpointView):
    """Test an endpoint."""

    needs: ClassVar = {"post": Action.HOOKS}

    @extend_schema(
        operation_id="test_webhook",
        request=None,
        responses={201: MessageRow},
        description="Send it `webhook.test`, whose data is empty.",
    )
    @once
    def post(self, request: Request, id: int) -> Response:
        message = endpoint_test(endpoint=self.endpoint(), actor=self.actor, now=timezone.now())
        return Response(MessageRow(message).data, status=201)


class ReplayDelivery(EndpointView):
    """Replay a message."""

    needs: ClassVar = {"post": Action.HOOKS}

    @extend_schema(
        operation_id="replay_delivery",
        request=None,
        responses=MessageRow,
        description="Deliver it again, under the same `webhook-id`.",
    )
    @once
    def post(self, request: Request, id: int, message: int) -> Response:
        rows = WebhookMessage.objects.filter(endpoint=self.endpoint()).select_related("endpoint__merchant")
        found = get_object_or_404(rows, pk=message)
        message_replay(message=found, actor=self.actor, now=timezone.now())
        return self.answer(MessageRow(rows.get(pk=found.pk)).data)

"""Stores: which there are, how they are, and pausing one."""

from http import HTTPStatus
from typing import Any, ClassVar
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from connections.models import Connection
from connections.permissions import Action
from connections.services import connection_pause, connection_resume
from syncjobs import engine
from syncjobs.api.access import ApiView
from syncjobs.api.lists import ApiList
from syncjobs.api.once import once
from syncjobs.pages.dashboard.connection_health import health

STATES = ("setting_up", "active", "paused", "disconnected", "no_access")


class StoreRow(serializers.ModelSerializer[Connection]):
    """A web store that is paired with a Heartland account."""

    id = serializers.UUIDField(source="public_id", help_text="What other endpoints call `store`.")
    name = serializers.CharField(source="store.name")
    kind = serializers.CharField(source="store.kind")
    domain = serializers.CharField(source="store.domain")
    currency = serializers.CharField(source="store.currency")
    state = serializers.ChoiceField(
        source="shown_state", choices=STATES, help_text="`no_access`: active, but a system does not let us in."
    )
    heartland_account = serializers.CharField(source="heartland.name")

    class Meta:
        model = Connection
        fields = ("id", "name", "kind", "domain", "currency", "state", "heartland_account", "created_at")


class SystemHealth(serializers.Serializer[Any]):
    """A system that is down for this store."""

    system = serializers.CharField()
    since = serializers.DateTimeField(allow_null=True, source="opened_at")
    next_probe_at = serializers.DateTimeField(allow_null=True, source="probe_after")
    reason = serializers.CharField()


class StoreHealth(serializers.Serializer[Any]):
    """How a store's sync is doing now."""

    store = serializers.UUIDField(source="connection.public_id")
    state = serializers.ChoiceField(source="connection.shown_state", choices=STATES)
    backlog = serializers.IntegerField(help_text="Jobs that wait to be worked.")
    orders_waiting = serializers.IntegerField(help_text="Of them, orders.")
    oldest_due_at = serializers.DateTimeField(allow_null=True)
    orders_read_at = serializers.DateTimeField(
        source="read_at", allow_null=True, help_text="When the store's changes were last read whole."
    )
    changes_seen = serializers.IntegerField(source="found")
    missed_by_webhooks = serializers.IntegerField(source="missed", help_text="Of them, those that polling found.")
    systems_down = serializers.SerializerMethodField(help_text="Work for them waits, and they are probed.")

    @extend_schema_field(SystemHealth(many=True))
    def get_systems_down(self, health: Any) -> list[dict[str, Any]]:
        rows = [
            {
                "system": circuit.system,
                "opened_at": circuit.opened_at,
                "probe_after": circuit.probe_after,
                "reason": circuit.reason,
            }
            for circuit in health.circuits
        ]
        return list(SystemHealth(rows, many=True).data)


class StoreView(ApiView):
    """What stands below one store."""

    def store(self) -> Connection:
        return get_object_or_404(self.connections, public_id=self.kwargs["store"])


class Stores(ApiList):
    """List stores."""

    queryset = Connection.objects.none()
    serializer_class = StoreRow

    def get_queryset(self) -> Any:
        return self.connections

    @extend_schema(operation_id="list_stores", description="The merchant's stores, newest first.")
    def get(self, request: Request) -> Response:
        return self.list(request)


class OneStore(StoreView):
    """Read a store."""

    needs: ClassVar = {"get": Action.LOOK}
    serializer_class = StoreRow

    @extend_schema(operation_id="read_store", description="One store.")
    def get(self, request: Request, store: UUID) -> Response:
        return self.answer(StoreRow(self.store()).data)


class HealthOfStore(StoreView):
    """Read a store's health."""

    needs: ClassVar = {"get": Action.LOOK}
    serializer_class = StoreHealth

    @extend_schema(
        operation_id="read_store_health",
        description="Backlog, freshness and both systems as this store calls them. Asks nobody: what we know now.",
    )
    def get(self, request: Request, store: UUID) -> Response:
        return self.answer(StoreHealth(health(self.store(), timezone.now())).data)


class PauseStore(StoreView):
    """Pause a store."""

    needs: ClassVar = {"post": Action.PAUSE}

    @extend_schema(
        operation_id="pause_store",
        request=None,
        responses=StoreRow,
        description="Nothing moves any more; whatever comes in is kept and waits. A store that is not active stays "
        "as it is.",
    )
    @once
    def post(self, request: Request, store: UUID) -> Response:
        connection = self.store()
        connection_pause(connection=connection, actor=self.actor)
        return self.answer(StoreRow(self.store()).data, HTTPStatus.OK)


class ResumeStore(StoreView):
    """Resume a store."""

    needs: ClassVar = {"post": Action.PAUSE}

    @extend_schema(
        operation_id="resume_store",
        request=None,
        responses=StoreRow,
        description="Work goes on where it stopped. A store that is not paused stays as it is.",
    )
    @once
    def post(self, request: Request, store: UUID) -> Response:
        connection = self.store()
        connection_resume(connection=connection, actor=self.actor)
        engine.connection_wake(connection=connection, now=timezone.now())
        return self.answer(StoreRow(self.store()).data)

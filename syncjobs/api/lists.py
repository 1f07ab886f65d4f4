"""Lists of the API: filtered, newest first, in pages by key, so that a page costs the same at any depth."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

import django_filters
from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend, FilterSet
from rest_framework.generics import ListAPIView
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from connections.permissions import Action
from syncjobs.api.access import ApiView
from syncjobs.api.problems import invalid

SALT = "tillbridge.api.cursor"
ROWS, MOST_ROWS = 50, 200
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
PAGES = ("cursor", "limit")


class Keyset(BasePagination):
    """Pages by the key of the last row. The cursor is signed, and good for the same list and filters only."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        limit = _limit(request.query_params.get("limit", ""))
        self.of = _list_of(request)
        rows = queryset.order_by("-pk")
        if cursor := request.query_params.get("cursor"):
            rows = rows.filter(pk__lt=_after(cursor, self.of))
        parts = [part[: limit + 1] for part in _parts(rows, view)]
        found = sorted((row for part in parts for row in part), key=lambda row: -row.pk)
        self.last = found[limit - 1].pk if len(found) > limit else None
        return found[:limit]

    def get_paginated_response(self, data: Any) -> Response:
        after = signing.dumps([self.last, self.of], salt=SALT) if self.last is not None else None
        return Response({"data": data, "next_cursor": after})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        words = "Give it as `cursor` for the next page, with the same filters; null on the last page."
        return {
            "type": "object",
            "required": ["data", "next_cursor"],
            "properties": {
                "data": schema,
                "next_cursor": {"type": ["string", "null"], "description": words, "example": "WzgxMl0:1w…"},
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        limit = {"type": "integer", "minimum": 1, "maximum": MOST_ROWS, "default": ROWS}
        return [
            {
                "name": "cursor",
                "in": "query",
                "description": "`next_cursor` of the page before.",
                "schema": {"type": "string"},
            },
            {"name": "limit", "in": "query", "description": "Rows of a page.", "schema": limit},
        ]


def _parts(rows: QuerySet[Any], view: Any) -> list[QuerySet[Any]]:
    """A store at a time: an index holds one store's rows in their order, no index those of some stores."""
    if any(field.name == "connection" for field in rows.model._meta.fields):
        return [rows.filter(connection=pk) for pk in view.connection_ids]
    return [rows]


def _limit(text: str) -> int:
    if not text:
        return ROWS
    if not (text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= MOST_ROWS):
        raise invalid({"limit": f"Give a number from 1 to {MOST_ROWS}."})
    return int(text)


def _list_of(request: Request) -> str:
    """Which list, by which filters."""
    asked = sorted((name, value) for name, value in request.query_params.items() if name not in PAGES)
    return hashlib.sha256(repr((request.path, asked)).encode()).hexdigest()[:16]


def _after(cursor: str, of: str) -> int:
    try:
        last, made_for = signing.loads(cursor, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError) as exc:
        raise invalid({"cursor": "This is no cursor of ours: give `next_cursor` as it came."}) from exc
    if made_for != of:
        raise invalid({"cursor": "This cursor was made for another list or other filters."})
    return int(last)


class StrictFilters(DjangoFilterBackend):  # type: ignore[misc]
    """What a filter does not understand is an error, never left out."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        filters = self.get_filterset(request, queryset, view)
        if filters is None:
            return queryset
        if not filters.is_valid():
            raise invalid({name: [str(one) for one in said] for name, said in filters.errors.items()})
        found: QuerySet[Any] = filters.qs
        return found


class MomentField(forms.CharField):
    """A moment with its offset, as RFC 3339 writes it."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            moment = datetime.fromisoformat(text)
            if moment.tzinfo is None or not EARLIEST <= moment.astimezone(UTC) <= LATEST:
                raise ValueError
        except (ValueError, OverflowError) as exc:
            raise ValidationError("Give a moment with its offset, such as 2026-03-02T18:20:00Z.") from exc
        return moment.astimezone(UTC)  # the database knows no offset of sixteen hours


class MomentFilter(django_filters.IsoDateTimeFilter):  # type: ignore[misc]
    field_class = MomentField


class TruthFilter(django_filters.TypedChoiceFilter):  # type: ignore[misc]
    """true or false."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        words = [("true", "true"), ("false", "false")]
        super().__init__(*args, choices=words, coerce=lambda text: text == "true", **kwargs)


class ConnectionFilters(FilterSet):  # type: ignore[misc]
    """The filter that every list of what hangs on a store has."""

    store = django_filters.UUIDFilter(field_name="connection__public_id", label="Id of a store.")


class ApiList(ApiView, ListAPIView[Any]):
    """A list. Subclasses say what is listed, by which serializer and filters."""

    needs: ClassVar[Mapping[str, Action]] = {"get": Action.LOOK}
    http_method_names = ["get", "head"]
    pagination_class = Keyset
    filter_backends = [StrictFilters]
    filterset_class: ClassVar[type[FilterSet] | None] = None

    def filters_known(self) -> list[str]:
        filters = list(self.filterset_class.base_filters) if self.filterset_class else []
        return [*filters, *PAGES]

"""The API's page: every endpoint with what it does and what goes wrong, drawn from the OpenAPI document itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from connections.outbox import EVENTS
from connections.permissions import SCOPES, WORDS
from connections.views.base import public
from ipaas.problem_json import API
from syncjobs.api.lists import MOST_ROWS, PAGES, ROWS
from syncjobs.api.problems import KINDS
from syncjobs.api.schema import HEADER, document
from syncjobs.engine.retention import ANSWERS_REPEATED

SCOPE = "Scope: `"
TITLES = {"reports": "Reports", "proofs": "Daily proofs"}


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A value that an endpoint takes."""

    name: str
    where: str  # path, query or body
    is_required: bool
    words: str


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One method of one address."""

    method: str
    path: str
    name: str  # its operationId: an anchor
    logic: str
    scope: str
    parameters: list[Parameter]
    errors: list[str]  # statuses


@dataclass(frozen=True, kw_only=True)
class Resource:
    """Endpoints that belong together."""

    name: str
    title: str
    endpoints: list[Endpoint]


@require_safe
@public
def developers(request: HttpRequest) -> HttpResponse:
    """What other systems can build on; shows nothing of a merchant."""
    context = {
        "base": f"{settings.PUBLIC_URL}{API}",
        "resources": list(resources(document())),
        "problems": [(code, int(kind.status), kind.title, kind.advice) for code, kind in KINDS.items()],
        "scopes": [(scope.value, WORDS[scope]) for scope in SCOPES],
        "events": list(EVENTS.items()),
        "calls": settings.API_CALLS_PER_MINUTE,
        "rows": (ROWS, MOST_ROWS),
        "key_header": HEADER,
        "hours": int(ANSWERS_REPEATED.total_seconds() // 3600),
    }
    return render(request, "developers/developers.html", context)


def resources(schema: dict[str, Any]) -> Iterator[Resource]:
    """The document's operations by resource, in the document's order."""
    found: dict[str, list[Endpoint]] = {}
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            found.setdefault(operation["tags"][0], []).append(endpoint(schema, path, method, operation))
    for name, endpoints in found.items():
        yield Resource(name=name, title=TITLES.get(name, name.capitalize()), endpoints=endpoints)


def endpoint(schema: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> Endpoint:
    logic, _, scope = operation["description"].partition(SCOPE)
    asked = [one for one in operation.get("parameters", []) if one["name"] not in (*PAGES, HEADER)]
    parameters = [
        Parameter(
            name=one["name"],
            where=one["in"],
            is_required=bool(one.get("required")),
            words=words_of(one.get("description", ""), one["schema"]),
        )
        for one in asked
    ]
    return Endpoint(
        method=method.upper(),
        path=path,
        name=operation["operationId"],
        logic=logic.strip(),
        scope=scope.partition("`")[0],
        parameters=[*parameters, *body_of(schema, operation)],
        errors=sorted(status for status in operation["responses"] if status >= "400"),
    )


def body_of(schema: dict[str, Any], operation: dict[str, Any]) -> Iterator[Parameter]:
    """The fields of the request's body."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    named = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
    body = schema["components"]["schemas"].get(named, {})
    for name, field in body.get("properties", {}).items():
        needed = name in body.get("required", [])
        yield Parameter(
            name=name, where="body", is_required=needed, words=words_of(field.get("description", ""), field)
        )


def words_of(words: str, schema: dict[str, Any]) -> str:
    """What is said of a value, and which ones there are."""
    values = [str(one) for one in schema.get("enum", []) if one is not None]
    offered = f"One of {', '.join(values)}." if values else ""
    kind = schema.get("format") or schema.get("type") or ""
    return " ".join(part for part in (words, offered or (str(kind) if not words else "")) if part)

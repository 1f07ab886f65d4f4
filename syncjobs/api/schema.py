"""The OpenAPI document: which addresses it holds, what every one of them may answer besides, and how one comes in."""

import re
from functools import cache
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema

from ipaas.problem_json import API, MEDIA_TYPE
from syncjobs.api.examples import examples_add
from syncjobs.api.problems import KINDS

HEADER = "Idempotency-Key"
KEY = re.compile(r"[!-~]{1,200}")
EVERYWHERE = ("invalid", "unauthenticated", "forbidden", "not_acceptable", "throttled", "broken", "unavailable")
WITH_BODY = ("malformed", "too_large", "unsupported_media_type")
PROBLEM = {
    "type": "object",
    "description": "What went wrong (RFC 9457).",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string", "description": "Where the code is explained."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "enum": sorted(KINDS)},
        "detail": {"type": "string", "description": "What is wrong with this request."},
        "errors": {
            "type": "array",
            "description": "Of `invalid`: a row for each field or query parameter.",
            "items": {
                "type": "object",
                "required": ["field", "detail"],
                "properties": {"field": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}


class Described(AutoSchema):
    """Says which scope an operation asks for, and in whose words it is told."""

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation = super().get_operation(*args, **kwargs)
        action = getattr(self.view, "needs", {}).get(self.method.lower())
        if operation is not None:
            operation["description"] = f"{operation.get('description', '')}\n\nScope: `{action}`."
            operation["x-once"] = getattr(getattr(self.view, self.method.lower(), None), "is_once", False)
            operation["x-asks"] = getattr(self.view, "asks_others", False)
        return operation

    def get_tags(self) -> list[str]:
        return [self.path.removeprefix(API).split("/")[0].split(".")[0]]


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "syncjobs.api.access.BearerToken"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A token that an owner made. It begins with `tb_`."}


def only_ours(endpoints: list[Any]) -> list[Any]:
    """A hook before the document is made: the addresses of this version of the API."""
    return [one for one in endpoints if one[0].startswith(API)]


def completed(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """A hook after it: problems, idempotency keys, the headers of the quota, and examples."""
    result["components"].setdefault("schemas", {})["Problem"] = PROBLEM
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            _complete(path, method, operation)
    examples_add(result)
    return result


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    codes = [*EVERYWHERE]
    if "{" in path or "requestBody" in operation:  # a body may name a store
        codes.append("not_found")
    if "requestBody" in operation:
        codes += WITH_BODY
    if method != "get":
        codes.append("conflict")
    if operation.pop("x-asks", False):
        codes.append("system_away")
    if operation.pop("x-once", False):
        operation.setdefault("parameters", []).append(KEY_PARAMETER)
        codes.append("key_reused")
    for code in codes:
        status = str(int(KINDS[code].status))
        known = operation["responses"].get(status)
        title = KINDS[code].title if known is None else f"{known['description']}, or: {KINDS[code].title}"
        content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        operation["responses"][status] = {"description": title, "content": content}
    for status, response in operation["responses"].items():
        if int(status) != HTTPStatus.UNAUTHORIZED:
            response.setdefault("headers", {}).update(QUOTA)


KEY_PARAMETER = {
    "name": HEADER,
    "in": "header",
    "description": "Makes the request safe to repeat for a day: the second time it is answered as the first, and "
    "nothing is done anew.",
    "schema": {"type": "string", "pattern": f"^{KEY.pattern}$"},
}
QUOTA = {
    name: {"description": words, "schema": {"type": "integer"}}
    for name, words in {
        "RateLimit-Limit": "Calls that a token may make a minute.",
        "RateLimit-Remaining": "What is left of them.",
        "RateLimit-Reset": "Seconds until the next minute begins.",
    }.items()
}


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document, made once a process: it is the same for everybody."""
    made: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return made


@require_safe
def openapi(request: HttpRequest) -> JsonResponse:
    """The document, for whoever builds on it."""
    return JsonResponse(document())


openapi.access = "public"  # type: ignore[attr-defined]  # read by the test that walks the addresses

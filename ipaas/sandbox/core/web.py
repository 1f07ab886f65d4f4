"""Requests, replies and routes: the thin layer between werkzeug and a sandbox's handlers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request as WerkzeugRequest
from werkzeug.wrappers import Response as WerkzeugResponse

from ipaas.sandbox.core.jsonio import BadJson, dumps, loads

S = TypeVar("S")
JSON_TYPE = "application/json; charset=utf-8"


class Request(WerkzeugRequest):
    """A werkzeug request with a strict JSON reader."""

    max_content_length = 32 * 1024 * 1024

    def json(self) -> Any:
        """Read the body as a JSON object or array, fractions as `Decimal`. Raises `BadJson`."""
        value = loads(self.get_data())
        if not isinstance(value, dict | list):
            raise BadJson("a JSON object or array is expected")
        return value

    def json_object(self) -> dict[str, Any]:
        """Read the body as a JSON object; an empty body is an empty object. Raises `BadJson`."""
        if not self.get_data():
            return {}
        value = self.json()
        if not isinstance(value, dict):
            raise BadJson("a JSON object is expected")
        return value


class Reply(WerkzeugResponse):
    """What a handler answers."""


class ApiError(Exception):
    """An answer that ends the handler and undoes what it wrote: status, body (JSON, text or nothing), headers."""

    def __init__(self, status: int, body: Any = None, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status}: {body}")
        self.status, self.body, self.headers = status, body, headers

    def reply(self) -> Reply:
        """The answer to send."""
        if self.body is None:
            return empty(self.status, self.headers)
        if isinstance(self.body, str):
            return Reply(self.body, self.status, self.headers, mimetype="text/plain")
        return json_reply(self.body, self.status, self.headers)


class Disconnect(Exception):
    """Close the connection without an answer."""


def json_reply(data: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """Answer JSON; a `Decimal` becomes a number without float drift."""
    return Reply(dumps(data), status, headers, content_type=JSON_TYPE)


def empty(status: int = 204, headers: Mapping[str, str] | None = None) -> Reply:
    """Answer without a body."""
    reply = Reply(b"", status, headers)
    if "Content-Type" not in (headers or {}):
        del reply.headers["Content-Type"]
    return reply


def html(text: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """Answer a page."""
    return Reply(str(text), status, headers, mimetype="text/html")


def redirect(url: str, status: int = 303) -> Reply:
    """Send the browser elsewhere (303: with GET)."""
    return Reply(b"", status, {"Location": url})


Handler = Callable[..., Reply]


@dataclass(frozen=True, slots=True, eq=False)
class Route(Generic[S]):
    """One registered handler. `pattern` names it in the call counts; `tags` are for the service's hooks."""

    method: str
    path: str
    handler: Handler
    locked: bool
    tags: Mapping[str, Any]

    @property
    def pattern(self) -> str:
        return f"{self.method} {self.path}"


class Router(Generic[S]):
    """Handlers by method and path, in werkzeug's path syntax.

    A handler is called as `handler(service, request, **path_values)` and answers a `Reply`.
    `locked=False` runs it outside the service's lock and transaction (it then takes `service.transaction()`
    itself where it touches tables); needed only by handlers that wait. Further keywords become the route's
    `tags`, which `Service.before` and `admit` can read (the permission a route needs, for instance).
    """

    def __init__(self) -> None:
        self.routes: list[Route[S]] = []

    def route(self, method: str, path: str, *, locked: bool = True, **tags: Any) -> Callable[[Handler], Handler]:
        """Register the decorated function for one method and path."""

        def register(handler: Handler) -> Handler:
            self.routes.append(Route(method.upper(), path, handler, locked, tags))
            return handler

        return register

    def include(self, other: "Router[S]") -> None:
        """Take over all routes of another router."""
        self.routes.extend(other.routes)

    def compile(self) -> Map:
        """Build the werkzeug map; the endpoint of each rule is its `Route`."""
        rules = [Rule(route.path, methods=[route.method], endpoint=route) for route in self.routes]
        return Map(rules, strict_slashes=False, merge_slashes=False, redirect_defaults=False)

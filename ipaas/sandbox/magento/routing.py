"""Routes by official path, and the addresses under which they are served (apis/magento.md §1).

How to declare a route::

    routes = Routes()

    @routes.get("/V1/orders/{id}")
    def order_get(call: Call) -> Row:
        order = call.state.orders.get(call.path["id"])
        if order is None:
            raise no_entity()
        return order_shape(call.state, order)

    @routes.get("/V1/orders")
    def order_list(call: Call) -> Row:
        return call.search(call.state.orders, partial(order_shape, call.state))

    @routes.post("/V1/order/{orderId}/ship", fresh_id=True)
    def ship(call: Call) -> int:
        return shipment_create(call.state, call.path["orderId"], call.body.get("items") or [])["entity_id"]

The path is spelled as in `specs/`; edition, versions, right, types of the path values, body and shape of the answer
follow from it. `call` (see `call.py`) has the path values cast to their types, the body read by `bodies.py` (top-level
names as the schema spells them, everything inside in snake_case), the query as PHP nests it, the store scope and the
caller. A handler answers plain rows (or a scalar, or None for a void service) and raises `errors.Refused`;
`rendering.py` cuts the rows to the schema. It runs inside the service's lock and transaction: a raised refusal undoes
what it wrote. `fresh_id=True` says that the real system gives this id as quoted text. A route that `specs/` do not
have needs `right="Magento_..."` (or `anonymous`, `self`) and is rendered as it is. Add the module to `PARTS` in
`app.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from ipaas.sandbox.core.web import Reply, Request, Route
from ipaas.sandbox.magento.call import Call
from ipaas.sandbox.magento.official import ANONYMOUS, SELF, VERSIONS, Operation, Right, official, plain, rights
from ipaas.sandbox.magento.profiles import Profile

Handler = Callable[[Call], Any]
ADMIN_CODE = "all"
REST, INDEX = "rest", "index.php"


@dataclass(frozen=True, slots=True, eq=False)
class Endpoint:
    """One declared route: what the official schemas and the list of rights say of it, and who answers."""

    method: str
    path: str
    handler: Handler
    right: Right
    by_version: dict[str, Operation]  # empty: in no schema, served in every version
    fresh_id: bool

    def operation(self, profile: Profile) -> Operation | None:
        """How the route reads in this installation; None where edition or version lack it."""
        if self.right.edition != "open-source" and not profile.is_commerce:
            return None
        if not self.by_version:
            return Operation(self.method, self.path, (), (), None, None)
        return self.by_version.get(profile.version)

    @property
    def segments(self) -> list[str]:
        return self.path.strip("/").split("/")


class Routes:
    """The routes that one module declares; see the top of this file."""

    def __init__(self) -> None:
        self.endpoints: list[Endpoint] = []

    def get(self, path: str, **more: Any) -> Callable[[Handler], Handler]:
        """Declare a GET."""
        return self.route("GET", path, **more)

    def post(self, path: str, **more: Any) -> Callable[[Handler], Handler]:
        """Declare a POST."""
        return self.route("POST", path, **more)

    def put(self, path: str, **more: Any) -> Callable[[Handler], Handler]:
        """Declare a PUT."""
        return self.route("PUT", path, **more)

    def delete(self, path: str, **more: Any) -> Callable[[Handler], Handler]:
        """Declare a DELETE."""
        return self.route("DELETE", path, **more)

    def route(
        self, method: str, path: str, *, fresh_id: bool = False, right: str = "", edition: str = "open-source"
    ) -> Callable[[Handler], Handler]:
        """Register the decorated function. Raises `LookupError` for a path that nothing official names."""
        key = (method, plain(path))
        by_version = {
            version: found for version in VERSIONS if (found := official(version).operations.get(key)) is not None
        }
        known = rights().get(key) or Right(right or _own(path), edition)
        if not by_version and not right:
            raise LookupError(f"{method} {path} is in no schema: give its right")

        def register(handler: Handler) -> Handler:
            self.endpoints.append(
                Endpoint(
                    *key, handler, Right(right or known.resource or _own(path), known.edition), by_version, fresh_id
                )
            )
            return handler

        return register


def _own(path: str) -> str:
    """Who may call what the list of rights leaves open: guests their carts, customers their own, else any caller."""
    if "/guest-carts/" in path:
        return ANONYMOUS
    return SELF if "/mine/" in path or "/me/" in path else ""


@dataclass(frozen=True, slots=True)
class Address:
    """A requested path taken apart."""

    store: str  # code in the path; "" where there is none
    mode: str  # "", "async" or "bulk"
    segments: tuple[str, ...]  # from V1 on, still encoded


def read_address(request: Request, codes: Iterable[str]) -> Address | None:
    """The parts of a path under /rest; None for any other. An unknown store code stays a part of the path (§1)."""
    raw = str(request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or request.path)
    parts = [part for part in raw.partition("?")[0].split("/") if part]
    if parts[:1] == [INDEX]:
        parts = parts[1:]
    if parts[:1] != [REST]:
        return None
    parts = parts[1:]
    store = parts.pop(0) if parts and (parts[0] == ADMIN_CODE or parts[0] in set(codes)) else ""
    mode = ""
    if parts[:1] == ["async"]:
        mode, parts = ("bulk", parts[2:]) if parts[1:2] == ["bulk"] else ("async", parts[1:])
    return Address(store, mode, tuple(parts))


Serve = Callable[[Any, Request, Endpoint, Address, dict[str, str]], Reply]


class Table:
    """All routes of the installation, the more literal first: the last declared, more special one wins (§1)."""

    def __init__(self, endpoints: Iterable[Endpoint], serve: Serve) -> None:
        self.endpoints = sorted(endpoints, key=lambda one: [_is_variable(part) for part in one.segments])
        self._routes = {one: _route(one, serve) for one in self.endpoints}

    def match(self, method: str, address: Address, profile: Profile) -> tuple[Route[Any], dict[str, str]] | None:
        """The route of an address in this installation, and its path values as text; None where there is none."""
        for endpoint in self._candidates(method, len(address.segments)):
            values = _values(endpoint.segments, address)
            if values is not None and endpoint.operation(profile) is not None:
                return self._routes[endpoint], values
        return None

    def _candidates(self, method: str, length: int) -> Iterator[Endpoint]:
        return (one for one in self.endpoints if one.method == method and len(one.segments) == length)


def _route(endpoint: Endpoint, serve: Serve) -> Route[Any]:
    """The core's route of an endpoint: its pattern names the calls in the counts."""

    def handler(service: Any, request: Request, *, address: Address, values: dict[str, str]) -> Reply:
        return serve(service, request, endpoint, address, values)

    return Route(endpoint.method, endpoint.path, handler, True, {"endpoint": endpoint})


def _values(segments: list[str], address: Address) -> dict[str, str] | None:
    found: dict[str, str] = {}
    for part, given in zip(segments, address.segments, strict=True):
        if not _is_variable(part):
            if part != given:
                return None
        elif address.mode == "bulk":  # values travel in each element of the body (§16)
            if given != "by" + part[1].upper() + part[2:-1]:
                return None
        else:
            found[part[1:-1]] = unquote(given)
    return found


def _is_variable(part: str) -> bool:
    return part.startswith("{")

"""`GET /rest/{code}/schema?services=all`: the installation's own Swagger 2.0, cut to what the caller may call (§1)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ipaas.sandbox.core.web import Reply, Request, Route, json_reply
from ipaas.sandbox.magento.access import caller_of
from ipaas.sandbox.magento.errors import no_route
from ipaas.sandbox.magento.official import official
from ipaas.sandbox.magento.routing import Address, Endpoint
from ipaas.sandbox.magento.service import Magento
from ipaas.sandbox.magento.state import Row

SEGMENTS = ("schema",)


def schema_route(endpoints: Iterable[Endpoint]) -> Route[Magento]:
    """The core's route of the document."""

    def handler(service: Magento, request: Request, *, address: Address, values: dict[str, str]) -> Reply:
        if not service.switches["schema_document"]:
            raise no_route()
        return json_reply(_document(service, request, endpoints, address))

    return Route("GET", "/schema", handler, True, {})


def _document(service: Magento, request: Request, endpoints: Iterable[Endpoint], address: Address) -> Row:
    profile, caller = service.state.profile, caller_of(service.state, request)
    schema = official(profile.version)
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        if endpoint.operation(profile) is not None and caller.may(endpoint.right.resource):
            declared = schema.declared.get((endpoint.method, endpoint.path), {})
            paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = declared
    return {
        "swagger": "2.0",
        "info": {"version": profile.version.rpartition(".")[0], "title": f"Magento {profile.edition}"},
        "host": request.host,
        "basePath": f"/rest/{address.store or 'default'}",
        "schemes": [request.scheme],
        "paths": paths,
        "definitions": schema.definitions,
    }

"""One REST call over HTTP: who may, what was sent, now or into the queue, and what of the answer is wanted."""

from __future__ import annotations

from collections.abc import Mapping

from ipaas.sandbox.core.web import Reply, Request, json_reply
from ipaas.sandbox.magento import php_query
from ipaas.sandbox.magento.access import admitted, right_wanted
from ipaas.sandbox.magento.async_queue import enqueue
from ipaas.sandbox.magento.bodies import read_json
from ipaas.sandbox.magento.errors import Refused
from ipaas.sandbox.magento.projection import project
from ipaas.sandbox.magento.rest_calls import Asked, perform, scope
from ipaas.sandbox.magento.routing import Address, Endpoint
from ipaas.sandbox.magento.service import Magento

JSON = "application/json"
NOT_ACCEPTABLE = 'Server cannot match any of the given Accept HTTP header media type(s) from the request: "%1"'


def serve(service: Magento, request: Request, endpoint: Endpoint, address: Address, values: Mapping[str, str]) -> Reply:
    """Answer a call. Raises `Refused`."""
    state = service.state
    _check_accept(request)
    right = right_wanted(state, endpoint.method, endpoint.path, endpoint.right.resource)
    caller = admitted(state, request, right)
    query = php_query.parse(request.query_string.decode())
    asked = Asked(
        caller, scope(state, address.store), values, query, read_json(request), request.host_url, bool(address.mode)
    )
    if address.mode:
        return json_reply(enqueue(state, endpoint, asked, is_bulk=address.mode == "bulk"), 202)
    answer = perform(state, endpoint, asked)
    if isinstance(query.get("fields"), str):
        answer = project(answer, query["fields"])
    return json_reply(answer)


def _check_accept(request: Request) -> None:
    """Raises `Refused` (406) where JSON is none of what the caller understands."""
    accepted = request.accept_mimetypes
    if accepted and accepted.best_match([JSON]) is None:
        raise Refused(406, NOT_ACCEPTABLE, [request.headers["Accept"]])

"""One REST call over HTTP: who may, what was sent, now or into the queue, and what of the answer is wanted."""

from __future__ import annotations

from collections.abc import Mapping

from ipaas.sandbox.core.web import Reply, Request, json_reply
from ipaas.sandbox.magento import php_query
from ipaas.sandbox.magento.access import admitted
from ipaas.sandbox.magento.async_queue import enqueue
from ipaas.sandbox.magento.bodies import read_json
from ipaas.sandbox.magento.frame import Asked, perform, scope
from ipaas.sandbox.magento.projection import project
from ipaas.sandbox.magento.routing import Address, Endpoint
from ipaas.sandbox.magento.service import Magento


def serve(service: Magento, request: Request, endpoint: Endpoint, address: Address, values: Mapping[str, str]) -> Reply:
    """Answer a call. Raises `Refused`."""
    state = service.state
    caller = admitted(state, request, endpoint.right.resource)
    query = php_query.parse(request.query_string.decode())
    asked = Asked(caller, scope(state, address.store), values, query, read_json(request), request.host_url)
    if address.mode:
        return json_reply(enqueue(state, endpoint, asked, is_bulk=address.mode == "bulk"), 202)
    answer = perform(state, endpoint, asked)
    if isinstance(query.get("fields"), str):
        answer = project(answer, query["fields"])
    return json_reply(answer)

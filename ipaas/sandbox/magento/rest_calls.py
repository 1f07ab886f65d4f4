"""A call from what was sent to the shaped answer (apis/magento.md §3): by HTTP now, or from the queue later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ipaas.sandbox.magento.access import Caller
from ipaas.sandbox.magento.bodies import read_body, read_path, read_query
from ipaas.sandbox.magento.call import Call
from ipaas.sandbox.magento.errors import no_route
from ipaas.sandbox.magento.official import official
from ipaas.sandbox.magento.rendering import render
from ipaas.sandbox.magento.routing import ADMIN_CODE, Endpoint
from ipaas.sandbox.magento.state import Row, State

DEFAULT_VIEW = 1


@dataclass(frozen=True, slots=True)
class Asked:
    """What was sent, not yet read by the schema."""

    caller: Caller
    store: Row
    path: Mapping[str, str]
    query: Mapping[str, Any]
    body: Any
    base_url: str
    is_queued: bool = False


def scope(state: State, code: str) -> Row:
    """The store view of a code in the URL; the default one without a code, number 0 for "all". Raises `Refused`."""
    if code in ("", ADMIN_CODE):
        found = state.store_views.get(0 if code else DEFAULT_VIEW)
    else:
        found = state.store_views.first(code=code)
    if found is None:
        raise no_route()
    return found


def perform(state: State, endpoint: Endpoint, asked: Asked) -> Any:
    """Read the parameters by the schema, run the handler, shape its answer. Raises `Refused`."""
    call = prepared(state, endpoint, asked)
    result = render(call.official, call.operation.answer, endpoint.handler(call))
    return str(result) if endpoint.fresh_id and state.switches["quoted_ids"] else result


def most_items(state: State, asked: Asked) -> int | None:
    """How many items a list in the body may have under input limiting (§5)."""
    if not state.switches["input_limiting"]:
        return None
    return int(state.switches["async_array_max" if asked.is_queued else "array_max"])


def prepared(state: State, endpoint: Endpoint, asked: Asked) -> Call:
    """The call with everything read and cast; what is wrong with it is refused before anything runs."""
    operation, schema = endpoint.operation(state.profile), official(state.profile.version)
    if operation is None:
        raise no_route()
    path = read_path(operation, asked.path)
    body = read_body(
        schema, operation, asked.body, path, told=state.switches["developer_mode"], most=most_items(state, asked)
    )
    query = {**asked.query, **read_query(operation, asked.query)}
    return Call(state, operation, asked.caller, asked.store, path, query, body, asked.base_url)

"""The token endpoints of the OAuth handshake, outside /rest; they answer form-encoded (apis/magento.md §2.2)."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from ipaas.sandbox.core.web import Reply, Request, Router
from ipaas.sandbox.magento.errors import Refused
from ipaas.sandbox.magento.integrations import ACTIVE, token_pair
from ipaas.sandbox.magento.oauth_checks import LENGTH, check_signature, checked_consumer, parameters_of
from ipaas.sandbox.magento.state import Row, State

router: Router[Any] = Router()
EXPIRED = "Consumer key has expired"
NO_VERIFIER = "Cannot create request token because consumer token is not a verifier token"
FOREIGN = "Request token is not associated with the specified consumer"
USED = "Token is already being used"
SHORT_VERIFIER = "Verifier is invalid"
OTHER_VERIFIER = "Token verifier and verifier token do not match"
PLACE = re.compile(r"%(\w+)")


@router.route("POST", "/oauth/token/request", locked=False)
def request_token(service: Any, request: Request) -> Reply:
    """A request token, once, within the consumer's lifetime."""
    return _answered(service, request, _request_token)


@router.route("POST", "/oauth/token/access", locked=False)
def access_token(service: Any, request: Request) -> Reply:
    """The access token for a request token and the verifier; the integration is active from here on."""
    return _answered(service, request, _access_token)


def _answered(service: Any, request: Request, give: Any) -> Reply:
    """A token as a form, or the problem as one."""
    try:
        with service.transaction():
            token = give(service.state, request)
    except Refused as exc:
        return _form({"oauth_problem": rendered(exc)}, exc.status)
    return _form({"oauth_token": token["token"], "oauth_token_secret": token["secret"]})


def _form(values: dict[str, str], status: int = 200) -> Reply:
    return Reply(urlencode(values), status, content_type="text/html; charset=UTF-8")


def rendered(refused: Refused) -> str:
    """The text with its values in place."""
    values = refused.parameters or []
    named = values if isinstance(values, dict) else {str(n): value for n, value in enumerate(values, 1)}
    return PLACE.sub(lambda match: str(named.get(match[1], match[0])), refused.message)


def _request_token(state: State, request: Request) -> Row:
    parameters = parameters_of(state, request)
    consumer = checked_consumer(state, parameters)
    if state.clock.timestamp() > consumer["activated_at"] + state.switches["consumer_expiry"]:
        raise Refused(401, EXPIRED)
    check_signature(state, request, parameters, consumer, "")
    held = state.oauth_tokens.first(consumer_id=consumer["id"])
    if held is None or held["type"] != "verifier":
        raise Refused(401, NO_VERIFIER)
    return state.oauth_tokens.update(held["id"], type="request", **token_pair())


def _access_token(state: State, request: Request) -> Row:
    parameters = parameters_of(state, request)
    consumer = checked_consumer(state, parameters, ("oauth_token", "oauth_verifier"))
    held = state.oauth_tokens.first(token=parameters["oauth_token"])
    if held is None or held["consumer_id"] != consumer["id"]:
        raise Refused(401, FOREIGN)
    if held["type"] != "request":
        raise Refused(401, USED)
    if len(parameters["oauth_verifier"]) != LENGTH:
        raise Refused(400, SHORT_VERIFIER)
    if parameters["oauth_verifier"] != held["verifier"]:
        raise Refused(401, OTHER_VERIFIER)
    check_signature(state, request, parameters, consumer, held["secret"])
    integration = state.integrations.first(consumer_id=consumer["id"])
    if integration is not None:
        state.integrations.update(integration["id"], status=ACTIVE)
    return state.oauth_tokens.update(held["id"], type="access", **token_pair())

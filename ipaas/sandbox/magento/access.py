"""Who calls, and whether the caller may (apis/magento.md §2): bearer tokens, OAuth 1.0a, the right of each route."""

from __future__ import annotations

from dataclasses import dataclass, field

from ipaas.sandbox.core.web import Request
from ipaas.sandbox.magento.errors import Refused, not_authorized
from ipaas.sandbox.magento.oauth1 import is_oauth
from ipaas.sandbox.magento.oauth_checks import access_token
from ipaas.sandbox.magento.official import ANONYMOUS, SELF
from ipaas.sandbox.magento.state import Row, State

ALL = "Magento_Backend::all"
INTEGRATION, ADMIN, CUSTOMER, GUEST = 1, 2, 3, 4  # `user_type` of bulk operations (§16)
BEARER = "bearer "


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: `user_type` as bulk status numbers it, id of the integration, admin or customer, and the rights."""

    user_type: int = GUEST
    user_id: int = 0
    resources: frozenset[str] = field(default_factory=frozenset)

    def may(self, resource: str) -> bool:
        """Whether a route that wants `resource` is open; "" wants any integration or admin."""
        if resource == ANONYMOUS:
            return True
        if resource == SELF:
            return self.user_type == CUSTOMER
        known = self.user_type in (INTEGRATION, ADMIN)
        return known and (not resource or resource in self.resources or ALL in self.resources)


OPEN_TO_GUESTS = frozenset(  # read by anybody where the shop allows it (§2.4)
    {
        "/V1/products",
        "/V1/products/{sku}",
        "/V1/products/{sku}/media",
        "/V1/products/{sku}/options",
        "/V1/products/types",
        "/V1/products/attributes/{attributeCode}",
        "/V1/products/attributes/{attributeCode}/options",
        "/V1/products/attribute-sets/sets/list",
        "/V1/products/attribute-sets/groups/list",
        "/V1/products/attribute-sets/{attributeSetId}/attributes",
        "/V1/categories",
        "/V1/categories/{categoryId}",
        "/V1/configurable-products/{sku}/children",
        "/V1/stockStatuses/{productSku}",
        "/V1/store/storeConfigs",
        "/V1/store/storeGroups",
        "/V1/store/storeViews",
        "/V1/store/websites",
    }
)


def right_wanted(state: State, method: str, path: str, resource: str) -> str:
    """The right that a route wants in this shop."""
    is_open = state.switches["guest_access"] and method == "GET" and path in OPEN_TO_GUESTS
    return ANONYMOUS if is_open else resource


def admitted(state: State, request: Request, resource: str) -> Caller:
    """The caller, who may use the route. Raises `Refused`.

    On a route for everybody bad credentials are those of a guest.
    """
    caller = _known_or_guest(state, request) if resource == ANONYMOUS else caller_of(state, request)
    if not caller.may(resource):
        raise not_authorized(resource or ALL)
    return caller


def _known_or_guest(state: State, request: Request) -> Caller:
    try:
        return caller_of(state, request)
    except Refused:
        return Caller()


def caller_of(state: State, request: Request) -> Caller:
    """Whom the credentials name; a guest without any. Raises `Refused` for a wrong signature."""
    header = request.headers.get("Authorization", "")
    if header[: len(BEARER)].lower() == BEARER:
        return _bearer(state, header[len(BEARER) :].strip())
    if is_oauth(header):
        return integration_caller(state, access_token(state, request))
    return Caller()


def _bearer(state: State, token: str) -> Caller:
    """The owner of a token; a wrong, expired or disallowed one is a guest (§2.1)."""
    held = state.oauth_tokens.first(token=token, type="access") if token else None
    if held is not None:
        return integration_caller(state, held) if state.switches["integration_as_bearer"] else Caller()
    session = state.sessions.first(token=token) if token else None
    if session is None or session["revoked"] or session["expires"] <= state.clock.timestamp():
        return Caller()
    return Caller(session["user_type"], session["user_id"], frozenset(session["resources"]))


def integration_caller(state: State, held: Row) -> Caller:
    """The integration that an access token belongs to; a disabled one or a revoked token is a guest."""
    integration = state.integrations.first(consumer_id=held["consumer_id"])
    if integration is None or integration["status"] != 1 or held["revoked"]:
        return Caller()
    return Caller(INTEGRATION, integration["id"], frozenset(integration["resources"]))

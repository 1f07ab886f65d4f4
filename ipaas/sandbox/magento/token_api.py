"""Bearer tokens of admins and customers (apis/magento.md §2.1)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from ipaas.sandbox.magento.access import ADMIN, CUSTOMER
from ipaas.sandbox.magento.call import Call
from ipaas.sandbox.magento.errors import Refused, bad
from ipaas.sandbox.magento.routing import Routes
from ipaas.sandbox.magento.state import Row, State

routes = Routes()
BAD_LOGIN = (
    "The account sign-in was incorrect or your account is disabled temporarily. Please wait and try again later."
)
SECOND_FACTOR = "Please use the 2fa provider-specific endpoints to obtain a token."
BAD_CODE = "Invalid code."
CODE = "123456"  # what the sandbox takes as the code of the authenticator app


@routes.post("/V1/integration/admin/token")
def admin_token(call: Call) -> str:
    """A token for name and password; refused while a second factor is asked for."""
    admin = _admin(call)
    if call.state.switches["two_factor"]:
        raise bad(SECOND_FACTOR, active_providers=["google"])
    return _admin_session(call.state, admin)


@routes.post("/V1/tfa/provider/google/authenticate")
def admin_token_with_code(call: Call) -> str:
    """A token for name, password and the code of the authenticator app."""
    admin = _admin(call)
    if call.body["otp"] != CODE:
        raise Refused(401, BAD_CODE)
    return _admin_session(call.state, admin)


@routes.post("/V1/integration/customer/token")
def customer_token(call: Call) -> str:
    """A token for a customer's e-mail and password."""
    state = call.state
    for customer in state.customers.find(email_key=call.body["username"].casefold()):
        if customer.get("password") and customer["password"] == call.body["password"]:
            return _session(state, CUSTOMER, customer["id"], (), state.switches["customer_token_minutes"])
    raise Refused(401, BAD_LOGIN)


@routes.post("/V1/integration/customer/revoke-customer-token")
def customer_token_revoke(call: Call) -> bool:
    """End every session of the customer who asks."""
    for session in call.state.sessions.find(user_id=call.caller.user_id, user_type=CUSTOMER):
        call.state.sessions.update(session["id"], revoked=1)
    return True


def _admin(call: Call) -> Row:
    found = call.state.admins.first(username=call.body["username"])
    if found is None or not found["active"] or found["password"] != call.body["password"]:
        raise Refused(401, BAD_LOGIN)
    return found


def _admin_session(state: State, admin: Row) -> str:
    return _session(state, ADMIN, admin["id"], admin["resources"], state.switches["admin_token_minutes"])


def _session(state: State, user_type: int, user_id: int, resources: Iterable[str], minutes: int) -> str:
    token = secrets.token_urlsafe(96)
    expires = state.clock.timestamp() + minutes * 60
    row = {"token": token, "user_type": user_type, "user_id": user_id, "expires": expires, "revoked": 0}
    state.sessions.insert({**row, "resources": list(resources)})
    return token

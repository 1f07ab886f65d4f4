"""Customers and their addresses over REST (apis/magento.md §17)."""

from __future__ import annotations

from functools import partial

from ipaas.sandbox.magento.call import Call
from ipaas.sandbox.magento.errors import no_such
from ipaas.sandbox.magento.people.customer_rows import (
    COLUMNS,
    address_of,
    address_shape,
    customer_columns,
    customer_of,
    customer_shape,
)
from ipaas.sandbox.magento.people.customer_save import (
    address_deleted,
    customer_created,
    customer_deleted,
    customer_updated,
)
from ipaas.sandbox.magento.routing import Routes
from ipaas.sandbox.magento.state import Row

routes = Routes()
MANAGE = "Magento_Customer::manage"


@routes.get("/V1/customers/{customerId}")
def customer_get(call: Call) -> Row:
    """One customer."""
    return customer_shape(call.state, customer_of(call.state, call.path["customerId"]))


@routes.get("/V1/customers/search")
def customer_search(call: Call) -> Row:
    """Customers of all websites; an e-mail may be there once in each."""
    state = call.state
    view = partial(customer_columns, state)
    return call.search(state.customers, partial(customer_shape, state), columns=COLUMNS, eav=True, view=view)


@routes.post("/V1/customers")
def customer_post(call: Call) -> Row:
    """Anybody may create an account; a group counts from those only who may manage customers."""
    row = customer_created(
        call.state,
        call.body["customer"],
        password=call.body.get("password") or "",
        keeps_group=call.caller.may(MANAGE),
    )
    return customer_shape(call.state, row)


@routes.put("/V1/customers/{customerId}")
def customer_put(call: Call) -> Row:
    """Merge what is sent into a customer."""
    return customer_shape(call.state, customer_updated(call.state, int(call.path["customerId"]), call.body["customer"]))


@routes.delete("/V1/customers/{customerId}")
def customer_delete(call: Call) -> bool:
    """Delete a customer, without a trace in any list."""
    customer_deleted(call.state, call.path["customerId"])
    return True


@routes.put("/V1/customers/validate")
def customer_validate(call: Call) -> Row:
    """Whether a customer could be created as sent; nothing is."""
    messages = [name for name in ("email", "firstname", "lastname") if not call.body["customer"].get(name)]
    return {"valid": not messages, "messages": [f'"{name}" is a required value.' for name in messages]}


@routes.get("/V1/customers/me")
def me_get(call: Call) -> Row:
    """The customer who calls."""
    return customer_shape(call.state, customer_of(call.state, call.caller.user_id))


@routes.put("/V1/customers/me")
def me_put(call: Call) -> Row:
    """The customer who calls changes the own account."""
    return customer_shape(call.state, customer_updated(call.state, call.caller.user_id, call.body["customer"]))


@routes.post("/V1/customers/isEmailAvailable")
def email_available(call: Call) -> bool:
    """Always true, so that nobody can ask who has an account (§17, §23)."""
    return True


@routes.get("/V1/customers/{customerId}/confirm")
def confirmation_status(call: Call) -> str:
    """Whether the e-mail was confirmed."""
    row = customer_of(call.state, call.path["customerId"])
    return "account_confirmation_required" if row.get("confirmation") else "account_confirmation_not_required"


@routes.get("/V1/customers/{customerId}/permissions/readonly")
def is_readonly(call: Call) -> bool:
    """No customer is."""
    customer_of(call.state, call.path["customerId"])
    return False


# --- addresses ------------------------------------------------------------------------------------


@routes.get("/V1/customers/addresses/{addressId}")
def address_get(call: Call) -> Row:
    """One address."""
    return address_shape(call.state, address_of(call.state, call.path["addressId"]))


@routes.delete("/V1/addresses/{addressId}")
def address_delete(call: Call) -> bool:
    """Delete one address."""
    address_deleted(call.state, call.path["addressId"])
    return True


@routes.get("/V1/customers/{customerId}/billingAddress")
def billing_address(call: Call) -> Row:
    """The default billing address."""
    return _default(call, "default_billing")


@routes.get("/V1/customers/{customerId}/shippingAddress")
def shipping_address(call: Call) -> Row:
    """The default shipping address."""
    return _default(call, "default_shipping")


def _default(call: Call, kind: str) -> Row:
    row = customer_of(call.state, call.path["customerId"])
    address = call.state.customer_addresses.get(row.get(kind) or 0)
    if address is None:
        raise no_such("addressId", row.get(kind) or 0)
    return address_shape(call.state, address)

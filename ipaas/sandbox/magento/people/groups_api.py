"""Customer groups over REST (apis/magento.md §17)."""

from __future__ import annotations

from ipaas.sandbox.magento.call import Call
from ipaas.sandbox.magento.errors import Refused, bad, no_such, required
from ipaas.sandbox.magento.routing import Routes
from ipaas.sandbox.magento.settings import setting, setting_set
from ipaas.sandbox.magento.state import Row, State

routes = Routes()
NOT_LOGGED_IN, GENERAL = 0, 1
DEFAULT_GROUP = "customer/create_account/default_group"
RETAIL_CUSTOMER = 3
TAKEN = "Customer Group already exists."


def _group(state: State, group_id: int) -> Row:
    row = state.groups.get(group_id)
    if row is None:
        raise no_such("id", group_id)
    return row


@routes.get("/V1/customerGroups/{id}")
def group_get(call: Call) -> Row:
    """One group."""
    return _group(call.state, call.path["id"])


@routes.get("/V1/customerGroups/search")
def group_search(call: Call) -> Row:
    """Groups, the one of guests among them."""
    return call.search(call.state.groups)


@routes.post("/V1/customerGroups")
def group_post(call: Call) -> Row:
    """A new group."""
    columns = _columns(call.state, call.body["group"], 0)
    return call.state.groups.insert(columns)


@routes.put("/V1/customerGroups/{id}")
def group_put(call: Call) -> Row:
    """Change a group."""
    group_id = int(call.path["id"])
    _group(call.state, group_id)
    return call.state.groups.update(group_id, _columns(call.state, call.body["group"], group_id))


def _columns(state: State, given: Row, group_id: int) -> Row:
    if not given.get("code"):
        raise required("code")
    same = state.groups.first(code=given["code"])
    if same is not None and same["id"] != group_id:
        raise bad(TAKEN)
    tax = state.tax_classes.get(given.get("tax_class_id") or RETAIL_CUSTOMER)
    if tax is None or tax["class_type"] != "CUSTOMER":
        raise Refused(
            400,
            'Invalid value of "%value" provided for the %fieldName field.',
            {"fieldName": "taxClassId", "value": given.get("tax_class_id")},
        )
    return {"code": given["code"], "tax_class_id": tax["id"], "tax_class_name": tax["class_name"]}


@routes.delete("/V1/customerGroups/{id}")
def group_delete(call: Call) -> bool:
    """Delete a group; its customers fall back to the default one."""
    state, group_id = call.state, call.path["id"]
    _group(state, group_id)
    if group_id in (NOT_LOGGED_IN, GENERAL):
        raise bad("Cannot delete group.")
    for row in [row for row in state.customers.all() if row["group_id"] == group_id]:
        state.update(state.customers, row["id"], group_id=_default_id(state, 0))
    return state.groups.delete(group_id)


@routes.get("/V1/customerGroups/{id}/permissions")
def group_readonly(call: Call) -> bool:
    """Whether a group can never be deleted."""
    return _group(call.state, call.path["id"])["id"] in (NOT_LOGGED_IN, GENERAL)


@routes.get("/V1/customerGroups/default")
def default_get(call: Call) -> Row:
    """The group of new customers."""
    return _group(call.state, _default_id(call.state, 0))


@routes.get("/V1/customerGroups/default/{storeId}")
def default_of_view(call: Call) -> Row:
    """The group of new customers of a store view."""
    return _group(call.state, _default_id(call.state, call.path["storeId"]))


@routes.put("/V1/customerGroups/default/{id}")
def default_put(call: Call) -> int:
    """Make a group that of new customers."""
    row = _group(call.state, call.path["id"])
    setting_set(call.state, DEFAULT_GROUP, row["id"])
    return int(row["id"])


def _default_id(state: State, store_id: int) -> int:
    return int(setting(state, DEFAULT_GROUP, store_id) or GENERAL)

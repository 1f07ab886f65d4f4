"""Routes of attribute sets and their groups: what an attribute must be in to be kept (note §14.3)."""

from __future__ import annotations

from ipaas.sandbox.magento.call import Call
from ipaas.sandbox.magento.errors import bad, no_such
from ipaas.sandbox.magento.goods.attribute_rows import (
    PRODUCT_TYPE,
    attribute_named,
    attribute_shape,
    attributes_of_set,
    set_attribute,
)
from ipaas.sandbox.magento.routing import Routes
from ipaas.sandbox.magento.state import Row

routes = Routes()
NO_NAME = "The attribute set name is empty. Enter the name and try again."
TAKEN = 'A "%1" attribute set name already exists. Create a new name and try again.'
NOT_IN_SET = 'The "%1" attribute wasn\'t found in the "%2" attribute set. Enter the attribute and try again.'
IS_SYSTEM = "The system attribute can't be deleted."
NO_GROUP = 'The "%1" attribute group doesn\'t belong to the "%2" attribute set. Verify and try again.'


def _set(call: Call, number: object) -> Row:
    row = call.state.attribute_sets.get(int(str(number)))
    if row is None:
        raise no_such("attributeSetId", number)
    return row


@routes.get("/V1/products/attribute-sets/sets/list")
def set_list(call: Call) -> Row:
    """Attribute sets of products."""
    return call.search(call.state.attribute_sets)


@routes.get("/V1/products/attribute-sets/groups/list")
def group_list(call: Call) -> Row:
    """Groups of attributes, in whatever set."""
    return call.search(call.state.attribute_groups, columns=GROUP_COLUMNS)


GROUP_COLUMNS = {"attribute_group_id": "integer", "attribute_group_name": "string", "attribute_set_id": "integer"}


@routes.get("/V1/products/attribute-sets/{attributeSetId}")
def set_get(call: Call) -> Row:
    """One set."""
    return _set(call, call.path["attributeSetId"])


@routes.get("/V1/products/attribute-sets/{attributeSetId}/attributes")
def set_attributes(call: Call) -> list[Row]:
    """Everything in a set."""
    number = _set(call, call.path["attributeSetId"])["id"]
    return [attribute_shape(call.state, row, call.store_id) for row in attributes_of_set(call.state, number).values()]


@routes.post("/V1/products/attribute-sets")
def set_post(call: Call) -> Row:
    """Make a set as a copy of `skeletonId`."""
    state, wish = call.state, call.body["attributeSet"]
    skeleton, name = _set(call, call.body["skeletonId"]), wish.get("attribute_set_name")
    if not name:
        raise bad(NO_NAME)
    if any(row["attribute_set_name"] == name for row in state.attribute_sets.all()):
        raise bad(TAKEN, name)
    own = {"attribute_set_name": name, "sort_order": wish.get("sort_order") or 0, "entity_type_id": PRODUCT_TYPE}
    made = state.insert(state.attribute_sets, own)
    groups = {}
    for group in state.attribute_groups.find(attribute_set_id=skeleton["id"]):
        copy = {"attribute_group_name": group["attribute_group_name"], "attribute_set_id": made["id"]}
        groups[group["id"]] = state.insert(state.attribute_groups, copy)["id"]
    for held in state.set_attributes.find(attribute_set_id=skeleton["id"]):
        group_id = groups[held["attribute_group_id"]]
        set_attribute(state, made["id"], group_id, held["attribute_id"], held["sort_order"])
    return made


@routes.post("/V1/products/attribute-sets/groups")
def group_post(call: Call) -> Row:
    """Make a group in a set."""
    wish = call.body["group"]
    number = _set(call, wish.get("attribute_set_id") or 0)["id"]
    own = {"attribute_group_name": wish.get("attribute_group_name"), "attribute_set_id": number}
    return call.state.insert(call.state.attribute_groups, own)


@routes.post("/V1/products/attribute-sets/attributes")
def attribute_assign(call: Call) -> int:
    """Put an attribute into a set; the answer is the number of the assignment."""
    state, body = call.state, call.body
    set_id, group_id = _set(call, body["attributeSetId"])["id"], body["attributeGroupId"]
    group = state.attribute_groups.get(group_id)
    if group is None or group["attribute_set_id"] != set_id:
        raise bad(NO_GROUP, group_id, set_id)
    attribute = attribute_named(state, body["attributeCode"])
    return int(set_attribute(state, set_id, group_id, attribute["id"], body["sortOrder"])["id"])


@routes.delete("/V1/products/attribute-sets/{attributeSetId}/attributes/{attributeCode}")
def attribute_unassign(call: Call) -> bool:
    """Take an attribute out of a set."""
    state, set_id = call.state, _set(call, call.path["attributeSetId"])["id"]
    attribute = attribute_named(state, call.path["attributeCode"])
    held = state.set_attributes.first(attribute_set_id=set_id, attribute_id=attribute["id"])
    if held is None:
        raise bad(NOT_IN_SET, attribute["attribute_code"], set_id)
    if not attribute["is_user_defined"]:
        raise bad(IS_SYSTEM)
    return state.set_attributes.delete(held["id"])

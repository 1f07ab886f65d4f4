"""Custom field definitions (§6)."""

import re

from ipaas.sandbox.core.tables import Row
from ipaas.sandbox.core.web import Reply, Request, Router
from ipaas.sandbox.heartland.errors import Problems
from ipaas.sandbox.heartland.fields import ID, STAMPS, Field, Resource, flag, text
from ipaas.sandbox.heartland.replies import created
from ipaas.sandbox.heartland.routes import add_list, add_read, add_update, create
from ipaas.sandbox.heartland.service import Heartland

routes: Router[Heartland] = Router()

CUSTOM_FIELDS = Resource(
    table="custom_fields",
    path="/custom_fields",
    fields={
        **ID,
        "name": text(),
        "key": text(),
        "group_id": text(),
        "validation_type": text("text"),
        "required": flag(),
        "unique": flag(),
        "metadata": Field("object", default={}, filter=False),
        "values": Field("list", filter=False),
        **STAMPS,
    },
    search=("name", "key"),
)


def snake(name: str) -> str:
    """The machine key of a label: `BigCommerce Product Id` -> `bigcommerce_product_id`."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def check_field(service: Heartland, row: Row, problems: Problems) -> None:
    """Name and owner type are required; the key is unique among the owner's."""
    problems.need("name", row.get("name"))
    problems.need("group_id", row.get("group_id"))
    row["key"] = row.get("key") or snake(row.get("name") or "")
    same = service.table("custom_fields").find(group_id=row.get("group_id"), key=row["key"])
    if any(one["id"] != row.get("id") for one in same):
        problems.add("name", "has already been taken")


@routes.route("POST", "/api/custom_fields", needs="custom_field.manage")
def field_create(service: Heartland, request: Request) -> Reply:
    """Define a field; its key is made from the name."""
    return created(service, request, CUSTOM_FIELDS, create(service, CUSTOM_FIELDS, request.json_object(), check_field))


add_list(routes, CUSTOM_FIELDS)
add_read(routes, CUSTOM_FIELDS)
add_update(routes, CUSTOM_FIELDS, check_field, needs="custom_field.manage")

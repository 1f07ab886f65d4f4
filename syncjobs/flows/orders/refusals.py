"""What Heartland refuses of an order, in words: which field, and the place where it is mended.

A custom field that Heartland came to demand is remembered for the settings page, so that it can be given a value there
without a connection test before.
"""

from collections.abc import Collection
from typing import TYPE_CHECKING

from connections.heartland_access import required_fields_of
from connections.services.accounts import required_fields_save
from errors.failures import PermissionMissing, Rejected, Violation
from mappings.core.rules.holds import required_without_value
from mappings.core.rules.lookups import RequiredField

if TYPE_CHECKING:
    from syncjobs.flows.orders.order_context import OrderContext

FieldId = tuple[str, str]  # group and key
CUSTOM = "custom@"
GROUPS = {  # part of the path that was refused → Heartland's group of custom fields, and what it is called
    "/payments": ("payment", "payments"),
    "/lines": ("sales.order.line_item", "order lines"),
    "/customers": ("customer", "customers"),
    "/sales/orders": ("sales.order", "sales orders"),
}
STORE_FIX = "Correct it on the order in {}, then retry."  # the store
PLAIN = {  # field → what people call it, how it is mended, where
    "email": ("the buyer's e-mail address", STORE_FIX, "store"),
    "phone_number": ("the buyer's phone number", STORE_FIX, "store"),
    "phone": ("the phone number of an address", STORE_FIX, "store"),
    "first_name": ("the first name", STORE_FIX, "store"),
    "last_name": ("the last name", STORE_FIX, "store"),
    "line_1": ("the street", STORE_FIX, "store"),
    "line_2": ("the second street line", STORE_FIX, "store"),
    "city": ("the city", STORE_FIX, "store"),
    "state": ("the state", STORE_FIX, "store"),
    "postal_code": ("the postal code", STORE_FIX, "store"),
    "shipping_method_id": ("the shipping method", "Map it to one that Heartland still has, then retry.", "shipping"),
    "payment_type_id": ("the payment type", "Map it to an active one that sales orders may use.", "payments"),
    "station_id": ("the station", "Choose another location, or one with an active station.", "orders"),
    "source_location_id": ("the location", "Choose another location to book orders through.", "orders"),
}


def refusals(context: "OrderContext", refusal: Rejected) -> tuple[Violation, ...]:
    """One reason a field. At most one call, when a custom field is among them."""
    fields = refusal.fields or {"": refusal.summary}
    if any(field.startswith(CUSTOM) for field in fields):
        defined = definitions(context)
        return tuple(_refused(context, field, reason, defined) for field, reason in fields.items())
    return tuple(_refused(context, field, reason, None) for field, reason in fields.items())


def demanded_again(context: "OrderContext") -> bool:
    """Ask Heartland anew what it demands, before an order waits for that; False where we may not read it."""
    return definitions(context) is not None


def definitions(context: "OrderContext") -> dict[FieldId, str] | None:
    """Names of Heartland's custom fields; None where we may not read them. What is demanded is kept for the pages."""
    try:
        rows = context.heartland.custom_fields()
    except PermissionMissing:
        return None
    demanded = required_fields_of([row for row in rows if row.get("required?", row.get("required"))])
    required_fields_save(account=context.connection.heartland, rows=demanded)
    return {(str(row.get("group_id")), str(row.get("key"))): str(row.get("name") or row.get("key")) for row in rows}


def _refused(context: "OrderContext", field: str, reason: str, defined: dict[FieldId, str] | None) -> Violation:
    if field.startswith(CUSTOM):
        return _custom(context, field.removeprefix(CUSTOM), reason, defined)
    what, fix, page = PLAIN.get(field, (field or "the order", "Correct it in Heartland, then retry.", "heartland"))
    return Violation(
        code="heartland_refused",
        sentence=f"Heartland refuses {what}: {reason}.",
        field=field,
        fix=fix.format(context.store_name),
        fix_page=page,
    )


def _custom(context: "OrderContext", key: str, reason: str, defined: dict[FieldId, str] | None) -> Violation:
    """What is demanded and has no value waits like a field that was known to be; else its value is refused."""
    group, records = _group(context, key, defined or {})
    account = context.connection.heartland
    if defined is None:
        known = {"group": group, "key": key, "name": key}
        required_fields_save(account=account, rows=[*(row for row in account.required_fields if row != known), known])
    name = (defined or {}).get((group, key), key)
    is_demanded = any((row["group"], row["key"]) == (group, key) for row in account.required_fields)
    if is_demanded and key not in context.tables.field_defaults[group]:
        return required_without_value(RequiredField(group=group, key=key, name=name))
    return Violation(
        code="heartland_refused",
        sentence=f"Heartland refuses the custom field “{name}” of {records}: {reason}.",
        field=f"{group}.{key}",
        value=key,
        fix="Give it another default value here, choose another field for what is written there, or change the field "
        "in Heartland.",
        fix_page="fields",
    )


def _group(context: "OrderContext", key: str, defined: Collection[FieldId]) -> tuple[str, str]:
    """Whose field it is: of the record whose call was refused, else of the only one that has such a field."""
    refused = [call.path for step in context.log.steps for call in step.calls if call.status in {400, 409, 422}]
    path = refused[-1] if refused else ""
    told = next((known for part, known in GROUPS.items() if part in path), GROUPS["/sales/orders"])
    having = [known for known in GROUPS.values() if (known[0], key) in defined]
    return having[0] if len(having) == 1 or (having and told not in having) else told

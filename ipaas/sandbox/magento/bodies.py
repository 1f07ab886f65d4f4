"""Request bodies read by the official schema (apis/magento.md §3): both spellings of a key, casts, unknown keys."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from ipaas.sandbox.core.jsonio import BadJson, loads
from ipaas.sandbox.core.web import Request
from ipaas.sandbox.magento.errors import Refused, bad, internal, required, wrong_type
from ipaas.sandbox.magento.official import Official, Operation, Parameter, Schema
from ipaas.sandbox.magento.state import Row

EMPTY_TYPE = "Content-Type header is empty."
OTHER_TYPE = "Server cannot understand Content-Type HTTP header media type %1"
BROKEN = "Decoding error."
NO_PROPERTY = 'Property "{name}" does not have accessor method "{accessor}" in class "{owner}".'
PHP_TYPES = {"integer": "int", "number": "float", "boolean": "boolean", "string": "string"}
TOO_MANY = 'Maximum items of type "%type" is %max'
NUMBERS = ("id", "parent_id", "customerId", "categoryId", "attributeSetId", "stockId", "entryId", "itemId", "classId")
MAPS = ("custom_attributes",)


def read_json(request: Request) -> Any:
    """The JSON of the request; {} without a body. Raises `Refused` for its type and for what cannot be decoded."""
    raw = request.get_data()
    if not raw:
        return {}
    if not request.headers.get("Content-Type"):
        raise bad(EMPTY_TYPE)
    if request.mimetype != "application/json":
        raise bad(OTHER_TYPE, request.mimetype)
    try:
        return loads(raw)
    except BadJson as exc:
        raise bad(BROKEN) from exc


def read_path(operation: Operation, given: Mapping[str, str]) -> dict[str, Any]:
    """Path values cast to their types. Raises `Refused` (400).

    The schema calls an id text where it has no name of its own in the method; it is a number all the same.
    """
    kinds = {parameter.name: parameter.type for parameter in operation.in_path}
    kinds |= {name: "integer" for name in given if name in NUMBERS}
    return {name: cast(name, value, kinds.get(name, "string")) for name, value in given.items()}


def read_body(
    official: Official,
    operation: Operation,
    given: Any,
    path: Mapping[str, Any],
    *,
    told: bool = False,
    most: int | None = None,
) -> Row:
    """The parameters of the service method: top-level names as the schema spells them, the rest in snake_case.

    What the schema does not name at the top is ignored; inside an object it is a 500, whose text names the property
    where `told` (developer mode). `most` items may be in one list under input limiting (§5). Raises `Refused`.
    """
    if operation.body is None:
        return {}
    if not isinstance(given, dict):
        raise bad(BROKEN)
    reader = Reader(official, told=told, most=most)
    schema = official.resolve(operation.body)
    if operation.method == "PUT":
        given = _with_path_value(official, schema, given, path)
    found: Row = {}
    for name, inner in schema["properties"].items():
        value = given[name] if name in given else given.get(snake(name))
        if value is not None:
            found[name] = reader.value(name, inner, value)
    if missing := [name for name in schema.get("required", ()) if name not in found and name not in path]:
        raise required(*missing)
    return found


def snake(name: str) -> str:
    """`filterGroups` as `filter_groups`."""
    return re.sub(r"(?<!^)(?<!_)([A-Z])", r"_\1", name).lower()


def _with_path_value(official: Official, schema: Schema, given: Row, path: Mapping[str, Any]) -> Row:
    """PUT copies the last path value into the one object of the body (§3); into its `id` where it lacks the name."""
    if not path:
        return given
    name, value = list(path.items())[-1]
    if len(given) != 1 or not isinstance(next(iter(given.values())), dict):
        return {**given, name: value}
    key, row = next(iter(given.items()))
    inner = next((part for at, part in schema["properties"].items() if key in (at, snake(at))), None)
    if inner is None:
        return given
    known = official.resolve(inner).get("properties", {})
    target = next((one for one in (snake(name), "id") if one in known), None)
    return {key: {**row, target: value}} if target else given


class Reader:
    """Casts values of one request. `told`: unknown properties are named; `most`: items that a list may have."""

    def __init__(self, official: Official, *, told: bool, most: int | None) -> None:
        self._official, self._told, self._most = official, told, most

    def value(self, name: str, schema: Schema, value: Any) -> Any:
        """A value as its schema has it. Raises `Refused`."""
        resolved = self._official.resolve(schema)
        if value is None:
            return None
        if resolved.get("type") == "array":
            return self._list(name, resolved, value)
        if "properties" in resolved:
            return self._object(name, resolved, value)
        if resolved.get("type") == "object":
            return value
        return cast(name, value, resolved.get("type", "string"))

    def _list(self, name: str, schema: Schema, value: Any) -> list[Any]:
        if name in MAPS and isinstance(value, dict):
            value = [{"attribute_code": code, "value": one} for code, one in value.items()]
        if isinstance(value, dict):
            value = list(value.values())
        if not isinstance(value, list):
            value = [value]
        if self._most is not None and len(value) > self._most:
            raise bad(TOO_MANY, type=php_class(schema["items"]), max=self._most)
        return [self._entry(name, schema["items"], entry) for entry in value]

    def _entry(self, name: str, schema: Schema, entry: Any) -> Any:
        if name in MAPS:
            if not isinstance(entry, dict) or "attribute_code" not in entry or "value" not in entry:
                raise bad("There is an empty custom attribute. Enter the attribute and try again.")
            return dict(entry)
        return self.value(name, schema, entry)

    def _object(self, name: str, schema: Schema, given: Any) -> Row:
        if not isinstance(given, dict):
            raise wrong_type(name, given, "array")
        found: Row = {}
        for key, value in given.items():
            at = snake(key)
            inner = schema["properties"].get(at)
            if inner is None:
                raise self._unknown(key, name)
            found[at] = self.value(at, inner, value)
        return found

    def _unknown(self, key: str, owner: str) -> Refused:
        accessor = "get" + "".join(part[:1].upper() + part[1:] for part in key.split("_"))
        return internal(NO_PROPERTY.format(name=key, accessor=accessor, owner=owner) if self._told else "")


def php_class(schema: Schema) -> str:
    r"""`#/definitions/sales-data-order-interface` as `Magento\Sales\Api\Data\OrderInterface`; a scalar's PHP name."""
    if "$ref" not in schema:
        return PHP_TYPES.get(schema.get("type", ""), "array")
    module, _, name = schema["$ref"].rpartition("/")[2].partition("-data-")
    camel = ["".join(part.capitalize() for part in words.split("-")) for words in (module, name)]
    return f"Magento\\{camel[0]}\\Api\\Data\\{camel[1]}"


def cast(field: str, value: Any, kind: str) -> Any:
    """A scalar as the declared type; fractions are `Decimal`. Raises `Refused` (400)."""
    try:
        return CASTS[kind](value)
    except (TypeError, ValueError, InvalidOperation, KeyError) as exc:
        shown = value if isinstance(value, str | int | Decimal) else "Array"
        raise wrong_type(field, shown, PHP_TYPES.get(kind, kind)) from exc


def _integer(value: Any) -> int:
    number = _number(value)
    return int(number)


def _number(value: Any) -> Decimal:
    if isinstance(value, bool):
        return Decimal(value)
    if not isinstance(value, str | int | Decimal):
        raise TypeError("not a number")
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError("not a number")
    return number


def _boolean(value: Any) -> bool:
    spelled = {"true": True, "false": False, "1": True, "0": False}
    return spelled[str(value).lower()]


def _string(value: Any) -> str:
    if isinstance(value, dict | list):
        raise TypeError("not text")
    if isinstance(value, bool):
        return "1" if value else ""
    return str(value)


CASTS: dict[str, Any] = {"integer": _integer, "number": _number, "boolean": _boolean, "string": _string}


def read_query(operation: Operation, given: Mapping[str, Any]) -> Row:
    """Query parameters that are no searchCriteria, cast, by their own names. Raises `Refused`."""
    found: Row = {}
    for parameter in operation.in_query:
        if "[" in parameter.name:
            continue
        value = given.get(parameter.name, given.get(snake(parameter.name)))
        if value is not None:
            found[parameter.name] = _queried(parameter, value)
        elif parameter.required:
            raise required(parameter.name)
    return found


def _queried(parameter: Parameter, value: Any) -> Any:
    if parameter.type != "array":
        return cast(parameter.name, value, parameter.type)
    many: Sequence[Any] = list(value.values()) if isinstance(value, dict) else [value]
    return [str(one) for one in many]

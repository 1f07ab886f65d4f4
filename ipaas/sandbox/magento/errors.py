"""Refusals in the shapes of apis/magento.md §4. Placeholders stay as they are; their values travel in `parameters`."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from ipaas.sandbox.core.web import ApiError

Parameters = Mapping[str, Any] | Sequence[Any]
NO_ROUTE = "Request does not match any route."
NOT_AUTHORIZED = "The consumer isn't authorized to access %resources."
REQUIRED = '"%fieldName" is required. Enter and try again.'
NO_ENTITY = "The entity that was requested doesn't exist. Verify the entity and try again."
NO_SUCH = "No such entity with %fieldName = %fieldValue"
SEVERAL = "One or more input exceptions have occurred."
WRONG_TYPE = (
    'Error occurred during "{field}" processing. The "{value}" value\'s type is invalid. '
    'The "{type}" type was expected. Verify and try again.'
)


class Refused(ApiError):
    """An answer of the error shape: `message`, `errors`, `code`, `parameters` in this order, absent when empty."""

    def __init__(
        self,
        status: int,
        message: str,
        parameters: Parameters | None = None,
        *,
        errors: Sequence[Mapping[str, Any]] = (),
        code: int | None = None,
    ) -> None:
        body: dict[str, Any] = {"message": message}
        if errors:
            body["errors"] = list(errors)
        if code is not None:
            body["code"] = code
        if parameters:
            body["parameters"] = parameters
        super().__init__(status, body)
        self.message, self.parameters = message, parameters


def bad(message: str, *values: Any, **named: Any) -> Refused:
    """400 with positional (`%1`) or named (`%fieldName`) values."""
    return Refused(400, message, list(values) or named or None)


def required(*names: str) -> Refused:
    """400 for missing parameters: one is lifted to the top, several are gathered (§4)."""
    return several([{"message": REQUIRED, "parameters": {"fieldName": name}} for name in names])


def several(errors: Sequence[Mapping[str, Any]]) -> Refused:
    """400 for the given `{"message", "parameters"}`; a single one is lifted to the top."""
    if len(errors) == 1:
        return Refused(400, errors[0]["message"], errors[0].get("parameters"))
    return Refused(400, SEVERAL, errors=errors)


def wrong_type(field: str, value: Any, kind: str) -> Refused:
    """400 for a value that cannot be cast; its text is rendered already (§3)."""
    return Refused(400, WRONG_TYPE.format(field=field, value=value, type=kind))


def no_entity() -> Refused:
    """404 of the sales entities."""
    return Refused(404, NO_ENTITY)


def no_such(field: str, value: Any) -> Refused:
    """404 of customers, addresses, groups and what else names its field."""
    return Refused(404, NO_SUCH, {"fieldName": field, "fieldValue": value})


def no_route() -> Refused:
    """404 for a path that no route has, in this edition and version."""
    return Refused(404, NO_ROUTE)


def not_authorized(resource: str) -> Refused:
    """401 for no caller, an unknown one, and one without the right alike (§2.4)."""
    return Refused(401, NOT_AUTHORIZED, {"resources": resource})


def internal(developer_text: str = "") -> Refused:
    """500 of an unexpected exception: a report id in production mode, the exception's text in developer mode."""
    if developer_text:
        return Refused(500, developer_text)
    report = f"webapi-{secrets.token_hex(7)[:13]}"
    return Refused(500, f"Internal Error. Details are available in Magento log file. Report ID: {report}")


def fatal(message: str) -> ApiError:
    """500 of PHP itself, in the shape that early and fatal failures have (§4)."""
    return ApiError(500, {"messages": {"error": [{"code": 500, "message": message}]}})

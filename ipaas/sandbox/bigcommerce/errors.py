"""Refusals of the state machine; the border writes them as V2 arrays or V3 objects (note §7)."""

from __future__ import annotations

from typing import Any

STATUS_PAGE = "https://developer.bigcommerce.com/api-docs/getting-started/api-status-codes"
NOT_FOUND = "The requested resource was not found."


class Refused(Exception):
    """A request that the store refuses.

    `message` is V2's message and V3's title, `details` belongs to V2, `errors` (field -> text) to V3.
    `body` replaces the whole V3 body where an endpoint has its own shape (§7.3).
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        details: dict[str, Any] | None = None,
        errors: dict[str, Any] | None = None,
        body: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{status}: {message}")
        self.status, self.message = status, message
        self.details, self.errors, self.body = details, errors, body

    def v2(self) -> list[dict[str, Any]]:
        """The array of §7.2."""
        entry: dict[str, Any] = {"status": self.status, "message": self.message}
        if self.details is not None:
            entry["details"] = self.details
        return [entry]

    def v3(self) -> dict[str, Any]:
        """The object of §7.3."""
        if self.body is not None:
            return self.body
        return {"status": self.status, "title": self.message, "type": STATUS_PAGE, "errors": self.errors or {}}


def not_found() -> Refused:
    """404 of both versions."""
    return Refused(404, NOT_FOUND)


def invalid(field: str, reason: str, **details: Any) -> Refused:
    """V2 400 for a value that is wrong."""
    return Refused(400, f"The field '{field}' is invalid.", details={"invalid_reason": reason, **details})


def missing(field: str) -> Refused:
    """V2 400 for a required field."""
    return Refused(400, f"The required field '{field}' was not supplied.")


def read_only(field: str) -> Refused:
    """V2 400 for a field that cannot be written."""
    return Refused(
        400, f"The field '{field}' cannot be written to. Please remove it from your request before trying again."
    )


def unprocessable(title: str, **errors: Any) -> Refused:
    """V3 422; field paths with dots are passed as a mapping through `fields`."""
    return Refused(422, title, errors=errors)


def bad_fields(errors: dict[str, str]) -> Refused:
    """V3 422 naming several fields."""
    return Refused(422, "JSON data is missing or invalid", errors=errors)

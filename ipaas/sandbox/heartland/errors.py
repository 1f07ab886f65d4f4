"""Refusals of the Heartland API, in its error body (§3.2, §3.3)."""

from collections.abc import Mapping, Sequence
from typing import Any

from ipaas.sandbox.core.web import ApiError

Details = Mapping[str, Sequence[str]]

BLANK = "can't be blank"
UNKNOWN = "does not exist"
TAKEN = "has already been taken"


def body(error: str, message: str, details: Details | None = None) -> dict[str, Any]:
    """The error body: machine word, sentence and, for validation, messages per field."""
    return {"error": error, "message": message, **({"details": details} if details else {})}


def invalid_request(message: str) -> ApiError:
    """400: malformed request or unknown filter field."""
    return ApiError(400, body("invalid_request", message))


def unauthorized(message: str = "The access token is missing, invalid or revoked") -> ApiError:
    """401."""
    return ApiError(401, body("unauthorized", message))


def forbidden(message: str) -> ApiError:
    """403: the token's user lacks a permission or a location."""
    return ApiError(403, body("forbidden", message))


def not_found(what: str = "Record") -> ApiError:
    """404."""
    return ApiError(404, body("not_found", f"{what} not found"))


def payment_error(message: str) -> ApiError:
    """400: a payment was refused (gift card without cover, payment hook said no)."""
    return ApiError(400, body("payment_error", message))


class Problems:
    """Collects what is wrong with a request and refuses it at once, field by field."""

    def __init__(self, status: int) -> None:
        self.status = status  # 400, or 422 by switch (§3.2)
        self.details: dict[str, list[str]] = {}

    def add(self, field: str, message: str) -> None:
        """Note one problem."""
        self.details.setdefault(field, []).append(message)

    def need(self, field: str, value: Any) -> None:
        """A blank value is a problem."""
        if value is None or value == "":
            self.add(field, BLANK)

    def check(self) -> None:
        """Raise the refusal if there is any problem."""
        if self.details:
            raise self.refusal()

    def refusal(self) -> ApiError:
        """The refusal as noted so far."""
        return ApiError(self.status, body("validation_error", "Request failed validation", self.details))

"""The one refusal that shoppers meet."""

from __future__ import annotations


class Unsellable(Exception):
    """What a shopper or a recipe wants cannot be had. `field` names what to mend."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field

"""A kind of store as a column: only what some room answers for is written (`connections.store_kinds.register`)."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

KINDS: dict[str, Any] = {}  # what is registered; `connections.store_kinds` says what each is


class KindField(models.CharField):  # type: ignore[type-arg]
    """No choices and no constraint: kinds come with their rooms, and no migration names them."""

    def validate(self, value: str, model_instance: models.Model | None) -> None:
        super().validate(value, model_instance)
        kind_check(value)

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        kind_check(value)
        return super().get_db_prep_save(value, connection)

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs


def kind_check(value: Any) -> None:
    """Raises ValidationError for a kind that nobody registered: nobody could open its stores."""
    if value not in KINDS:
        known = ", ".join(sorted(KINDS)) or "none"
        raise ValidationError(f"There is no kind of store “{value}”; known are: {known}.", code="unknown_kind")

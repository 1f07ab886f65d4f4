"""Whose a row is: the way from any model to its merchant, read off the models themselves."""

from collections import deque

from django.db import models

from connections.models import Merchant


def tenant_path(model: type[models.Model]) -> tuple[str, ...] | None:
    """The foreign keys from the model to its merchant, the fewest that lead there; None where no merchant owns it.

    `("job", "connection", "merchant")` for an attempt, `()` for the merchant itself.
    """
    waiting: deque[tuple[type[models.Model], tuple[str, ...]]] = deque([(model, ())])
    seen = {model}
    while waiting:
        here, path = waiting.popleft()
        if here is Merchant:
            return path
        for field in here._meta.concrete_fields:
            other = field.related_model
            if isinstance(field, models.ForeignKey) and isinstance(other, type) and other not in seen:
                seen.add(other)
                waiting.append((other, (*path, field.name)))
    return None


def merchant_of(row: models.Model) -> Merchant | None:
    """The merchant whose row it is; None where it is nobody's."""
    path = tenant_path(type(row))
    if path is None:
        return None
    found: models.Model | None = row
    for name in path:
        found = getattr(found, name) if found is not None else None
    return found if isinstance(found, Merchant) else None

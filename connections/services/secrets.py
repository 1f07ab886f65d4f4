"""Storing secrets, and moving all of them under the newest key."""

import json
from collections.abc import Iterator

from django.apps import apps
from django.db import models
from django.db.models import TextField, Value
from django.db.models.functions import Cast

from connections.crypto import EncryptedTextField, rotate
from connections.models import Credential

ROWS_AT_ONCE = 500


def credential_store(*, credential: Credential | None, scopes: str, **secrets: str) -> Credential:
    """Keep secrets by name, in the given credential or a new one."""
    credential = credential or Credential()
    credential.secret = json.dumps({name: secret for name, secret in secrets.items() if secret})
    credential.scopes = scopes
    credential.save()
    return credential


def credential_erase(*, owner: models.Model) -> None:
    """Delete the credential of an account or store."""
    credential: Credential | None = getattr(owner, "credential", None)
    owner.credential = None  # type: ignore[attr-defined]
    owner.save(update_fields=["credential"])
    if credential:
        credential.delete()


def credentials_rotate() -> dict[str, int]:
    """Encrypt every stored secret under the newest key; answers how many per field. Safe to run again, and live."""
    return {
        f"{model._meta.label}.{field.name}": _rotate_field(model, field)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, EncryptedTextField)
    }


def _rotate_field(model: type[models.Model], field: models.Field) -> int:  # type: ignore[type-arg]
    rows = model._default_manager.annotate(raw=Cast(field.name, TextField()))
    rotated = 0
    for pk, raw in _raw_values(rows):
        fresh = rotate(raw)
        # Only if nobody stored another secret meanwhile.
        rotated += rows.filter(pk=pk, raw=raw).update(**{field.name: Value(fresh, output_field=TextField())})
    return rotated


def _raw_values(rows: models.QuerySet[models.Model]) -> Iterator[tuple[int, str]]:
    last = 0
    while page := list(rows.filter(pk__gt=last).exclude(raw="").order_by("pk").values_list("pk", "raw")[:ROWS_AT_ONCE]):
        yield from page
        last = page[-1][0]

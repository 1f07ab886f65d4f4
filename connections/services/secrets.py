"""Storing secrets, and moving all of them under the newest key."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import TextField, Value
from django.db.models.functions import Cast

from connections.crypto import EncryptedTextField, UnreadableSecret, is_newest, rotate
from connections.models import Credential

ROWS_AT_ONCE = 500
# JSON columns of libraries: {name: value}, of which these names hold text that our adapter encrypted.
SEALED_INSIDE = {"mfa.authenticator": ("data", ("secret", "seed", "migrated_codes"))}


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """A column that holds encrypted text, and what brings one raw value of it under the newest key."""

    model: type[models.Model]
    column: str
    rotate: Callable[[str], str]  # raw text in, raw text out; the same when nothing is to be done

    def __str__(self) -> str:
        return f"{self.model._meta.label}.{self.column}"


@dataclass(frozen=True, kw_only=True)
class Rotation:
    """What became of one column: how many values moved, and the keys of rows that no key of the ring opens."""

    moved: int
    unreadable: list[Any]


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


def sealed_columns() -> list[Sealed]:
    """Every encrypted column there is: those of our own field in all models, and those inside of libraries' JSON."""
    own = [
        Sealed(model=model, column=field.name, rotate=_text_rotate)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, EncryptedTextField)
    ]
    inside = [
        Sealed(model=model, column=SEALED_INSIDE[label][0], rotate=_names_rotate(SEALED_INSIDE[label][1]))
        for model in apps.get_models()
        if (label := model._meta.label_lower) in SEALED_INSIDE
    ]
    return own + inside


def credentials_rotate() -> dict[str, Rotation]:
    """Encrypt every stored secret under the newest key; answers what became of each column.

    Row by row, while the product works; what is under the newest key already is left alone, so a run that was broken
    off is simply begun again, and one that moves nothing says that former keys are not needed any more.
    """
    return {str(sealed): _column_rotate(sealed) for sealed in sealed_columns()}


def unreadable_count() -> dict[str, int]:
    """How many values of each encrypted column no key of the ring opens, where there are any."""
    return {str(sealed): count for sealed in sealed_columns() if (count := sum(_failing(sealed)))}


def former_count() -> int:
    """How many stored values the newest key does not open, and another key of the ring does."""
    return sum(_is_former(sealed, raw) for sealed in sealed_columns() for _, raw in _raw_values(_rows(sealed)))


def _is_former(sealed: Sealed, raw: str) -> bool:
    try:
        return sealed.rotate(raw) != raw
    except UnreadableSecret:
        return False


def _column_rotate(sealed: Sealed) -> Rotation:
    rows = _rows(sealed)
    moved, unreadable = 0, []
    for pk, raw in _raw_values(rows):
        try:
            fresh = sealed.rotate(raw)
        except UnreadableSecret:
            unreadable.append(pk)
            continue
        if fresh != raw:  # and only if nobody stored another secret meanwhile
            moved += rows.filter(pk=pk, raw=raw).update(**{sealed.column: _raw(sealed, fresh)})
    return Rotation(moved=moved, unreadable=unreadable)


def _failing(sealed: Sealed) -> Iterator[bool]:
    for _, raw in _raw_values(_rows(sealed)):
        try:
            sealed.rotate(raw)
        except UnreadableSecret:
            yield True


def _rows(sealed: Sealed) -> models.QuerySet[models.Model]:
    return sealed.model._base_manager.annotate(raw=Cast(sealed.column, TextField()))


def _raw(sealed: Sealed, text: str) -> Any:
    if isinstance(sealed.model._meta.get_field(sealed.column), EncryptedTextField):
        return Value(text, output_field=TextField())
    return json.loads(text)


def _text_rotate(raw: str) -> str:
    return raw if is_newest(raw) else rotate(raw)


def _names_rotate(names: tuple[str, ...]) -> Callable[[str], str]:
    def values_rotate(raw: str) -> str:
        held = json.loads(raw)
        fresh = {name: _value_rotate(value) if name in names else value for name, value in held.items()}
        return raw if fresh == held else json.dumps(fresh)

    return values_rotate


def _value_rotate(value: Any) -> Any:
    return [_text_rotate(one) for one in value] if isinstance(value, list) else _text_rotate(value)


def _raw_values(rows: models.QuerySet[models.Model]) -> Iterator[tuple[Any, str]]:
    waiting = rows.exclude(raw="").exclude(raw=None).order_by("pk").values_list("pk", "raw")
    page = list(waiting[:ROWS_AT_ONCE])
    while page:
        yield from page
        page = list(waiting.filter(pk__gt=page[-1][0])[:ROWS_AT_ONCE])

"""What the database has a default for has one in Python too: rows that are not saved yet hold values, no markers."""

import pytest
from django.apps import apps
from django.db.models.expressions import DatabaseDefault

OURS = [
    model
    for name in ("connections", "mappings", "errors", "syncjobs")
    for model in apps.get_app_config(name).get_models()
]


@pytest.mark.parametrize("model", OURS, ids=[model.__name__ for model in OURS])
def test_an_unsaved_row_holds_values(model: type) -> None:
    row = model()
    fields = model._meta.concrete_fields  # type: ignore[attr-defined]
    assert [one.name for one in fields if isinstance(getattr(row, one.attname), DatabaseDefault)] == []

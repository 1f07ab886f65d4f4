"""What models say of indexes and constraints stands in the database after all migrations.

Django's migration that takes a column's own index away takes every other index of just that column along, unique ones
with a condition too.
"""

import pytest
from django.apps import apps
from django.db import connection, models


@pytest.mark.django_db
@pytest.mark.parametrize("model", apps.get_models(), ids=lambda model: model._meta.label)
def test_every_index_and_constraint_of_a_model_is_there(model: type[models.Model]) -> None:
    with connection.cursor() as cursor:
        there = connection.introspection.get_constraints(cursor, model._meta.db_table)
    said = [*model._meta.indexes, *model._meta.constraints]
    assert {one.name for one in said} - there.keys() == set()

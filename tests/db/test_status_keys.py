"""What the version before kept as numbers and names of statuses is carried over, however often that is tried."""

import importlib
from typing import Any

from django.apps import apps
from django.db import connection as database

from connections.models import OrderSettings
from syncjobs.models import Record
from tests import factories

STATUSES = ("eligible_statuses", "held_statuses", "booked_status", "part_shipped_status", "shipped_status")


def test_the_chosen_statuses_become_keys(db: None) -> None:
    chosen = OrderSettings.objects.filter(connection=factories.connection())
    chosen.update(eligible_statuses=[11, 5, 0], held_statuses=[12], part_shipped_status="0", shipped_status="10")
    carrying: Any = importlib.import_module("connections.migrations.0030_status_keys")
    for _ in range(2):
        carrying.as_text(apps, database.schema_editor())
    assert chosen.values_list(*STATUSES).get() == (["11", "5", "0"], ["12"], "", "", "10")
    carrying.as_numbers(apps, database.schema_editor())
    assert chosen.values_list(*STATUSES).get() == ([11, 5, 0], [12], "0", "0", "10")


def test_records_of_the_version_before_say_what_their_status_means(db: None) -> None:
    pair = factories.connection()
    for number, name in (("1", "Shipped"), ("2", "Awaiting Fulfillment"), ("3", "On the moon"), ("4", "")):
        factories.order(pair, number, source_status=name)
    Record.objects.update(source_meaning="")
    Record.objects.filter(external_id="2").update(source_meaning="check")
    noting: Any = importlib.import_module("syncjobs.migrations.0028_what_a_status_means")
    for _ in range(2):
        noting.meanings_note(apps, database.schema_editor())
    meanings = dict(Record.objects.values_list("external_id", "source_meaning"))
    assert meanings == {"1": "shipped", "2": "check", "3": "", "4": ""}

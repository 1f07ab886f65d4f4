"""Rules of single items and of categories, and what they cost."""

from collections import Counter

import pytest

from mappings.core.rules.stock_arithmetic import Rule
from mappings.models import Link, StockLevel, StockRule
from tests.stock.conftest import Shelf
from tests.stock.test_full import BEGIN, ITEMS, LEVELS, VALUES, WRITE


@pytest.fixture
def ruled(shelf: Shelf) -> Shelf:
    """Two pieces of everything in a department are kept back, and nothing of one of its SKUs."""
    connection = shelf.pair.connection
    department = next(row["department"] for row in items(shelf) if row["public_id"] == "DOG-LEAD")
    StockRule.objects.create(connection=connection, field="department", value=department, safety_units=2)
    StockRule.objects.create(connection=connection, field="", value="DOG-LEAD", last_units=1)
    return shelf


def items(shelf: Shelf) -> list[dict[str, str]]:
    rows = shelf.pair.heartland.rows("items")
    return [{"public_id": row["public_id"], "department": row["custom"].get("department", "")} for row in rows]


def test_an_items_rule_wins_over_its_category_and_that_over_the_store(ruled: Shelf) -> None:
    ruled.sync()
    assert ruled.calls() == BEGIN + Counter({ITEMS: 1, LEVELS: 1, VALUES: 1, WRITE: 1})
    department = StockRule.objects.get(field="department").value
    inside = {row["public_id"] for row in items(ruled) if row["department"] == department} - {"DOG-LEAD"}
    free, kept, web = ruled.expected(), ruled.expected(Rule(safety_units=2)), ruled.web()
    assert inside & web.keys()
    assert web == {sku: kept[sku] if sku in inside else free[sku] for sku in web}
    assert StockLevel.objects.get(sku="DOG-LEAD").rule == StockRule.objects.get(field="")


def test_the_ledger_heeds_the_rules_too(ruled: Shelf) -> None:
    StockRule.objects.filter(field="").update(safety_units=3)
    ruled.sync()
    ruled.move("DOG-LEAD", -1)
    assert ruled.follow() is not None
    assert ruled.web()["DOG-LEAD"] == ruled.expected()["DOG-LEAD"] - 3


def test_a_newly_linked_sku_finds_its_own_rule_without_a_full_run(ruled: Shelf) -> None:
    ruled.sync()
    connection = ruled.pair.connection
    link = Link.objects.get(connection=connection, kind="item", source_id="DOG-LEAD")
    item = link.target_id
    link.delete()
    Link.objects.create(connection=connection, kind="item", source_id="DOG-LEAD", target_id=item)
    assert ruled.follow() is not None
    assert StockLevel.objects.get(sku="DOG-LEAD").rule == StockRule.objects.get(field="")


def test_a_rule_that_is_gone_is_forgotten(ruled: Shelf) -> None:
    ruled.sync()
    StockRule.objects.all().delete()
    ruled.sync()
    assert ruled.web() == ruled.expected()
    assert not StockLevel.objects.filter(rule__isnull=False).exists()

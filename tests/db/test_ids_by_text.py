"""Ids of products, variants and items become text and, where a deployment is undone, numbers again."""

import pytest
from django.db import connection as database
from django.db.migrations.executor import MigrationExecutor

from mappings.models import Link, StockLevel
from tests import factories

BEFORE = [("mappings", "0019_side_of_any_store"), ("syncjobs", "0032_feeds_of_any_store")]
HELD = "SELECT product_id, variant_id FROM mappings_stocklevel WHERE sku LIKE 'A-%' ORDER BY sku"
READ = "SELECT external_id FROM mappings_cataloguesku ORDER BY id"
MANY = """
INSERT INTO mappings_stocklevel (connection_id, link_id, item_id, sku, store_location, product_id, variant_id,
    by_product, is_tracked, fence, pending, moves, is_dirty, refusal)
SELECT connection_id, link_id, item_id, 'B-' || n, n, n, n, FALSE, TRUE, 0, 0, 0, FALSE, ''
FROM mappings_stocklevel, generate_series(1, 100000) n WHERE sku = 'A-1'"""


def rows(statement: str) -> list[tuple[object, ...]]:
    with database.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def level(of: Link, sku: str, product_id: str, variant_id: str) -> None:
    StockLevel.objects.create(
        connection=of.connection, link=of, item_id=7, sku=sku, store_location=sku, product_id=product_id,
        variant_id=variant_id, is_dirty=False,
    )  # fmt: skip


@pytest.mark.skipif(database.vendor != "postgresql", reason="SQLite makes the table anew.")
@pytest.mark.django_db(transaction=True)
def test_a_hundred_thousand_levels_move_and_move_back() -> None:
    pair = factories.connection()
    factories.catalogue(pair)
    link = Link.objects.create(connection=pair, kind=Link.Kind.ITEM, source_id="A-1", target_id="7")
    for sku, ids in (("A-1", ("412", "2201")), ("A-2", ("", "")), ("A-3", ("24-MB01", "x"))):
        level(link, sku, *ids)
    with database.cursor() as cursor:
        cursor.execute(MANY)
    known = [row[0] for row in rows(READ)]
    try:
        MigrationExecutor(database).migrate(BEFORE)
        assert rows(HELD) == [(412, 2201), (None, None), (None, None)]
        assert [str(row[0]) for row in rows(READ)] == known
    finally:
        executor = MigrationExecutor(database)
        executor.migrate(executor.loader.graph.leaf_nodes())
    assert rows(HELD) == [("412", "2201"), ("", ""), ("", "")]
    assert [row[0] for row in rows(READ)] == known
    assert not StockLevel.objects.filter(is_dirty=True).exists()
    assert StockLevel.objects.filter(product_id="99999", variant_id="99999", quantity=None).count() == 1

"""A database of many orders, items and shoppers, made by the database itself; LISTS_ROWS says how many orders."""

import os
import re
from collections.abc import Iterable
from typing import Any

from django.db import connection as database

from connections import crypto
from connections.models import Connection
from mappings.person_keys import digests
from tests import factories

ROWS = int(os.environ.get("LISTS_ROWS", "20000"))
BIG = {  # tables that grow with the orders and the catalogue
    "syncjobs_record", "syncjobs_orderterm", "syncjobs_orderpeople", "syncjobs_personterm", "syncjobs_inboxevent",
    "mappings_cataloguesku", "mappings_catalogueproduct", "mappings_productterm", "mappings_link",
    "syncjobs_run",
}  # fmt: skip
ORDERS = """
INSERT INTO syncjobs_record (connection_id, flow, external_id, number, order_id, disposition, code, reason, label,
    source_status, source_meaning, source_placed_at, source_version, source_total, target_id, target_label,
    target_total, is_distributed, currency, facts, choice, choice_about, first_seen_at, changed_at, same_result_count)
SELECT %(pair)s, 'orders', (1000000 + n)::text, '', '',
    (ARRAY['booked','booked','booked','booked','booked','booked','skipped','held','cancelled','dead'])[1 + n %% 10],
    '', '', 'Order ' || 1000000 + n, 'Awaiting Fulfillment', 'open',
    %(now)s::timestamptz - make_interval(mins => n), '', n %% 500,
    CASE WHEN n %% 10 < 6 THEN (7000000 + n)::text ELSE '' END,
    CASE WHEN n %% 10 < 6 THEN 'BC-' || 1000000 + n ELSE '' END,
    CASE WHEN n %% 10 < 6 THEN n %% 500 END, n %% 50 > 0, 'USD', '{}', '', '',
    %(now)s::timestamptz - make_interval(mins => n), %(now)s::timestamptz - make_interval(mins => n), 0
FROM generate_series(1, %(rows)s) AS n"""
NUMBERS = """
INSERT INTO syncjobs_orderterm (connection_id, external_id, kind, term, placed_at)
SELECT connection_id, external_id, 'number', substr(external_id, start), source_placed_at
FROM syncjobs_record, generate_series(1, 5) AS start WHERE flow = 'orders' AND connection_id = %(pair)s"""
SKUS = """
INSERT INTO syncjobs_orderterm (connection_id, external_id, kind, term, placed_at)
SELECT connection_id, external_id, 'sku', '=sku-' || external_id::bigint %% 1000, source_placed_at
FROM syncjobs_record WHERE flow = 'orders' AND connection_id = %(pair)s"""
PEOPLE = """
INSERT INTO syncjobs_orderpeople (connection_id, external_id, content, placed_at, read_at)
SELECT connection_id, external_id, %(sealed)s, source_placed_at, source_placed_at
FROM syncjobs_record WHERE flow = 'orders' AND connection_id = %(pair)s"""
TERMS = """
INSERT INTO syncjobs_personterm (connection_id, people_id, term, placed_at)
SELECT connection_id, id, unnest(ARRAY[%(ana)s, md5((id %% 5000)::text), md5('ruiz' || id %% 300)]), placed_at
FROM syncjobs_orderpeople WHERE connection_id = %(pair)s"""
PRODUCTS = """
INSERT INTO mappings_catalogueproduct (connection_id, side, external_id, facts, name_key, is_tracked, read_in)
SELECT %(pair)s, 'store', n::text, jsonb_build_object('name', 'Harbor tee ' || n), '', true, 0
FROM generate_series(1, %(rows)s / 10) AS n"""
VARIANTS = """
INSERT INTO mappings_cataloguesku (connection_id, side, product_id, external_id, sku, folded, barcode, facts, read_in,
    state, reason, suggestion, score)
SELECT connection_id, side, id, external_id || '-' || v, 'SKU-' || external_id || '-' || v, '',
    lpad(external_id || v, 14, '0'), '{}', 0, (ARRAY['linked','unlinked'])[1 + v %% 2], '', '', 0
FROM mappings_catalogueproduct, generate_series(1, 5) AS v WHERE connection_id = %(pair)s"""
WORDS = """
INSERT INTO mappings_productterm (connection_id, product_id, term)
SELECT connection_id, id, unnest(ARRAY['harbor', 'tee', external_id, 'sku-' || external_id])
FROM mappings_catalogueproduct WHERE connection_id = %(pair)s"""
LINKS = """
INSERT INTO mappings_link (connection_id, kind, source_id, target_id, target_label, fingerprint, store_ref, is_by_hand,
    created_at, updated_at)
SELECT connection_id, 'item', sku, id::text, sku, '', '', false, %(now)s, %(now)s
FROM mappings_cataloguesku WHERE state = 'linked' AND connection_id = %(pair)s"""
CALLBACKS = """
INSERT INTO syncjobs_inboxevent (connection_id, system, topic, delivery_key, external_id, disposition, body, deliveries,
    received_at)
SELECT connection_id, 'bigcommerce', 'store/order/created', 'key-of-' || external_id, external_id, 'queued', '', 1,
    source_placed_at
FROM syncjobs_record WHERE flow = 'orders' AND connection_id = %(pair)s"""
RUNS = """
INSERT INTO syncjobs_run (connection_id, kind, parameters, state, done, checkpoint, is_listed, sentence, started_at)
SELECT %(pair)s, (ARRAY['stock_sync','items_check','orders_backfill'])[1 + n %% 3], '{}',
    (ARRAY['done','done','failed','stopped'])[1 + n %% 4], n, '', true, '',
    %(now)s::timestamptz - make_interval(mins => n)
FROM generate_series(1, %(rows)s / 2) AS n"""
STATEMENTS = (ORDERS, NUMBERS, SKUS, PEOPLE, TERMS, PRODUCTS, VARIANTS, WORDS, LINKS, CALLBACKS, RUNS)


def fill(pair: Connection, rows: int = ROWS) -> None:
    """ROWS orders of a store with all that search knows of them, half as many SKUs, and figures for the planner.

    Every order is of somebody called Ana: the worst that a name can be.
    """
    sealed = crypto.encrypt(factories.people_content("Ana Ruiz", "ana.ruiz@example.com", "5125550100"))
    values: dict[str, Any] = {
        "pair": pair.pk,
        "rows": rows,
        "now": factories.NOW,
        "sealed": sealed,
        "ana": digests("name:ana")[0],
    }
    with database.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")  # a million rows take their time; what is asked of them does not
        for statement in STATEMENTS:
            cursor.execute(statement, values)
        for table in sorted(BIG):
            cursor.execute(f"ANALYZE {table}")
        cursor.execute("RESET statement_timeout")


def questions(log: Iterable[dict[str, Any]]) -> list[str]:
    """The SELECTs on big tables among the statements of a page."""
    return [
        one["sql"] for one in log if one["sql"].startswith("SELECT") and BIG & set(re.findall(r'"(\w+)"', one["sql"]))
    ]


def whole_reads(statements: Iterable[str]) -> list[str]:
    """Of these, those for which the planner reads a big table from end to end, with the table."""
    found = []
    with database.cursor() as cursor:
        for statement in statements:
            cursor.execute(f"EXPLAIN {statement}")
            plan = "\n".join(row[0] for row in cursor.fetchall())
            found += [f"{table}: {statement[:400]}" for table in re.findall(r"Seq Scan on (\w+)", plan) if table in BIG]
    return found

"""What else grows with a store, beside `many_records`: stock, what went wrong once, cards, accounts, echoes."""

from django.db import connection as database

from connections.models import Connection
from tests import factories
from tests.scale.many_records import ROWS

STOCK = """
INSERT INTO mappings_stocklevel (connection_id, link_id, item_id, sku, store_location, quantity, fence, pending,
    is_dirty, refusal)
SELECT connection_id, id, id, source_id, '1', 5, 0, 0, id %% 2 = 0, '' FROM mappings_link
WHERE connection_id = %(pair)s"""
ONCE_WRONG = """
INSERT INTO errors_syncerror (connection_id, flow, external_id, label, state, code, reason, answer, violations, amount,
    currency, attempts, first_seen_at, last_seen_at, resolved_at)
SELECT connection_id, flow, external_id, label, 'resolved', 'sku_not_linked', '', '', '[]', 1, 'USD', 1, first_seen_at,
    first_seen_at, first_seen_at
FROM syncjobs_record WHERE flow = 'orders' AND connection_id = %(pair)s"""
LEFT_OPEN = """
UPDATE syncjobs_record SET is_distributed = false, source_meaning = 'shipped', to_distribute = 0, booked_at = changed_at
WHERE flow = 'orders' AND disposition = 'booked' AND is_distributed AND connection_id = %(pair)s"""
CARDS = """
INSERT INTO syncjobs_giftcard (connection_id, digest, number, last_signs, balance, is_good, is_kept, sold_in, till_id,
    store_id, writing, made_at, moved_at)
SELECT %(pair)s, n::text, '', '0000', CASE WHEN n <= 500 THEN 10 ELSE 0 END, true, false, '', '', '', '',
    %(now)s::timestamptz - make_interval(hours => n), %(now)s::timestamptz - make_interval(hours => n)
FROM generate_series(1, %(rows)s / 2) AS n"""
MOVEMENTS = """
INSERT INTO syncjobs_cardmovement (card_id, cause, kind, place, delta, document, order_id, note, at)
SELECT id, 'sold', 'sold', 'till', 10, '', '', '', moved_at FROM syncjobs_giftcard WHERE connection_id = %(pair)s"""
ACCOUNTS = """
INSERT INTO syncjobs_customeridentity (connection_id, account_id, customer_id, state, said, created_at)
SELECT %(pair)s, n::text, n::text, 'linked', '', %(now)s FROM generate_series(1, %(rows)s / 2) AS n"""
ECHOES = """
UPDATE syncjobs_inboxevent SET disposition = 'echo' WHERE id %% 2 = 0 AND connection_id = %(pair)s"""
STATEMENTS = (STOCK, ONCE_WRONG, LEFT_OPEN, CARDS, MOVEMENTS, ACCOUNTS, ECHOES)
TABLES = (
    "mappings_stocklevel", "errors_syncerror", "syncjobs_record", "syncjobs_giftcard", "syncjobs_cardmovement",
    "syncjobs_customeridentity", "syncjobs_inboxevent",
)  # fmt: skip


def fill_more(pair: Connection) -> None:
    """Of a store that `fill` has filled; most booked orders left while Heartland waits for their location."""
    with database.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        for statement in STATEMENTS:
            cursor.execute(statement, {"pair": pair.pk, "rows": ROWS, "now": factories.NOW})
        for table in TABLES:
            cursor.execute(f"ANALYZE {table}")
        cursor.execute("RESET statement_timeout")

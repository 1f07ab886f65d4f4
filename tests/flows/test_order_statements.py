"""What an ordinary order of a known customer costs our database, asserted exactly and with the reason for each."""

import re

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from syncjobs.engine import lanes
from syncjobs.engine.enqueueing import jobs_enqueue, lane_of
from syncjobs.models import Record, ServiceClass
from tests.flows.conftest import Pair

FRAME = ("BEGIN", "COMMIT")
NEXT = "SELECT syncjobs_syncjob"
WRITES = ("INSERT", "UPDATE", "DELETE", "WITH")


def slice_of(pair: Pair, orders: int) -> list[str]:
    """The statements of a lane's slice that books so many orders of a buyer whom we know, shortened."""
    ids = [pair.place() for _ in range(orders)]
    now = timezone.now()
    jobs_enqueue(connection=pair.connection, flow="orders", external_ids=ids, cause="webhook", now=now)
    with CaptureQueriesContext(database) as log:
        assert lanes.lane_run(lane_id=lane_of(pair.connection.pk, ServiceClass.NOW), now=now) == f"{orders} jobs"
    assert all(pair.record(web_id).disposition == Record.Disposition.BOOKED for web_id in ids)
    return [short(query["sql"]) for query in log.captured_queries]


def short(statement: str) -> str:
    """What a statement does to which table: "UPDATE mappings_valuemap"."""
    verb = statement.split(None, 1)[0]
    if verb in FRAME:
        return verb
    table = re.search(r"(connections|mappings|syncjobs)_\w+", statement)
    return f"{verb} {table[0] if table else ''}"


def commits(words: list[str]) -> int:
    """Transactions that write; a statement by itself is one too."""
    count, writes, is_inside = 0, False, False
    for word in words:
        is_inside = word == "BEGIN" or (is_inside and word != "COMMIT")
        writes = writes or word.startswith(WRITES)
        if not is_inside:
            count, writes = count + writes, False
    return count


@pytest.mark.django_db(transaction=True)
def test_an_ordinary_order_costs_so_many_statements(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the third of four orders: from the look for it to the look for the fourth. By then permits are there."""
    monkeypatch.setattr(lanes, "CONNECTION_SECONDS", 60.0)
    slice_of(pair, 1)  # from here on the buyer and the item are known
    words = slice_of(pair, 4)
    looks = [at for at, word in enumerate(words) if word == NEXT]
    words = words[looks[4] : looks[5]]  # before it: for orphans, and for what waits behind the first
    assert [word for word in words if word not in FRAME] == [
        NEXT,
        "WITH syncjobs_syncjob",  # the claim, with the record as it is
        "SELECT syncjobs_inboxevent",  # what else there is of the order
        "SELECT mappings_link",  # of its items and its buyer
        "SELECT mappings_link",  # of its addresses, whose keys hold the customer's id
        "WITH syncjobs_orderterm",  # before the call that creates: its number, what it is found by, and who ordered
        "WITH syncjobs_begunorder",  # the moment the id is known: its link
        "WITH syncjobs_lane",  # the lease is still ours: record, link as finished, attempt and job; invoices that wait?
    ]
    assert commits(words) == 4

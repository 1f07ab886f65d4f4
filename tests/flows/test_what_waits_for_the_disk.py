"""What of an order waits until the disk has it: only what a crash of the database must not take away."""

import re

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from ipaas.types import System
from syncjobs.flows.base import RunLog
from tests.flows.burst import are_booked_once, enqueue, unhurried, work
from tests.flows.conftest import BUYER, Pair

RELAXED = "set_config('synchronous_commit', 'off', true)"
WRITE = re.compile(r"\b(INSERT INTO|UPDATE|DELETE FROM) \"?(\w+)")
OF_ORDERS = ("mappings_link", "syncjobs_attempt", "syncjobs_begunorder", "syncjobs_record", "syncjobs_syncjob")


def waited_for(pair: Pair, web_ids: list[str]) -> list[str]:
    """The writes of a slice to what an order has rows in, that wait for the disk: the first such of each statement."""
    enqueue(pair, web_ids)
    with CaptureQueriesContext(database) as log:
        work(pair)
    assert are_booked_once(pair, web_ids)
    said = [query["sql"] for query in log.captured_queries if RELAXED not in query["sql"]]
    found = [[one for one in WRITE.findall(sql) if one[1] in OF_ORDERS] for sql in said]
    return [" ".join(ours[0]) for ours in found if ours]


@pytest.mark.django_db(transaction=True)
def test_of_an_order_the_number_that_is_begun_waits_and_nothing_else(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is on disk before Heartland is asked for the sales order, and takes the claim along.

    The rest is told by both systems once more: the link by the number and the mark, the outcome by what they hold.
    """
    unhurried(monkeypatch)
    pair.book()
    assert waited_for(pair, [pair.place() for _ in range(3)]) == ["INSERT INTO syncjobs_begunorder"] * 3


@pytest.mark.django_db(transaction=True)
def test_before_a_customer_is_made_the_claim_is_on_disk(pair: Pair) -> None:
    pair.book()  # the item is known from here on
    writes = waited_for(pair, [pair.place(guest=BUYER | {"email": "lea@example.com", "phone": "5415550101"})])
    kept, link = writes.index("UPDATE syncjobs_syncjob"), writes.index("INSERT INTO mappings_link")
    assert kept < link
    assert writes.count("UPDATE syncjobs_syncjob") == 1


def test_a_run_is_kept_once_and_before_its_first_write() -> None:
    kept: list[str] = []
    log = RunLog([], keep=lambda: kept.append("kept"))
    log.before(System.HEARTLAND, "GET")
    assert kept == []
    for method in ("POST", "PUT", "POST"):
        log.before(System.HEARTLAND, method)
    assert kept == ["kept"]

"""The audit trail: only added to, each entry chained to the one before, and what was done to it named."""

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.db.models import ProtectedError
from django.db.utils import DatabaseError

from connections.audit import audit, audit_person
from connections.models import AuditEntry, AuditHead, Merchant, User
from connections.trail import PLATFORM, chain_of, seal, trail_verify
from tests import factories
from tests.tampering import unguarded


@pytest.fixture
def merchant(db: None) -> Merchant:
    """With three entries, beside another merchant's and the platform's."""
    found, other = factories.merchant("Harbor & Pine"), factories.merchant("Cove & Cedar")
    for subject in ("one", "two", "three"):
        audit(merchant=found, actor=None, action="thing.done", subject=subject, places=("Main", 2))
        audit(merchant=other, actor=None, action="thing.done", subject=subject)
    audit_person(actor=None, action="login.failed", subject="nobody@example.com")
    connection.check_constraints()  # as after a commit
    return found


def tampered(statement: str, *values: Any) -> None:
    with unguarded("connections_auditentry"), connection.cursor() as cursor:
        cursor.execute(statement, values)


def verify(*known: str) -> tuple[int, list[str]]:
    said = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("verify_trail", "--known", *known, stdout=said)
    return int(str(ended.value.code)), said.getvalue().splitlines()


REFUSED: list[Callable[[], Any]] = [
    lambda: AuditEntry.objects.filter(subject="two").update(subject="nothing"),
    lambda: AuditEntry.objects.filter(subject="two").update(number=None, digest=""),
    lambda: AuditEntry.objects.filter(subject="two").delete(),
    lambda: connection.cursor().execute("TRUNCATE connections_auditentry"),
    lambda: connection.cursor().execute(
        "SET LOCAL session_replication_role = replica; DELETE FROM connections_auditentry"
    ),
    lambda: connection.cursor().execute(
        "SET LOCAL session_replication_role = replica; TRUNCATE connections_auditentry"
    ),
]


@pytest.mark.parametrize(
    "attempt", REFUSED, ids=["update", "unseal", "delete", "truncate", "replica", "truncate in one"]
)
def test_the_database_refuses_to_change_the_trail(attempt: Callable[[], Any], merchant: Merchant) -> None:
    before = list(AuditEntry.objects.order_by("pk").values())
    with pytest.raises(DatabaseError, match="only ever added to"), transaction.atomic():
        attempt()
    assert list(AuditEntry.objects.order_by("pk").values()) == before
    assert len(before) == 7


def test_a_trail_that_nobody_touched_stands(merchant: Merchant) -> None:
    assert trail_verify(merchant) == (3, "")
    assert trail_verify(None) == (1, "")
    status, lines = verify()
    head = AuditHead.objects.get(chain=str(merchant.public_id))
    assert (status, lines[1]) == (0, f"Harbor & Pine: 3 entries stand. Head 3:{head.digest}")
    assert [line.partition(".")[0] for line in lines] == [
        "The platform: 1 entry stands", "Harbor & Pine: 3 entries stand", "Cove & Cedar: 3 entries stand",
    ]  # fmt: skip


CHANGES = {"subject": "nothing", "actor_id": 77, "at": "2020-01-01T00:00:00Z", "detail": "{}", "person_id": 5}


@pytest.mark.parametrize("field", CHANGES)
def test_a_changed_entry_is_named(field: str, merchant: Merchant) -> None:
    where = "WHERE merchant_id = %s AND number = 2"
    tampered(f"UPDATE connections_auditentry SET {field} = %s {where}", CHANGES[field], merchant.pk)  # noqa: S608
    count, problem = trail_verify(merchant)
    assert count == 1
    assert problem.startswith("Entry 2 (thing.done, ")
    assert problem.endswith(" UTC) says something else than when it was made.")


def test_a_missing_entry_is_named(merchant: Merchant) -> None:
    tampered("DELETE FROM connections_auditentry WHERE merchant_id = %s AND number = 2", merchant.pk)
    count, problem = trail_verify(merchant)
    assert (count, problem.partition(":")[0]) == (1, "Entry 2 is missing")
    assert verify()[0] == 1


def test_an_entry_that_was_put_in_is_named(merchant: Merchant) -> None:
    AuditEntry.objects.create(merchant=merchant, action="thing.done", subject="forged")
    count, problem = trail_verify(merchant)
    assert (count, problem.endswith("bears no digest: put in past the product.")) == (3, True)


def test_an_entry_in_anothers_place_is_named(merchant: Merchant) -> None:
    tampered("DELETE FROM connections_auditentry WHERE merchant_id = %s AND number = 2", merchant.pk)
    other = Merchant.objects.get(name="Cove & Cedar")
    tampered("UPDATE connections_auditentry SET merchant_id = %s WHERE merchant_id = %s AND number = 2",
             merchant.pk, other.pk)  # fmt: skip
    count, problem = trail_verify(merchant)
    assert count == 1
    assert "does not follow the one before it" in problem


def test_a_cut_off_end_is_noticed_by_the_head_and_by_what_was_printed(merchant: Merchant) -> None:
    printed = AuditHead.objects.get(chain=str(merchant.public_id))
    tampered("DELETE FROM connections_auditentry WHERE merchant_id = %s AND number = 3", merchant.pk)
    assert trail_verify(merchant) == (
        2, "The trail ends with entry 2, and 3 were written: its end is not the one we kept.",
    )  # fmt: skip
    last = merchant.audit_entries.get(number=2)
    AuditHead.objects.filter(pk=printed.pk).update(count=2, digest=last.digest)  # and the head with it
    assert verify()[0] == 0
    status, lines = verify(f"3:{printed.digest}", f"2:{last.digest}")
    assert (status, lines[-1]) == (1, f"No entry is 3:{printed.digest}: what stood there was replaced or cut off.")


def test_what_the_version_before_wrote_is_chained_where_it_stands(merchant: Merchant) -> None:
    for subject in ("four", "five"):
        AuditEntry.objects.create(merchant=merchant, action="thing.done", subject=subject)
    assert verify()[0] == 1
    assert seal(AuditEntry.objects.filter(merchant=merchant), AuditHead.objects, chain_of(merchant)) == 2
    assert trail_verify(merchant) == (5, "")
    assert seal(AuditEntry.objects.filter(merchant=merchant), AuditHead.objects, chain_of(merchant)) == 0


def test_an_entry_outlives_who_made_it_and_holds_its_merchant(merchant: Merchant) -> None:
    person = factories.member(merchant)
    audit(merchant=merchant, actor=person, action="thing.done", subject="four")
    audit_person(actor=person, action="password.changed", subject=person)
    person.delete()
    assert [entry.who for entry in merchant.audit_entries.order_by("number")] == [
        "Tillbridge", "Tillbridge", "Tillbridge", "Somebody who was removed",
    ]  # fmt: skip
    assert (trail_verify(merchant), trail_verify(None)) == ((4, ""), (2, ""))
    with pytest.raises(ProtectedError):
        merchant.delete()


def test_details_are_kept_as_they_are_read(merchant: Merchant) -> None:
    odd = {"numbers": {10: "b", 9: "a"}, "shares": (0.1, 1.50, -0.0), "text": "Ünï ⇄ \U0001f600", "none": None}
    audit(merchant=merchant, actor=None, action="thing.done", subject="four", **odd)
    assert trail_verify(merchant) == (4, "")


@pytest.mark.django_db(transaction=True)
def test_writers_of_one_chain_wait_for_each_other() -> None:
    merchant = factories.merchant()

    def write(number: int) -> None:
        try:
            for _ in range(5):
                audit(merchant=merchant, actor=None, action="thing.done", subject=number)
                audit_person(actor=None, action="login.failed", subject=number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(write, range(6)))
    assert trail_verify(merchant) == (30, "")
    assert trail_verify(None) == (30, "")
    assert AuditHead.objects.get(chain=PLATFORM).count == 30
    assert User.objects.count() == 0

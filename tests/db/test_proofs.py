"""Proofs are only added to: PostgreSQL refuses the rest, and so a connection that was proved stays."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import ProtectedError
from django.db.utils import DatabaseError

from syncjobs.models import Proof
from tests import factories

REFUSED: list[Callable[[], Any]] = [
    lambda: Proof.objects.update(orders=0),
    lambda: Proof.objects.all().delete(),
    lambda: connection.cursor().execute("TRUNCATE syncjobs_proof"),
    lambda: connection.cursor().execute("TRUNCATE connections_connection CASCADE"),
    lambda: connection.cursor().execute(
        "SET LOCAL session_replication_role = replica; UPDATE syncjobs_proof SET digest = ''"
    ),
    lambda: connection.cursor().execute("SET LOCAL session_replication_role = replica; DELETE FROM syncjobs_proof"),
    lambda: connection.cursor().execute("SET LOCAL session_replication_role = replica; TRUNCATE syncjobs_proof"),
]
NAMES = ["update", "delete", "truncate", "cascade", "update in a replica", "delete in a replica", "truncate in one"]


@pytest.mark.django_db
@pytest.mark.parametrize("attempt", REFUSED, ids=NAMES)
def test_the_database_refuses_to_change_a_proof(attempt: Callable[[], Any]) -> None:
    of = factories.connection(factories.merchant())
    factories.proof(of)
    factories.proof(of)
    connection.check_constraints()  # as after a commit
    before = list(Proof.objects.order_by("pk").values())
    with pytest.raises(DatabaseError, match="only ever added to"), transaction.atomic():
        attempt()
    assert list(Proof.objects.order_by("pk").values()) == before
    assert len(before) == 2


@pytest.mark.django_db
def test_a_connection_that_was_proved_is_not_deleted() -> None:
    of = factories.connection(factories.merchant())
    factories.proof(of)
    with pytest.raises(ProtectedError):
        of.delete()

"""The second wall: what a page reads without its filter is still the person's merchants' alone, table by table."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.db.utils import DatabaseError
from django.utils import timezone

from connections.audit import audit, audit_person
from connections.checks import wall_is_built
from connections.models import AuditEntry, Connection, Credential, Merchant, Role, SupportGrant
from connections.models.pairs import ConnectionQuerySet
from connections.tenancy import merchant_of, tenant_path
from connections.wall import WEB_ROLE, policies, stamps, standing, wall_build, wall_lifted, wall_lower, wall_raise
from syncjobs.models import Proof
from tests import factories
from tests.screens.conftest import Shop, open_shop
from tests.screens.test_admin import filled

__all__ = ["filled"]
pytestmark = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no roles")
OWNED = [model for model in apps.get_models() if tenant_path(model) is not None or model is Credential]


@pytest.fixture
def rival(db: None) -> Shop:
    """Somebody else's shop, behind both walls."""
    return open_shop("Cove & Cedar")


@pytest.fixture
def walled(filled: Shop, rival: Shop) -> Iterator[Shop]:
    """Behind the wall as the shop's owner, with rows of both merchants on the other side."""
    factories.problem(rival.connection, "1")
    factories.event(rival.connection, "1")
    factories.attempt(factories.job(rival.connection, "1"))
    factories.item_link(rival.connection, "HP-1")
    factories.proof(rival.connection)
    factories.hook(rival.connection, "store/order/created")
    audit(merchant=rival.merchant, actor=None, action="thing.done", subject="rival's")
    audit_person(actor=None, action="login.failed", subject=rival.people[Role.OWNER])
    audit_person(actor=None, action="login.failed", subject=filled.people[Role.OWNER])
    connection.check_constraints()
    wall_raise(filled.people[Role.OWNER])
    yield filled
    wall_lower()


def test_every_table_with_a_tenant_has_a_policy(db: None) -> None:
    with connection.cursor() as cursor:
        assert standing(cursor) == stamps(policies())
    assert {model._meta.db_table for model in OWNED} == policies().keys()
    assert len(OWNED) >= 39


@pytest.mark.parametrize("model", OWNED, ids=[model.__name__ for model in OWNED])
def test_a_query_without_its_filter_finds_no_foreign_row(model: Any, walled: Shop) -> None:
    seen = set(model._default_manager.values_list("pk", flat=True))
    with wall_lifted():
        owners = {row.pk: owner_of(row) for row in model._default_manager.all()}
    assert seen == {pk for pk, owner in owners.items() if owner == walled.merchant}
    if model in SEEN_ON_BOTH_SIDES:
        assert 0 < len(seen) < len(owners)


def owner_of(row: Any) -> Any:
    if isinstance(row, Credential):
        with_it = [
            *Connection.objects.filter(store__credential=row),
            *Connection.objects.filter(heartland__credential=row),
        ]
        return with_it[0].merchant
    if isinstance(row, AuditEntry) and row.person:
        return row.person.memberships.get().merchant
    return merchant_of(row)


SEEN_ON_BOTH_SIDES: set[Any] = {
    model
    for model in OWNED
    if model.__name__
    in {
        "Merchant", "Membership", "AuditEntry", "HeartlandAccount", "Store", "Credential", "Connection", "Location",
        "OrderSettings", "Hook", "SyncError", "Issue", "InboxEvent", "Record", "SyncJob", "Attempt", "Link", "Proof",
    }
}  # fmt: skip


@pytest.mark.parametrize("model", sorted(SEEN_ON_BOTH_SIDES - {AuditEntry, Proof}, key=str))
def test_a_foreign_row_is_not_written_either(model: Any, walled: Shop) -> None:
    key = model._meta.pk.name
    with wall_lifted():
        rows = model._default_manager.order_by("pk")
        before = list(rows.values())
        foreign = [row.pk for row in rows if owner_of(row) != walled.merchant]
    assert foreign
    assert model._default_manager.filter(pk__in=foreign).update(**{key: models.F(key)}) == 0
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {model._meta.db_table} WHERE id = ANY (%s)", [foreign])  # noqa: S608
        assert cursor.rowcount == 0
    with wall_lifted():
        assert list(model._default_manager.order_by("pk").values()) == before


def test_a_row_is_not_given_to_another_merchant(walled: Shop, rival: Shop) -> None:
    with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        Connection.objects.update(merchant=rival.merchant)


def test_the_web_role_adds_to_trail_and_proofs_and_no_more(walled: Shop) -> None:
    audit(merchant=walled.merchant, actor=walled.people[Role.OWNER], action="thing.done", subject="x")
    factories.proof(walled.connection)
    for statement in ("UPDATE connections_auditentry SET subject = 'y'", "DELETE FROM connections_auditentry",
                      "TRUNCATE connections_auditentry", "UPDATE syncjobs_proof SET orders = 0",
                      "DELETE FROM syncjobs_proof", "TRUNCATE syncjobs_proof"):  # fmt: skip
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            connection.cursor().execute(statement)


def test_a_page_that_forgot_its_filter_shows_nothing_foreign(
    shop: Shop, rival: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ConnectionQuerySet, "for_user", lambda rows, user: rows.all())
    monkeypatch.setattr("connections.views.base.role_of", lambda user, merchant: "owner")
    for page in ("items/", "connection/", "errors/", "fulfillment/"):
        assert shop.client().get(shop.at(page)).status_code == 200
        assert shop.client().get(rival.at(page)).status_code == 404
    assert str(rival.connection.public_id) not in shop.client().get("/").content.decode()


def test_after_the_page_the_wall_is_down(shop: Shop) -> None:
    assert shop.client().get(shop.at("items/")).status_code == 200
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_setting('tillbridge.person', true)")
        role, person = cursor.fetchone()
    assert (role != WEB_ROLE, person) == (True, "")


def test_an_export_is_read_behind_the_wall_to_its_end(shop: Shop, rival: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    roles: list[str] = []
    found = factories.proof(shop.connection)

    def lines(_: Any) -> Iterator[tuple[str, ...]]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user")
            roles.append(cursor.fetchone()[0])
        yield ("one",)

    monkeypatch.setattr("syncjobs.pages.proof.proof_views.lines_of", lines)
    answer = shop.client().get(shop.at(f"proof/{found.pk}/csv/"))
    assert b"".join(answer.streaming_content) == b"one\r\n"  # type: ignore[attr-defined]
    assert roles == [WEB_ROLE]


def test_a_page_costs_two_statements_more(shop: Shop, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        wall_raise(shop.people[Role.OWNER])
    with django_assert_num_queries(1):
        wall_lower()
    with django_assert_num_queries(0):
        wall_lower()


@pytest.mark.django_db(transaction=True)
def test_a_page_whose_connection_broke_goes_on_behind_the_wall() -> None:
    wall_raise(factories.user())
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == (WEB_ROLE,)
    wall_lower()
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() != (WEB_ROLE,)


def test_support_sees_what_was_granted_and_only_while_it_is(shop: Shop, rival: Shop) -> None:
    staff = factories.user("support@tillbridge.example", is_staff=True)
    now = timezone.now()
    grant = SupportGrant.objects.create(merchant=shop.merchant, staff=staff, reason="Held order")
    expected: list[Any] = []
    for change in ({}, {"given_at": now, "until": now + timedelta(hours=1)}, {"ended_at": now}):
        SupportGrant.objects.filter(pk=grant.pk).update(**change)
        wall_raise(staff)
        expected.append(list(Merchant.objects.values_list("pk", flat=True)))
        wall_lower()
    assert expected == [[], [shop.merchant.pk], []]


def test_the_check_names_a_table_without_a_policy(db: None) -> None:
    assert wall_is_built(databases=["default"]) == []
    with connection.cursor() as cursor:
        cursor.execute("DROP POLICY tenant ON mappings_link")
    (said,) = wall_is_built(databases=["default"])
    assert said.msg == "The wall between merchants does not stand. It misses mappings_link and 0 more tables."
    wall_build()
    assert wall_is_built(databases=["default"]) == []

"""What is kept of a shopper: found by e-mail address, exported, erased; forgotten by age and after an end."""

import importlib
import io
import json
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection as database
from django.test import Client
from django.utils import timezone
from psycopg import sql
from pytest_django import Settings

from connections.connect.bigcommerce.install import store_uninstalled
from connections.crypto import EncryptedTextField
from connections.models import AuditEntry, Connection, Role, Store
from connections.services import connection_disconnect
from errors.models import Issue, SyncError
from ipaas.cards import REMOVED as CARD_GONE
from ipaas.masking import EMAIL as EMAIL_GONE
from ipaas.masking import STREET as STREET_GONE
from mappings.models import Link
from mappings.person_keys import sealed
from syncjobs.engine.retention import retention_apply
from syncjobs.models import Attempt, Comment, Cursor, InboxEvent, OrderText, Record
from syncjobs.pages.personal.personal_data import personal_erase, personal_export, reference
from syncjobs.proof.prove_day import day_of, proof_make
from tests import factories
from tests.flows.conftest import Pair
from tests.flows.shoppers import account, booked, post

EMAIL = "canary.bird@example.com"
BIRD = {
    "first_name": "Zephyrine", "last_name": "Quillfeather", "email": EMAIL, "phone": "512-555-0177",
    "street_1": "77 Canarybird Lane",
}  # fmt: skip
BIRDS = (EMAIL, "Zephyrine", "Canarybird", "5550177")
NOTE = "ring canary.bird@example.com when it comes"


@pytest.fixture(autouse=True)
def _here(settings: Settings) -> None:
    settings.PUBLIC_URL = "http://testserver"
    settings.ALLOWED_HOSTS = ["testserver"]


def hear(pair: Pair, web_id: str) -> None:
    """A message about the order, and a refusal of its own."""
    InboxEvent.objects.create(
        connection=pair.connection, system="bigcommerce", topic="t", delivery_key=f"k{web_id}", external_id=web_id,
        body=json.dumps({"note": NOTE}), received_at=timezone.now(),
    )  # fmt: skip


def plain() -> str:
    """Every row of every table as it stands in the database."""
    with database.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        texts = []
        for (name,) in cursor.fetchall():
            cursor.execute(
                sql.SQL("SELECT coalesce(string_agg(t::text, ' '), '') FROM {} t").format(sql.Identifier(name))
            )
            texts.append(str(cursor.fetchone()[0]))
    return "".join(texts)


def opened() -> str:
    """Every encrypted value, decrypted."""
    return "".join(
        str(value)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, EncryptedTextField)
        for value in model._default_manager.values_list(field.name, flat=True)
    )


def test_an_export_holds_what_is_kept_and_nobody_elses(pair: Pair) -> None:
    web_id = booked(pair, BIRD, customer_message=NOTE)
    other = booked(pair, customer_message="other")
    hear(pair, web_id)
    found = personal_export(merchant=pair.connection.merchant, email=f" {EMAIL.upper()} ", actor=None)
    (store,) = found["stores"]
    assert [row["order"] for row in store["orders"]] == [web_id]
    assert store["heartland_customers"] == [Link.objects.get(source_id=sealed(f"email:{EMAIL}")).target_id]
    assert len(store["addresses_in_heartland"]) == 1
    assert [(row["order"], row["texts"][0]["text"]) for row in store["texts"]] == [(web_id, NOTE)]
    assert [(row["order"], json.loads(row["body"])["note"]) for row in store["payloads"]] == [(web_id, NOTE)]
    assert other not in json.dumps(found)
    entry = AuditEntry.objects.get(action="personal.exported")
    assert EMAIL not in entry.subject
    assert (entry.subject, EMAIL in str(entry.detail)) == (reference(EMAIL), False)


def test_erasing_leaves_no_trace_and_books_nothing_twice(pair: Pair) -> None:
    merchant = pair.connection.merchant
    web_id = booked(pair, BIRD, customer_message=NOTE)
    other = booked(pair, customer_message="other")
    hear(pair, web_id)
    for on in ({"external_id": web_id}, {"sku": "DOG-LEAD"}):
        text, now = f"Zephyrine of {EMAIL} rang", timezone.now()
        Comment.objects.create(connection=pair.connection, text=text, at=now, **on)
    Comment.objects.create(connection=pair.connection, sku="DOG-LEAD", text="Of the old stock", at=timezone.now())
    (kept,) = personal_export(merchant=merchant, email=EMAIL, actor=None)["stores"]
    assert [(row["order"], row["sku"]) for row in kept["comments"]] == [(web_id, ""), ("", "DOG-LEAD")]
    (before,) = pair.sales_orders(web_id)
    customers = len(pair.heartland.rows("customers"))
    links = Link.objects.filter(kind="order").count()
    proof = proof_make(connection=pair.connection, day=day_of(pair.connection, timezone.now()), now=timezone.now())
    counts = personal_erase(merchant=merchant, email=EMAIL, actor=None)
    assert counts == {
        "links": 2, "texts": 1, "names": 1, "points": 0, "corrections": 0, "comments": 2, "accounts": 0, "payloads": 1,
        "calls": 0, "problems": 0, "owners": 0,
    }  # fmt: skip
    assert personal_export(merchant=merchant, email=EMAIL, actor=None)["stores"][0]["texts"] == []
    assert Comment.objects.get().text == "Of the old stock"
    assert (OrderText.objects.get().external_id, InboxEvent.objects.get().body) == (other, "{}")
    assert Link.objects.filter(kind="order").count() == links
    assert not [word for word in BIRDS if word in plain() + opened()]
    assert pair.run(web_id) == "done"
    assert [row["id"] for row in pair.sales_orders(web_id)] == [before["id"]]
    again = booked(pair, BIRD)
    assert len(pair.sales_orders(again)) == 1
    assert len(pair.heartland.rows("customers")) == customers
    proof.refresh_from_db()
    assert EMAIL not in json.dumps([proof.lines, proof.strays])
    entry = AuditEntry.objects.get(action="personal.erased")
    assert (entry.subject, entry.detail["texts"]) == (reference(EMAIL), 1)


def test_an_account_holder_is_found_by_asking_heartland(pair: Pair) -> None:
    holder = account(pair, email=EMAIL)
    web_id = booked(pair, BIRD, customer_id=holder)
    assert Link.objects.filter(source_id=f"customer:{holder}").exists()
    found = personal_export(merchant=pair.connection.merchant, email=EMAIL, actor=None)
    assert [row["order"] for row in found["stores"][0]["orders"]] == [web_id]
    personal_erase(merchant=pair.connection.merchant, email=EMAIL, actor=None)
    assert not Link.objects.filter(source_id=f"customer:{holder}").exists()


def test_that_heartland_could_not_be_asked_is_said(pair: Pair) -> None:
    pair.heartland.post("/_sim/faults", {"method": "GET", "path": "/api/customers", "status": 503})
    (store,) = personal_export(merchant=pair.connection.merchant, email=EMAIL, actor=None)["stores"]
    assert store["not_asked"] == "Heartland has trouble (503)."


def test_the_command_exports_and_erases(pair: Pair) -> None:
    web_id = booked(pair, BIRD, customer_message=NOTE)
    out = io.StringIO()
    call_command("personal_data", "export", "--email", EMAIL, stdout=out)
    assert json.loads(out.getvalue())[0]["stores"][0]["orders"][0]["order"] == web_id
    out = io.StringIO()
    call_command("personal_data", "erase", "--email", EMAIL, "--merchant", "Harbor & Pine", stdout=out)
    assert out.getvalue() == (
        "Harbor & Pine: links 2, texts 1, names 1, points 0, corrections 0, comments 0, accounts 0, payloads 0, "
        "calls 0, problems 0, owners 0\n"
    )
    with pytest.raises(CommandError, match="no e-mail address"):
        call_command("personal_data", "erase", "--email", "x")
    with pytest.raises(CommandError, match="no merchant"):
        call_command("personal_data", "erase", "--email", EMAIL, "--merchant", "Nobody")


def test_an_owner_does_it_on_the_page_and_nobody_else(pair: Pair) -> None:
    web_id = booked(pair, BIRD, customer_message=NOTE)
    path = f"/settings/merchant/{pair.connection.merchant.public_id}/personal/"
    for role in (Role.STAFF, Role.OPS, Role.VIEWER):
        client = factories.signed_in(factories.member(pair.connection.merchant, role), lately=True)
        assert client.get(path).status_code == 403
        assert client.post(path, {"do": "erase", "email": EMAIL}).status_code == 403
    rival = factories.signed_in(factories.member(factories.merchant("Cove & Cedar"), Role.OWNER), lately=True)
    assert rival.get(path).status_code == 404
    assert OrderText.objects.count() == 1
    person = factories.member(pair.connection.merchant, Role.OWNER)
    long_ago = Client()
    long_ago.force_login(person)  # who does not prove who they are
    assert "reauthenticate" in long_ago.post(path, {"do": "erase", "email": EMAIL})["Location"]
    assert OrderText.objects.count() == 1
    owner = factories.signed_in(person, lately=True)
    assert "How long texts are kept" in owner.get(path).content.decode()
    answer = owner.post(path, {"do": "export", "email": EMAIL})
    assert answer["Content-Disposition"] == 'attachment; filename="personal-data.json"'
    assert answer.json()["stores"][0]["orders"][0]["order"] == web_id
    assert "Enter a valid email address" in owner.post(path, {"do": "erase", "email": "x"}).content.decode()
    page = owner.post(path, {"do": "erase", "email": EMAIL}, follow=True).content.decode()
    assert "Erased: 2 links, 1 texts, 1 names." in page
    assert EMAIL not in page
    assert not OrderText.objects.exists()
    assert (
        "Nothing is kept here"
        in owner.post(path, {"do": "erase", "email": "a@b.example"}, follow=True).content.decode()
    )
    assert owner.post(path, {"do": "other"}).status_code == 404


def test_a_merchant_says_how_long_texts_are_kept(pair: Pair) -> None:
    merchant = pair.connection.merchant
    path = f"/settings/merchant/{merchant.public_id}/personal/"
    owner = factories.signed_in(factories.member(merchant, Role.OWNER), lately=True)
    assert 'value="30"' in owner.get(path).content.decode()
    page = owner.post(path, {"do": "keep", "days": 10, "shown": 30}, follow=True).content.decode()
    assert "Texts are kept 10 days." in page
    page = owner.post(path, {"do": "keep", "days": 20, "shown": 30}, follow=True).content.decode()
    assert "Nothing was saved. Somebody set it to 10 days" in page
    assert "Texts are kept" not in owner.post(path, {"do": "keep", "days": 20}, follow=True).content.decode()
    assert "greater than or equal to 3" in owner.post(path, {"do": "keep", "days": 2, "shown": 10}).content.decode()
    entry = AuditEntry.objects.get(action="merchant.retention")
    assert entry.detail == {"days": {"was": 30, "is": 10}}


def test_each_merchants_texts_go_after_its_own_days(pair: Pair) -> None:
    merchant = pair.connection.merchant
    merchant.retention_days = 10
    merchant.save()
    web_id = booked(pair, BIRD, customer_message=NOTE)
    factories.problem(pair.connection, "77")
    hear(pair, web_id)
    rival = factories.connection(factories.merchant("Cove & Cedar"))
    factories.order(rival, "1", Record.Disposition.BOOKED, reason="a reason of theirs", at=timezone.now())
    now = timezone.now()
    Attempt.objects.update(sentence="said", began_at=now)
    Record.objects.filter(external_id=web_id).update(reason="booked", changed_at=now)
    retention_apply(now + timedelta(days=9))
    assert (OrderText.objects.count(), InboxEvent.objects.count()) == (1, 1)
    assert pair.record(web_id).reason == "booked"
    retention_apply(now + timedelta(days=11))
    assert (OrderText.objects.count(), InboxEvent.objects.count()) == (0, 0)
    assert (pair.record(web_id).reason, pair.record(web_id).disposition) == ("", "booked")
    assert set(Attempt.objects.values_list("sentence", flat=True)) == {""}
    assert Attempt.objects.filter(steps=[]).count() == 0
    assert SyncError.objects.get().reason != "[erased]"  # it waits for somebody
    assert Record.objects.get(connection=rival).reason == "a reason of theirs"


def test_answers_are_kept_for_days_only(pair: Pair, settings: Settings) -> None:
    pair.heartland.post(
        "/_sim/faults", {"method": "POST", "path": "/sales/orders", "status": 422, "body": {"message": "no"}}
    )
    pair.run(post(pair, BIRD))
    error = SyncError.objects.get()
    assert '{"message": "no"}' in error.answer.replace('":"', '": "')
    assert '"message"' not in plain()
    retention_apply(error.last_seen_at + timedelta(days=6))
    assert SyncError.objects.get().answer
    retention_apply(error.last_seen_at + timedelta(days=8))
    assert SyncError.objects.get().answer == ""
    assert SyncError.objects.get().reason


@pytest.mark.parametrize("how", ["disconnected", "uninstalled", "before this version"])
def test_what_ended_forgets_its_people_within_30_days(pair: Pair, how: str) -> None:
    connection = pair.connection
    Store.objects.filter(pk=connection.store_id).update(owner_email=EMAIL)
    web_id = booked(pair, BIRD, customer_message=NOTE)
    hear(pair, web_id)
    factories.hook(connection, "store/canary")
    factories.problem(connection, "77")
    today = timezone.localdate(timezone=ZoneInfo(connection.merchant.time_zone))
    proof = proof_make(connection=connection, day=today, now=timezone.now())
    records, orders = Record.objects.count(), Link.objects.filter(kind="order").count()
    connection.store.refresh_from_db()
    if how == "uninstalled":
        assert store_uninstalled(store=connection.store, issued_at=timezone.now())
    else:
        connection_disconnect(connection=connection, actor=None)
    if how == "before this version":
        Connection.objects.update(ended_at=None)
    ended = timezone.now()
    retention_apply(ended)
    retention_apply(ended + timedelta(days=28))
    assert OrderText.objects.exists()
    assert Link.objects.filter(kind="customer").count() == 1
    retention_apply(ended + timedelta(days=29, minutes=1))
    assert (OrderText.objects.count(), InboxEvent.objects.count()) == (0, 0)
    assert Link.objects.filter(kind__in=["customer", "address"]).count() == 0
    assert (Record.objects.count(), Link.objects.filter(kind="order").count()) == (records, orders)
    assert {(hook.secret, hook.token) for hook in connection.hooks.all()} == {("", "")}
    assert SyncError.objects.get().reason == "[erased]"
    assert not [word for word in BIRDS if word in plain() + opened()]
    connection.store.refresh_from_db()
    assert connection.store.owner_email == ""
    proof.refresh_from_db()
    assert proof.orders >= 1
    assert AuditEntry.objects.filter(action="connection.erased").count() == 1
    retention_apply(ended + timedelta(days=31))
    assert AuditEntry.objects.filter(action="connection.erased").count() == 1


def test_what_lives_again_keeps_its_people(pair: Pair) -> None:
    booked(pair, BIRD)
    Connection.objects.update(ended_at=timezone.now() - timedelta(days=40))
    retention_apply(timezone.now())
    assert Connection.objects.get().ended_at is None
    assert Link.objects.filter(kind="customer").exists()


def test_texts_of_the_version_before_are_masked_where_they_stand(pair: Pair) -> None:
    said = f"Heartland refused the request (400): {EMAIL} of 77 Canarybird Lane paid with 4111 1111 1111 1111"
    error = factories.problem(pair.connection, "77")
    violations = [{**error.violations[0], "sentence": said}]
    SyncError.objects.update(reason=said, violations=violations, detail=said, answer="")
    Issue.objects.update(title=said)
    Record.objects.update(reason=said)
    Cursor.objects.update(failure=said)
    sealing: Any = importlib.import_module("errors.migrations.0003_sealed_answers")
    masking: Any = importlib.import_module("syncjobs.migrations.0025_masked_texts")
    for _ in range(2):
        sealing.seal(apps, database.schema_editor())
        masking.mask(apps, database.schema_editor())
    left = f"Heartland refused the request (400): {EMAIL_GONE} of {STREET_GONE} paid with {CARD_GONE}"
    error.refresh_from_db()
    assert (error.reason, error.violations[0]["sentence"], error.answer, error.detail) == (left, left, left, "")
    assert Issue.objects.get().title == Record.objects.get().reason == left
    assert "4111 1111" not in plain()

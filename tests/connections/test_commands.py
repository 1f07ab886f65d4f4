"""Commands for scripted installs, and for the key ring."""

import json
import re
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.conf import settings as settings_of_test
from django.contrib.auth.tokens import default_token_generator
from django.core import signing
from django.core.management import CommandError, call_command
from django.db import connection as database
from django.test import Client, override_settings
from pytest_django import Settings

from connections.crypto import UnreadableSecret, decrypt, encrypt
from connections.models import Connection, Credential, HeartlandAccount, Hook, Merchant, Store
from connections.services import credentials_rotate
from connections.services.secrets import _names_rotate, sealed_columns, unreadable_count
from ipaas import queue
from ipaas.digests import content_digest
from tests.connections.conftest import HEARTLAND_TOKEN, STORE_HASH, STORE_TOKEN
from tests.factories import user

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> Any:
    out = StringIO()
    call_command("connect", *arguments, stdout=out)
    assert HEARTLAND_TOKEN not in out.getvalue()
    assert STORE_TOKEN not in out.getvalue()
    return json.loads(out.getvalue())


def heartland(url: str) -> list[str]:
    return ["heartland", "--merchant", "Harbor & Pine", "--base-url", url, "--token", HEARTLAND_TOKEN]


def bigcommerce(url: str) -> list[str]:
    app = ["--client-id", "simclientid0001", "--client-secret", "sim-client-secret-0001"]
    store = ["--store-hash", STORE_HASH, "--access-token", STORE_TOKEN, "--api-base", url]
    return ["bigcommerce", "--merchant", "Harbor & Pine", *store, *app]


@pytest.mark.parametrize("heartland_first", [True, False])
def test_two_commands_make_a_running_connection(
    heartland_url: str, bigcommerce_url: str, heartland_first: bool
) -> None:
    commands = [heartland(heartland_url), bigcommerce(bigcommerce_url)]
    first, second = commands if heartland_first else commands[::-1]
    assert run(*first)["pairs"] == []
    (pair,) = run(*second)["pairs"]
    assert (pair["state"], pair["problems"]) == ("active", [])
    made = Connection.objects.get()
    assert (made.is_running, str(made.public_id)) == (True, pair["connection"])
    assert made.hooks.filter(state=Hook.State.LIVE).count() == 13
    (again,) = run(*second)["pairs"]
    assert (again["connection"], again["done"], again["problems"]) == (pair["connection"], [], [])
    assert (Merchant.objects.count(), HeartlandAccount.objects.count(), Store.objects.count()) == (1, 1, 1)


def test_it_can_wait_and_takes_a_public_id(heartland_url: str, bigcommerce_url: str) -> None:
    merchant = Merchant.objects.create(name="Known")
    run("heartland", "--merchant", str(merchant.public_id), *heartland(heartland_url)[3:])
    answer = run("bigcommerce", "--keep-waiting", "--merchant", "Known", *bigcommerce(bigcommerce_url)[3:])
    assert (answer["merchant"], answer["pairs"]) == (str(merchant.public_id), [])
    assert Connection.objects.count() == 0


def test_a_wrong_token_ends_with_a_sentence(heartland_url: str) -> None:
    with pytest.raises(CommandError, match="not valid at"):
        run(*heartland(heartland_url)[:-1], "a-wrong-token")


def test_a_fresh_key_is_a_key() -> None:
    out = StringIO()
    call_command("credential_key", stdout=out)
    Fernet(out.getvalue().strip())


def raw_secrets() -> list[str]:
    with database.cursor() as cursor:
        cursor.execute("SELECT secret FROM connections_credential ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def test_rotation_moves_every_secret_to_the_newest_key(store: Store, settings: Settings) -> None:
    former = settings.CREDENTIAL_KEYS
    newest = Fernet.generate_key().decode()
    Hook.objects.create(
        connection=pair_of(store), system="bigcommerce", topic="t", path_token="p", secret="hook-secret"
    )
    settings.CREDENTIAL_KEYS = [newest, *former]
    before = raw_secrets()
    out = StringIO()
    call_command("credential_rotate", stdout=out)
    assert "connections.Credential.secret: 2" in out.getvalue()
    assert "connections.Hook.secret: 1" in out.getvalue()
    assert not set(before) & set(raw_secrets())
    settings.CREDENTIAL_KEYS = [newest]
    assert credential_of(store).read()["token"] == STORE_TOKEN
    assert Hook.objects.get().secret == "hook-secret"
    settings.CREDENTIAL_KEYS = former
    with pytest.raises(UnreadableSecret):
        Hook.objects.get()
    with pytest.raises(CommandError, match=r"connections\.Hook\.secret: 1 fit no key"):
        call_command("credential_rotate", stdout=out)


def test_rotation_never_undoes_a_newer_secret(
    store: Store, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    from connections.services import secrets

    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode(), *settings.CREDENTIAL_KEYS]

    def slow(rows: Any) -> Any:
        found = list(original(rows))
        if rows.model is Credential:
            Credential.objects.filter(pk=credential_of(store).pk).update(secret='{"token": "newer"}')
        return found

    original = secrets._raw_values
    monkeypatch.setattr(secrets, "_raw_values", slow)
    assert credentials_rotate()["connections.Credential.secret"].moved == 0
    assert credential_of(store).read()["token"] == "newer"


def test_a_rotation_that_was_broken_off_goes_on_where_it_was(store: Store, settings: Settings) -> None:
    """And one value that no key opens keeps no other from moving: it is named, and the run says that it is not done."""
    pair_of(store)
    former, newest = settings.CREDENTIAL_KEYS, Fernet.generate_key().decode()
    settings.CREDENTIAL_KEYS = [newest, *former]
    moved_before = credential_of(store)
    moved_before.save()
    odd = Credential.objects.create(secret="x")
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]
    odd.save()
    settings.CREDENTIAL_KEYS = [newest, *former]
    result = credentials_rotate()["connections.Credential.secret"]
    assert (result.moved, result.unreadable) == (1, [odd.pk])
    assert unreadable_count() == {"connections.Credential.secret": 1}
    with pytest.raises(CommandError, match=rf"1 fit no key of CREDENTIAL_KEYS \(rows {odd.pk}\)"):
        call_command("credential_rotate", stdout=StringIO())
    odd.delete()
    out = StringIO()
    call_command("credential_rotate", stdout=out)
    assert out.getvalue().endswith("Nothing is left to move: former keys can be taken out of CREDENTIAL_KEYS.\n")


def test_every_encrypted_column_is_rotated() -> None:
    """Text is encrypted by our field, which the rotation finds in every model, or in one of the places named here."""
    by_hand = {
        "syncjobs/intake/inbox.py": "InboxEvent.body, written without the ORM",
        "syncjobs/flows/orders/keep_people.py": "OrderPeople.content, written without the ORM",
        "connections/signin/adapter.py": "secrets of second factors: SEALED_INSIDE",
        "connections/signin/forms.py": "such a secret in a session, until it is proven",
    }
    callers = {
        str(path.relative_to(ROOT))
        for room in ("connections", "mappings", "errors", "syncjobs", "ipaas")
        for path in (ROOT / room).rglob("*.py")
        if re.search(r"(?<![.\w])(crypto\.)?encrypt\(|MultiFernet", path.read_text())
    }
    assert callers - {"connections/crypto.py"} <= by_hand.keys()
    labels = [str(sealed) for sealed in sealed_columns()]
    written_past_the_orm = {"syncjobs.InboxEvent.body", "syncjobs.OrderPeople.content"}
    assert written_past_the_orm | {"connections.Store.owner_email", "errors.SyncError.answer"} <= set(labels)
    assert len(labels) == len(set(labels))


def test_secrets_inside_of_json_move_too() -> None:
    key = settings_of_test.CREDENTIAL_KEYS[0]
    former = Fernet(Fernet.generate_key())
    rotate = _names_rotate(("secret", "migrated_codes"))
    sealed = {"secret": encrypt("a"), "migrated_codes": [encrypt("b")], "other": 7}
    with override_settings(CREDENTIAL_KEYS=[Fernet.generate_key().decode(), key]):
        fresh = json.loads(rotate(json.dumps(sealed)))
        assert [fresh["secret"] != sealed["secret"], fresh["other"]] == [True, 7]
        assert (decrypt(fresh["secret"]), decrypt(fresh["migrated_codes"][0])) == ("a", "b")
        assert rotate(json.dumps(fresh)) == json.dumps(fresh)
        with pytest.raises(UnreadableSecret):
            rotate(json.dumps({"secret": former.encrypt(b"a").decode()}))


def test_what_a_former_signing_key_signed_stays_good(settings: Settings) -> None:
    """Sessions, links in mails, tokens of the queue; and digests that are kept do not change at all."""
    person = user("owner@harborpine.example")
    browser, away = Client(), Client()
    browser.force_login(person)
    away.force_login(person)
    claim, token = signing.dumps("store", salt="claim"), queue.token("sweep")
    reset = default_token_generator.make_token(person)
    digest, former = content_digest("order places", "1 Pine St"), settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another-signing-key-" * 4, [former]
    assert is_logged_in(browser)
    assert signing.loads(claim, salt="claim") == "store"
    assert queue.token_read(token).task == "sweep"
    assert default_token_generator.check_token(person, reset)
    assert content_digest("order places", "1 Pine St") == digest
    settings.SECRET_KEY_FALLBACKS = []
    assert (is_logged_in(browser), is_logged_in(away)) == (True, False)  # one that was used moved to the newest key
    with pytest.raises(queue.NotOurs):
        queue.token_read(token)


def is_logged_in(browser: Client) -> bool:
    return "/accounts/login/" not in browser.get("/settings/integrations/").headers.get("Location", "")


def credential_of(store: Store) -> Credential:
    return Credential.objects.get(pk=store.credential_id or 0)


def pair_of(store: Store) -> Connection:
    assert store.merchant is not None
    credential = Credential.objects.create(secret='{"token": "x"}')
    account = HeartlandAccount.objects.create(
        merchant=store.merchant, name="A", base_url="https://a.example/api", credential=credential
    )
    return Connection.objects.create(merchant=store.merchant, heartland=account, store=store)

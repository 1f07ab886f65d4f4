"""Commands for scripted installs, and for the key ring."""

import json
from io import StringIO
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection as database
from pytest_django import Settings

from connections.crypto import UnreadableSecret
from connections.models import Connection, Credential, HeartlandAccount, Hook, Merchant, Store
from connections.services import credentials_rotate
from tests.connections.conftest import HEARTLAND_TOKEN, STORE_HASH, STORE_TOKEN

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
    assert made.hooks.filter(state=Hook.State.LIVE).count() == 17
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
    with pytest.raises(CommandError, match="fits no key"):
        call_command("credential_rotate", stdout=out)


def test_rotation_never_undoes_a_newer_secret(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from connections.services import secrets

    def slow(rows: Any) -> Any:
        found = list(original(rows))
        if rows.model is Credential:
            Credential.objects.filter(pk=credential_of(store).pk).update(secret='{"token": "newer"}')
        return found

    original = secrets._raw_values
    monkeypatch.setattr(secrets, "_raw_values", slow)
    assert credentials_rotate()["connections.Credential.secret"] == 0
    assert credential_of(store).read()["token"] == "newer"


def credential_of(store: Store) -> Credential:
    return Credential.objects.get(pk=store.credential_id or 0)


def pair_of(store: Store) -> Connection:
    assert store.merchant is not None
    credential = Credential.objects.create(secret='{"token": "x"}')
    account = HeartlandAccount.objects.create(
        merchant=store.merchant, name="A", base_url="https://a.example/api", credential=credential
    )
    return Connection.objects.create(merchant=store.merchant, heartland=account, store=store)

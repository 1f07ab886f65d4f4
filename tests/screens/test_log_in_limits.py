"""Guessing at the log-in is bounded, whoever guesses, and stands in the trail."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import SimpleNamespace

import pytest
from django.core import mail
from django.db import connections
from django.test import Client
from pytest_django import Settings

from connections.models import AuditEntry, Role, User
from tests.screens.conftest import Shop
from tests.screens.own_account import NEW, OTHER_NETWORK, _mails, acts, checks, link_in, log_in, owner

__all__ = ["_mails", "checks", "owner"]


# Limits on guessing


def test_five_wrong_tries_of_strangers_do_not_refuse_the_owner(owner: User) -> None:
    for _ in range(5):
        assert log_in(Client(), owner.email, "wrong") == ""
    assert log_in(Client(), owner.email) == "/"


def test_a_browser_that_was_in_before_gets_in_whatever_strangers_tried(owner: User) -> None:
    known = Client()
    log_in(known, owner.email)
    known.post("/accounts/logout/")
    for number in range(60):
        log_in(Client(), owner.email, "wrong", REMOTE_ADDR=f"203.0.113.{number}")
        log_in(Client(), owner.email, "wrong")
    assert log_in(Client(), owner.email) == ""
    assert log_in(Client(), owner.email, REMOTE_ADDR="198.51.100.7") == ""
    assert log_in(known, owner.email) == "/"


def test_wrong_tries_are_bounded_exactly_for_one_network_and_for_all_together(owner: User, checks: list[str]) -> None:
    for _ in range(20):
        log_in(Client(), owner.email, "wrong", **OTHER_NETWORK)
    assert len(checks) == 10
    for number in range(40):
        log_in(Client(), owner.email.upper(), "wrong", REMOTE_ADDR=f"198.51.100.{number}")
    assert len(checks) == 30
    assert log_in(Client(), owner.email, REMOTE_ADDR="192.0.2.77") == ""
    assert len(checks) == 30


def test_who_is_right_has_not_tried(owner: User) -> None:
    assert [log_in(Client(), owner.email, **OTHER_NETWORK) for _ in range(12)] == ["/"] * 12


def test_one_network_tries_ten_passwords_a_minute_at_however_many_accounts(db: None, checks: list[str]) -> None:
    for number in range(14):
        log_in(Client(), f"person{number}@harborpine.example", "wrong", **OTHER_NETWORK)
    assert len(checks) == 10


def test_one_network_tries_ten_passwords_a_quarter_of_an_hour_at_one_account(
    owner: User, checks: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    began = time.time()
    for minutes, looked_at in ((0, 6), (2, 10), (14, 10), (16, 16)):
        clock = SimpleNamespace(time=partial(float, began + minutes * 60))
        monkeypatch.setattr("connections.signin.try_limits.time", clock)
        for _ in range(6):
            log_in(Client(), owner.email, "wrong", **OTHER_NETWORK)
        assert len(checks) == looked_at


@pytest.mark.django_db(transaction=True)
def test_tries_at_the_same_moment_are_bounded_too(owner: User, checks: list[str]) -> None:
    def guess(_: int) -> str:
        try:
            return log_in(Client(), owner.email, "wrong")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(16) as threads:
        assert set(threads.map(guess, range(16))) == {""}
    assert len(checks) == 10


def test_a_known_browser_guesses_five_times_only(owner: User, checks: list[str]) -> None:
    known = Client()
    log_in(known, owner.email)
    known.post("/accounts/logout/")
    checks.clear()
    for _ in range(12):
        log_in(known, owner.email, "wrong")
    assert len(checks) == 5
    assert log_in(known, owner.email) == ""


def test_a_browsers_cookie_is_of_use_at_its_own_account_only(shop: Shop, owner: User, checks: list[str]) -> None:
    known = Client()
    log_in(known, shop.people[Role.VIEWER].email)
    known.post("/accounts/logout/")
    for _ in range(12):
        log_in(Client(), owner.email, "wrong")
    checks.clear()
    assert log_in(known, owner.email) == ""
    known.cookies["device"] = known.cookies["device"].value.replace(":", "x:", 1)
    assert log_in(known, owner.email) == ""
    assert checks == []


def test_a_forwarded_address_is_not_believed_and_too_few_proxies_are_no_error(
    owner: User, checks: list[str], settings: Settings
) -> None:
    for number in range(12):
        log_in(Client(), owner.email, "wrong", HTTP_X_FORWARDED_FOR=f"198.51.100.{number}")
    assert len(checks) == 10
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 3
    assert log_in(Client(), owner.email, HTTP_X_FORWARDED_FOR="10.0.0.1", **OTHER_NETWORK) == "/"


def test_an_unknown_address_is_answered_and_bounded_like_a_known_one(owner: User, checks: list[str]) -> None:
    def words(email: str, network: str) -> list[str]:
        sent = {"login": email, "password": "wrong"}
        pages = [Client().post("/accounts/login/", sent, REMOTE_ADDR=network).content.decode() for _ in range(11)]
        return [re.sub(r'value="[^"]*"', "", page) for page in pages]

    known, looked_at = words(owner.email, "203.0.113.1"), len(checks)
    assert words("nobody@example.com", "203.0.113.2") == known
    assert (looked_at, len(checks)) == (10, 20)
    assert "set a new password by mail" in known[10]


def test_a_new_password_by_mail_lets_in_whom_strangers_kept_out(owner: User) -> None:
    for _ in range(11):
        log_in(Client(), owner.email, "wrong")
    client = Client()
    assert log_in(client, owner.email) == ""
    client.post("/accounts/password/reset/", {"email": owner.email})
    page = client.get(link_in(str(mail.outbox[0].body)), follow=True)
    client.post(page.request["PATH_INFO"], {"password1": NEW, "password2": NEW})
    assert log_in(client, owner.email, NEW) == "/"
    assert log_in(Client(), owner.email, NEW) == ""
    assert acts(owner)[-2:] == ["person.password_reset", "person.signed_in"]


# What stands in the trail of a log-in


def test_log_ins_and_failed_ones_stand_in_the_trail_without_what_was_typed(owner: User) -> None:
    client = Client(HTTP_USER_AGENT="Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36")
    log_in(client, owner.email, "wrong-secret-1")
    log_in(client, owner.email)
    client.post("/accounts/logout/")
    log_in(client, "Stranger@Elsewhere.example", "wrong-secret-2")
    rows = AuditEntry.objects.order_by("pk")
    assert [(row.action, row.actor) for row in rows] == [
        ("person.sign_in_failed", None),
        ("person.signed_in", owner),
        ("person.signed_out", owner),
        ("person.sign_in_failed", None),
    ]
    assert rows[1].detail == {"from": "127.0.0.1", "browser": "Chrome on Windows"}
    assert rows[3].subject.startswith("unknown ")
    written = str(list(rows.values()))
    assert "wrong-secret" not in written
    assert "elsewhere" not in written.lower()


def test_a_lock_is_noted_once(owner: User) -> None:
    for _ in range(14):
        log_in(Client(), owner.email, "wrong")
    assert acts(owner) == ["person.sign_in_failed"] * 10 + ["person.sign_in_refused"]

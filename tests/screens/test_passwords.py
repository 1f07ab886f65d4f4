"""Which new passwords are refused: our own words and the merchant's, and those known from breaches."""

import hashlib
import logging
from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django import Settings

from connections.connectors import breaches
from connections.models import AuditEntry, Role, User
from tests import factories
from tests.connectors.conftest import BadServer, answering
from tests.screens.conftest import Shop

GOOD = "quiet-lantern-over-17-hills"
LITTLE_MORE = "This password is little more than names"
BREACHED = "known from a breach of another site"


@pytest.fixture
def owner(shop: Shop) -> User:
    person = shop.people[Role.OWNER]
    person.email, person.last_name = "marlowe@harbor-pine.example", "Whitfield"
    person.save()
    return person


@pytest.fixture
def proven(owner: User) -> Client:
    """The owner's browser, after proof of who they are."""
    client = factories.signed_in(owner)
    client.post("/accounts/reauthenticate/?next=/accounts/", {"password": factories.PASSWORD})
    return client


@pytest.fixture
def service(settings: Settings) -> Iterator[BadServer]:
    """The range service, on a socket of its own."""
    server = BadServer()
    settings.BREACHED_PASSWORDS_URL = server.url
    yield server
    server.close()


def wish(client: Client, password: str) -> str:
    """What the page says to a new password; empty when it was taken."""
    answer = client.post("/accounts/password/change/", {"password1": password, "password2": password})
    return answer.content.decode() if answer.status_code == 200 else ""


@pytest.mark.parametrize(
    "password",
    [
        "tillbridge",
        "Tillbridge-2026",
        "H3artl@nd-B1gC0mmerce!",
        "magento123456",
        "heartland!!!!!!!!!!!!",
        "harborpine2026",  # the merchant's name
        "Marlowe.99.shop",  # the address
        "wh1tf1eld-Harbor",  # the person's name
    ],
)
def test_a_password_of_our_words_is_refused(proven: Client, owner: User, password: str) -> None:
    assert LITTLE_MORE in wish(proven, password)
    owner.refresh_from_db()
    assert owner.check_password(factories.PASSWORD)


@pytest.mark.parametrize("password", [GOOD, "pineapple-under-a-bridge", "heartland sold my grey donkey"])
def test_our_words_within_a_longer_one_do_no_harm(proven: Client, owner: User, password: str) -> None:
    assert wish(proven, password) == ""
    owner.refresh_from_db()
    assert owner.check_password(password)


def test_another_merchants_name_is_no_word_of_ours(proven: Client, rival: Shop) -> None:
    assert wish(proven, "covecedar2026") == ""


def test_a_breached_password_is_refused_and_five_signs_of_it_go_out(
    proven: Client, owner: User, service: BadServer
) -> None:
    digest = hashlib.sha1(GOOD.encode(), usedforsecurity=False).hexdigest().upper()
    service.will(answering("200 OK", f"{'0' * 35}:0\r\n{digest[5:]}:37\r\n{'F' * 35}:2"))
    assert BREACHED in wish(proven, GOOD)
    owner.refresh_from_db()
    assert owner.check_password(factories.PASSWORD)
    sent = b"".join(service.requests)
    assert sent.startswith(f"GET /range/{digest[:5]} HTTP/1.1\r\n".encode())
    assert b"Add-Padding: true" in sent
    assert digest[5:].encode() not in sent.upper()
    assert GOOD.encode() not in sent
    assert not AuditEntry.objects.filter(action="person.password_unchecked").exists()


def test_lines_of_others_and_those_that_fill_up_refuse_nothing(proven: Client, service: BadServer) -> None:
    digest = hashlib.sha1(GOOD.encode(), usedforsecurity=False).hexdigest().upper()
    service.will(answering("200 OK", f"{'A' * 35}:9\r\n{digest[5:]}:0"))
    assert wish(proven, GOOD) == ""


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        ("503 Service Unavailable", "", "status 503"),
        ("302 Found", "", "status 302"),
        ("200 OK", b"\xff" * 40, "unreadable"),
        ("", "", "no answer"),
    ],
)
def test_where_nobody_can_say_the_password_is_taken_noted_and_logged(
    proven: Client,
    owner: User,
    service: BadServer,
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
    status: str,
    body: bytes | str,
    reason: str,
) -> None:
    service.will(answering(status, body))
    if not status:
        settings.BREACHED_PASSWORDS_URL = "http://127.0.0.1:9"
    with caplog.at_level(logging.WARNING):
        assert wish(proven, GOOD) == ""
    owner.refresh_from_db()
    assert owner.check_password(GOOD)
    noted = AuditEntry.objects.get(action="person.password_unchecked")
    assert (noted.person, noted.detail) == (owner, {"reason": reason})
    assert [one.getMessage() for one in caplog.records if "breaches" in one.getMessage()] == [
        "password not looked up in breaches"
    ]
    digest = hashlib.sha1(GOOD.encode(), usedforsecurity=False).hexdigest().upper()
    assert digest[:5] not in caplog.text.upper()


def test_a_count_that_is_none_is_no_answer(service: BadServer) -> None:
    digest = hashlib.sha1(GOOD.encode(), usedforsecurity=False).hexdigest().upper()
    service.will(answering("200 OK", f"{digest[5:]}:many"))
    with pytest.raises(breaches.BreachesUnknown, match="unreadable"):
        breaches.breaches_of(service.url, GOOD)


def test_without_an_address_nobody_is_asked(proven: Client, settings: Settings) -> None:
    assert settings.BREACHED_PASSWORDS_URL == ""
    assert wish(proven, GOOD) == ""
    assert not AuditEntry.objects.filter(action="person.password_unchecked").exists()

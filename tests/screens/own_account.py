"""A person in front of the log-in and the account's pages."""

import re

import pytest
from django.test import Client
from pytest_django import Settings

from connections.models import AuditEntry, Role, User
from tests import factories
from tests.screens.conftest import Shop

OTHER_NETWORK = {"REMOTE_ADDR": "203.0.113.9"}
NEW = "another-long-one-8"


@pytest.fixture(autouse=True)
def _mails(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture
def owner(shop: Shop) -> User:
    return shop.people[Role.OWNER]


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every password that was looked at, right or wrong, of a person or of nobody."""
    seen: list[str] = []
    check, hash_for_nobody = User.check_password, User.set_password

    def checked(self: User, raw_password: str) -> bool:
        seen.append(raw_password)
        return check(self, raw_password)

    def hashed(self: User, raw_password: str | None) -> None:
        seen.append(raw_password or "")
        hash_for_nobody(self, raw_password)

    monkeypatch.setattr(User, "check_password", checked)
    monkeypatch.setattr(User, "set_password", hashed)
    return seen


def log_in(client: Client, email: str, password: str = factories.PASSWORD, **where: str) -> str:
    """Where the log-in leads; empty when it was refused."""
    answer = client.post("/accounts/login/", {"login": email, "password": password}, **where)  # type: ignore[arg-type]
    return str(answer.headers.get("Location", ""))


def acts(person: User) -> list[str]:
    rows = AuditEntry.objects.filter(merchant=None, person=person).order_by("pk")
    return list(rows.values_list("action", flat=True))


def link_in(text: str) -> str:
    found = re.search(r"http://\S+?(/accounts/\S+)", text)
    assert found, text
    return found[1]


def ask(person: User, new_email: str) -> Client:
    client = factories.signed_in(person, lately=True)
    assert client.post("/accounts/address/", {"new_email": new_email})["Location"] == "/accounts/"
    return client

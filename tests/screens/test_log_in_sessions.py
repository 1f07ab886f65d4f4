"""Sessions are listed, end, and hang on a cookie that is bound to its host."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client
from pytest_django import Settings

from connections.models import Role, User
from tests import factories
from tests.screens.conftest import Shop
from tests.screens.own_account import _mails, acts, log_in, owner

__all__ = ["_mails", "owner"]


# Sessions


def test_sessions_are_listed_with_place_and_each_can_be_ended(owner: User, rival: Shop) -> None:
    here = factories.signed_in(owner)
    there = factories.signed_in(owner)
    there.get("/accounts/", HTTP_USER_AGENT="Mozilla/5.0 (iPhone) Safari/604.1", REMOTE_ADDR="198.51.100.7")
    foreign = factories.signed_in(rival.people[Role.OWNER])
    foreign.get("/accounts/")
    shown = here.get("/accounts/").content.decode()
    assert "Safari on iPhone" in shown
    assert "198.51.100.7" in shown
    stolen = UserSession.objects.get(user=rival.people[Role.OWNER])
    here.post(f"/accounts/sessions/{stolen.pk}/end/")
    assert foreign.get("/accounts/").status_code == 200
    here.post(f"/accounts/sessions/{UserSession.objects.get(user=owner, ip='198.51.100.7').pk}/end/")
    assert there.get("/accounts/").status_code == 302
    assert here.get("/accounts/").status_code == 200
    assert acts(owner) == ["person.session_ended"]


def test_all_other_sessions_end_at_once(owner: User) -> None:
    clients = [factories.signed_in(owner) for _ in range(3)]
    for client in clients:
        client.get("/accounts/")
    clients[0].post("/accounts/sessions/end/")
    assert [client.get("/accounts/").status_code for client in clients] == [200, 302, 302]


def holder_of(key: str, settings: Settings) -> Client:
    """Somebody who has the key of a session."""
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = key
    return client


def test_a_log_in_begins_a_session_of_its_own(owner: User, settings: Settings) -> None:
    client = Client()
    planted = client.session.session_key or ""
    assert log_in(client, owner.email) == "/"
    assert client.session.session_key != planted
    assert holder_of(planted, settings).get("/accounts/").status_code == 302
    assert client.get("/accounts/").status_code == 200


def test_after_the_log_out_the_key_opens_nothing(owner: User, settings: Settings) -> None:
    client = factories.signed_in(owner)
    key = client.session.session_key or ""
    assert holder_of(key, settings).get("/accounts/").status_code == 200
    client.post("/accounts/logout/")
    assert holder_of(key, settings).get("/accounts/").status_code == 302


def test_who_is_switched_off_is_out_at_the_next_request(owner: User) -> None:
    client = factories.signed_in(owner)
    assert client.get("/accounts/").status_code == 200
    User.objects.filter(pk=owner.pk).update(is_active=False)
    assert client.get("/accounts/").status_code == 302


@pytest.mark.parametrize(("is_staff", "idle", "altogether"), [(False, 240, 168), (True, 30, 12)])
def test_sessions_end_when_idle_and_when_old(is_staff: bool, idle: int, altogether: int, owner: User) -> None:
    User.objects.filter(pk=owner.pk).update(is_staff=is_staff)
    for aged, limit in (("session_seen", timedelta(minutes=idle)), ("session_began", timedelta(hours=altogether))):
        for seconds, expected in ((-60, 200), (60, 302)):
            client = factories.signed_in(owner)
            client.get("/accounts/")
            session = client.session
            session[aged] -= int(limit.total_seconds()) + seconds
            session.save()
            assert client.get("/accounts/").status_code == expected, (aged, seconds)


@pytest.mark.parametrize(
    ("headers", "is_use"),
    [({"HX-Request": "true"}, False), ({"HX-Request": "true", "HX-Boosted": "true"}, True), ({}, True)],
)
def test_a_part_that_refreshes_itself_keeps_no_session_alive(
    headers: dict[str, str], is_use: bool, owner: User
) -> None:
    client = factories.signed_in(owner)
    client.get("/accounts/")
    session = client.session
    session["session_seen"] -= 600
    session.save()
    client.get("/accounts/", headers=headers)
    assert (client.session["session_seen"] > session["session_seen"]) == is_use


def test_a_page_that_refreshes_itself_keeps_no_session_awake(owner: User) -> None:
    client = factories.signed_in(owner)
    client.get("/accounts/")
    session = client.session
    session["session_seen"] = before = session["session_seen"] - 3600
    session.save()
    client.get("/", HTTP_HX_REQUEST="true")
    assert client.session["session_seen"] == before
    client.get("/")
    assert client.session["session_seen"] > before


# Cookies


def test_cookies_are_bound_to_the_host_over_https() -> None:
    """Read by a start of its own: settings are from the environment."""
    script = (
        "import django; django.setup(); from django.conf import settings as s;"
        "print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.DEVICE_COOKIE_NAME, s.SESSION_COOKIE_SECURE,"
        " s.CSRF_COOKIE_SECURE, s.SESSION_COOKIE_PATH, s.SESSION_COOKIE_DOMAIN)"
    )
    said = {
        url: subprocess.run(
            [sys.executable, "-c", script],
            env=os.environ | {"DJANGO_SETTINGS_MODULE": "ipaas.settings", "PUBLIC_URL": url},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        for url in ("https://tillbridge.example", "http://127.0.0.1:8000")
    }
    assert said == {
        "https://tillbridge.example": [
            "__Host-sessionid", "__Host-csrftoken", "__Host-device", "True", "True", "/", "None",
        ],
        "http://127.0.0.1:8000": ["sessionid", "csrftoken", "device", "False", "False", "/", "None"],
    }  # fmt: skip


def test_a_log_in_explains_its_fields_once_and_says_nothing_of_itself(owner: User) -> None:
    client = Client()
    page = client.get("/accounts/login/").content.decode()
    assert ("placeholder=" in page, "Stay logged in on this device" in page) == (False, True)
    after = client.post("/accounts/login/", {"login": owner.email, "password": factories.PASSWORD}, follow=True)
    assert (after.status_code, "signed in" in after.content.decode()) == (200, False)

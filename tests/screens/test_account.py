"""A person's own account: log-in, limits, password, address, second factor, sessions, and what is told of it."""

import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from types import SimpleNamespace

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core import mail
from django.db import connections
from django.test import Client, TestCase
from pytest_django import Settings

from connections.models import AddressChange, AuditEntry, Role, User
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


# Password


def test_a_password_changes_after_proof_only_and_the_person_is_told(owner: User) -> None:
    client, other = factories.signed_in(owner), factories.signed_in(owner)
    wish = {"password1": NEW, "password2": NEW}
    answer = client.post("/accounts/password/change/", wish)
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    owner.refresh_from_db()
    assert owner.check_password(factories.PASSWORD)
    assert client.post(answer["Location"], {"password": "wrong"}).status_code == 200
    client.post(answer["Location"], {"password": factories.PASSWORD})
    owner.refresh_from_db()
    assert owner.check_password(NEW)
    assert [one.to for one in mail.outbox] == [[owner.email]]
    assert "Your password was changed." in str(mail.outbox[0].body)
    assert acts(owner) == ["person.sign_in_failed", "person.password_changed"]
    assert client.get("/accounts/").status_code == 200
    assert other.get("/accounts/").status_code == 302


def test_proving_who_one_is_cannot_be_guessed_without_end(owner: User, checks: list[str]) -> None:
    client = factories.signed_in(owner)
    for _ in range(15):
        client.post("/accounts/reauthenticate/?next=/accounts/", {"password": "wrong"})
    assert len(checks) == 10


def test_a_reset_goes_to_the_one_address_and_to_no_other(owner: User, shop: Shop) -> None:
    viewer = shop.people[Role.VIEWER]
    for verified in (False, True):
        email = f"thief{verified}@evil.example"
        EmailAddress.objects.create(user=owner, email=email, verified=verified)
        Client().post("/accounts/password/reset/", {"email": email})
    EmailAddress.objects.create(user=viewer, email=owner.email, verified=True, primary=True)
    Client().post("/accounts/password/reset/", {"email": owner.email.upper()})
    assert [(one.to[0], "/password/reset/key/" in str(one.body)) for one in mail.outbox] == [
        ("thieffalse@evil.example", False),
        ("thieftrue@evil.example", False),
        (owner.email, True),
    ]
    client = Client()
    page = client.get(link_in(str(mail.outbox[2].body)), follow=True)
    client.post(page.request["PATH_INFO"], {"password1": NEW, "password2": NEW})
    owner.refresh_from_db()
    viewer.refresh_from_db()
    assert (owner.check_password(NEW), viewer.check_password(factories.PASSWORD)) == (True, True)
    assert log_in(Client(), "thieftrue@evil.example", NEW) == ""


def test_a_reset_link_works_once_and_not_after_the_address_changed(owner: User) -> None:
    Client().post("/accounts/password/reset/", {"email": owner.email})
    link = link_in(str(mail.outbox[0].body))
    User.objects.filter(pk=owner.pk).update(email="moved@harborpine.example")
    assert "This link no longer works" in Client().get(link, follow=True).content.decode()


# Address


def ask(person: User, new_email: str) -> Client:
    client = factories.signed_in(person, lately=True)
    assert client.post("/accounts/address/", {"new_email": new_email})["Location"] == "/accounts/"
    return client


def test_an_address_changes_when_both_said_yes_and_not_before(owner: User) -> None:
    former = owner.email
    client = ask(owner, "New@HarborPine.example")
    old, new = mail.outbox
    assert [old.to, new.to] == [[former], ["new@harborpine.example"]]
    for message, words in ((new, "This address said yes"), (old, "Your address is changed")):
        link = link_in(str(message.body))
        owner.refresh_from_db()
        assert owner.email == former
        assert "Yes, change it" in Client().get(link).content.decode()
        assert words in Client().post(link).content.decode()
        assert "no longer works" in Client().post(link).content.decode()
    owner.refresh_from_db()
    assert owner.email == "new@harborpine.example"
    assert [one.to[0] for one in mail.outbox[2:]] == [former, "new@harborpine.example"]
    assert acts(owner) == ["person.address_change_asked", "person.address_changed"]
    assert client.get("/accounts/").status_code == 302
    assert log_in(Client(), former) == ""
    assert log_in(Client(), "new@harborpine.example") == "/"


def test_an_address_is_asked_for_after_proof_only(owner: User) -> None:
    client = factories.signed_in(owner)
    answer = client.post("/accounts/address/", {"new_email": "thief@evil.example"})
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert (mail.outbox, AddressChange.objects.count()) == ([], 0)


def test_a_taken_address_is_answered_like_a_free_one_and_never_changes_hands(owner: User, rival: Shop) -> None:
    taken = rival.people[Role.OWNER].email
    said = []
    for email in (taken.upper(), "free@harborpine.example"):
        shown = ask(owner, email).get("/accounts/").content.decode().replace(email.lower(), "")
        shown = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", shown)
        said.append(re.findall(r'class="notice.*?</div>', shown, re.DOTALL))
    assert said[0] == said[1]
    assert len(said[0]) == 2
    assert [one.to[0] for one in mail.outbox] == [owner.email, taken, owner.email, "free@harborpine.example"]
    assert "/accounts/address/confirm/" not in str(mail.outbox[1].body)
    assert log_in(Client(), taken, **OTHER_NETWORK) == "/"


def test_an_address_taken_meanwhile_stays_with_whom_it_has(owner: User) -> None:
    ask(owner, "wanted@harborpine.example")
    links = [link_in(str(message.body)) for message in mail.outbox]
    factories.user("Wanted@harborpine.example")
    Client().post(links[0])
    assert "This address cannot be used" in Client().post(links[1]).content.decode()
    former = owner.email
    owner.refresh_from_db()
    assert owner.email == former


@pytest.mark.parametrize("undo", ["cancel", "another wish", "new password", "too late", "forged"])
def test_links_of_a_change_that_is_off_do_nothing(undo: str, owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    client = ask(owner, "new@harborpine.example")
    links = [link_in(str(message.body)) for message in mail.outbox]
    if undo == "cancel":
        client.post("/accounts/address/cancel/")
    elif undo == "another wish":
        ask(owner, "third@harborpine.example")
    elif undo == "new password":
        client.post("/accounts/password/change/", {"password1": NEW, "password2": NEW})
    elif undo == "too late":
        monkeypatch.setattr("connections.services.address.SECONDS", -1)
    else:
        links = [link[:-3] + "x/" for link in links]
    for link in links:
        assert "no longer works" in Client().get(link).content.decode()
        assert "no longer works" in Client().post(link).content.decode()
    owner.refresh_from_db()
    assert owner.email != "new@harborpine.example"


def test_mails_to_other_addresses_are_bounded(owner: User) -> None:
    client = factories.signed_in(owner, lately=True)
    for number in range(8):
        client.post("/accounts/address/", {"new_email": f"victim{number}@elsewhere.example"})
    assert len(mail.outbox) == 10


# Second factor


def app_added(client: Client) -> str:
    """Set up an authenticator app; answers where that leads."""
    shown = client.get("/accounts/factor/app/add/").content.decode()
    secret = re.search(r"<code>([A-Z2-7]+)</code>", shown)
    assert secret
    return str(client.post("/accounts/factor/app/add/", {"code": factories.code_of(secret[1])})["Location"])


@pytest.mark.django_db(transaction=True)  # the library acts when the transaction ends
def test_an_app_is_added_after_proof_and_asked_for_at_the_next_log_in(owner: User) -> None:
    client = factories.signed_in(owner)
    other = factories.signed_in(owner)
    other.get("/accounts/")
    assert client.get("/accounts/factor/app/add/")["Location"].startswith("/accounts/reauthenticate/")
    client.post("/accounts/reauthenticate/?next=/accounts/", {"password": factories.PASSWORD})
    assert app_added(client) == "/accounts/factor/codes/"
    assert len(re.findall(r"<code>\d{8}</code>", client.get("/accounts/factor/codes/").content.decode())) == 10
    assert [str(one.body).split("\n")[0] for one in mail.outbox] == ["An authenticator app was added as second factor."]
    assert acts(owner) == ["person.factor_added", "person.factor_added"]
    assert other.get("/accounts/").status_code == 302
    fresh = Client()
    assert log_in(fresh, owner.email) == "/accounts/factor/authenticate/"
    assert fresh.get("/accounts/").status_code == 302
    assert fresh.post("/accounts/factor/authenticate/", {"code": "000000"}).status_code == 200
    assert fresh.post("/accounts/factor/authenticate/", {"code": factories.app_code(owner, 1)})["Location"] == "/"
    assert fresh.get("/accounts/").status_code == 200
    assert acts(owner)[-2:] == ["person.factor_failed", "person.signed_in"]


def test_secrets_of_factors_are_ciphertext_at_rest(owner: User) -> None:
    client = factories.signed_in(owner, lately=True)
    shown = client.get("/accounts/factor/app/add/").content.decode()
    secret = re.search(r"<code>([A-Z2-7]+)</code>", shown)
    assert secret
    assert secret[1] not in str(dict(client.session))
    client.post("/accounts/factor/app/add/", {"code": factories.code_of(secret[1])})
    kept = {row.type: row.data for row in Authenticator.objects.filter(user=owner)}
    assert kept["totp"]["secret"].startswith("gAAAAA")
    assert kept["recovery_codes"]["seed"].startswith("gAAAAA")


def test_codes_are_bounded_and_work_once(owner: User) -> None:
    factories.second_factor(owner)
    client = Client()
    log_in(client, owner.email)
    code = factories.app_code(owner)
    assert client.post("/accounts/factor/authenticate/", {"code": code})["Location"] == "/"
    again = Client()
    log_in(again, owner.email)
    assert again.post("/accounts/factor/authenticate/", {"code": code}).status_code == 200
    for number in range(6):
        again.post("/accounts/factor/authenticate/", {"code": f"00000{number}"})
    right = factories.app_code(owner, 1)
    assert "Too many" in again.post("/accounts/factor/authenticate/", {"code": right}).content.decode()


def test_a_recovery_code_stands_in_once(owner: User) -> None:
    factories.second_factor(owner)
    code = Authenticator.objects.get(user=owner, type="recovery_codes").wrap().get_unused_codes()[0]
    for expected in (302, 200):
        client = Client()
        log_in(client, owner.email)
        assert client.post("/accounts/factor/authenticate/", {"code": code}).status_code == expected


def test_a_password_alone_does_not_take_a_factor_away(owner: User) -> None:
    client = factories.signed_in(owner, factor=True)
    answer = client.get("/accounts/factor/app/remove/")
    assert answer["Location"].startswith("/accounts/factor/reauthenticate/")
    assert client.post("/accounts/reauthenticate/?next=/accounts/", {"password": factories.PASSWORD}).status_code == 302
    assert client.post("/accounts/factor/app/remove/").status_code == 302
    assert Authenticator.objects.filter(user=owner, type="totp").count() == 1
    client.post("/accounts/factor/reauthenticate/", {"code": factories.app_code(owner)})
    assert client.post("/accounts/factor/app/remove/")["Location"] == "/accounts/"
    assert Authenticator.objects.filter(user=owner).count() == 0
    assert acts(owner)[-2:] == ["person.factor_removed", "person.factor_removed"]
    assert "removed" in str(mail.outbox[-1].body)


@pytest.mark.parametrize("sent", ["{}", "[]", '"x"', "1", '{"rawId": "!", "response": {"clientDataJSON": "!"}}', "{"])
def test_what_no_passkey_says_is_a_wrong_answer(sent: str, owner: User) -> None:
    client = factories.signed_in(owner, lately=True)
    client.get("/accounts/factor/passkeys/add/")
    assert client.post("/accounts/factor/passkeys/add/", {"name": "x", "credential": sent}).status_code == 200
    factories.second_factor(owner)
    fresh = Client()
    log_in(fresh, owner.email)
    fresh.get("/accounts/factor/authenticate/")
    assert fresh.post("/accounts/factor/authenticate/", {"credential": sent}).status_code == 200
    assert Authenticator.objects.filter(type="webauthn").count() == 0


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


# Who must have a second factor


@pytest.mark.django_db(transaction=True)  # the library acts when the transaction ends
def test_a_merchant_can_ask_for_a_second_factor_and_nothing_filled_in_is_lost(shop: Shop) -> None:
    shop.merchant.needs_second_factor = True
    shop.merchant.save()
    staff = shop.people[Role.STAFF]
    client = factories.signed_in(staff, lately=True)
    for path in ("/", "/orders/", shop.at("errors/"), shop.at("items/"), "/settings/integrations/"):
        assert client.get(path)["Location"] == "/accounts/factor/", path
    wish = {"time_zone": "America/Chicago", "shown": shop.merchant.time_zone}
    page = f"/settings/merchant/{shop.merchant.public_id}/"
    assert client.post(page, wish, HTTP_REFERER=f"http://testserver{page}")["Location"] == "/accounts/factor/"
    shop.merchant.refresh_from_db()
    assert shop.merchant.time_zone == "America/New_York"
    assert app_added(client) == "/accounts/factor/codes/"
    assert "Send it now" in client.get("/accounts/factor/proceed/").content.decode()
    assert client.post("/accounts/factor/proceed/")["Location"] == page
    shop.merchant.refresh_from_db()
    assert shop.merchant.time_zone == "America/Chicago"
    assert client.get(shop.at("errors/")).status_code == 200


def test_a_session_from_before_the_factor_is_asked_for_it(shop: Shop) -> None:
    shop.merchant.needs_second_factor = True
    shop.merchant.save()
    ops = shop.people[Role.OPS]
    client = factories.signed_in(ops)
    factories.second_factor(ops)
    first = client.get(shop.at("errors/"))["Location"]
    assert first == "/accounts/factor/reauthenticate/?next=%2Faccounts%2Ffactor%2Fproceed%2F"
    assert client.post(first, {"code": factories.app_code(ops)})["Location"] == "/accounts/factor/proceed/"
    assert client.get("/accounts/factor/proceed/")["Location"] == shop.at("errors/")
    assert client.get(shop.at("errors/")).status_code == 200


def test_another_merchants_rule_is_not_ours(shop: Shop, rival: Shop) -> None:
    rival.merchant.needs_second_factor = True
    rival.merchant.save()
    assert shop.client().get("/").status_code == 200
    assert shop.client().get(rival.at("items/")).status_code == 404


@pytest.mark.django_db(transaction=True)  # the library acts when the transaction ends
def test_no_admin_page_opens_without_a_second_factor(db: None) -> None:
    admin = factories.user("root@tillbridge.example", is_staff=True, is_superuser=True)
    client = factories.signed_in(admin)
    for path in ("/admin/", "/admin/connections/user/", "/admin/connections/auditentry/"):
        answer = client.get(path)
        assert answer["Location"] == f"/admin/login/?next={path}"
        assert client.get(answer["Location"])["Location"] == "/accounts/factor/"
    client.post("/accounts/reauthenticate/?next=/accounts/", {"password": factories.PASSWORD})
    app_added(client)
    assert client.get("/accounts/factor/proceed/")["Location"] == "/admin/connections/auditentry/"
    assert client.get("/admin/connections/auditentry/").status_code == 200
    assert factories.signed_in(admin).get("/admin/").status_code == 302
    assert factories.signed_in(admin, factor=True).get("/admin/").status_code == 200


def test_only_an_owner_asks_for_second_factors_after_proof_and_with_one(shop: Shop) -> None:
    path, owner = f"/settings/merchant/{shop.merchant.public_id}/factor/", shop.people[Role.OWNER]
    for role in (Role.STAFF, Role.OPS, Role.VIEWER):
        assert factories.signed_in(shop.people[role], lately=True).post(path, {"needed": "yes"}).status_code == 403
    assert factories.signed_in(owner).post(path, {"needed": "yes"})["Location"].startswith("/accounts/reauthenticate/")
    factories.signed_in(owner, lately=True).post(path, {"needed": "yes"})
    shop.merchant.refresh_from_db()
    assert shop.merchant.needs_second_factor is False
    client = factories.signed_in(owner, factor=True, lately=True)
    for wish, expected in (("yes", True), ("yes", True), ("no", False)):
        client.post(path, {"needed": wish})
        shop.merchant.refresh_from_db()
        assert shop.merchant.needs_second_factor is expected
    assert [entry.action for entry in shop.merchant.audit_entries.all()] == ["merchant.second_factor"] * 2


# What a platform admin does to people


@pytest.fixture
def root(db: None) -> User:
    return factories.user("root@tillbridge.example", is_staff=True, is_superuser=True)


def test_roles_change_after_proof_and_the_person_is_told(shop: Shop, root: User) -> None:
    viewer = shop.people[Role.VIEWER]
    at = f"/admin/connections/membership/{viewer.memberships.get().pk}/"
    for action, sent in (("change", {"role": "owner"}), ("delete", {"post": "yes"})):
        answer = factories.signed_in(root, factor=True).post(f"{at}{action}/", sent)
        assert answer["Location"].startswith("/accounts/factor/reauthenticate/")
    assert viewer.memberships.get().role == Role.VIEWER
    client = factories.signed_in(root, factor=True, lately=True)
    with TestCase.captureOnCommitCallbacks(execute=True):
        client.post(f"{at}change/", {"role": "owner"})
        client.post(f"{at}delete/", {"post": "yes"})
    assert viewer.memberships.count() == 0
    assert [(one.to[0], str(one.body).split("\n")[0]) for one in mail.outbox] == [
        (viewer.email, f"Your role at {shop.merchant} is now: Owner."),
        (viewer.email, f"You no longer belong to {shop.merchant}."),
    ]


def test_a_person_is_added_without_a_password_and_sets_one_by_mail(root: User) -> None:
    client = factories.signed_in(root, factor=True, lately=True)
    with TestCase.captureOnCommitCallbacks(execute=True):
        client.post("/admin/connections/user/add/", {"email": "New@HarborPine.example", "is_active": "on"})
    person = User.objects.get(email="new@harborpine.example")
    assert not person.has_usable_password()
    browser = Client()
    page = browser.get(link_in(str(mail.outbox[0].body)), follow=True)
    browser.post(page.request["PATH_INFO"], {"password1": NEW, "password2": NEW})
    assert log_in(browser, "new@harborpine.example", NEW) == "/"
    assert acts(person) == ["person.added", "person.password_reset", "person.signed_in"]


def test_a_changed_address_is_told_to_both_and_ends_the_sessions(owner: User, root: User) -> None:
    theirs = factories.signed_in(owner)
    theirs.get("/accounts/")
    former = owner.email
    client = factories.signed_in(root, factor=True, lately=True)
    wish = {"email": "moved@harborpine.example", "is_active": "on"}
    with TestCase.captureOnCommitCallbacks(execute=True):
        client.post(f"/admin/connections/user/{owner.pk}/change/", wish)
    owner.refresh_from_db()
    assert owner.email == "moved@harborpine.example"
    assert [one.to[0] for one in mail.outbox] == sorted([former, "moved@harborpine.example"])
    assert theirs.get("/accounts/").status_code == 302


def test_who_lost_the_factor_is_helped_and_told(owner: User, root: User) -> None:
    factor = factories.second_factor(owner)
    theirs = factories.signed_in(owner, factor=True)
    theirs.get("/accounts/")
    client = factories.signed_in(root, factor=True, lately=True)
    with TestCase.captureOnCommitCallbacks(execute=True):
        client.post("/admin/mfa/authenticator/", {"action": "remove_lost", "_selected_action": [factor.pk]})
    assert Authenticator.objects.filter(user=owner).count() == 0
    assert theirs.get("/accounts/").status_code == 302
    assert [one.to for one in mail.outbox] == [[owner.email]]
    assert acts(owner) == ["person.factors_removed_by_support"]


def test_the_admin_shows_no_secret_of_a_factor_a_session_or_a_link(owner: User, root: User) -> None:
    client = factories.signed_in(root, factor=True, lately=True)
    ask(owner, "new@harborpine.example")
    session = UserSession.objects.get(user=owner)
    secrets = [session.session_key, AddressChange.objects.get().nonce, "gAAAAA"]
    pages = [
        f"/admin/mfa/authenticator/{Authenticator.objects.first().pk}/change/",
        f"/admin/usersessions/usersession/{session.pk}/change/",
        f"/admin/connections/addresschange/{AddressChange.objects.get().pk}/change/",
    ]
    for path in pages:
        answer = client.get(path)
        assert answer.status_code == 200
        assert [one for one in secrets if one in answer.content.decode()] == []


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

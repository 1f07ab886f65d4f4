"""A person changes password and address, after proof, and is told."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from connections.models import AddressChange, Role, User
from tests import factories
from tests.screens.conftest import Shop
from tests.screens.own_account import NEW, OTHER_NETWORK, _mails, acts, ask, checks, link_in, log_in, owner

__all__ = ["_mails", "checks", "owner"]


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
        shown = re.sub(r"<template.*?</template>", "", shown, flags=re.DOTALL)
        said.append(re.findall(r'class="(?:toast )?notice.*?</div>', shown, re.DOTALL))
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

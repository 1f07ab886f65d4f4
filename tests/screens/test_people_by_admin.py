"""What a platform admin does to people, and what the admin does not show."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core import mail
from django.test import Client, TestCase

from connections.models import AddressChange, Role, User
from tests import factories, second_factors
from tests.screens.conftest import Shop
from tests.screens.own_account import NEW, _mails, acts, ask, link_in, log_in, owner

__all__ = ["_mails", "owner"]


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
    factor = second_factors.second_factor(owner)
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

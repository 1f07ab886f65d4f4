"""Second factors: added, asked for, taken away, and who must have one."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client

from connections.models import Role, User
from tests import factories, second_factors
from tests.screens.conftest import Shop
from tests.screens.own_account import _mails, acts, log_in, owner

__all__ = ["_mails", "owner"]


# Second factor


def app_added(client: Client) -> str:
    """Set up an authenticator app; answers where that leads."""
    shown = client.get("/accounts/factor/app/add/").content.decode()
    secret = re.search(r"<code>([A-Z2-7]+)</code>", shown)
    assert secret
    return str(client.post("/accounts/factor/app/add/", {"code": second_factors.code_of(secret[1])})["Location"])


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
    assert fresh.post("/accounts/factor/authenticate/", {"code": second_factors.app_code(owner, 1)})["Location"] == "/"
    assert fresh.get("/accounts/").status_code == 200
    assert acts(owner)[-2:] == ["person.factor_failed", "person.signed_in"]


def test_secrets_of_factors_are_ciphertext_at_rest(owner: User) -> None:
    client = factories.signed_in(owner, lately=True)
    shown = client.get("/accounts/factor/app/add/").content.decode()
    secret = re.search(r"<code>([A-Z2-7]+)</code>", shown)
    assert secret
    assert secret[1] not in str(dict(client.session))
    client.post("/accounts/factor/app/add/", {"code": second_factors.code_of(secret[1])})
    kept = {row.type: row.data for row in Authenticator.objects.filter(user=owner)}
    assert kept["totp"]["secret"].startswith("gAAAAA")
    assert kept["recovery_codes"]["seed"].startswith("gAAAAA")


def test_codes_are_bounded_and_work_once(owner: User) -> None:
    second_factors.second_factor(owner)
    client = Client()
    log_in(client, owner.email)
    code = second_factors.app_code(owner)
    assert client.post("/accounts/factor/authenticate/", {"code": code})["Location"] == "/"
    again = Client()
    log_in(again, owner.email)
    assert again.post("/accounts/factor/authenticate/", {"code": code}).status_code == 200
    for number in range(6):
        again.post("/accounts/factor/authenticate/", {"code": f"00000{number}"})
    right = second_factors.app_code(owner, 1)
    assert "Too many" in again.post("/accounts/factor/authenticate/", {"code": right}).content.decode()


def test_a_recovery_code_stands_in_once(owner: User) -> None:
    second_factors.second_factor(owner)
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
    client.post("/accounts/factor/reauthenticate/", {"code": second_factors.app_code(owner)})
    assert client.post("/accounts/factor/app/remove/")["Location"] == "/accounts/"
    assert Authenticator.objects.filter(user=owner).count() == 0
    assert acts(owner)[-2:] == ["person.factor_removed", "person.factor_removed"]
    assert "removed" in str(mail.outbox[-1].body)


@pytest.mark.parametrize("sent", ["{}", "[]", '"x"', "1", '{"rawId": "!", "response": {"clientDataJSON": "!"}}', "{"])
def test_what_no_passkey_says_is_a_wrong_answer(sent: str, owner: User) -> None:
    client = factories.signed_in(owner, lately=True)
    client.get("/accounts/factor/passkeys/add/")
    assert client.post("/accounts/factor/passkeys/add/", {"name": "x", "credential": sent}).status_code == 200
    second_factors.second_factor(owner)
    fresh = Client()
    log_in(fresh, owner.email)
    fresh.get("/accounts/factor/authenticate/")
    assert fresh.post("/accounts/factor/authenticate/", {"credential": sent}).status_code == 200
    assert Authenticator.objects.filter(type="webauthn").count() == 0


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
    second_factors.second_factor(ops)
    first = client.get(shop.at("errors/"))["Location"]
    assert first == "/accounts/factor/reauthenticate/?next=%2Faccounts%2Ffactor%2Fproceed%2F"
    assert client.post(first, {"code": second_factors.app_code(ops)})["Location"] == "/accounts/factor/proceed/"
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

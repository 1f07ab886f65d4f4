"""The team's page: who is invited, joins, gets another role, is logged out and removed; and by whom not."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from allauth.usersessions.models import UserSession
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from connections.models import AuditEntry, Invitation, Membership, Role, User
from connections.permissions import MEANINGS, ROLES, Action
from tests import factories, second_factors
from tests.screens.conftest import Shop

NEW = "robin@harborpine.example"
GOOD = "seven quiet lanterns"


@pytest.fixture(autouse=True)
def _mails(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def at(shop: Shop, path: str = "") -> str:
    return f"/team/{shop.merchant.public_id}/{path}"


def owner(shop: Shop) -> Client:
    return factories.signed_in(shop.people[Role.OWNER], lately=True)


def invite(shop: Shop, email: str = NEW, role: Role = Role.STAFF, client: Client | None = None) -> Any:
    return (client or owner(shop)).post(at(shop), {"email": email, "role": role}, follow=True)


def link() -> str:
    """Where the newest mail leads."""
    found = re.search(r"http://testserver(/team/join/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def acts(shop: Shop) -> list[str]:
    return list(shop.merchant.audit_entries.order_by("pk").values_list("action", flat=True))


def row_of(shop: Shop, role: Role) -> Membership:
    return Membership.objects.get(user=shop.people[role], merchant=shop.merchant)


def test_somebody_new_joins_by_the_link_once(shop: Shop) -> None:
    page = invite(shop).content.decode()
    assert f"An invitation is on its way to {NEW}" in page
    sent = [(one.to, one.subject) for one in mail.outbox]
    assert sent == [([NEW], "You are invited to Harbor & Pine on Tillbridge")]
    assert MEANINGS[Role.STAFF] in str(mail.outbox[0].body)
    stranger, path = Client(), link()
    assert "Choose" not in stranger.get(path).content.decode()
    assert not User.objects.filter(email=NEW).exists()  # looking joins nobody
    wish = {"first_name": "Robin", "last_name": "Ash", "password": GOOD}
    answer = stranger.post(path, wish)
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/")
    person = User.objects.get(email=NEW)
    assert (person.get_full_name(), person.check_password(GOOD)) == ("Robin Ash", True)
    assert person.memberships.get().role == Role.STAFF
    assert acts(shop) == ["member.invited", "member.added"]
    again = Client().post(path, wish | {"password": "another quiet lantern"})
    assert "This invitation no longer works" in again.content.decode()
    assert Membership.objects.filter(user=person).count() == 1


@pytest.mark.parametrize(
    ("password", "refusal"),
    [
        ("harborpine12", "little more than names"),  # the merchant's words, though nobody belongs to it yet
        ("password123", "too common"),
        ("short", "too short"),
    ],
)
def test_a_weak_password_joins_nobody(password: str, refusal: str, shop: Shop) -> None:
    invite(shop)
    answer = Client().post(link(), {"first_name": "Robin", "last_name": "", "password": password})
    assert refusal in answer.content.decode()
    assert not User.objects.filter(email=NEW).exists()
    assert Invitation.objects.count() == 1


def test_an_address_that_is_known_is_answered_like_one_that_is_not(shop: Shop, rival: Shop) -> None:
    known = rival.people[Role.STAFF]
    pages, client = [], owner(shop)
    for email in (known.email, NEW):
        page = invite(shop, email.upper(), Role.OPS, client).content.decode()
        shown = page[page.index('class="toasts"') :].replace(email, "X")
        pages.append(re.sub(r'value="\w{64}"|<(?:relative-)?time.*?</(?:relative-)?time>|/invited/\d+/', "", shown))
        Invitation.objects.all().delete()
    one, other = pages
    assert one == other
    assert [one.to for one in mail.outbox] == [[known.email], [NEW]]
    assert re.sub(r"/join/\S+", "", str(mail.outbox[0].body)) == re.sub(r"/join/\S+", "", str(mail.outbox[1].body))


def test_somebody_known_logs_in_and_joins_by_a_button(shop: Shop, rival: Shop) -> None:
    known = rival.people[Role.STAFF]
    invite(shop, known.email, Role.VIEWER)
    path = link()
    stranger = Client()
    assert f"/accounts/login/?next={quote(path)}" in stranger.get(path).content.decode()
    assert stranger.post(path, {"first_name": "X", "last_name": "", "password": GOOD})["Location"].startswith(
        "/accounts/login/"
    )
    known.refresh_from_db()
    assert known.check_password(factories.PASSWORD)
    other = factories.signed_in(rival.people[Role.OPS])
    assert "You are logged in as" in other.get(path).content.decode()
    assert other.post(path).status_code == 200
    assert not Membership.objects.filter(merchant=shop.merchant, user=rival.people[Role.OPS]).exists()
    theirs = factories.signed_in(known)
    theirs.get(path)
    assert not Membership.objects.filter(merchant=shop.merchant, user=known).exists()
    assert theirs.post(path)["Location"] == "/"
    assert Membership.objects.get(merchant=shop.merchant, user=known).role == Role.VIEWER
    assert "no longer works" in theirs.get(path).content.decode()


def test_a_link_ends_by_age_by_a_newer_one_and_by_withdrawal(shop: Shop) -> None:
    invite(shop)
    first, row = link(), Invitation.objects.get()
    assert owner(shop).post(at(shop, f"invited/{row.pk}/resend/")).status_code == 302
    newer = link()
    for path, works in ((first, False), (newer, True), (f"{newer[:-2]}x/", False)):
        assert ("no longer works" not in Client().get(path).content.decode()) is works, path
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert "no longer works" in Client().get(newer).content.decode()
    assert "Too old" in owner(shop).get(at(shop)).content.decode()
    Invitation.objects.update(expires_at=timezone.now() + timedelta(days=1))
    owner(shop).post(at(shop, f"invited/{row.pk}/withdraw/"))
    assert "no longer works" in Client().get(newer).content.decode()
    assert acts(shop) == ["member.invited", "member.invited_again", "member.invitation_withdrawn"]


def test_who_belongs_already_is_not_invited_and_mails_have_a_limit(shop: Shop) -> None:
    page = invite(shop, shop.people[Role.OPS].email).content.decode()
    assert "belongs to Harbor &amp; Pine already" in page
    client = owner(shop)
    for _ in range(5):
        invite(shop, client=client)
    assert "Nothing was sent" in invite(shop, client=client).content.decode()
    assert len(mail.outbox) == 5


def test_a_mail_server_that_is_away_is_said(shop: Shop, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    page = invite(shop).content.decode()
    assert "could not be sent" in page
    assert "Not sent: the mail server refused it" in page


def test_only_owners_see_and_change_people_and_only_after_proof(shop: Shop, rival: Shop) -> None:
    invite(shop)
    row, staff = Invitation.objects.get(), row_of(shop, Role.STAFF)
    paths = [at(shop, f"invited/{row.pk}/resend/"), at(shop, f"invited/{row.pk}/withdraw/")]
    paths += [at(shop, f"people/{staff.pk}/{act}/") for act in ("role", "remove", "sessions")]
    before = AuditEntry.objects.count()
    for role in Role:
        if role not in ROLES[Action.PEOPLE]:
            client = factories.signed_in(shop.people[role], lately=True)
            assert [client.post(path).status_code for path in [at(shop), *paths]] == [403] * 6
            assert [client.get(path).status_code for path in ("/team/", at(shop))] == [403, 403]
    theirs = factories.signed_in(rival.people[Role.OWNER], lately=True)
    assert [theirs.post(path).status_code for path in [at(shop), *paths]] == [404] * 6
    mine = at(rival, f"people/{staff.pk}/remove/")  # another merchant's person by one's own address
    assert theirs.post(mine).status_code == 404
    unproven = factories.signed_in(shop.people[Role.OWNER])
    for path in [at(shop), *paths]:
        fields = {"email": "x@y.example", "role": "owner"} if path == at(shop) else {}
        assert unproven.post(path, fields)["Location"].startswith("/accounts/reauthenticate/"), path
    assert (AuditEntry.objects.count(), Invitation.objects.count()) == (before, 1)


def test_a_role_is_changed_once_and_not_by_a_page_gone_stale(shop: Shop) -> None:
    row, client = row_of(shop, Role.STAFF), owner(shop)
    path = at(shop, f"people/{row.pk}/role/")
    page = client.post(path, {"role": "builder", "shown": "staff"}, follow=True).content.decode()
    assert "is builder now" in page
    assert MEANINGS[Role.BUILDER] in page
    page = client.post(path, {"role": "owner", "shown": "staff"}, follow=True).content.decode()
    assert "Nothing was done" in page
    row.refresh_from_db()
    assert row.role == Role.BUILDER
    client.post(path, {"role": "root", "shown": "builder"})
    row.refresh_from_db()
    assert row.role == Role.BUILDER
    assert acts(shop) == ["member.role_changed"]


def test_the_last_owner_stays_and_leaves_when_there_is_another(shop: Shop) -> None:
    mine, client = row_of(shop, Role.OWNER), owner(shop)
    assert "make somebody else owner first" in client.get(at(shop)).content.decode()
    page = client.post(at(shop, f"people/{mine.pk}/remove/"), follow=True).content.decode()
    assert "is the last owner" in page
    refused = client.post(at(shop, f"people/{mine.pk}/role/"), {"role": "viewer", "shown": "owner"}, follow=True)
    assert "is the last owner" in refused.content.decode()
    client.post(at(shop, f"people/{row_of(shop, Role.OPS).pk}/role/"), {"role": "owner", "shown": "ops"})
    assert client.post(at(shop, f"people/{mine.pk}/role/"), {"role": "viewer", "shown": "owner"})["Location"] == "/"
    assert client.get(at(shop)).status_code == 403


def test_who_is_removed_sees_nothing_more_and_their_invitations_are_void(shop: Shop) -> None:
    second = factories.member(shop.merchant, Role.OWNER)
    invite(shop, client=factories.signed_in(second, lately=True))
    path, theirs = link(), factories.signed_in(second)
    assert theirs.get(at(shop)).status_code == 200
    row = Membership.objects.get(user=second)
    owner(shop).post(at(shop, f"people/{row.pk}/remove/"))
    assert theirs.get(at(shop)).status_code == 404
    assert "no longer works" in Client().get(path).content.decode()
    assert acts(shop) == ["member.invited", "member.invitation_withdrawn", "member.removed"]


def test_sessions_are_counted_and_ended(shop: Shop) -> None:
    ops, client = shop.people[Role.OPS], owner(shop)
    theirs = Client()
    theirs.post("/accounts/login/", {"login": ops.email, "password": factories.PASSWORD})
    theirs.get("/orders/")
    assert UserSession.objects.filter(user=ops).count() == 1
    assert f"all sessions of {ops.email}" in client.get(at(shop)).content.decode()
    page = client.post(at(shop, f"people/{row_of(shop, Role.OPS).pk}/sessions/"), follow=True).content.decode()
    assert "is logged out everywhere (1 session)" in page
    assert theirs.get("/orders/").status_code == 302
    assert acts(shop) == ["member.sessions_ended"]


def test_the_page_says_who_has_a_second_factor_and_asks_the_same_few_queries(
    shop: Shop, django_assert_max_num_queries: Any
) -> None:
    second_factors.second_factor(shop.people[Role.STAFF])
    client = owner(shop)
    members = {one.row.role: one for one in client.get(at(shop)).context["members"]}
    assert {role: one.has_factor for role, one in members.items()} == {str(r): r == Role.STAFF for r in Role}
    assert members["owner"].is_last_owner
    for _ in range(20):
        factories.member(shop.merchant, Role.VIEWER)
    with django_assert_max_num_queries(32):
        assert client.get(at(shop)).content.decode().count("all sessions of") == 0


def test_an_owner_of_two_merchants_chooses(shop: Shop, rival: Shop) -> None:
    person = shop.people[Role.OWNER]
    client = owner(shop)
    assert client.get("/team/")["Location"] == at(shop)
    Membership.objects.create(user=person, merchant=rival.merchant, role=Role.OWNER)
    page = client.get("/team/").content.decode()
    assert at(shop) in page
    assert at(rival) in page


def test_platform_staff_see_how_merchants_are(shop: Shop, rival: Shop) -> None:
    admin = factories.user("root@tillbridge.example", is_staff=True, is_superuser=True)
    factories.problem(shop.connection, "10457")
    factories.job(shop.connection, "10457", created_at=factories.NOW)
    from syncjobs.models import Circuit

    Circuit.objects.create(connection=shop.connection, system="heartland", opened_at=factories.NOW)
    client = factories.signed_in(admin, factor=True)
    assert client.get("/")["Location"] == "/merchants/"
    page = client.get("/merchants/")
    found = {one.merchant.name: one for one in page.context["found"]}
    ours = found["Harbor & Pine"]
    assert (ours.stores, ours.open_errors, ours.people, ours.outages) == (1, 1, len(Role), ["Heartland"])
    assert found["Cove & Cedar"].open_errors == 0
    assert "Heartland not answering" in page.content.decode()
    assert [one.merchant.name for one in client.get("/merchants/?q=cove").context["found"]] == ["Cove & Cedar"]
    looker = factories.user("looker@tillbridge.example", is_staff=True)
    for person in (looker, shop.people[Role.OWNER]):
        assert factories.signed_in(person, factor=True).get("/merchants/").status_code == 404

"""What platform staff do in the admin goes through services: it stands in the trail with before and after."""

import getpass
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.management.commands import changepassword
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connections
from django.test import Client
from pytest_django import Settings

from connections.admin_pages import SeenAdmin
from connections.models import AuditEntry, Membership, Merchant, Role, User
from connections.services.people import LastOwner, membership_remove, membership_set
from connections.tenancy import tenant_path
from connections.trail import trail_verify
from syncjobs.models import Attempt
from tests import factories
from tests.screens.conftest import Shop
from tests.screens.test_admin import filled, platform

__all__ = ["filled", "platform"]
MEMBERSHIPS = "/admin/connections/membership/"


def told(entries: Any) -> list[tuple[str, str, Any]]:
    """Action, who it is about and the detail of changes, without the looks."""
    rows = entries.exclude(action__startswith="staff.").order_by("pk")
    return [(row.action, row.subject, row.detail) for row in rows]


def test_a_role_that_staff_gives_is_in_the_merchants_trail(shop: Shop, platform: Client) -> None:
    person = factories.user("new@harborpine.example")
    fields = {"user": person.pk, "merchant": shop.merchant.pk, "role": "viewer"}
    assert platform.post(f"{MEMBERSHIPS}add/", fields).status_code == 302
    row = Membership.objects.get(user=person)
    assert platform.post(f"{MEMBERSHIPS}{row.pk}/change/", {"role": "owner"}).status_code == 302
    assert platform.post(f"{MEMBERSHIPS}{row.pk}/change/", {"role": "owner"}).status_code == 302
    assert platform.post(f"{MEMBERSHIPS}{row.pk}/delete/", {"post": "yes"}).status_code == 302
    assert told(shop.merchant.audit_entries) == [
        ("member.added", person.email, {"role": {"was": None, "is": "viewer"}}),
        ("member.role_changed", person.email, {"role": {"was": "viewer", "is": "owner"}}),
        ("member.removed", person.email, {"role": {"was": "owner", "is": None}}),
    ]
    made = shop.merchant.audit_entries.exclude(action__startswith="staff.")
    assert set(made.values_list("actor__email", "person")) == {("admin@tillbridge.example", person.pk)}


def test_the_last_owner_stays(shop: Shop, platform: Client) -> None:
    row = Membership.objects.get(merchant=shop.merchant, role=Role.OWNER)
    for path, fields in (
        (f"{MEMBERSHIPS}{row.pk}/change/", {"role": "viewer"}),
        (f"{MEMBERSHIPS}{row.pk}/delete/", {"post": "yes"}),
        (MEMBERSHIPS, {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}),
    ):
        answer = platform.post(path, fields, follow=True)
        assert "is the last owner of" in answer.content.decode(), path
    row.refresh_from_db()
    assert (row.role, told(shop.merchant.audit_entries)) == ("owner", [])


def test_the_last_owner_is_not_switched_off(shop: Shop, platform: Client) -> None:
    person = shop.people[Role.OWNER]
    page = f"/admin/connections/user/{person.pk}/change/"
    answer = platform.post(page, {"email": person.email}, follow=True)
    assert "is the last owner of Harbor &amp; Pine: make somebody else owner first." in answer.content.decode()
    person.refresh_from_db()
    assert (person.is_active, told(AuditEntry.objects.filter(merchant=None, person=person))) == (True, [])
    factories.member(shop.merchant, Role.OWNER, "second@harborpine.example")
    assert platform.post(page, {"email": person.email}).status_code == 302
    person.refresh_from_db()
    assert not person.is_active
    second = User.objects.get(email="second@harborpine.example")
    answer = platform.post(f"/admin/connections/user/{second.pk}/change/", {"email": second.email}, follow=True)
    assert "is the last owner of" in answer.content.decode()  # who is switched off counts no longer


def test_who_is_made_on_the_server_is_in_the_trail(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "quiet-lantern-over-17-hills")
    call_command("createsuperuser", interactive=False, email="root@tillbridge.example", username="root", verbosity=0)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.person, entry.actor) == (
        "person.superuser_made_by_command",
        User.objects.get(is_superuser=True),
        None,
    )
    assert entry.detail == {"by": getpass.getuser()}


def test_a_password_set_on_the_server_is_in_the_trail_and_told(
    shop: Shop, settings: Settings, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    person, typed = shop.people[Role.VIEWER], ["tillbridge-2026", "quiet-lantern-over-17-hills"]
    monkeypatch.setattr(changepassword.Command, "_get_pass", lambda *_, **__: typed[0])
    with pytest.raises(CommandError, match="Aborting password change"):
        call_command("changepassword", person.email, stderr=StringIO(), stdout=StringIO())
    assert not AuditEntry.objects.exists()
    typed.pop(0)
    with django_capture_on_commit_callbacks(execute=True):
        call_command("changepassword", person.email, stdout=StringIO())
    person.refresh_from_db()
    assert person.check_password(typed[0])
    assert told(AuditEntry.objects.filter(merchant=None)) == [
        ("person.password_set_by_command", person.email, {"by": getpass.getuser()})
    ]
    assert [(one.to, "set anew by whoever runs our servers" in str(one.body)) for one in mail.outbox] == [
        ([person.email], True)
    ]


def test_accounts_that_staff_write_are_in_the_trail_and_passwords_are_not_theirs(shop: Shop, platform: Client) -> None:
    person = shop.people[Role.OWNER]
    page = f"/admin/connections/user/{person.pk}/change/"
    fields = {"email": person.email, "is_active": "on", "is_staff": "on"}
    assert platform.post(page, fields | {"password": "quite-another-secret-7"}).status_code == 400
    assert platform.post(page, fields).status_code == 302
    platform.post("/admin/connections/user/", {"action": "mail_a_password_link", "_selected_action": [person.pk]})
    changed, mailed = told(AuditEntry.objects.filter(merchant=None, person=person))
    assert changed == ("person.changed", person.email, {"is_staff": {"was": False, "is": True}})
    assert mailed == ("person.password_link_mailed", person.email, {})
    assert User.objects.get(pk=person.pk).check_password(factories.PASSWORD)


def test_a_merchant_that_staff_renames_is_in_its_trail(shop: Shop, platform: Client) -> None:
    none = {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}
    fields = {"name": "Pine & Harbor", "time_zone": "America/New_York", **none}
    assert platform.post(f"/admin/connections/merchant/{shop.merchant.pk}/change/", fields).status_code == 302
    assert told(shop.merchant.audit_entries) == [
        ("merchant.changed", "Pine & Harbor", {"name": {"was": "Harbor & Pine", "is": "Pine & Harbor"}})
    ]


def test_a_group_of_staff_is_in_the_platforms_trail(shop: Shop, platform: Client) -> None:
    assert platform.post("/admin/auth/group/add/", {"name": "Support"}).status_code == 302
    assert told(AuditEntry.objects.filter(merchant=None)) == [
        ("group.added", "Support", {"name": {"was": None, "is": "Support"}})
    ]


def test_what_staff_look_at_is_in_the_trail(filled: Shop, platform: Client) -> None:
    attempt = Attempt.objects.get(job__connection=filled.connection)
    platform.get("/admin/syncjobs/attempt/")
    platform.get(f"/admin/syncjobs/attempt/{attempt.pk}/change/")
    platform.get(f"/admin/connections/store/{filled.connection.store_id}/change/")
    platform.get(f"/admin/connections/store/{filled.connection.store_id}/history/")
    platform.get("/admin/syncjobs/refusal/")  # nobody's rows
    looks = AuditEntry.objects.filter(action__startswith="staff.").order_by("pk")
    store = f"store {filled.connection.store_id}"
    assert [(row.merchant, row.action, row.subject) for row in looks] == [
        (None, "staff.listed", "attempts"),
        (filled.merchant, "staff.looked", f"attempt {attempt.pk}"),
        (filled.merchant, "staff.looked", store),
        (filled.merchant, "staff.looked", store),
    ]


def test_every_page_over_merchants_rows_notes_who_looked() -> None:
    pages = admin.site._registry.items()
    assert [model for model, page in pages if tenant_path(model) is not None and not isinstance(page, SeenAdmin)] == []


@pytest.mark.django_db(transaction=True)
def test_two_at_once_do_not_take_the_last_two_owners() -> None:
    merchant = factories.merchant()
    owners = [factories.member(merchant, Role.OWNER, f"owner{number}@example.com") for number in range(2)]

    def leave(person: User) -> str:
        try:
            membership_remove(membership=Membership.objects.get(user=person), actor=None)
        except LastOwner as refused:
            return refused.code
        finally:
            connections.close_all()
        return "removed"

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(leave, owners)) == ["last_owner", "removed"]
    assert Membership.objects.filter(merchant=merchant, role=Role.OWNER).count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_role_given_twice_at_once_is_one_membership_and_one_entry() -> None:
    merchant, person = factories.merchant(), factories.user("twice@example.com")

    def give(_: int) -> int:
        try:
            return membership_set(merchant=merchant, person=person, role=Role.OPS, actor=None).pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as threads:
        assert len(set(threads.map(give, range(4)))) == 1
    assert list(Merchant.objects.get().audit_entries.values_list("action", flat=True)) == ["member.added"]
    assert trail_verify(merchant) == (1, "")

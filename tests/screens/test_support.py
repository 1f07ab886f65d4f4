"""Support looks at a merchant's pages only while an owner lets it, changes nothing, and each look is an entry."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from connections.models import Role, SupportGrant, User
from syncjobs.models import SyncJob
from tests import factories
from tests.screens.conftest import Shop

EMAIL = "support@tillbridge.example"


@pytest.fixture
def staff(db: None) -> User:
    return factories.user(EMAIL, is_staff=True)


@pytest.fixture
def support(staff: User) -> Client:
    return factories.signed_in(staff, factor=True)


def ask(support: Client, shop: Shop) -> SupportGrant:
    fields = {"merchant": str(shop.merchant.public_id), "reason": "Order 250 is held"}
    assert support.post("/support/", fields).status_code == 302
    return SupportGrant.objects.get(merchant=shop.merchant)


def answer(shop: Shop, grant: SupportGrant, fields: dict[str, str], role: Role = Role.OWNER) -> int:
    path = f"/settings/merchant/{shop.merchant.public_id}/support/{grant.pk}/"
    return shop.client(role).post(path, fields).status_code


def told(shop: Shop) -> list[tuple[str, Any]]:
    return list(shop.merchant.audit_entries.order_by("pk").values_list("action", "actor__email"))


def test_support_sees_nothing_before_an_owner_let_it(support: Client, shop: Shop) -> None:
    grant = ask(support, shop)
    ask(support, shop)  # pressed twice
    assert support.get(shop.at("errors/")).status_code == 404
    for role in (Role.STAFF, Role.OPS, Role.VIEWER):
        assert answer(shop, grant, {"hours": "4"}, role) == 403
    assert "asks to look at" not in shop.client(Role.STAFF).get("/").content.decode()
    assert "asks to look at" in shop.client().get("/").content.decode()
    assert told(shop) == [("support.asked", EMAIL)]


def test_support_looks_and_changes_nothing_while_it_may(support: Client, shop: Shop, rival: Shop) -> None:
    factories.problem(shop.connection, "10457")
    grant = ask(support, shop)
    assert answer(shop, grant, {"hours": "2"}) == 302
    page = support.get(shop.at("errors/"))
    assert (page.status_code, "You look at Harbor &amp; Pine as support" in page.content.decode()) == (200, True)
    assert support.get(rival.at("errors/")).status_code == 404
    jobs = SyncJob.objects.count()
    for path in ("connection/pause/", "connection/disconnect/", "retry/orders/10457/"):
        assert support.post(shop.at(path)).status_code == 403, path
    assert support.get(f"/settings/merchant/{shop.merchant.public_id}/trail/").status_code == 403
    assert SyncJob.objects.count() == jobs
    for role in Role:
        assert f"{EMAIL} of Tillbridge's support may look at" in shop.client(role).get("/").content.decode()
    assert f"{EMAIL} of" not in rival.client().get("/").content.decode()
    owner = shop.people[Role.OWNER].email
    assert told(shop)[:3] == [("support.asked", EMAIL), ("support.given", owner), ("support.looked", EMAIL)]
    support.get(shop.at("errors/"))  # seen a moment ago
    looks = shop.merchant.audit_entries.filter(action="support.looked").order_by("pk")
    assert [look for look in looks.values_list("subject", flat=True) if look in {"errors", "items"}] == ["errors"]


def test_it_ends_by_itself_and_by_the_owners_click(support: Client, shop: Shop) -> None:
    grant = ask(support, shop)
    answer(shop, grant, {"hours": "99"})
    grant.refresh_from_db()
    assert grant.until is not None
    assert grant.given_at is not None
    assert grant.until - grant.given_at == timedelta(hours=4)  # the setting's most
    SupportGrant.objects.update(until=timezone.now())
    assert support.get(shop.at("errors/")).status_code == 404
    again = SupportGrant.objects.exclude(pk=grant.pk)
    assert (
        support.post("/support/", {"merchant": str(shop.merchant.public_id), "reason": "Once more"}).status_code == 302
    )
    answer(shop, again.get(), {"hours": "1"})
    assert support.get(shop.at("errors/")).status_code == 200
    answer(shop, again.get(), {})
    assert support.get(shop.at("errors/")).status_code == 404
    assert [action for action, _ in told(shop)][-3:] == ["support.given", "support.looked", "support.ended"]


def test_a_refused_request_is_not_given_afterwards(support: Client, shop: Shop, rival: Shop) -> None:
    grant = ask(support, shop)
    assert answer(shop, grant, {}) == 302
    assert answer(shop, grant, {"hours": "1"}) == 302
    assert answer(rival, grant, {"hours": "1"}) == 404
    assert support.get(shop.at("errors/")).status_code == 404
    assert [action for action, _ in told(shop)] == ["support.asked", "support.refused"]


def test_who_is_no_longer_staff_is_let_in_no_longer(support: Client, staff: User, shop: Shop) -> None:
    answer(shop, ask(support, shop), {"hours": "1"})
    User.objects.filter(pk=staff.pk).update(is_staff=False)
    assert support.get(shop.at("errors/")).status_code == 404
    assert support.get("/support/").status_code == 404


def test_merchants_people_do_not_ask(shop: Shop) -> None:
    assert shop.client().get("/support/").status_code == 404
    assert shop.client().post("/support/", {"merchant": "x", "reason": "y"}).status_code == 404


def test_the_owner_reads_the_trail_of_the_merchant_and_of_its_people(shop: Shop, rival: Shop) -> None:
    from connections.audit import audit, audit_person

    owner, ops = shop.people[Role.OWNER], shop.people[Role.OPS]
    audit(merchant=shop.merchant, actor=ops, action="value_map.set", subject="Visa", method={"was": None, "is": "Card"})
    audit(merchant=rival.merchant, actor=None, action="store.connected", subject="Rival's store")
    audit_person(actor=ops, action="password.changed", subject=ops)
    audit_person(actor=None, action="password.changed", subject=rival.people[Role.OPS])
    path = f"/settings/merchant/{shop.merchant.public_id}/trail/"
    page = shop.client().get(path)
    assert [(row.action, row.who) for row in page.context["rows"]] == [
        ("password.changed", ops.email), ("value_map.set", ops.email),
    ]  # fmt: skip
    assert "method: none → Card" in page.content.decode()
    only = shop.client().get(f"{path}?action=value_map.set&who={ops.email}").context["rows"]
    assert [row.action for row in only] == ["value_map.set"]
    assert len(shop.client().get(f"{path}?who={owner.email}").context["rows"]) == 2  # did nothing: not a choice
    for role in (Role.STAFF, Role.OPS, Role.VIEWER):
        assert shop.client(role).get(path).status_code == 403
    assert rival.client().get(path).status_code == 404


def test_a_card_in_the_reason_is_not_kept(support: Client, shop: Shop) -> None:
    fields = {"merchant": str(shop.merchant.public_id), "reason": "paid with 4111 1111 1111 1111"}
    support.post("/support/", fields)
    assert SupportGrant.objects.get(merchant=shop.merchant).reason == "paid with [card number removed]"
    assert [one.detail for one in shop.merchant.audit_entries.all()] == [{"reason": "paid with [card number removed]"}]

"""Platform admin: every model, no secrets, history read-only, actions through services."""

from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client
from django.utils import timezone

from connections.models import AccessState, Connection, Hook, Role, ShippingRoute
from syncjobs.models import OrderCorrection, OrderText, SyncJob
from tests import factories
from tests.screens.conftest import Shop

OURS = [
    model
    for name in ("connections", "mappings", "errors", "syncjobs")
    for model in apps.get_app_config(name).get_models()
]
SECRETS = (
    "tok_secret_1234",
    "hook-secret-value",
    "path-token-",
    "handshake-secret",
    "brought-secret",
    "owner-mail@example.com",
    "Lena Engraved",
    "12 Elm Row",
    "gAAAAA",
)


@pytest.fixture
def platform(shop: Shop) -> Client:
    admin = factories.user("admin@tillbridge.example", is_staff=True, is_superuser=True)
    return factories.signed_in(admin, factor=True, lately=True)


@pytest.fixture
def filled(shop: Shop) -> Shop:
    shop.connection.store.owner_email = "owner-mail@example.com"
    shop.connection.store.save()
    factories.hook(shop.connection, "store/order/created")
    factories.handshake(shop.merchant, shop.people[Role.OWNER])
    factories.problem(shop.connection, "1")
    factories.event(shop.connection, "1")
    factories.attempt(factories.job(shop.connection, "1"))
    factories.item_link(shop.connection, "HP-1")
    factories.proof(shop.connection)
    main = shop.connection.heartland.locations.get(name="Harbor Main")
    ShippingRoute.objects.create(connection=shop.connection, location=main, rank=1)
    factories.audit_entry(shop.merchant)
    wrote = '[{"label": "Comment", "text": "For Lena Engraved", "field": "comment_field"}]'
    OrderText.objects.create(connection=shop.connection, external_id="1", content=wrote, read_at=timezone.now())
    OrderCorrection.objects.create(
        connection=shop.connection,
        external_id="1",
        field="shipping.line_1",
        before="12 Elm Row, Lot 4",
        after="12 Elm Row",
    )
    return shop


@pytest.mark.parametrize("model", OURS, ids=[model.__name__ for model in OURS])
def test_every_model_is_listed_and_shows_no_secret(model: Any, filled: Shop, platform: Client) -> None:
    assert admin.site.is_registered(model)
    base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
    pages = [base, *(f"{base}{row.pk}/change/" for row in model.objects.all()[:2])]
    for path in pages:
        answer = platform.get(path)
        assert answer.status_code == 200, path
        for secret in SECRETS:
            assert secret not in answer.content.decode(), (path, secret)


def test_history_cannot_be_written(filled: Shop, platform: Client) -> None:
    for name in ("syncjobs/attempt", "syncjobs/inboxevent", "connections/auditentry", "connections/credential"):
        assert platform.get(f"/admin/{name}/add/").status_code == 403
    entry = filled.merchant.audit_entries.get()
    page = f"/admin/connections/auditentry/{entry.pk}/change/"
    assert [platform.post(page, given).status_code for given in ({}, {"action": "x"})] == [403, 400]
    assert platform.post(f"/admin/connections/auditentry/{entry.pk}/delete/", {"post": "yes"}).status_code == 403


def test_lists_cost_a_fixed_number_of_queries(
    filled: Shop, platform: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(20):
        factories.attempt(factories.job(filled.connection, str(100 + number)))
        factories.hook(filled.connection, f"store/topic/{number}")
    platform.get("/admin/")  # notes once a minute that the session goes on
    for name in ("connections/connection", "connections/hook", "syncjobs/syncjob", "syncjobs/attempt"):
        with django_assert_max_num_queries(12):
            platform.get(f"/admin/{name}/")


def run_action(client: Client, name: str, action: str, pk: int) -> None:
    client.post(f"/admin/{name}/", {"action": action, "_selected_action": [pk]})


def test_actions_call_services(filled: Shop, platform: Client) -> None:
    run_action(platform, "connections/connection", "pause", filled.connection.pk)
    filled.connection.refresh_from_db()
    assert filled.connection.state == Connection.State.PAUSED
    run_action(platform, "syncjobs/record", "retry", filled.connection.records.get().pk)
    assert SyncJob.objects.filter(status="pending", external_id="1").count() == 1
    actors = set(filled.merchant.audit_entries.exclude(actor=None).values_list("actor__email", flat=True))
    assert actors == {"admin@tillbridge.example"}
    run_action(platform, "connections/connection", "arm_hooks", filled.connection.pk)
    assert not Hook.objects.filter(state=Hook.State.LIVE, system="heartland").exists()
    run_action(platform, "connections/store", "check_now", filled.connection.store_id)
    filled.connection.store.refresh_from_db()
    assert filled.connection.store.state == AccessState.CONNECTED


def test_merchants_people_are_not_let_in(shop: Shop) -> None:
    answer = shop.client().get("/admin/")
    assert answer.status_code in {302, 403}
    assert Client().get("/admin/")["Location"] == "/admin/login/?next=/admin/"
    assert Client().get("/admin/login/?next=/admin/")["Location"].startswith("/accounts/login/")

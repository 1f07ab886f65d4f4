"""Platform admin: every model, no secrets, history read-only, actions through services."""

from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client
from django.utils import timezone

from connections.models import AccessState, Connection, Hook, Membership, Role, ShippingRoute
from errors.models import SyncError
from syncjobs.models import Circuit, OrderCorrection, OrderText, Run, SyncJob
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


def test_rows_lead_to_their_pages_of_the_product_and_back(filled: Shop, platform: Client) -> None:
    """The page is the product's own: staff see it where an owner let them in, nobody else's door is opened here."""
    base, store = f"/stores/{filled.connection.public_id}", filled.connection
    run = Run.objects.create(connection=store, kind="stock_sync", started_at=factories.NOW)
    shipment = factories.invoice(store, "71", "1")
    error = SyncError.objects.get(connection=store)
    leads = {
        store.records.get(flow="orders"): f"{base}/orders/1/",
        shipment: f"{base}/records/shipments/71/",
        SyncJob.objects.get(connection=store): f"{base}/orders/1/",
        run: f"{base}/inventory/runs/{run.pk}/",
        store.proofs.get(): f"{base}/proof/{store.proofs.get().pk}/",
        error: f"{base}/errors/{error.pk}/",
        error.issues.get(): f"{base}/errors/?issue={error.issues.get().pk}",
        store: f"{base}/connection/",
        store.order_settings: f"{base}/fulfillment/",
    }
    for row, page in leads.items():
        shown = platform.get(f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/change/").content.decode()
        assert f'href="{page}"' in shown, page
        assert 'name="_save"' not in shown
        assert filled.client().get(page, follow=True).status_code == 200
    staff = factories.user("support@tillbridge.example", is_staff=True)
    Membership.objects.create(user=staff, merchant=filled.merchant, role=Role.VIEWER)
    client = factories.signed_in(staff, factor=True)
    for row in (run, store.records.get(flow="orders"), store.proofs.get(), store):
        address = f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/change/"
        assert f'<a href="{address}">Platform admin</a>' in client.get(leads[row]).content.decode()
    assert '<a href="/admin/">Platform admin</a>' in client.get("/orders/").content.decode()


def test_settings_say_where_they_are_changed(filled: Shop, platform: Client) -> None:
    for name, title in (
        ("ordersettings", "Order Fulfillment"),
        ("inventorysettings", "Inventory"),
        ("hook", "Connection"),
    ):
        row = apps.get_model("connections", name).objects.filter(connection=filled.connection)[0]
        page = platform.get(f"/admin/connections/{name}/{row.pk}/change/").content.decode()
        assert f"Nothing is changed here. The merchant changes it on the page {title}." in page


def test_what_nobody_edits_has_no_button_to_save(filled: Shop, platform: Client) -> None:
    edited = {"connections.User", "connections.Merchant", "connections.Membership", "auth.Group"}
    for model in admin.site._registry:
        row = model._default_manager.order_by("pk").first()
        if row and model._meta.label not in edited:
            page = platform.get(f"/admin/{model._meta.app_label}/{model._meta.model_name}/{row.pk}/change/")
            assert b'type="submit" value="Save' not in page.content, model


def test_causes_are_acknowledged_and_released_by_the_services_of_the_pages(filled: Shop, platform: Client) -> None:
    error = SyncError.objects.get(connection=filled.connection)
    issue = error.issues.get()
    run_action(platform, "errors/issue", "acknowledge", issue.pk)
    issue.refresh_from_db()
    assert issue.triage == "acknowledged"
    assert not SyncJob.objects.filter(status="pending").exists()
    run_action(platform, "errors/issue", "release", issue.pk)
    job = SyncJob.objects.get(status="pending")
    assert (job.external_id, job.cause) == ("1", "fix")
    run_action(platform, "errors/syncerror", "retry", error.pk)
    job.refresh_from_db()
    assert job.cause == "look again"
    stock = factories.stock_problem(filled.connection, "HP-1")
    run_action(platform, "errors/syncerror", "retry", stock.pk)
    waiting = SyncJob.objects.filter(status="pending").order_by("flow").values_list("flow", "external_id")
    assert list(waiting) == [("orders", "1"), ("stock", "HP-1")]
    trail = filled.merchant.audit_entries.filter(actor__email="admin@tillbridge.example").order_by("number")
    acts = [one for one in trail.values_list("action", flat=True) if not one.startswith("staff.")]
    assert acts == ["issue.acknowledged", "issue.released", "record.retried", "record.retried"]


def test_the_first_page_counts_what_needs_somebody(filled: Shop, platform: Client) -> None:
    Circuit.objects.create(connection=filled.connection, system="heartland", opened_at=timezone.now())
    factories.problem(filled.connection, "2", state=SyncError.State.DEAD)
    page = platform.get("/admin/")
    assert {one.words: (one.count, one.is_bad) for one in page.context["figures"]} == {
        "Stores that are connected": (1, False),
        "Stores that are paused": (0, False),
        "Heartland accounts whose access is revoked": (0, False),
        "Stores whose access is revoked": (0, False),
        "Receivers of webhooks that do not answer": (0, False),
        "Causes that are ours to mend": (0, False),
        "Records that gave up": (1, True),
        "Jobs that are due for minutes": (0, False),
        "Systems that are down for a store": (1, True),
        "Reasons for which callbacks were refused today": (0, False),
        "Runs that go on": (0, False),
    }
    for one in page.context["figures"]:
        assert platform.get(one.address).status_code == 200, one.address
        assert one.words in page.content.decode()


def test_whom_and_where_a_role_is_for_are_found_while_typing(filled: Shop, platform: Client) -> None:
    page = platform.get("/admin/connections/membership/add/").content.decode()
    assert page.count("admin-autocomplete") >= 2
    asked = {"app_label": "connections", "model_name": "membership", "field_name": "merchant", "term": "harb"}
    found = platform.get("/admin/autocomplete/", asked).json()
    assert [one["text"] for one in found["results"]] == ["Harbor & Pine"]

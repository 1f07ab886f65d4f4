"""Every route of the API x scope x role x another merchant's object, from one table that the resolver is held to."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from connections.models import ApiToken, AuditEntry, Membership, Role, WebhookEndpoint
from connections.outbox import message_put
from connections.permissions import ROLES, SCOPES, Action
from errors.models import Issue
from syncjobs.api.access import ApiView, Unknown
from syncjobs.models import Run, SyncJob
from tests import books, factories
from tests.api.conftest import Program, program
from tests.screens.addresses import walk
from tests.screens.conftest import Shop, open_shop

WRITES = ("post", "put", "patch", "delete")
NATURALLY_ONCE = {("links", "put"), ("stores/<uuid:store>/settings/<slug:section>", "patch")}  # safe to repeat as such


@dataclass(frozen=True)
class Route:
    """One method of one address."""

    path: str  # below v1/
    method: str
    view: type[ApiView]

    @property
    def needs(self) -> Action | None:
        return self.view.needs.get(self.method)


def routes() -> list[Route]:
    """Every method of every view of the API, as the resolver and the views themselves say."""
    found = []
    for route, pattern in walk(get_resolver().url_patterns):
        view = getattr(pattern.callback, "view_class", None)
        if not route.startswith("v1/") or view in (None, Unknown):
            continue
        methods = [method for method in view.http_method_names if method != "head" and hasattr(view, method)]
        found += [Route(route.removeprefix("v1/"), method, view) for method in methods]
    return found


ROUTES = routes()
IDS = [f"{route.method} {route.path}" for route in ROUTES]


def objects(shop: Shop) -> dict[str, int]:
    """An object of the shop for each address that names one."""
    connection = shop.connection
    record = factories.problem(connection, "10457")
    order = connection.records.get(external_id="10457")
    issue = Issue.objects.get(errors=record)
    endpoint = WebhookEndpoint.objects.create(
        merchant=shop.merchant, address="https://told.example/", host="told.example", secret="whsec_aGk=",
        events=["order.booked"], created_at=factories.NOW,
    )  # fmt: skip
    return {
        "orders": order.pk,
        "records": order.pk,
        "issues": issue.pk,
        "jobs": factories.job(connection, "10457").pk,
        "links": factories.item_link(connection, "HT-M-RED").pk,
        "runs": Run.objects.create(connection=connection, kind="stock_sync", started_at=factories.NOW).pk,
        "proofs": factories.proof(connection).pk,
        "closes": books.close(connection, "2026-03-01", "known").pk,
        "webhooks": endpoint.pk,
        "message": message_put(endpoint, "webhook.test", {}, factories.NOW).pk,
    }


def filled(route: Route, shop: Shop, ids: dict[str, int]) -> str:
    path = route.path.replace("<uuid:store>", str(shop.connection.public_id)).replace("<slug:section>", "inventory")
    path = path.replace("<int:message>", str(ids.get("message", 0)))
    path = path.replace("<int:id>", str(ids.get(route.path.split("/")[0], 0)))
    assert "<" not in path, f"{path}: give the placeholder a value in this test"
    return path


def body_for(route: Route, shop: Shop) -> Any:
    """A body that is right, so that only rights can refuse it."""
    store = str(shop.connection.public_id)
    return (
        {
            "runs": {"store": store, "kind": "stock_check"},
            "closes": {"store": store, "day": "2026-03-02", "note": "known"},
            "links": {"store": store, "sku": "HT-M-RED", "item_number": "HT-M-RED"},
            "stores/<uuid:store>/settings/<slug:section>": {"version": "x", "values": {"last_units": 3}},
            "records/<int:id>/fix": {"choice": "heartland"},
            "webhooks": {"address": "https://told.example/", "events": ["order.booked"]},
            "webhooks/<int:id>": {"is_active": False} if route.method == "patch" else None,
        }.get(route.path)
        if route.method != "get"
        else None
    )


def changes() -> tuple[int, int, int]:
    return AuditEntry.objects.count(), SyncJob.objects.count(), Run.objects.count()


def test_every_route_says_what_it_needs() -> None:
    assert [f"{route.method} {route.path}" for route in ROUTES if route.needs is None] == []
    assert len(ROUTES) > 30
    assert {route.needs for route in ROUTES} <= set(SCOPES)


def test_every_write_can_be_repeated() -> None:
    bare = {
        (route.path, route.method)
        for route in ROUTES
        if route.method in WRITES and not getattr(getattr(route.view, route.method), "is_once", False)
    }
    assert bare == NATURALLY_ONCE


@pytest.mark.parametrize("route", ROUTES, ids=IDS)
def test_a_stranger_is_answered_401(route: Route, shop: Shop) -> None:
    path = filled(route, shop, {})
    for headers in ({}, {"Authorization": "Bearer tb_nobody"}, {"Authorization": "Basic YTpi"}):
        answer = Client().generic(route.method.upper(), f"/v1/{path}", headers=headers)
        assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
        assert answer["WWW-Authenticate"] == 'Bearer realm="Tillbridge API"'


@pytest.mark.parametrize("route", ROUTES, ids=IDS)
def test_a_token_without_the_scope_is_refused(route: Route, shop: Shop) -> None:
    assert route.needs is not None
    lacking = program(shop, scopes=tuple(scope for scope in SCOPES if scope != route.needs))
    path = filled(route, shop, objects(shop))
    before = changes()
    answer = lacking.call(route.method.upper(), path, body_for(route, shop))
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert f"“{route.needs}”" in answer.json()["detail"]
    assert changes() == before


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("route", ROUTES, ids=IDS)
def test_a_token_does_no_more_than_its_makers_role(route: Route, role: Role, shop: Shop) -> None:
    assert route.needs is not None
    if role in ROLES[route.needs]:
        return
    made_by = program(shop, role)
    path = filled(route, shop, objects(shop))
    before = changes()
    answer = made_by.call(route.method.upper(), path, body_for(route, shop))
    assert answer.status_code == 403
    assert f"Your role here is {str(role.label).lower()}." in answer.json()["detail"]
    assert changes() == before


WITH_OBJECT = [route for route in ROUTES if "<" in route.path]


@pytest.mark.parametrize("route", WITH_OBJECT, ids=[f"{route.method} {route.path}" for route in WITH_OBJECT])
def test_another_merchants_object_does_not_exist(route: Route, shop: Shop, rival: Shop) -> None:
    path, stranger = filled(route, shop, objects(shop)), program(rival)
    missing = filled(route, shop, {}).replace(str(shop.connection.public_id), "00000000-0000-4000-8000-000000000000")
    before = changes()
    answer = stranger.call(route.method.upper(), path, body_for(route, shop))
    assert answer.status_code == 404
    assert answer.content == stranger.call(route.method.upper(), missing, body_for(route, shop)).content
    assert changes() == before


LISTS = [route for route in ROUTES if route.method == "get" and "<" not in route.path and "reports" not in route.path]


@pytest.mark.parametrize("route", LISTS, ids=[route.path for route in LISTS])
def test_a_list_shows_nothing_of_another_merchant(route: Route, shop: Shop, rival: Shop) -> None:
    objects(shop)
    factories.catalogue(shop.connection)
    assert program(rival).get(route.path)["data"] == ([] if route.path != "stores" else [store_of(rival)])


def store_of(shop: Shop) -> Any:
    return program(shop).get(f"stores/{shop.connection.public_id}")


def test_a_filter_by_another_merchants_store_finds_nothing(api: Program, shop: Shop, rival: Shop) -> None:
    factories.order(rival.connection, "10457")
    assert api.get(f"orders?store={rival.connection.public_id}")["data"] == []


def test_a_person_of_two_merchants_reaches_by_a_token_only_its_own(shop: Shop) -> None:
    other = open_shop("Cove & Cedar")
    Membership.objects.create(user=shop.people[Role.OWNER], merchant=other.merchant, role=Role.OWNER)
    factories.order(other.connection, "10457")
    one = program(shop)
    assert [row["id"] for row in one.get("stores")["data"]] == [str(shop.connection.public_id)]
    assert one.get("orders")["data"] == []


def test_a_token_ends_with_its_makers_membership(api: Program, shop: Shop) -> None:
    assert api.call("GET", "stores").status_code == 200
    Membership.objects.filter(user=shop.people[Role.OWNER]).delete()
    assert api.call("GET", "stores").status_code == 401


@pytest.mark.parametrize("field", ["expires_at", "revoked_at"])
def test_a_token_that_is_over_lets_nobody_in(field: str, api: Program) -> None:
    ApiToken.objects.update(**{field: timezone.now() - timedelta(seconds=1)})
    assert api.call("GET", "stores").status_code == 401


def test_a_person_who_is_switched_off_has_no_tokens(api: Program, shop: Shop) -> None:
    person = shop.people[Role.OWNER]
    person.is_active = False
    person.save()
    assert api.call("GET", "stores").status_code == 401


def test_a_cookie_opens_no_route(shop: Shop) -> None:
    """Browsers send it by themselves, from any page."""
    assert shop.client().get("/v1/stores").status_code == 401


def test_calls_are_counted_by_token(api: Program, shop: Shop, settings: Any) -> None:
    settings.API_CALLS_PER_MINUTE = 2
    answers = [api.call("GET", "stores") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer["RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert answers[2].json()["code"] == "throttled"
    assert 1 <= int(answers[2]["Retry-After"]) <= 61
    assert program(shop).call("GET", "stores").status_code == 200
    ApiToken.objects.update(window_at=timezone.now() - timedelta(minutes=1))
    assert api.call("GET", "stores").status_code == 200


def test_the_last_use_is_kept(api: Program) -> None:
    api.get("stores")
    api.token.refresh_from_db()
    assert api.token.last_used_at is not None
    assert timezone.now() - api.token.last_used_at < timedelta(minutes=1)


def test_what_a_program_does_is_in_the_trail_with_its_token(api: Program, shop: Shop) -> None:
    order = factories.order(shop.connection, "10457")
    api.call("POST", f"orders/{order.pk}/retry")
    entry = AuditEntry.objects.get(action="record.retried")
    assert (entry.actor, entry.detail["api_token"]) == (shop.people[Role.OWNER], str(api.token))
    shop.client().post(shop.at("connection/pause/"))
    assert "api_token" not in AuditEntry.objects.get(action="connection.paused").detail

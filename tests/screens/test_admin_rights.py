"""Who may only look at the platform admin changes nothing there: every page and every action of every model."""

from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.contrib.sessions.models import Session
from django.core.handlers.wsgi import WSGIRequest
from django.db import models
from django.test import Client, RequestFactory

from connections.models import AuditEntry, AuditHead, User
from tests import factories
from tests.screens.conftest import Shop
from tests.screens.test_admin import filled, platform

__all__ = ["filled", "platform"]

REGISTERED = admin.site._registry
MODELS = pytest.mark.parametrize("model", REGISTERED, ids=[model._meta.label for model in REGISTERED])
TRACES = (LogEntry, Session, UserSession, AuditEntry, AuditHead)  # looking leaves them
WRITTEN_BY_HAND = {  # the only forms of the platform admin
    "auth.Group": {"add", "change", "delete"},
    "connections.User": {"add", "change"},
    "connections.Merchant": {"add", "change"},
    "connections.Membership": {"add", "change", "delete"},
}


@pytest.fixture
def looker(shop: Shop) -> Client:
    person = factories.user("looker@tillbridge.example", is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    return factories.signed_in(person, factor=True, lately=True)


def everything() -> dict[str, list[Any]]:
    """Every row of every table, but what looking leaves."""
    return {
        model._meta.label: list(model._default_manager.order_by("pk").values_list())
        for model in apps.get_models()
        if model not in TRACES
    }


def request_of(person: User) -> WSGIRequest:
    request = RequestFactory().get("/admin/")
    request.user = person
    return request


def actions_of(model: type[models.Model]) -> set[str]:
    """All that the model's page knows, whoever may."""
    return {name for _, name, _ in REGISTERED[model]._get_base_actions()}  # type: ignore[attr-defined]


def base(model: type[models.Model]) -> str:
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/"


@MODELS
def test_a_looker_runs_no_action(model: type[models.Model], filled: Shop, looker: Client) -> None:
    rows = [str(pk) for pk in model._default_manager.values_list("pk", flat=True)]
    before = everything()
    for action in actions_of(model):
        answer = looker.post(base(model), {"action": action, "_selected_action": rows, "post": "yes"})
        assert answer.status_code in {200, 302, 403}, action
    assert everything() == before


@MODELS
def test_a_looker_writes_no_form(model: type[models.Model], filled: Shop, looker: Client) -> None:
    before = everything()
    row = model._default_manager.order_by("pk").first()
    assert looker.post(f"{base(model)}add/", {}).status_code == 403
    if row:
        assert looker.post(f"{base(model)}{row.pk}/change/", {}).status_code == 403
        assert looker.post(f"{base(model)}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert everything() == before


@MODELS
def test_what_is_not_written_by_hand_has_no_form_for_anybody(model: type[models.Model], db: None) -> None:
    request = request_of(User(is_superuser=True, is_active=True, is_staff=True))
    page = REGISTERED[model]
    may = {
        "add": page.has_add_permission(request),
        "change": page.has_change_permission(request),
        "delete": page.has_delete_permission(request),
    }
    assert {name for name, is_so in may.items() if is_so} == WRITTEN_BY_HAND.get(model._meta.label, set())


def test_every_action_names_a_right(db: None) -> None:
    nameless = [
        f"{model._meta.label}.{name}"
        for model, page in REGISTERED.items()
        for function, name, _ in page._get_base_actions()  # type: ignore[attr-defined]
        if not getattr(function, "allowed_permissions", None)
    ]
    assert nameless == []


def test_the_right_to_change_is_what_an_action_takes(filled: Shop, looker: Client) -> None:
    """The same person with that right: the test above refuses for want of it, not for anything else."""
    person = User.objects.get(email="looker@tillbridge.example")
    person.user_permissions.add(Permission.objects.get(codename="change_connection"))
    looker.post(base(type(filled.connection)), {"action": "pause", "_selected_action": [filled.connection.pk]})
    filled.connection.refresh_from_db()
    assert filled.connection.state == "paused"

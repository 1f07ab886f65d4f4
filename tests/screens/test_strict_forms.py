"""Forms take what their page drew and nothing else."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import pytest
from django.db import transaction
from django.forms import BaseForm

import connections.forms
import syncjobs.pages.forms
from connections.models import AuditEntry, ItemSettings
from connections.permissions import Action
from connections.strict import Strict
from tests import factories
from tests.screens.conftest import Shop
from tests.screens.test_access import OURS, path_of

STRICT = (
    "fulfillment/",
    "fulfillment/backfill/",
    "inventory/rule/",
    "inventory/rules/",
    "items/settings/",
    "connection/disconnect/",
)


@dataclass
class Drawn:
    """A form of a page."""

    path: str
    fields: list[tuple[str, str]] = field(default_factory=list)


class Forms(HTMLParser):
    """The forms of a page that change something, each with all its names."""

    def __init__(self, page: str, path: str) -> None:
        super().__init__()
        self.found: list[Drawn] = []
        self._path, self._open = path, False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = values.get("method", "get").lower() == "post"
            if self._open:
                self.found.append(Drawn(values.get("action") or self._path))
        elif self._open and values.get("name"):
            self.found[-1].fields.append((values["name"], values.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        self._open = self._open and tag != "form"


def drawn(shop: Shop) -> list[Drawn]:
    pages = [path_of(address, shop) for address in OURS if address.access == Action.LOOK]
    pages += [shop.at("connection/disconnect/"), f"/settings/merchant/{shop.merchant.public_id}/"]
    found = []
    for path in pages:
        answer = shop.client().get(path)
        is_page = answer.status_code == 200 and not answer.streaming
        found += Forms(answer.content.decode(), path).found if is_page else []
    return found


def post(shop: Shop, form: Drawn, *more: tuple[str, str]) -> Any:
    data: dict[str, list[str]] = {}
    for name, value in (*form.fields, *more):
        data.setdefault(name, []).append(value)
    client = shop.client()
    with transaction.atomic():
        answer = client.post(form.path, data)
        transaction.set_rollback(True)
    return answer


@pytest.mark.parametrize("mode", ItemSettings.Mode.values)
def test_what_a_page_draws_is_taken_and_what_it_does_not_is_refused(shop: Shop, mode: str) -> None:
    factories.order(shop.connection, "10457", at=factories.NOW)
    factories.problem(shop.connection, "10458", at=factories.NOW)
    ItemSettings.objects.update_or_create(connection=shop.connection, defaults={"mode": mode})
    forms = drawn(shop)
    strict = {shop.at(path) for path in STRICT if mode != "manual" or path != "items/settings/"}
    assert strict <= {form.path for form in forms}
    before = AuditEntry.objects.count()
    for form in forms:
        assert "could not read this request" not in post(shop, form).content.decode(), form
        if form.path in strict:
            answer = post(shop, form, ("merchant_id", "1"))
            assert (answer.status_code, "could not read this request" in answer.content.decode()) == (400, True), form
    assert AuditEntry.objects.count() == before


def test_every_form_of_ours_is_strict() -> None:
    forms = [
        one
        for module in (connections.forms, syncjobs.pages.forms)
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, BaseForm) and one.__module__ == module.__name__
    ]
    assert [form.__name__ for form in forms if not issubclass(form, Strict)] == ["ConditionForm"]  # a row of another's
    assert len(forms) > 11

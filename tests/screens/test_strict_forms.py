"""Every address takes what its page draws and nothing else."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin
from django.db import connection as database
from django.db import transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, resolve, reverse

import connections.forms
from connections import team_forms
from connections.connect.magento import magento_forms
from connections.connect.magento.handshake import BROUGHT
from connections.models import AuditEntry, ItemSettings, Merchant, Role, User
from connections.permissions import Action
from connections.strict import TOKEN, Drawn, drawn
from connections.views import trail
from syncjobs.money.import_payouts import COLUMNS
from syncjobs.pages.alerts import alert_forms
from syncjobs.pages.cards import cards_forms
from syncjobs.pages.customer_settings import customer_form
from syncjobs.pages.customer_settings.customer_settings_views import OF_FIELDS
from syncjobs.pages.fulfilment import backfill_form, fulfilment_forms, refunds_form
from syncjobs.pages.inventory import inventory_forms
from syncjobs.pages.items import item_forms
from syncjobs.pages.loyalty import loyalty_form
from syncjobs.pages.personal import shopper_form
from tests import factories
from tests.screens.addresses import PERSON, addresses, walk
from tests.screens.conftest import Shop
from tests.screens.test_access import OURS, path_of
from tests.screens.test_safe_methods import WRITES

REFUSED = "Your browser sent what this form does not ask for"
WITHOUT_ACTION = {  # templates whose form posts to the page's own address, or to one that a kind of store names
    "connections/connection.html": "bigcommerce_install",
    "shared/_choose_columns.html": "orders_columns",
    "shared/_keep_view.html": "orders_views",
    "connections/setup.html": "setup",
    "connections/pair.html": "store_pair",
    "connections/claim.html": "bigcommerce_claim",
    "connections/disconnect.html": "connection_disconnect",
    "connections/heartland_token.html": "heartland_token",
    "connections/merchant.html": "merchant",
    "connections/support.html": "support",
    "account/address_confirm.html": "account_address_confirm",
    "fulfilment/fulfilment.html": "fulfilment",
    "personal/personal.html": "personal",
    "inventory/places_sure.html": "inventory_all",
    "errors/_question.html": "return_choose",  # which takes what the others take, and an order
}
LIBRARY = {"login", "password", "remember", "password1", "password2", "email", "code", "credential", "name", "next"}
SPELLED_BY_FORMS = {
    *("code-", "name-", "tax-", "rank-", "areas-", "filter-", "target-", "value-", "events", "scopes"),
    *("earned-", "group-"),
}
BY_CODE = LIBRARY | SPELLED_BY_FORMS | set(COLUMNS) | set(OF_FIELDS) | {"word-"}  # names that no template spells out
ADDRESS = re.compile(r"action=\"\{% url '(\w+)'")
NAME = re.compile(r' name="([^"{]*)([^"]*)"')


@dataclass
class Sent:
    """What a browser sends when one button of a form is pressed."""

    path: str
    fields: list[tuple[str, str]] = field(default_factory=list)


class Forms(HTMLParser):
    """The forms of a page that change something, once for each of their buttons."""

    def __init__(self, page: str, path: str) -> None:
        super().__init__()
        self.found: list[Sent] = []
        self._path, self._open = path, False
        self._fields: list[tuple[str, str]] = []
        self._buttons: list[dict[str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = values.get("method", "get").lower() == "post"
            self._action, self._fields, self._buttons = values.get("action") or self._path, [], []
        elif self._open and (tag == "button" or values.get("type") == "submit"):
            self._buttons.append(values)
        elif self._open and tag in {"input", "select", "textarea"} and values.get("name"):
            is_another = values.get("type") == "radio" and values["name"] in dict(self._fields)
            self._fields += [] if is_another else [(values["name"], values.get("value", ""))]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._open:
            for button in self._buttons:
                named = [(button["name"], button.get("value", ""))] if button.get("name") else []
                self.found.append(Sent(button.get("formaction") or self._action, [*self._fields, *named]))
            self._open = False


def forms_of(client: Client, pages: list[str]) -> list[Sent]:
    found = {}
    for path in pages:
        answer: Any = client.get(path)
        if answer.status_code == 200 and not answer.streaming:
            for form in Forms(answer.content.decode(), path).found:
                found[form.path, frozenset(name for name, _ in form.fields)] = form
    return list(found.values())


def post(client: Client, form: Sent, *more: tuple[str, str]) -> Any:
    """What the address answers; whatever it does is taken back."""
    data: dict[str, list[str]] = {}
    for name, value in (*form.fields, *more):
        data.setdefault(name, []).append(value)
    with transaction.atomic():
        answer = Client.post(client, form.path, data)
        transaction.set_rollback(True)
    return answer


def is_refused(client: Client, form: Sent, *more: tuple[str, str]) -> bool:
    """400 in words, before anything was written."""
    with CaptureQueriesContext(database) as queries:
        answer = post(client, form, *more)
    assert [one["sql"][:120] for one in queries if WRITES.match(one["sql"])] == [] or answer.status_code != 400
    return answer.status_code == 400 and REFUSED in answer.content.decode()


def takes_exactly(browser: Callable[[], Client], form: Sent, *names: str) -> None:
    """The form as drawn, but not with a field beside, nor with one of `names` twice."""
    answer = post(browser(), form)
    assert answer.streaming or REFUSED not in answer.content.decode(), form
    assert is_refused(browser(), form, ("merchant_id", "1")), form
    for again in [one for one in form.fields if one[0] in names][-1:]:
        assert is_refused(browser(), form, again), (form, again)


def taken_by(path: str) -> Drawn:
    taken: Drawn = getattr(resolve(path.partition("?")[0]).func, "takes", drawn())
    return taken


@pytest.mark.parametrize("mode", ItemSettings.Mode.values)
def test_what_a_page_draws_is_taken_and_what_it_does_not_is_refused(shop: Shop, mode: str) -> None:
    factories.order(shop.connection, "10457", at=factories.NOW)
    factories.problem(shop.connection, "10458", at=factories.NOW)
    ItemSettings.objects.update_or_create(connection=shop.connection, defaults={"mode": mode})
    pages = [path_of(address, shop) for address in OURS if address.access == Action.LOOK]
    pages += [shop.at("connection/disconnect/"), shop.at("setup/"), f"/settings/merchant/{shop.merchant.public_id}/"]
    pages += ["/settings/integrations/bigcommerce/", "/settings/integrations/heartland/"]
    forms = forms_of(shop.client(), pages)
    assert {"retry_many", "close_many", "items_mode", "connection_pause", "heartland_authorize"} <= {
        str(resolve(form.path).url_name) for form in forms
    }
    before = AuditEntry.objects.count()
    for form in forms:
        takes_exactly(shop.client, form, *taken_by(form.path).once)
    assert AuditEntry.objects.count() == before


def test_the_log_in_and_the_account_take_what_they_draw(shop: Shop) -> None:
    def fresh() -> Client:
        return factories.signed_in(shop.people[Role.OWNER], lately=True)

    own = [f"/{one.route}" for one in addresses() if one.access == PERSON and "<" not in one.route]
    forms = forms_of(fresh(), own)
    assert {"account_address", "account_change_password", "mfa_activate_totp", "mfa_add_webauthn"} <= {
        str(resolve(form.path).url_name) for form in forms
    }
    for form in forms:
        takes_exactly(fresh, form, *taken_by(form.path).once)
    for form in forms_of(Client(), ["/accounts/login/?next=/orders/", "/accounts/password/reset/"]):
        takes_exactly(Client, form, *taken_by(form.path).once)


def test_the_platform_admin_takes_what_it_draws(shop: Shop) -> None:
    root = factories.user("root@tillbridge.example", is_staff=True, is_superuser=True)

    def browser() -> Client:
        return factories.signed_in(root, factor=True, lately=True)

    rows: list[Any] = [shop.people[Role.OWNER], shop.merchant, shop.merchant.memberships.first()]
    pages = [reverse("admin:auth_group_add")]
    for row in rows:
        here = f"admin:{row._meta.app_label}_{row._meta.model_name}"
        pages += [reverse(f"{here}_add"), reverse(f"{here}_change", args=[row.pk]), reverse(f"{here}_changelist")]
    pages.append(reverse("admin:connections_membership_delete", args=[rows[2].pk]))
    forms = [form for form in forms_of(browser(), pages) if form.path.startswith(reverse("admin:index"))]
    without_actions = {reverse("admin:connections_merchant_changelist")}
    assert {form.path for form in forms} == {*pages, reverse("admin:logout")} - without_actions
    for form in forms:
        takes_exactly(browser, form, "name", "email", "action")


@pytest.mark.parametrize("model", [User, Merchant])
def test_the_admin_writes_nothing_of_a_field_that_it_does_not_draw(model: type, shop: Shop) -> None:
    """Also one that the row has: read-only ones are shown, not sent."""
    assert {"last_login", "date_joined", "created_at", "public_id"} & set(admin.site._registry[model].readonly_fields)
    root = factories.user("root@tillbridge.example", is_staff=True, is_superuser=True)
    client = factories.signed_in(root, factor=True, lately=True)
    row = shop.people[Role.OWNER] if model is User else shop.merchant
    path = reverse(f"admin:connections_{model.__name__.lower()}_change", args=[row.pk])
    for name in admin.site._registry[model].readonly_fields:
        assert is_refused(client, Sent(path), (str(name), "2020-01-01")), name


def test_every_form_of_the_templates_is_taken_by_its_address() -> None:
    """Also those that a page draws in rare states only, and by each of their buttons."""
    views = {str(pattern.name): pattern.callback for _, pattern in walk(get_resolver().url_patterns)}
    root, seen, missing = Path(settings.BASE_DIR) / "templates", set(), []
    for page in sorted(root.rglob("*.html")):
        forms = [part.partition("</form>")[0] for part in page.read_text().split("<form")[1:]]
        for form in [one for one in forms if 'method="post"' in one]:
            for name in ADDRESS.findall(form) or [WITHOUT_ACTION.get(str(page.relative_to(root)), "")]:
                taken: Drawn = getattr(views.get(name), "takes", drawn())
                seen.add(name)
                names = [start + "1" * bool(rest) for start, rest in NAME.findall(form)]
                missing += [(page.name, name, one) for one in names if not (taken.holds(one, 1) or one == "1")]
    assert missing == []
    assert len(seen) > 60


FORM_MODULES = (
    alert_forms,
    cards_forms,
    customer_form,
    loyalty_form,
    refunds_form,
    team_forms,
    backfill_form,
    fulfilment_forms,
    inventory_forms,
    item_forms,
    shopper_form,
    magento_forms,
)


def test_what_is_said_to_be_drawn_is_drawn() -> None:
    """A name that no template and no form of ours holds any more is taken by no address."""
    pages = "".join(path.read_text() for path in (Path(settings.BASE_DIR) / "templates").rglob("*.html"))
    names = {name for _, pattern in walk(get_resolver().url_patterns) for name in taken_names(pattern.callback)}
    forms = [one for module in (connections.forms, *FORM_MODULES, trail) for one in vars(module).values()]
    fields = {name for form in forms for name in getattr(form, "base_fields", ())}
    unspelled = {name for name in names if not re.search(rf'name="{re.escape(name)}["{{]', pages)}
    assert unspelled - BY_CODE - set(BROUGHT) - fields == set()


def taken_names(view: Any) -> set[str]:
    taken: Drawn = getattr(view, "takes", drawn())
    return {*taken.once, *taken.several, *taken.starts} - {TOKEN}


def test_a_view_that_says_nothing_takes_nothing_and_names_what_came(shop: Shop) -> None:
    path = shop.at("connection/pause/")
    answer = shop.client().post(path, {"<b>": "1", **{f"more{number}": "" for number in range(9)}})
    text = answer.content.decode()
    assert answer.status_code == 400
    assert "&lt;b&gt;, more0, more1, more2, more3 and 5 more" in text
    assert "Nothing was changed. Go back, reload the page and try again." in text
    shop.connection.refresh_from_db()
    assert shop.connection.is_running
    assert shop.client().post(path).status_code == 302


def test_what_stands_behind_the_address_stays_harmless(shop: Shop) -> None:
    for path in ("orders/", "errors/", "items/"):
        assert shop.client().get(shop.at(path) + "?utm_source=mail&q=a&q=b").status_code in {200, 302, 404}
    assert shop.client().get("/orders/?utm_source=mail&state=odd").status_code == 200


def test_a_file_is_a_field_too(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("SKU,Item\n")
    with (tmp_path / "a.csv").open() as one, (tmp_path / "a.csv").open() as other:
        refused = shop.client().post(shop.at("items/list/"), {"file": one, "upload": other})
    assert (refused.status_code, "upload" in refused.content.decode()) == (400, True)

"""Each address: declared, closed to strangers, closed to other merchants, and within the role."""

import re
from typing import Any

import pytest
from django.test import Client

from connections.models import AuditEntry, Role
from connections.permissions import ROLES, Action
from errors.models import Issue, SyncError
from mappings.core.rules.search_terms import mail_terms
from mappings.person_keys import sealed_terms
from syncjobs.models import CustomerQuestion, PayoutEntry, PayoutWord, PointsSide, Proof, Record, Run, SyncJob
from tests import factories
from tests.screens.addresses import MEMBER, PERSON, PUBLIC, SIGNED, STAFF_ONLY, Address, addresses
from tests.screens.conftest import Shop
from tests.screens.test_customer_questions import asked

OURS = [address for address in addresses() if isinstance(address.access, Action)]
CHANGES = [address for address in OURS if address.access != Action.LOOK]
ids = [address.name for address in OURS]
CAME_OF_ORDERS = {  # part of an address → flow, and what makes a record of it
    "/invoices/": ("shipments", factories.invoice),
    "/returns/": ("returns", factories.till_return),
    "/refunds/": ("refunds", factories.refund),
}
OBJECT = re.compile("<(?!uuid:public_id|slug:way|str:kind|str:flow)[^>]+>")
STORES_NUMBER = re.compile("(orders|records|close|reopen|retry)/.*external_id")  # an order of any store may bear it
NAMED_IN_THE_FORM = {  # what they are about, their forms say: one that says nothing is about nothing
    "books_close", "comment", "customer_answer", "customer_answer_many", "first_ships",
    "hand_hook", "hand_hook_end", "hand_hook_renew", "inventory_add", "inventory_remove", "inventory_rule_remove",
    "inventory_start", "item_link", "item_make", "item_unlink", "items_apply", "items_mode", "items_start",
    "payouts_explain", "payouts_unsettle", "person_join", "run_move",
}  # fmt: skip
TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="\w+"')  # another in each page


def run_of(shop: Shop, kind: str) -> Run:
    known = Run.objects.filter(connection=shop.connection, kind=kind).first()
    return known or Run.objects.create(connection=shop.connection, kind=kind, started_at=factories.NOW)


def kind_of_run(route: str) -> str:
    if "/distribute/" in route:
        return "distribution_send"
    return "items_preview" if "/items/" in route else "stock_sync"


def proof_of(shop: Shop) -> Proof:
    return Proof.objects.filter(connection=shop.connection).first() or factories.proof(shop.connection)


def error_of(shop: Shop) -> SyncError:
    known = SyncError.objects.filter(connection=shop.connection).first()
    return known or factories.problem(shop.connection, "99999")


def issue_of(shop: Shop) -> Issue:
    return error_of(shop).issues.get()


def record_of(address: Address, shop: Shop) -> str:
    """The id of what an address names: an order, or what came of one."""
    for part, (flow, make) in CAME_OF_ORDERS.items():
        if part in address.route:
            known = Record.objects.filter(connection=shop.connection, flow=flow).first()
            return (known or make(shop.connection, f"71{shop.connection.pk}", "10457")).external_id
    return "10457"


def entry_of(shop: Shop) -> PayoutEntry:
    if not shop.connection.payout_entries.exists():
        factories.payouts(shop.connection)
    return shop.connection.payout_entries.latest("pk")


def word_of(shop: Shop) -> PayoutWord:
    known = shop.connection.payout_words.first()
    return known or PayoutWord.objects.create(
        connection=shop.connection, payout="po_9", meaning="fee", amount="1.00", at=factories.NOW
    )


def account_of(shop: Shop) -> str:
    known = PointsSide.objects.filter(connection=shop.connection).first()
    return known.external_id if known else factories.points(shop.connection)


def question_of(shop: Shop) -> CustomerQuestion:
    return CustomerQuestion.objects.filter(connection=shop.connection).first() or asked(shop)


def shopper_of(shop: Shop) -> str:
    known = shop.connection.records.filter(external_id="77001").exists()
    return sealed_terms(mail_terms(["ana.ruiz@example.com"]))[0] if known else factories.shopper(shop.connection)


def path_of(address: Address, shop: Shop) -> str:
    """An address filled in with objects of the shop."""
    values = {
        "<uuid:public_id>": str(shop.connection.public_id),
        "<str:external_id>": record_of(address, shop),
        "<path:external_id>": "10457",
        "<str:flow>": "orders",
        "<str:kind>": "payment",
        "<slug:way>": "module",
        "<int:entry_id>": str(entry_of(shop).pk),
        "<int:word_id>": str(word_of(shop).pk),
        "<int:card_id>": str(factories.gift_card(shop.connection).pk),
        "<str:account>": account_of(shop),
        "<int:question_id>": str(question_of(shop).pk),
        "<str:term>": shopper_of(shop),
        "<int:issue_id>": str(issue_of(shop).pk),
        "<int:error_id>": str(error_of(shop).pk),
        "<int:proof_id>": str(proof_of(shop).pk),
        "<int:run_id>": str(run_of(shop, kind_of_run(address.route)).pk),
    }
    path = f"/{address.route}"
    for placeholder, value in values.items():
        path = path.replace(placeholder, value)
    assert "<" not in path, f"{path}: give the placeholder a value in this test"
    return path


def answers(client: Client, path: str) -> list[Any]:
    """What GET and POST answer, without the method that the address does not know (405 for everybody)."""
    found = [answer for answer in (client.get(path), client.post(path)) if answer.status_code != 405]
    assert found, f"{path} answers neither GET nor POST"
    return found


def test_every_address_says_who_may_reach_it() -> None:
    assert [address.route for address in addresses() if address.access is None] == []


def test_members_pages_and_public_pages_are_these() -> None:
    names = {kind: {one.name for one in addresses() if one.access == kind} for kind in (MEMBER, PUBLIC)}
    assert names[MEMBER] == {
        "dashboard",
        "first_run",
        "sales",
        "search",
        "search_suggest",
        "orders",
        "orders_news",
        "orders_retry",
        "orders_columns",
        "orders_views",
        "orders_export",
        "integrations",
        "integrations_bigcommerce",
        "integrations_magento",
        "magento_reconnect",
        "magento_add",
        "magento_begin",
        "magento_manual",
        "magento_activation",
        "magento_identity",
        "magento_website",
        "integrations_heartland",
        "heartland_account",
        "heartland_authorize",
        "heartland_callback",
        "heartland_token",
        "bigcommerce_install",
        "bigcommerce_claim",
        "store_pair",
        "merchant",
        "merchant_currency",
        "merchant_trail",
        "api_tokens",
        "webhooks",
        "webhook_move",
        "webhook_replay",
        "api_token_end",
        "support",
        "support_answer",
        "team_home",
        "team",
        "invitation_resend",
        "invitation_withdraw",
        "member_role",
        "member_remove",
        "member_sessions",
        "merchants",
        "trail_csv",
        "alerts_home",
        "alerts",
        "alerts_seen",
        "alerts_mine",
        "alert_rule",
        "channel_add",
        "channel_test",
        "channel_switch",
        "channel_remove",
        "alert_again",
        "personal",
        "merchant_second_factor",
    }
    ours = {name for name in names[PUBLIC] if name.startswith(("bigcommerce", "magento"))}
    installed = {"bigcommerce_auth", "bigcommerce_load", "bigcommerce_uninstall", "bigcommerce_remove_user"}
    assert ours == {*installed, "magento_callback"}


def test_the_addresses_of_accounts_and_callbacks_are_exactly_these() -> None:
    """Of the log-in library only what we mean: no sign-up, no second address, no log-in by code."""
    found = {one.route: one.access for one in addresses() if one.route.startswith(("accounts/", "hooks/"))}
    assert found == {
        "accounts/": PERSON,
        "accounts/login/": PUBLIC,
        "accounts/logout/": PUBLIC,
        "accounts/inactive/": PUBLIC,
        "accounts/reauthenticate/": PERSON,
        "accounts/password/change/": PERSON,
        "accounts/password/reset/": PUBLIC,
        "accounts/password/reset/done/": PUBLIC,
        "accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": PUBLIC,
        "accounts/password/reset/key/done/": PUBLIC,
        "accounts/address/": PERSON,
        "accounts/address/cancel/": PERSON,
        "accounts/address/confirm/<str:token>/": PUBLIC,
        "accounts/sessions/<int:session_id>/end/": PERSON,
        "accounts/sessions/end/": PERSON,
        "accounts/factor/": PERSON,
        "accounts/factor/proceed/": PERSON,
        "accounts/factor/authenticate/": PUBLIC,
        "accounts/factor/reauthenticate/": PERSON,
        "accounts/factor/app/add/": PERSON,
        "accounts/factor/app/remove/": PERSON,
        "accounts/factor/codes/": PERSON,
        "accounts/factor/codes/new/": PERSON,
        "accounts/factor/passkeys/add/": PERSON,
        "accounts/factor/passkeys/reauthenticate/": PERSON,
        "accounts/factor/passkeys/<int:pk>/remove/": PERSON,
        "hooks/bigcommerce/<str:token>": SIGNED,
        "hooks/heartland/<str:token>": SIGNED,
        "hooks/magento/<str:token>": SIGNED,
        "hooks/payments/<str:token>/<slug:operation>": SIGNED,
    }


@pytest.mark.parametrize(
    "name", ["signup/", "email/", "confirm-email/", "password/set/", "login/code/confirm/", "2fa/"]
)
def test_what_we_do_not_mean_of_the_library_is_not_there(name: str, shop: Shop) -> None:
    for client in (Client(), factories.signed_in(shop.people[Role.OWNER])):
        assert [client.get(f"/accounts/{name}").status_code, client.post(f"/accounts/{name}").status_code] == [404, 404]


OWN = [address for address in addresses() if address.access == PERSON]


@pytest.mark.parametrize("address", OWN, ids=[address.name for address in OWN])
def test_a_strangers_account_pages_are_the_log_in(address: Address, db: None) -> None:
    path = re.sub("<int:.*?>", "1", f"/{address.route}").replace("<slug:name>", "orders")
    for answer in answers(Client(), path):
        assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/accounts/login/")


def test_every_address_of_the_admin_asks_staff_for_their_second_factor(shop: Shop) -> None:
    """What hangs below `admin/` is behind its door, whoever added it: a library, or a model of ours."""
    admin = factories.user("root@tillbridge.example", is_staff=True, is_superuser=True)
    below = [one for one in addresses() if one.route.startswith("admin/")]
    assert {one.access for one in below} == {STAFF_ONLY, PUBLIC}
    assert [one.route for one in below if one.access == PUBLIC] == ["admin/login/"]
    for client in (Client(), shop.client(), factories.signed_in(admin)):
        for one in below:
            path = "/" + re.sub(r"\(\?P<app_label>.*?\)|\(\?P<url>.*\)|<.*?>", "connections", one.route).strip("^$")
            path = path.replace("^", "").replace("$", "")
            refused = client.get(path)
            assert refused.status_code in ({302, 403} if "login" in path else {302}), path
            if refused.status_code == 302:
                assert refused["Location"].startswith(("/admin/login/", "/accounts/", "/admin/")), path


@pytest.mark.parametrize("address", OURS, ids=ids)
def test_a_stranger_is_sent_to_the_log_in(address: Address, shop: Shop) -> None:
    """And back: to the page, or from a form to the page it stood on, which the test's client does not name."""
    path = path_of(address, shop)
    for answer in answers(Client(), path):
        back = "/" if answer.request["REQUEST_METHOD"] == "POST" else path
        assert (answer.status_code, answer["Location"]) == (302, f"/accounts/login/?next={back}")


@pytest.mark.parametrize("address", OURS, ids=ids)
def test_another_merchants_store_does_not_exist(address: Address, shop: Shop, rival: Shop) -> None:
    factories.problem(shop.connection, "10457")
    path = path_of(address, shop)
    before = AuditEntry.objects.count(), SyncJob.objects.count()
    nowhere = path.replace(str(shop.connection.public_id), "00000000-0000-4000-8000-000000000000")
    there, missing = answers(rival.client(), path), answers(rival.client(), nowhere)
    assert [answer.status_code for answer in (*there, *missing)] == [404] * 2 * len(there)
    assert [TOKEN.sub(b"", answer.content) for answer in there] == [TOKEN.sub(b"", one.content) for one in missing]
    assert (AuditEntry.objects.count(), SyncJob.objects.count()) == before


def test_whoever_may_act_finds_what_an_address_names(shop: Shop) -> None:
    """Or the tests beside this one would take what is not there for what is refused."""
    factories.order(shop.connection, "10457")
    client = shop.client()
    missing = {
        one.name for one in OURS if 404 in {answer.status_code for answer in answers(client, path_of(one, shop))}
    }
    assert missing == NAMED_IN_THE_FORM


OBJECTS = [one for one in OURS if OBJECT.search(one.route) and not STORES_NUMBER.search(one.route)]
SAID_KINDLY = {"person": [302], "person_tills": [200], "points": [302]}  # who is not known here, is said there


@pytest.mark.parametrize("address", OBJECTS, ids=[address.name for address in OBJECTS])
def test_an_object_of_another_merchant_does_not_exist_below_ones_own_store(
    address: Address, shop: Shop, rival: Shop
) -> None:
    theirs = path_of(address, shop)
    before = AuditEntry.objects.count(), SyncJob.objects.count()
    path = theirs.replace(str(shop.connection.public_id), str(rival.connection.public_id))
    found = answers(rival.client(), path)
    assert [answer.status_code for answer in found] == SAID_KINDLY.get(address.name, [404])
    assert not [answer for answer in found if b"Ana Ruiz" in answer.content or b"100220" in answer.content]
    assert (AuditEntry.objects.count(), SyncJob.objects.count()) == before


@pytest.mark.parametrize("address", CHANGES, ids=[address.name for address in CHANGES])
def test_a_viewer_is_refused_in_words_and_nothing_changes(address: Address, shop: Shop) -> None:
    factories.problem(shop.connection, "10457")
    path = path_of(address, shop)
    before = AuditEntry.objects.count(), SyncJob.objects.count()
    for answer in answers(shop.client(Role.VIEWER), path):
        assert answer.status_code == 403
        assert "Your role here is viewer." in answer.content.decode()
    assert (AuditEntry.objects.count(), SyncJob.objects.count()) == before


def test_who_was_refused_is_in_the_log(shop: Shop, rival: Shop, caplog: pytest.LogCaptureFixture) -> None:
    viewer = shop.people[Role.VIEWER]
    shop.client(Role.VIEWER).post(shop.at("retry/"))
    shop.client(Role.VIEWER).get(rival.at("connection/"))
    noted = [one for one in caplog.records if one.getMessage() == "access refused"]
    assert [(vars(one)["person"], vars(one)["status"], vars(one)["page"]) for one in noted] == [
        (viewer.pk, 403, "retry_many"),
        (viewer.pk, 404, "connection"),
    ]


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("address", CHANGES, ids=[address.name for address in CHANGES])
def test_the_permission_table_holds_cell_by_cell(address: Address, role: Role, shop: Shop) -> None:
    """Only refusals are asked for: what is allowed is tested where it is done."""
    assert isinstance(address.access, Action)
    if role in ROLES[address.access]:
        return
    for answer in answers(shop.client(role), path_of(address, shop)):
        assert answer.status_code == 403


def test_the_table_grants_exactly_this() -> None:
    granted = {role: {str(action) for action in Action if role in ROLES[action]} for role in Role}
    ops = {"look", "maps", "test", "retry", "triage", "close", "backfill", "runs", "shoppers"}
    staff = ops | {"pause", "settings", "hooks", "distribute"}
    assert granted == {
        Role.VIEWER: {"look"},
        Role.OPS: ops | {"money", "alerts"},
        Role.BUILDER: (staff - {"distribute"}) | {"alerts"},
        Role.STAFF: staff,
        Role.OWNER: staff | {"alerts", "connect", "disconnect", "money", "people", "personal", "trail", "api"},
    }


@pytest.mark.parametrize("role", Role)
def test_every_role_may_look_at_every_page(role: Role, shop: Shop) -> None:
    factories.order(shop.connection, "10457")
    client = shop.client(role)
    for address in OURS:
        if address.access == Action.LOOK:
            path = path_of(address, shop)
            page = client.get(path, follow=True)
            answer = client.post(path, follow=True) if page.status_code == 405 else page
            assert answer.status_code == 200, address.name
            assert "login" not in answer.request["PATH_INFO"], address.name


@pytest.mark.parametrize("address", CHANGES, ids=[address.name for address in CHANGES])
def test_a_change_without_a_token_is_refused(address: Address, shop: Shop) -> None:
    path = path_of(address, shop)
    before = AuditEntry.objects.count()
    answer = shop.client(enforce_csrf=True).post(path)
    assert answer.status_code == 403
    assert "This form could not be trusted" in answer.content.decode()
    assert AuditEntry.objects.count() == before


@pytest.mark.parametrize(
    "path", ["/", "/search/", "/orders/", "/settings/integrations/", "/settings/integrations/bigcommerce/"]
)
def test_members_pages_need_a_log_in(path: str, db: None) -> None:
    answer = Client().get(path)
    assert (answer.status_code, answer["Location"]) == (302, f"/accounts/login/?next={path}")


def test_buttons_that_the_role_does_not_allow_are_not_drawn(shop: Shop) -> None:
    factories.problem(shop.connection, "10457")
    pages = {
        "errors/": "Stop retrying",
        "connection/": "Disconnect…",
        "inventory/": "Add Location",
        "inventory/?": "Start Sync",
        "orders/10457/": "Retry now",
    }
    for page, button in pages.items():
        assert button in shop.client(Role.OWNER).get(shop.at(page)).content.decode()
        assert button not in shop.client(Role.VIEWER).get(shop.at(page)).content.decode()


def test_staff_settings_are_disabled_for_those_who_may_not_save_them(shop: Shop) -> None:
    assert "Save order settings" in shop.client(Role.STAFF).get(shop.at("fulfillment/")).content.decode()
    for role in (Role.OPS, Role.VIEWER):
        shown = shop.client(role).get(shop.at("fulfillment/")).content.decode()
        assert "Save order settings" not in shown
        assert '<fieldset class="stack" disabled>' in shown
        assert shop.client(role).post(shop.at("fulfillment/"), {"order_prefix": "X-"}).status_code == 403


def test_somebody_without_a_merchant_sees_nothing_of_others(shop: Shop) -> None:
    factories.order(shop.connection, "10457")
    client = Client()
    client.force_login(factories.user("stranger@example.com"))
    for path in ("/", "/orders/", "/search/?q=10457", "/settings/integrations/"):
        shown = client.get(path).content.decode()
        assert "10457</a>" not in shown
        assert str(shop.connection.store) not in shown

"""Looking changes nothing: GET and HEAD write no row, whichever page is asked for. RFC 9110, §9.2.1."""

import re

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.screens.addresses import MEMBER, PERSON, PUBLIC, Address, addresses
from tests.screens.conftest import Shop
from tests.screens.test_access import OURS, path_of

REMEMBERED = "django_session|usersessions_usersession|django_cache|syncjobs_ratebudget|syncjobs_circuit"
WRITES = re.compile(rf'^(INSERT INTO|UPDATE|DELETE FROM) "(?!{REMEMBERED})')
PLAIN = [one for one in addresses() if one.access in {MEMBER, PERSON, PUBLIC} and "<" not in one.route]
# A session remembers, where and when it was seen too; a cache holds what was read; a call to an outside system, to show
# what it says now, is counted, and so is that it failed: no effects that anybody asks for.
# Where the outside system sends the browser back: the answer is a GET by its protocol, and it is used up once.
CALLBACKS = {"heartland_callback", "bigcommerce_auth", "bigcommerce_load", "bigcommerce_uninstall",
             "bigcommerce_remove_user"}  # fmt: skip
ALL = [one for one in [*OURS, *PLAIN] if one.name not in CALLBACKS]


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize("address", ALL, ids=[one.name or one.route for one in ALL])
def test_looking_writes_nothing(address: Address, method: str, shop: Shop) -> None:
    factories.problem(shop.connection, "10457")
    path = path_of(address, shop)
    client = shop.client()
    with CaptureQueriesContext(database) as queries:
        answer = getattr(client, method)(path)
    assert [query["sql"][:120] for query in queries if WRITES.match(query["sql"])] == [], answer.status_code


@pytest.mark.parametrize("path", ["/connect/bigcommerce/auth/?code=x", "/connect/heartland/callback/?state=x"])
def test_a_code_is_not_used_up_by_head(path: str, shop: Shop) -> None:
    assert shop.client().head(path).status_code == 405


def test_nobody_keeps_a_copy_of_a_page(shop: Shop) -> None:
    for path in ("/", "/accounts/login/", shop.at("items/"), shop.at("nothing/")):
        answer = shop.client().get(path)
        assert answer["Cache-Control"] == "no-store, private"
        assert answer["Permissions-Policy"].startswith("camera=(), microphone=()")
        sent = [answer[name] for name in ("Referrer-Policy", "X-Content-Type-Options", "X-Frame-Options")]
        assert sent == ["same-origin", "nosniff", "DENY"]

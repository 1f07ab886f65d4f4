"""Every address of the resolver, libraries' too, with every method and hostile values, as three people: no 500.

Not each with each: an address meets every value once, in all fields at once, by GET, by POST or in its own places, each
in turn, as one person in turn; of neighbouring addresses each takes another turn. So every value meets every method,
every person and every place at many addresses. Of the admin site, whose addresses are one code for all models,
each takes every other value. The suite plays a sample of FUZZ_SEED for FUZZ_SECONDS (30);
`make fuzz` plays all of them.
"""

import itertools
import os
import random
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from django.apps import apps
from django.db import transaction
from django.test import Client

from connections.strict import Drawn
from tests import factories
from tests.screens.addresses import Address, addresses
from tests.screens.conftest import Shop
from tests.screens.test_access import OURS, path_of
from tests.screens.test_odd_values import GET_FIELDS, form_fields

SECONDS = float(os.environ.get("FUZZ_SECONDS", "30"))  # 0: all of them
SEED = int(os.environ.get("FUZZ_SEED", "7"))
ACTORS = ("anonymous", "owner", "admin")
OTHER_METHODS = ("HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")
HALF = "\ud800"  # of a surrogate pair
VALUES = [
    "", " ", "\x00", "a\x00b", HALF, f"a{HALF}b", "\udcff", "-1", "0", "9" * 17, "9" * 23, "9" * 5000, "-" + "9" * 5000,
    "99999999", "1e400", "NaN", "Infinity", "-Infinity", "²", "٣", "1.5", "1" + "0" * 40 + ".00", "0x10", "1_000",
    "x" * 5000, "é" * 5000, "=" * 5000, "<" * 5000, " " * 5000, "@" * 5000, ("a" * 60 + "@") * 80, "," * 5000,
    "[" * 5000, '{"a":' * 1000, "[[1],[2]]", '{"$ne": null}', "null", "true", "\u202eabc\u202c", "שלום عليكم",
    "🧵👩‍👩‍👧",
    "'; DROP TABLE x; --", '"><script>alert(1)</script>', "{{ 7*7 }}", "%s%n%x", "%", "%25%30%30", "\r\nX-A: b", "\n",
    "\t",
    "../../etc/passwd", "//evil.example", "javascript:alert(1)", "\\", "0000-00-00", "9999-12-31T23:59:59.999999+14:00",
    "10000-01-01", "0001-01-01", "2026-02-30", "24:61", "00000000-0000-0000-0000-000000000000", "all", "on",
    "US/Nowhere",
    "__class__", "id__in", "\ufeff", "\ufffe", "ﬀ" * 300, "İ" * 300, "\x7f\x1b[2J",
]  # fmt: skip
ADMIN_FIELDS = (
    *("q", "o", "p", "all", "e", "_to_field", "_popup", "_changelist_filters", "id__in", "id__exact", "pk__gte"),
    *("app_label", "model_name", "field_name", "term", "action", "_selected_action", "index", "select_across", "post"),
)
ACCOUNT_FIELDS = (
    "login",
    "email",
    "password",
    "password1",
    "password2",
    "oldpassword",
    "next",
    "key",
    "code",
    "remember",
)
HEADERS = (
    "HTTP_REFERER",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_HX_CURRENT_URL",
    "HTTP_ACCEPT_LANGUAGE",
    "HTTP_IF_MODIFIED_SINCE",
)
FORM, PARTS = "application/x-www-form-urlencoded", "multipart/form-data"
PART = b"--x\r\nContent-Disposition: form-data; name=%s\r\n\r\n%s\r\n--x--"
BODIES = [
    ("application/json", b"[" * 100_000),
    ("application/json", b'{"a": "\\u0000\\ud800"}'),
    ("application/json", b"1" * 5000),
    (f"{FORM}; charset=hex", b"a=b"),
    ("text/plain; charset=rot13", b"a=b"),
    (f"{FORM}; charset=utf-16", b"a=b"),
    (FORM, b"&" * 200_000),
    (FORM, b"a=" + b"b" * 1_100_000),
    (FORM, b"\xff\x00=\xfe"),
    (FORM, b"&".join(b"a%d=1" % number for number in range(2000))),
    (PARTS, b"--x"),
    (f"{PARTS}; boundary={'x' * 300}", b"--x"),
    (f"{PARTS}; boundary=x; charset=hex", PART % (b'"a"', b"b")),
    (f"{PARTS}; boundary=x", PART % (b'"file"; filename="a\x00"', b"b")),
    (f"{PARTS}; boundary=x", PART % (b'"file"; filename="a.csv"', b"\xff\xfe\x00")),
]


@dataclass(frozen=True)
class Case:
    actor: str
    method: str
    address: Address
    value: str
    is_in_path: bool


def cases() -> Iterator[Case]:
    for number, address in enumerate(addresses()):
        ways = [("GET", False), ("POST", False), *([("GET", True), ("POST", True)] if "<" in address.route else [])]
        turns = list(itertools.product(ACTORS, ways))
        met = VALUES[number % 2 :: 2] if address.route.startswith("admin/") else VALUES
        for place, value in enumerate(met, number):
            actor, (method, is_in_path) = turns[place % len(turns)]
            yield Case(actor, method, address, value, is_in_path=is_in_path)
        for place, method in enumerate(OTHER_METHODS, number):
            actor = ACTORS[place % len(ACTORS)]
            yield Case(actor, method, address, "\x00" if method == "PUT" else "1", is_in_path=False)


def encoded(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


def path_for(case: Case, shop: Shop) -> str:
    """The address with hostile values in its places, or with those of the shop."""
    if case.address in OURS and not case.is_in_path:
        return path_of(case.address, shop)
    value = encoded(case.value)[:6000] if case.is_in_path else "1"
    filled = re.sub(r"\(\?P<\w+>(?:[^()]|\([^()]*\))*\)|<(?:\w+:)?\w+>", lambda _: value or "x", case.address.route)
    if case.is_in_path:  # whose own it is must be right for the rest to be looked at
        filled = filled.replace(f"stores/{value}/", f"stores/{shop.connection.public_id}/", 1)
    return "/" + re.sub(r"[\^$]|\\Z", "", filled)


def fields_for(case: Case) -> list[str]:
    if case.address.route.startswith("admin/"):
        parts = case.address.route.split("/")
        known = [model for model in apps.get_models() if [model._meta.app_label, model._meta.model_name] == parts[1:3]]
        return [*ADMIN_FIELDS, *(field.name for model in known for field in model._meta.get_fields())]
    return [*ACCOUNT_FIELDS] if case.address.route.startswith("accounts/") else sorted({*form_fields(), *GET_FIELDS})


def pairs(names: list[str], value: str, longest: int) -> str:
    """name=value for as many names as fit, in an order of the seed's."""
    text = encoded(value)
    most = max(3, longest // (len(text) + 12))
    chosen = random.Random(f"{SEED}{text}").sample(names, min(most, len(names)))
    return "&".join(f"{encoded(name)}={text}" for name in (*chosen, chosen[0]))


def answer_of(case: Case, client: Client, shop: Shop) -> Any:
    path, fields = path_for(case, shop), fields_for(case)
    headers: dict[str, Any] = {name: case.value[:200].encode("utf-8", "replace").decode("latin-1") for name in HEADERS}
    if case.method == "GET":
        return client.generic("GET", f"{path}?{pairs(fields, case.value, 9_000)}", **headers)
    form = pairs(fields, case.value, 900_000)
    return client.generic(case.method, path, form, "application/x-www-form-urlencoded", **headers)


@pytest.fixture(autouse=True)
def _all_fields_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Views refuse what they do not draw; here every one gets the fields of all."""
    monkeypatch.setattr(Drawn, "holds", lambda drawn, name, count: True)


@pytest.fixture
def clients(shop: Shop) -> dict[str, Client]:
    factories.order(shop.connection, "10457", at=factories.NOW)
    factories.problem(shop.connection, "10458", at=factories.NOW)
    factories.event(shop.connection, "10457")
    factories.hook(shop.connection, "store/order/created")
    admin = factories.user("admin@tillbridge.example", is_staff=True, is_superuser=True)
    people = {
        "anonymous": Client(),
        "owner": shop.client(),
        "admin": factories.signed_in(admin, factor=True, lately=True),
    }
    for client in people.values():
        client.raise_request_exception = False
    return people


def alone(request: Any) -> int:
    """The status of a request whose effects are taken back."""
    with transaction.atomic():
        status = request().status_code
        transaction.set_rollback(True)
    return int(status)


def test_no_address_answers_500(shop: Shop, clients: dict[str, Client]) -> None:
    every = list(cases())
    if SECONDS:
        random.Random(SEED).shuffle(every)
    began, statuses, broken = time.monotonic(), Counter[int](), []
    for case in every:
        status = alone(lambda case=case: answer_of(case, clients[case.actor], shop))
        statuses[status] += 1
        if status >= 500:
            broken.append((case.actor, case.method, case.address.route, ascii(case.value[:40]), case.is_in_path))
        if SECONDS and time.monotonic() - began > SECONDS:
            break
    print(f"FUZZ_SEED={SEED}: {statuses.total()} of {len(every)} requests, {dict(sorted(statuses.items()))}")  # noqa: T201
    assert broken == []
    assert statuses.total() > 200 or not SECONDS


@pytest.mark.parametrize("number", range(len(BODIES)))
def test_no_body_is_answered_500(number: int, shop: Shop, clients: dict[str, Client]) -> None:
    kind, body = BODIES[number]
    paths = [
        "/accounts/login/",
        "/admin/",
        shop.at("fulfillment/"),
        shop.at("items/list/"),
        "/hooks/heartland/x",
        "/health/",
    ]
    for path, client, method in itertools.product(paths, clients.values(), ("POST", "GET")):
        status = alone(lambda c=client, m=method, p=path: c.generic(m, p, body, kind))
        assert status < 500, (method, path)

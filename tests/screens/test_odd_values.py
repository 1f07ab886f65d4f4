"""Whatever a browser sends to any address is answered in words: no page breaks."""

import io
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from wsgiref.util import setup_testing_defaults

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from connections.strict import Drawn
from ipaas.uploads import LARGEST_UPLOAD
from ipaas.wsgi import application
from tests import factories
from tests.screens.conftest import Shop
from tests.screens.test_access import OURS, path_of

ODD = ["\x00", "a\x00b", "x" * 400, "-1", "9" * 23, "1e400", "NaN", "\ud800".encode("utf-8", "replace").decode(), "٣"]
FORM_FIELD = re.compile(r'name="([a-z_-]+)"')
GET_FIELDS = ("q", "page", "state", "status", "stage", "issue", "period", "store", "sku", "show", "kind")


def form_fields() -> set[str]:
    """The names of all fields that our templates write themselves, and some that forms draw."""
    pages = (path.read_text() for path in (Path(settings.BASE_DIR) / "templates").rglob("*.html"))
    drawn = {"order_prefix", "history_start_on", "eligible_statuses", "safety", "currency", "time_zone", "price"}
    return {name for page in pages for name in FORM_FIELD.findall(page)} | drawn


@pytest.fixture(autouse=True)
def _all_fields_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Views refuse what they do not draw; here every one gets the fields of all."""
    monkeypatch.setattr(Drawn, "holds", lambda drawn, name, count: True)


@pytest.mark.parametrize("odd", ODD, ids=ascii)
def test_odd_values_break_no_page(odd: str, shop: Shop) -> None:
    factories.order(shop.connection, "10457", at=factories.NOW)
    factories.problem(shop.connection, "10458", at=factories.NOW)
    client: Client = shop.client()
    client.raise_request_exception = False
    fields = dict.fromkeys(sorted(form_fields()), odd)
    broken = []
    for address in OURS:
        path = path_of(address, shop)
        answers = [client.get(path, dict.fromkeys(GET_FIELDS, odd)), client.post(path, fields)]
        broken += [(address.name, answer.request["REQUEST_METHOD"]) for answer in answers if answer.status_code >= 500]
    assert broken == []


def test_signs_that_no_text_can_hold_are_refused_in_words(shop: Shop) -> None:
    for path in ("orders/1%00/", "items/?q=a%00b", "items/?q%00=1"):
        answer = shop.client().get(shop.at(path))
        assert (answer.status_code, "We could not read this request" in answer.content.decode()) == (400, True)
    assert shop.client().post(shop.at("items/link/"), {"sku": "a\x00b"}).status_code == 400
    assert shop.client().get("/", HTTP_REFERER="a\x00").status_code == 400
    assert shop.client().get(shop.at("items/?q=%ED%A0%80")).status_code == 200  # read as U+FFFD, which can be held


def test_what_is_too_large_is_said_to_be(shop: Shop) -> None:
    for form in ({"list": "x" * 1_100_000}, {f"a{number}": "" for number in range(1100)}):
        answer = shop.client().post(shop.at("items/list/"), urlencode(form), "application/x-www-form-urlencoded")
        assert (answer.status_code, "more than we take at once" in answer.content.decode()) == (413, True)


def test_a_file_that_is_too_large_is_said_to_be(shop: Shop) -> None:
    """Before the page looks at it: this one takes no file at all."""
    for size, expected in ((LARGEST_UPLOAD - 10_000, 405), (LARGEST_UPLOAD, 413)):
        answer = shop.client().post("/orders/", {"file": SimpleUploadedFile("list.csv", b"x" * size)})
        assert answer.status_code == expected


class Cut:
    """A sender that went away in the middle of a form."""

    def read(self, *size: int) -> bytes:
        raise OSError("gone")

    readline = read


def served(path: str, body: Any, kind: str) -> tuple[int, str]:
    """The status and text that the web server gets for a form."""
    path, _, query = path.partition("?")
    environ: dict[str, Any] = {
        "HTTP_HOST": "testserver", "REQUEST_METHOD": "POST", "PATH_INFO": path, "QUERY_STRING": query,
        "CONTENT_TYPE": kind, "CONTENT_LENGTH": "3", "wsgi.input": body,
    }  # fmt: skip
    setup_testing_defaults(environ)
    begun: list[str] = []

    def begin(status: str, headers: list[tuple[str, str]], failure: Any = None) -> Any:
        begun.append(status)

    answer = application(environ, begin)
    return int(begun[0][:3]), b"".join(answer).decode()


FORM = "application/x-www-form-urlencoded"
MANY = "&".join(f"a{number}=" for number in range(1100))


@pytest.mark.parametrize(
    ("query", "kind", "is_cut"),
    [
        ("", f"{FORM}; charset=hex", False),
        ("", "text/plain; charset=rot13", False),
        ("?q=a", f"{FORM}; charset=hex", False),  # by which Django reads the query too
        ("?q=a", "text/plain; charset=undefined", False),
        (f"?{MANY}", "text/plain; charset=utf-8", False),
        ("", FORM, True),
        ("", "multipart/form-data; boundary=x", True),
    ],
)
def test_what_cannot_be_read_as_a_form_is_refused_in_words(query: str, kind: str, is_cut: bool, db: None) -> None:
    body = Cut() if is_cut else io.BytesIO(b"a=b")
    status, text = served(f"/accounts/login/{query}", body, kind)
    assert (status, "We could not read this request" in text) == (400, True)
    if not is_cut:
        assert served(f"/hooks/bigcommerce/x{query}", body, kind) == (400, "")

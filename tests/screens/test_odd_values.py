"""Whatever a browser sends to any address is answered in words: no page breaks."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

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


def test_an_address_with_nul_names_nothing(shop: Shop) -> None:
    assert shop.client().get(shop.at("orders/1%00/")).status_code == 404

"""The store's other pages among many: none looks at more rows than it shows, however long the store has been at it.

But for the count of its SKUs, which a full sync is reckoned by, and links whose SKU is gone (see the lists of orders).
"""

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from syncjobs.models import GiftCard
from tests.scale.many_records import fill
from tests.scale.more_records import fill_more
from tests.scale.plans import looks
from tests.screens.conftest import open_shop

pytestmark = pytest.mark.skipif(database.vendor != "postgresql", reason="plans are PostgreSQL's")
OF_STORE = [
    "items/", "inventory/", "orders/1000042/", "errors/", "errors/?state=resolved", "cards/", "customers/settings/",
    "connection/", "distribute/",
]  # fmt: skip


@pytest.mark.django_db
def test_no_page_of_a_store_looks_at_more_rows_than_it_shows() -> None:
    shop = open_shop("Harbor & Pine")
    fill(shop.connection)
    fill_more(shop.connection)
    client, wide = shop.client(), []
    card = GiftCard.objects.earliest("pk").pk
    for address in ["/", "/orders/", *map(shop.at, [*OF_STORE, f"cards/{card}/"])]:
        with CaptureQueriesContext(database) as log:
            page = client.get(address)
        assert page.status_code == 200, address
        statements = [one for one in log if not is_of_skus(one["sql"])]
        wide += [(address, *one) for one in looks(shop, statements) if one[0] != "syncjobs_run"]  # runs: their list's
    assert wide == []


def is_of_skus(statement: str) -> bool:
    return statement.startswith('SELECT COUNT(*) AS "__count" FROM "mappings_stocklevel"')

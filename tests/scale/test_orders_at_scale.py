"""The lists of orders, SKUs and runs among many: every page, tab, filter and sort by indexes, and by as many questions.

Only links whose SKU is gone, beside the list of SKUs, are found by holding all links against all SKUs; whether there is
any SKU is told by the first.
"""

import re

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from connections.wall import wall_lower, wall_raise
from syncjobs.models import Record
from tests.scale.many_records import fill, questions, whole_reads
from tests.screens.conftest import open_shop

pytestmark = pytest.mark.skipif(database.vendor != "postgresql", reason="plans are PostgreSQL's")
ADDRESSES = [
    "", "?sort=oldest", "?sort=largest", "?sort=smallest", "?state=booked", "?state=held", "?state=waiting",
    "?state=dead&sort=largest", "?undistributed=1", "?period=7d", "?state=skipped&period=30d", "?q=1000042", "?q=0042",
    "?sku=SKU-42", "?stage=packing",
]  # fmt: skip


OF_STORE = [
    "items/", "items/?state=all", "items/?state=linked", "items/?state=unlinked&sort=sku_back", "items/?q=SKU-42",
    "items/?q=sku-42-1", "items/?state=all&after=SKU-1500-3~7500", "items/?state=linked&before=SKU-1500-4~7500",
    "runs/", "runs/?state=failed", "runs/?kind=items&sort=oldest", "runs/?period=30d&kind=stock_sync",
]  # fmt: skip


@pytest.mark.django_db
def test_no_page_of_the_list_reads_a_big_table_from_end_to_end() -> None:
    shop = open_shop("Harbor & Pine")
    fill(shop.connection)
    client, owner = shop.client(), next(iter(shop.people.values()))
    reads, counts, newest = [], set(), Record.objects.order_by("-source_placed_at")
    paths = [f"/orders/{address}" for address in [*ADDRESSES, *deep(newest), *news(newest)]]
    for address in [*paths, *map(shop.at, OF_STORE)]:
        with CaptureQueriesContext(database) as log:
            page = client.get(address)
        assert page.status_code == 200
        statements = [one for one in questions(log) if "NOT EXISTS" not in one and not one.endswith("LIMIT 1")]
        counts.add(len(statements))
        wall_raise(owner)
        reads += [f"{address} {read}" for read in whole_reads(statements)]
        wall_lower()
    assert reads == []
    assert max(counts) <= 22
    assert client.get(paths[-2]).context["new"] == 40
    assert [row.sku for row in client.get(shop.at("items/?q=sku-42-1")).context["list"]["rows"]] == ["SKU-42-1"]
    listed = client.get("/orders/").context
    assert [row.external_id for row in listed["rows"]] == [str(1000001 + number) for number in range(50)]
    assert listed["matching_words"] == "1,000+"


def deep(newest: object) -> list[str]:
    """Pages far from the beginning, by age and by total."""
    row = newest[9_999]  # type: ignore[index]
    return [
        f"?after={row.source_placed_at.isoformat().replace('+', '%2B')}~{row.pk}",
        f"?sort=largest&after=250~{row.pk}",
    ]


def news(newest: object) -> list[str]:
    """What a list that was drawn 40 orders ago asks."""
    row = newest[40]  # type: ignore[index]
    return [f"news/?first={row.source_placed_at.isoformat().replace('+', '%2B')}~{row.pk}", "news/?state=held&first="]


@pytest.mark.django_db
def test_every_order_stands_on_exactly_one_page() -> None:
    shop = open_shop("Harbor & Pine")
    fill(shop.connection, 230)
    for sort in ("newest", "oldest", "largest", "smallest"):
        address, seen, pages = f"/orders/?sort={sort}", [], 0
        while address:
            page = shop.client().get(address)
            seen += [row.external_id for row in page.context["rows"]]
            following = re.search(r'rel="next" href="([^"]+)"', page.content.decode())
            address, pages = following[1].replace("&amp;", "&") if following else "", pages + 1
        assert (pages, len(seen), len(set(seen))) == (5, 230, 230), sort
        back = shop.client().get(page.context["newer"])
        assert [row.external_id for row in back.context["rows"]] == seen[150:200], sort

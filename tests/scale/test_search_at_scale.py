"""Search among many: by indexes alone, behind the wall, and as many questions as among few."""

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from connections.wall import wall_lower, wall_raise
from tests.scale.many_records import fill, questions, whole_reads
from tests.screens.conftest import open_shop

pytestmark = pytest.mark.skipif(database.vendor != "postgresql", reason="plans are PostgreSQL's")
TYPED = {  # what is typed → how many of each group are suggested
    "1000042": {"Orders": 1, "Callbacks": 0},
    "BC-1000042": {"Orders": 1},
    "00042": {"Orders": 5},
    "100": {"Orders": 5},
    "key-of-1000042": {"Callbacks": 1},
    "ana": {"Shoppers": 1},
    "ana ruiz": {},
    "harbor": {"Items": 5},
    "harbor tee 42": {"Items": 5},
    "sku-42-1": {"Items": 1},
    "nothing like it": {},
}


@pytest.mark.django_db
def test_no_search_reads_a_big_table_from_end_to_end() -> None:
    shop = open_shop("Harbor & Pine")
    fill(shop.connection)
    client, owner = shop.client(), next(iter(shop.people.values()))
    asked, reads, counts = {}, [], set()
    for text, meant in TYPED.items():
        with CaptureQueriesContext(database) as log:
            groups = client.get("/search/suggest/", {"q": text, "format": "json"}).json()["groups"]
        hits = {group["title"]: len(group["hits"]) for group in groups}
        asked[text] = {name: hits.get(name, 0) for name in meant}
        statements = questions(log)
        counts.add(len(statements))
        wall_raise(owner)
        reads += whole_reads(statements)
        wall_lower()
    assert asked == TYPED
    assert reads == []
    assert max(counts) <= 12

"""The list of a store's runs: tabs, filters, columns, views, pages and the file; of one's own stores alone."""

import csv
import io
from datetime import timedelta

from connections.models import Role
from syncjobs.models import Run
from tests import factories
from tests.screens.conftest import Shop

KINDS = ("stock_sync", "items_check", "orders_backfill", "distribution_send")


def filled(shop: Shop, count: int = 8) -> list[Run]:
    """One run a minute, of every kind in turn, every third failed."""
    return Run.objects.bulk_create(
        Run(
            connection=shop.connection,
            kind=KINDS[number % len(KINDS)],
            state="failed" if number % 3 == 0 else "done",
            done=number,
            started_at=factories.NOW - timedelta(minutes=number),
            finished_at=factories.NOW - timedelta(minutes=number) + timedelta(seconds=12),
            sentence="=cmd",
        )
        for number in range(count)
    )


def test_tabs_filters_and_ways_to_each_run(shop: Shop, rival: Shop) -> None:
    made = filled(shop)
    filled(rival, 1)
    page = shop.client(Role.VIEWER).get(shop.at("runs/"))
    assert {tab.label: tab.count for tab in page.context["tabs"]} == {
        "All": "8", "Going on": "0", "Done": "5", "Failed": "3", "Stopped": "0",
    }  # fmt: skip
    assert [where for _, _, where, _ in page.context["drawn"]][:4] == [
        shop.at(f"inventory/runs/{made[0].pk}/"),
        shop.at(f"items/runs/{made[1].pk}/"),
        "",
        "",
    ]
    of_items = shop.client().get(shop.at("runs/?kind=items&state=failed")).context
    assert [run.pk for run in of_items["rows"]] == []
    assert [chip.value for chip in of_items["chips"]] == ["Items: all"]
    assert shop.client().get(rival.at("runs/")).status_code == 404


def test_pages_by_their_ends_columns_views_and_the_file(shop: Shop) -> None:
    filled(shop, 120)
    client, address, seen = shop.client(), "?sort=oldest", []
    while address:
        context = client.get(shop.at(f"runs/{address}")).context
        seen += [run.done for run in context["rows"]]
        address = context["older"]
    assert seen == list(reversed(range(120)))
    client.post(shop.at("runs/columns/"), {"column": ["took", "state"], "filters": "state=failed"})
    client.post(shop.at("runs/views/"), {"name": "Failed", "filters": "state=failed&odd=1"})
    shown = client.get(shop.at("runs/?state=failed")).context
    assert [column.key for column in shown["columns"]] == ["state", "took"]
    assert [(view.name, view.query) for view, _ in shown["views"]] == [("Failed", "state=failed")]
    lines = list(csv.DictReader(io.StringIO(b"".join(client.get(shop.at("runs/all.csv?state=failed"))).decode())))
    assert [line["Records"] for line in lines] == [str(number) for number in range(0, 120, 3)]
    assert (lines[1]["Run"], lines[1]["Seconds"], lines[1]["What it did"]) == ("Distribution", "12", "'=cmd")

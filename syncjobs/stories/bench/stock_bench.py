"""Stock at scale: a full sync by the real workers beside a bare loop over the same pages, and the workers' memory."""

import threading
import time
from collections.abc import Iterator
from itertools import islice
from typing import Any

import psutil
import requests
from django.utils import timezone

from connections.clients import heartland_client
from connections.connect.bigcommerce.clients import bigcommerce_client
from connections.connectors.bigcommerce.inventory import DEFAULT_LOCATION, MOST_ITEMS
from connections.connectors.heartland.stock import ROWS
from connections.models import Connection, InventorySettings
from ipaas.types import JSON
from mappings.models import Link, StockLevel
from syncjobs.bulk.runs import run_start
from syncjobs.models import Run
from syncjobs.stock.follow_locations import SYNC
from syncjobs.stories.bench.figures import Figure
from syncjobs.stories.bench.measures import HEARTLAND_TOKEN, STORE_TOKEN, Bench, family

LINKS_AT_ONCE = 5_000
LOOK_SECONDS = 0.2


class Peak(threading.Thread):
    """The largest resident memory of any worker of the bulk cluster, looked at while it runs."""

    def __init__(self, leader: int) -> None:
        super().__init__(daemon=True)
        self.leader = leader
        self.bytes = 0
        self.is_over = threading.Event()

    def run(self) -> None:
        while not self.is_over.wait(LOOK_SECONDS):
            for process in family(self.leader):
                try:
                    self.bytes = max(self.bytes, process.memory_info().rss)
                except psutil.NoSuchProcess:
                    continue


def stock(bench: Bench) -> JSON:
    """A full sync in which every SKU changes: rows a second beside the bare loop, calls, and peak memory."""
    connection = Connection.objects.select_related("heartland", "store").get()
    InventorySettings.objects.update_or_create(connection=connection, defaults={"counts_all_locations": True})
    link_all(connection)
    finished(connection)
    InventorySettings.objects.update(safety_units=1)  # every SKU with stock changes
    peak = Peak(bench.supervisor.pid("workers-bulk"))
    peak.start()
    run = finished(connection)
    peak.is_over.set()
    seconds = (run.finished_at - run.started_at).total_seconds() if run.finished_at else 0.0
    bare = bare_loop(bench)
    return {
        "skus": run.done,
        "seconds": round(seconds, 1),
        "rows_per_second": Figure(ours=run.done / seconds, ceiling=run.done / bare, goal=0.5).as_json(),
        "reads": run.result["reads"],
        "writes": run.result["writes"],
        "worker_peak_mb": round(peak.bytes / 2**20, 1),
    }


def finished(connection: Connection) -> Run:
    """A full sync from its start to its end."""
    run = run_start(connection=connection, actor=None, kind=SYNC, now=timezone.now())
    while run.state == Run.State.RUNNING:
        time.sleep(LOOK_SECONDS)
        run.refresh_from_db()
    return run


def link_all(connection: Connection) -> None:
    """Link every SKU that both sides have, as a check of all items does."""
    pages = bigcommerce_client(connection.store).iter_levels(DEFAULT_LOCATION)
    skus = {row["identity"]["sku"] for page in pages for row in page}
    items = heartland_client(connection.heartland).iter_items(only=["public_id"])
    rows: Iterator[Link] = (
        Link(
            connection=connection,
            kind=Link.Kind.ITEM,
            source_id=item["public_id"],
            target_id=str(item["id"]),
            target_label=item["public_id"],
        )
        for item in items
        if item["public_id"] in skus
    )
    while batch := list(islice(rows, LINKS_AT_ONCE)):
        Link.objects.bulk_create(batch, ignore_conflicts=True)


def bare_loop(bench: Bench) -> float:
    """Seconds that plain requests need for the same pages and batches."""
    numbers = dict(StockLevel.objects.values_list("item_id", "sku"))
    session, waiting, last = requests.Session(), list[JSON](), 0
    values = f"{bench.heartland.base}/api/inventory/values"
    write = f"{bench.store.base}/stores/a1b2c3d4e5/v3/inventory/adjustments/absolute"
    bench.store.put("/_sim/switches", {"product_identity": "any"})
    began = time.perf_counter()
    while True:
        only = ["item_id", "qty_on_hand", "qty_committed", "qty_in_transit", "qty_available"]
        wish: dict[str, Any] = {"group[]": "item_id", "_filter": f'{{"item_id":{{"$gt":{last}}}}}', "sort[]": "item_id",
                "per_page": ROWS, "_only[]": only}  # fmt: skip
        answer = session.get(values, params=wish, headers=HEARTLAND_TOKEN).json()
        for row in answer["results"]:
            if sku := numbers.get(row["item_id"]):
                quantity = max(0, int(row["qty_available"]))
                waiting.append({"location_id": DEFAULT_LOCATION, "sku": sku, "quantity": quantity})
        is_over = answer["pages"] <= 1 or not answer["results"]
        while len(waiting) >= MOST_ITEMS or (is_over and waiting):
            body = {"reason": "bare", "items": waiting[:MOST_ITEMS]}
            session.put(write, json=body, headers=STORE_TOKEN).raise_for_status()
            waiting = waiting[MOST_ITEMS:]
        if is_over:
            return time.perf_counter() - began
        last = answer["results"][-1]["item_id"]

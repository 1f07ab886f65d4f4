"""Two stores on one Heartland account, everything of ours worked in this process, and an owner who opens the pages."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.db.models import F
from django.test import Client
from django.utils import timezone

from connections.connect.bigcommerce.install import store_connect
from connections.headless import pairs_set_up
from connections.models import Connection, InventorySettings, Merchant, OrderSettings, Role
from connections.services import heartland_connect
from ipaas.sandbox.core.service import Service
from ipaas.sandbox.core.tables import Row
from mappings.models import StockLevel
from syncjobs import tasks
from syncjobs.engine.cursors import POLLS
from syncjobs.engine.running import job_run
from syncjobs.intake.follow_distribution import FEED as DISTRIBUTION_FEED
from syncjobs.models import Circuit, Cursor, RateBudget, SyncJob
from syncjobs.proof.prove_day import day_of, proof_make
from syncjobs.stories.auditor.audit import audit
from syncjobs.stories.auditor.read_systems import Shop
from syncjobs.stories.demo.sim import Sandbox
from syncjobs.stories.demo.townspeople import Townspeople
from tests import factories
from tests.bulk import link_all, run_whole
from tests.flows.conftest import Pair, heartland_server, open_store
from tests.sandbox.conftest import Running, running

__all__ = ["heartland_server", "open_store"]

Kept = dict[str, tuple[int, list[Row]]]
SECOND = "f6g7h8j9k0"
ROUNDS = 12  # of everything that looks for news, until nothing more happens


@pytest.fixture(scope="session")
def second_store() -> Iterator[Running]:
    """Another store of the same owner."""
    switches = ("--switch", "allow_http_loopback=true", "--switch", "quota=1000000")
    server = running("bigcommerce", "--store-hash", SECOND, *switches)
    yield server
    server.close()


@dataclass
class Town:
    """One Heartland account, its stores, and us."""

    heartland: Sandbox
    pairs: list[Pair]
    client: Client
    since: list[int]  # first web order of each store after it was connected
    systems: list[Service]  # the outside, for taking it back to where it was

    def keep(self) -> list[Kept]:
        """The outside as it is now."""
        return [system.database.snapshot() for system in self.systems]

    def restore(self, kept: list[Kept]) -> None:
        for system, rows in zip(self.systems, kept, strict=True):
            with system.transaction():
                system.faults.clear()
                system.database.clear()
                system.database.fill(rows)
            system.outbox.load()

    def people(self) -> Townspeople:
        return Townspeople(self.heartland, self.shops())

    def check(self) -> None:
        """*Check the store* and *Prove today so far*, until both have nothing more to mend."""
        self.quiet()
        for _ in range(2):
            StockLevel.objects.update(pushed_at=F("pushed_at") - timedelta(minutes=5))  # a check spares what is fresh
            for pair in self.pairs:
                run_whole(pair.connection, "stock_check")
            self.quiet()
            for pair in self.pairs:
                now = timezone.now()
                proof_make(connection=pair.connection, day=day_of(pair.connection, now), now=now)
            self.quiet()

    def open(self, path: str) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200, path
        return answer.content.decode()

    def quiet(self) -> None:
        """Everything that looks for news looks, and everything that waits is worked, until nothing more happens."""
        for _ in range(ROUNDS):
            self.look()
            if not self.work():
                return
        raise AssertionError(f"There is no end to it: {[str(job) for job in self.jobs()]}")

    def look(self) -> None:
        """Every feed of every connection, as if it were due; whom a 429 told to wait has waited."""
        Circuit.objects.all().delete()
        RateBudget.objects.all().delete()
        Cursor.objects.update(due_at=timezone.now(), lease_until=None)
        Cursor.objects.filter(feed=DISTRIBUTION_FEED).update(succeeded_at=None)  # every order is to be asked for again
        for pair in self.pairs:
            for feed in Cursor.objects.filter(connection=pair.connection, feed__in=POLLS).values_list(
                "feed", flat=True
            ):
                getattr(tasks, POLLS[feed])(pair.connection.pk)
            tasks.look_at_distribution(pair.connection.pk)

    def work(self) -> int:
        """Whatever waits, without waiting; answers how many jobs there were."""
        jobs = self.jobs()
        for job in jobs:
            job_run(job_id=job.pk, now=max(timezone.now(), job.not_before))
        return len(jobs)

    def jobs(self) -> list[SyncJob]:
        return list(SyncJob.objects.filter(status=SyncJob.Status.PENDING).order_by("pk"))

    def shops(self) -> list[Shop]:
        rows = zip(self.pairs, self.since, strict=True)
        return [shop_of(pair, since) for pair, since in rows]

    def audit(self, *skus: str) -> list[str]:
        return audit(self.open, self.heartland, self.shops(), skus).disagreements


def shop_of(pair: Pair, since: int) -> Shop:
    """The store as the auditor reaches it."""
    settings = OrderSettings.objects.get(connection=pair.connection)
    return Shop(
        kind=pair.connection.store.kind,
        control=pair.bigcommerce.base,
        hash=pair.connection.store.store_hash,
        page_id=str(pair.connection.public_id),
        number_field=settings.number_field,
        store_field=settings.source_field,
        since=since,
    )


def town_of(heartland_server: Running, servers: list[Running], heartland: Sandbox) -> Town:
    """Connect every store with the one account and make all items and stock follow."""
    merchant = Merchant.objects.create(name="Harbor & Pine")
    heartland_connect(merchant=merchant, base_url=f"{heartland.base}/api", token="sim-heartland-token")
    pairs, since = list[Pair](), list[int]()
    for server in servers:
        store = Sandbox(server.fresh())
        store.delete("/_sim/faults")
        store.put("/_sim/switches", {"inventory_delay": 0})
        profile = store.get("/_sim/store")
        store_connect(
            merchant=merchant, store_hash=profile["store_hash"], access_token="sim-bigcommerce-token",
            client_id="simclientid0001", client_secret="sim-client-secret-0001", api_base=store.base,
        )  # fmt: skip
        pairs_set_up(merchant, currency="USD", shipping_method="Ground", books_other_payments=True)
        connection = Connection.objects.get(store__store_hash=profile["store_hash"])
        pairs.append(Pair(heartland, store, connection))
        since.append(max(row["id"] for row in store.rows("orders")) + 1)
    client = Client()
    client.force_login(factories.member(merchant, role=Role.OWNER))
    systems = [server.app.service for server in (heartland_server, *servers)]
    town = Town(heartland, pairs, client, since, systems)
    furnish(town)
    return town


def furnish(town: Town) -> None:
    """What a merchant sets: all locations count, all items are linked, stock follows."""
    for pair in town.pairs:
        InventorySettings.objects.update_or_create(connection=pair.connection, defaults={"counts_all_locations": True})
        link_all(pair.connection)
        run_whole(pair.connection, "stock_sync")
        for feed in ("store.orders", "heartland.invoices"):
            Cursor.objects.get_or_create(connection=pair.connection, feed=feed, defaults={"due_at": timezone.now()})
        pair.connection.refresh_from_db()


@pytest.fixture
def heartland(db: None, heartland_server: Running, settings: LazySettings) -> Sandbox:
    settings.HEARTLAND_CALLS_PER_SECOND = 10_000
    system = Sandbox(heartland_server.fresh())
    system.delete("/_sim/faults")
    return system


@pytest.fixture
def village(heartland: Sandbox, heartland_server: Running, open_store: Running) -> Town:
    """One store."""
    return town_of(heartland_server, [open_store], heartland)


@pytest.fixture
def town(heartland: Sandbox, heartland_server: Running, open_store: Running, second_store: Running) -> Town:
    """Two stores."""
    return town_of(heartland_server, [open_store, second_store], heartland)

"""A connected pair over real HTTP: both sandbox systems as seeded, one merchant, flows run in this process."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.utils import timezone

from connections import clients
from connections.connect.bigcommerce import clients as store_clients
from connections.connect.bigcommerce.install import store_connect
from connections.connectors.bigcommerce import BigCommerceClient
from connections.connectors.heartland import HeartlandClient
from connections.headless import pairs_set_up
from connections.models import Connection, Merchant
from connections.services import heartland_connect
from ipaas.types import JSON
from mappings.models import Link
from syncjobs.engine.enqueueing import job_enqueue
from syncjobs.engine.lanes import _abandon
from syncjobs.engine.leases import me
from syncjobs.engine.orphans_release import orphan_release
from syncjobs.engine.running import job_run
from syncjobs.engine.statements import job_claim
from syncjobs.models import Attempt, Lane, Record, SyncJob
from syncjobs.stories.demo.sim import Sandbox, by_prefix
from tests.sandbox.conftest import Running, heartland_server, running

__all__ = ["heartland_server"]

BUYER = {
    "first_name": "Ann", "last_name": "Ruiz", "email": "ann.ruiz@example.com", "phone": "2515550100",
    "street_1": "12 Bay St", "city": "Austin", "state": "Texas", "zip": "78701", "country": "United States",
    "country_iso2": "US",
}  # fmt: skip
TAXED = {"lines": [{"sku": "DOG-LEAD", "quantity": 2}], "guest": BUYER}


@pytest.fixture(scope="session")
def open_store() -> Iterator[Running]:
    """A BigCommerce that calls plain http addresses on loopback, and has quota for a test run."""
    server = running("bigcommerce", "--switch", "allow_http_loopback=true", "--switch", "quota=1000000")
    yield server
    server.close()


@dataclass
class Pair:
    """Both systems and our side of them. `run` works one order; what it did is in `attempt` and `calls`."""

    heartland: Sandbox
    bigcommerce: Sandbox
    connection: Connection

    def heartland_client(self) -> HeartlandClient:
        """Heartland as its staff write to it."""
        return clients.heartland_client(self.connection.heartland)

    def store_client(self) -> BigCommerceClient:
        """The store as its owner writes to it."""
        return store_clients.bigcommerce_client(self.connection.store)

    def place(self, **recipe: Any) -> str:
        """A shopper orders; answers the web order id."""
        return str(self.bigcommerce.post("/_sim/orders", TAXED | recipe)["ids"][0])

    def run(self, web_id: str, *, at: datetime | None = None) -> str:
        """Look at an order now, as after a webhook; answers how the job ended."""
        now = at or timezone.now()
        job = job_enqueue(connection=self.connection, flow="orders", external_id=web_id, cause="retry", now=now)
        return job_run(job_id=job.pk, now=now)

    def run_until_settled(self, web_id: str) -> str:
        """Go on after a lost answer, when what was written had time to show."""
        return self.run(web_id, at=timezone.now() + timedelta(seconds=90))

    def interrupt(self, web_id: str, now: datetime, *, is_death: bool, comes_a_hint_meanwhile: bool) -> None:
        """A first try that cannot say what it did: its worker died, or lost the database, right after the claim."""

        def hint() -> SyncJob:
            return job_enqueue(connection=self.connection, flow="orders", external_id=web_id, cause="webhook", now=now)

        job = hint()
        assert job_claim(job, now)
        if comes_a_hint_meanwhile:
            hint()
        if is_death:
            assert orphan_release(job.pk, now)
        else:
            Lane.objects.filter(pk=job.lane_id).update(lease_owner=me())
            assert _abandon(job.lane_id, now)

    def book(self, **recipe: Any) -> str:
        """Place an order and book it; answers the web order id."""
        web_id = self.place(**recipe)
        assert self.run(web_id) == "done", self.record(web_id).reason
        assert self.record(web_id).disposition == Record.Disposition.BOOKED
        return web_id

    def record(self, web_id: str) -> Record:
        return Record.objects.get(connection=self.connection, external_id=web_id)

    def attempt(self, web_id: str) -> Attempt:
        """The last try."""
        return Attempt.objects.filter(job__external_id=web_id).latest("pk")

    def calls(self, web_id: str) -> list[str]:
        """The calls of the last try in order, ids in paths left out: "POST /sales/orders"."""
        return [
            f"{call['method']} {''.join(part for part in split(call['path']) if not part.strip('/').isdigit())}"
            for step in self.attempt(web_id).steps
            for call in step["calls"]
        ]

    def sales_orders(self, web_id: str) -> list[JSON]:
        """What Heartland holds under the order's number, cancelled ones too."""
        return by_prefix(self.heartland.rows("orders"), f"BC-{web_id}")

    def rows_of(self, table: str, order_id: int) -> list[JSON]:
        """Heartland's lines, taxes or payments of a sales order."""
        return [row for row in self.heartland.rows(table) if row.get("order_id") == order_id]

    def lose(self, system: Sandbox, method: str, path: str, **rule: Any) -> None:
        """The next such call is done, but its answer is lost."""
        system.post("/_sim/faults", {"method": method, "path": path, "times": 1, "after": True, "lose": True} | rule)

    def forget(self, web_id: str) -> None:
        """As after restoring an old backup: nothing of ours remembers the order."""
        Link.objects.filter(connection=self.connection, source_id=web_id).delete()
        Record.objects.filter(connection=self.connection, external_id=web_id).delete()
        Attempt.objects.filter(job__connection=self.connection, job__external_id=web_id).delete()


def split(path: str) -> list[str]:
    return [f"/{part}" for part in path.split("/") if part]


@pytest.fixture
def pair(db: None, heartland_server: Running, open_store: Running, settings: LazySettings) -> Pair:
    settings.HEARTLAND_CALLS_PER_SECOND = 10_000
    heartland, bigcommerce = Sandbox(heartland_server.fresh()), Sandbox(open_store.fresh())
    for system in (heartland, bigcommerce):
        system.delete("/_sim/faults")
    merchant = Merchant.objects.create(name="Harbor & Pine")
    heartland_connect(merchant=merchant, base_url=f"{heartland.base}/api", token="sim-heartland-token")
    store_connect(
        merchant=merchant, store_hash="a1b2c3d4e5", access_token="sim-bigcommerce-token", client_id="simclientid0001",
        client_secret="sim-client-secret-0001", api_base=bigcommerce.base,
    )  # fmt: skip
    (done,) = pairs_set_up(merchant, currency="USD", shipping_method="Ground", books_other_payments=True)
    assert done["state"] == "active"
    return Pair(heartland, bigcommerce, Connection.objects.get())

"""What many stores cost in which nothing happens: processor time and memory of all our processes and the database."""

import time
from datetime import timedelta

from django.db import connections
from django.utils import timezone

from connections.connect.bigcommerce.install import store_connect
from connections.headless import pairs_set_up
from connections.models import Connection, HeartlandAccount, InventorySettings
from ipaas.types import JSON
from syncjobs.catalogue.follow_catalogues import followed_from
from syncjobs.models import Cursor
from syncjobs.stories.bench.measures import Bench, cpu_seconds, family

STORES = 50
SECONDS = 60
SETTLING = 90  # seconds: what begins with a connection is done, and each of its feeds was looked at
LONG_AGO = timedelta(days=1)
SETTINGS = {"POLL_SECONDS": "300", "POLL_SECONDS_WITHOUT_HOOKS": "60"}  # as they are where nobody says otherwise


def hashes() -> list[str]:
    """Of the stores beside the first."""
    return [f"idle{number:06d}" for number in range(1, STORES)]


def idle(bench: Bench) -> JSON:
    """Measured over a minute, all feeds being followed and quiet for a day; the parts are of a core and in MB."""
    account = HeartlandAccount.objects.get()
    for store_hash in bench.world.more_stores:
        store_connect(
            merchant=account.merchant,
            store_hash=store_hash,
            access_token="sim-bigcommerce-token",  # noqa: S106 (the sandbox's)
            client_id="simclientid0001",
            client_secret="sim-client-secret-0001",  # noqa: S106
            api_base=bench.world.url("bigcommerce"),
        )
    pairs_set_up(account.merchant, currency="USD", shipping_method="Ground", books_other_payments=True)
    for connection in Connection.objects.all():
        followed_from(connection, timezone.now())
        InventorySettings.objects.update_or_create(connection=connection, defaults={"follows": True})
        Cursor.objects.get_or_create(connection=connection, feed=Cursor.STOCK, defaults={"due_at": timezone.now()})
    time.sleep(SETTLING)
    Cursor.objects.update(news_at=timezone.now() - LONG_AGO)
    time.sleep(SETTLING)
    connections.close_all()  # the session of this measurement is none of the product's
    names = ("web", "workers", "postgres")
    leaders = {name: bench.supervisor.pid(name) for name in names}
    before = {name: cpu_seconds([leader]) for name, leader in leaders.items()}
    time.sleep(SECONDS)
    shares = {name: (cpu_seconds([leader]) - before[name]) / SECONDS for name, leader in leaders.items()}
    memory = {name: proportional_mb(leader) for name, leader in leaders.items()}
    return {
        "stores": Connection.objects.running().count(),
        "core": {"all": round(sum(shares.values()), 3), "goal": 0.05}
        | {name: round(share, 3) for name, share in shares.items()},
        "memory_mb": {"all": round(sum(memory.values())), "goal": 400}
        | {name: round(size) for name, size in memory.items()},
    }


def proportional_mb(leader: int) -> float:
    """Memory of a process and its children, what they share counted once (PSS)."""
    return float(sum(process.memory_full_info().pss for process in family(leader))) / 2**20

"""Four merchants at once, each with a Heartland account and a store of its own, beside one of them alone."""

import os
import subprocess
import sys
import time
from dataclasses import replace

import psutil
from django.conf import settings
from django.db.models import Max, Min

from ipaas.types import JSON
from syncjobs.models import InboxEvent, Record
from syncjobs.stories.bench.measures import ORDERS, RECIPE, Bench, cpu_seconds, free_ports
from syncjobs.stories.demo import story
from syncjobs.stories.demo.sim import Sandbox
from syncjobs.stories.demo.world import World, sandbox

STORES = 4
WAIT_SECONDS = 180
LOOK_SECONDS = 0.2


def many_stores(bench: Bench) -> JSON:
    """Orders a second of a burst in one store, and of the same burst in each of four; the cores that were busy."""
    others = [town_of(bench, number) for number in range(2, STORES + 1)]
    return {"of_1": burst(bench, [bench.store]), f"of_{STORES}": burst(bench, [bench.store, *others])}


def town_of(bench: Bench, number: int) -> Sandbox:
    """One more merchant: both systems in processes of their own, connected and set up. Answers the store."""
    ports = dict(zip(("heartland", "bigcommerce", "second_store"), free_ports(3), strict=True))
    town = replace(bench.world, data=bench.world.data / f"town-{number}", ports=bench.world.ports | ports)
    town.data.mkdir()
    store_hash = f"town{number:06d}"
    for name, more in (("heartland", []), ("bigcommerce", ["--store-hash", store_hash])):
        child = sandbox(town, name)
        bench.supervisor.add(replace(child, name=f"{child.name}-{number}", argv=[*child.argv, *more]))
    connect(town, store_hash, bench.world.environment)
    return Sandbox(town.url("bigcommerce"))


def connect(town: World, store_hash: str, environment: dict[str, str]) -> None:
    store = ["--store-hash", store_hash, "--access-token", "sim-bigcommerce-token", "--client-id", "simclientid0001",
             "--client-secret", "sim-client-secret-0001", "--api-base", town.url("bigcommerce")]  # fmt: skip
    account = ["--base-url", f"{town.url('heartland')}/api", "--token", "sim-heartland-token"]
    ready = ["--currency", "USD", "--shipping-method", story.SHIPPED_AS, "--other-payments"]
    for system in (["heartland", *account, "--keep-waiting"], ["bigcommerce", *store, *ready]):
        command = [sys.executable, "manage.py", "connect", *system, "--merchant", f"Town {store_hash}"]
        subprocess.run(command, cwd=settings.BASE_DIR, env=os.environ | environment, capture_output=True, check=True)


def burst(bench: Bench, stores: list[Sandbox]) -> JSON:
    """The orders of all stores are placed, and their webhooks let go at once."""
    newest = InboxEvent.objects.aggregate(newest=Max("pk"))["newest"]
    for store in stores:
        store.put("/_sim/deliveries/controls", {"paused": True})
        store.post("/_sim/orders", RECIPE | {"count": ORDERS})
    before = Record.objects.filter(booked_at__isnull=False).count()
    ours = [*bench.clusters(), bench.supervisor.pid("postgres"), bench.supervisor.pid("web")]
    spent, busy, began = cpu_seconds(ours), busy_seconds(), time.monotonic()
    for store in stores:
        store.put("/_sim/deliveries/controls", {"paused": False})
    wait_for(before + ORDERS * len(stores))
    spent, busy, lasted = cpu_seconds(ours) - spent, busy_seconds() - busy, time.monotonic() - began
    booked = Record.objects.filter(booked_at__isnull=False).order_by("-booked_at")[: ORDERS * len(stores)]
    first = InboxEvent.objects.filter(pk__gt=newest or 0).aggregate(first=Min("received_at"))["first"]
    seconds = (max(record.booked_at for record in booked if record.booked_at) - first).total_seconds()
    return {
        "orders_per_second": round(len(booked) / seconds, 1),
        "cores": {"ours": round(spent / lasted, 2), "busy": round(busy / lasted, 2), "there_are": psutil.cpu_count()},
    }


def wait_for(count: int) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        if Record.objects.filter(booked_at__isnull=False).count() >= count and story.is_quiet():
            return
        time.sleep(LOOK_SECONDS)
    raise RuntimeError(f"{count} orders were not booked in {WAIT_SECONDS} s")


def busy_seconds() -> float:
    """What all cores of the machine have worked, whoever for."""
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - getattr(times, "iowait", 0.0) - getattr(times, "guest", 0.0))

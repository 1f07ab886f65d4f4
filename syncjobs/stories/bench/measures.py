"""The measurements, against a running demo world."""

import base64
import hashlib
import hmac
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import psutil
import requests
from django.conf import settings
from django.db import connection as database

from connections.models import Connection, Hook
from ipaas.supervisor import Child, Supervisor
from ipaas.types import JSON
from syncjobs.models import Attempt, InboxEvent, Lane, Record, ServiceClass, SyncJob
from syncjobs.stories.bench.bare import TABLE
from syncjobs.stories.bench.figures import Figure, percentile
from syncjobs.stories.demo import story
from syncjobs.stories.demo.sim import Sandbox
from syncjobs.stories.demo.world import World, answering

WEBHOOKS, THREADS, ROUNDS = 1_500, 8, 3
ORDERS, SINGLES = 100, 40
BUYER = {
    "first_name": "Ann", "last_name": "Ruiz", "email": "ann.ruiz@example.com", "phone": "2515550100",
    "street_1": "12 Bay St", "city": "Austin", "state": "Texas", "zip": "78701", "country": "United States",
    "country_iso2": "US",
}  # fmt: skip
RECIPE: JSON = {"lines": [{"sku": "DOG-LEAD", "quantity": 2}], "guest": BUYER}
STORE_TOKEN = {"X-Auth-Token": "sim-bigcommerce-token", "Accept": "application/json"}
HEARTLAND_TOKEN = {"Authorization": "Bearer sim-heartland-token"}


@dataclass(frozen=True, kw_only=True)
class Bench:
    """The world under measurement."""

    world: World
    supervisor: Supervisor

    @property
    def store(self) -> Sandbox:
        return Sandbox(self.world.url("bigcommerce"))

    @property
    def heartland(self) -> Sandbox:
        return Sandbox(self.world.url("heartland"))

    def clusters(self) -> list[int]:
        return [self.supervisor.pid(f"workers-{service_class}") for service_class in ServiceClass]


def wake_up(bench: Bench) -> JSON:
    """From the stored webhook to the begin of its run (whose first act is the call), one order at a time."""
    gaps = []
    for _ in range(SINGLES):
        (web_id,) = bench.store.post("/_sim/orders", RECIPE)["ids"]
        story.wait_for_all([web_id], seconds=30, told=lambda line: None)
        first = InboxEvent.objects.filter(external_id=str(web_id)).order_by("received_at")[0]
        began_at = Attempt.objects.filter(job__external_id=str(web_id)).order_by("began_at")[0].began_at
        gaps.append((began_at - first.received_at).total_seconds() * 1000)
    return {"p50_ms": round(statistics.median(gaps), 1), "p95_ms": round(percentile(gaps, 0.95), 1), "goal_p95_ms": 20}


def orders(bench: Bench) -> JSON:
    """A burst of orders whose webhooks are let go at once, beside the same calls made by a bare loop."""
    bench.store.put("/_sim/deliveries/controls", {"paused": True})
    ids = bench.store.post("/_sim/orders", RECIPE | {"count": ORDERS})["ids"]
    leaders = {
        "worker": bench.clusters(),
        "postgres": [bench.supervisor.pid("postgres")],
        "web": [bench.supervisor.pid("web")],
    }
    before = {part: cpu_seconds(pids) for part, pids in leaders.items()}
    bench.store.put("/_sim/deliveries/controls", {"paused": False})
    story.wait_for_all(ids, seconds=120, told=lambda line: None)
    spent = {part: (cpu_seconds(pids) - before[part]) * 1000 / ORDERS for part, pids in leaders.items()}
    wanted = [str(web_id) for web_id in ids]
    first = InboxEvent.objects.filter(external_id__in=wanted).order_by("received_at")[0].received_at
    records = Record.objects.filter(external_id__in=wanted, booked_at__isnull=False)
    seconds = (max(record.booked_at for record in records if record.booked_at) - first).total_seconds()
    last = Attempt.objects.filter(job__external_id=wanted[-1], outcome="booked").latest("pk")
    bare_seconds, bare_cpu = bare_loop(bench, records[0], ids)
    return {
        "orders_per_second": Figure(ours=len(records) / seconds, ceiling=ORDERS / bare_seconds, goal=0.5).as_json(),
        "cpu_ms_per_order": {
            "ours": round(sum(spent.values()), 1),
            **{part: round(ms, 1) for part, ms in spent.items()},
            "bare_loop": round(bare_cpu * 1000 / ORDERS, 1),
            "goal": 15,
        },
        "calls_per_order": {"bigcommerce": last.calls_store, "heartland": last.calls_heartland},
    }


def bare_loop(bench: Bench, example: Record, ids: list[int]) -> tuple[float, float]:
    """The calls of an ordinary order by plain requests: wall and CPU seconds for all."""
    sales_order = bench.heartland.get("/_sim/state/orders", id=example.target_id)["rows"][0]
    (line,) = [row for row in bench.heartland.rows("order_lines") if row["order_id"] == sales_order["id"]]
    names = ("customer_id", "source_location_id", "station_id", "billing_address_id", "shipping_address_id",
             "shipping_charge")  # fmt: skip
    header = {name: plain(sales_order[name]) for name in names}
    header["lines"] = [{name: plain(line[name]) for name in ("item_id", "qty", "original_unit_price")}]
    payment = {"type": "CustomPayment", "payment_type_id": int(payment_type()), "deposit": True}
    session = requests.Session()
    api, shop = f"{bench.heartland.base}/api/sales/orders", f"{bench.store.base}/stores/a1b2c3d4e5/v2/orders"
    began, cpu = time.perf_counter(), time.process_time()
    for web_id in ids:
        number = f"BARE-{web_id}"
        include = {"include": "consignments.line_items,fees"}
        session.get(f"{shop}/{web_id}", params=include, headers=STORE_TOKEN).json()
        session.get(api, params={"_filter": json.dumps({"public_id": number})}, headers=HEARTLAND_TOKEN).json()
        made = session.post(api, json=header | {"public_id": number}, headers=HEARTLAND_TOKEN)
        own = f"{bench.heartland.base}{made.headers['Location']}"
        session.post(f"{own}/taxes", json={"description": "Tax", "value": 1.0}, headers=HEARTLAND_TOKEN)
        total = session.get(own, headers=HEARTLAND_TOKEN).json()["total"]
        session.post(f"{own}/payments", json=payment | {"amount": total}, headers=HEARTLAND_TOKEN)
        session.put(own, json={"status": "open"}, headers=HEARTLAND_TOKEN).raise_for_status()
        session.put(f"{shop}/{web_id}", json={"external_order_id": number}, headers=STORE_TOKEN).raise_for_status()
    return time.perf_counter() - began, time.process_time() - cpu


def webhooks(bench: Bench) -> JSON:
    """Distinct signed order webhooks into the real web server, while the workers are stopped, and the bare view."""
    hook = Hook.objects.get(system="bigcommerce", topic="store/order/created")
    ours, bare = [], []
    url = f"{bench.world.url('web')}/hooks/bigcommerce/{hook.token}"
    with workers_stopped(bench), bare_server(bench) as bare_url:
        for _ in range(ROUNDS):
            ours.append(load(bench, url, hook, server="web"))
            bare.append(load(bench, bare_url, hook, server="bare"))
        SyncJob.objects.filter(external_id__startswith="9").delete()
        Lane.objects.update(token_queued_at=None)
    figure = Figure(ours=median_of(ours, "per_second"), ceiling=median_of(bare, "per_second"), goal=0.8)
    return figure.as_json() | {
        "refused": sum(int(one["refused"]) for one in ours),
        "cpu_ms_per_webhook": {
            "ours": {part: round(median_of(ours, part), 2) for part in ("server", "postgres")},
            "bare": {part: round(median_of(bare, part), 2) for part in ("server", "postgres")},
            "goal": 1.7,
        },
    }


def load(bench: Bench, url: str, hook: Hook, *, server: str) -> dict[str, float]:
    """One round: requests per second, how many were refused, and CPU-ms a request of the server and of PostgreSQL."""
    file = bench.world.data / "webhooks.jsonl"
    file.write_text("\n".join(json.dumps(delivery(hook, number)) for number in range(WEBHOOKS)))
    command = [sys.executable, "-m", "syncjobs.stories.bench.load", url, str(file), str(THREADS)]
    leaders = {"server": bench.supervisor.pid(server), "postgres": bench.supervisor.pid("postgres")}
    before = {name: cpu_seconds([leader]) for name, leader in leaders.items()}
    done = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, check=True)
    spent = {name: (cpu_seconds([leader]) - before[name]) * 1000 / WEBHOOKS for name, leader in leaders.items()}
    return dict(json.loads(done.stdout)) | spent


def median_of(rounds: list[dict[str, float]], name: str) -> float:
    return statistics.median(one[name] for one in rounds)


def delivery(hook: Hook, number: int) -> JSON:
    """One webhook as BigCommerce sends it (bigcommerce.md §25.4)."""
    event: JSON = {
        "producer": "stores/a1b2c3d4e5", "hash": uuid.uuid4().hex + "00000000", "created_at": int(time.time()),
        "store_id": "1001234567", "scope": hook.topic, "data": {"type": "order", "id": 9_000_000 + number},
    }  # fmt: skip
    body, identifier, moment = json.dumps(event), f"evt_{uuid.uuid4().hex}", str(int(time.time()))
    secret = b"sim-client-secret-0001"
    signed = hmac.new(secret, f"{identifier}.{moment}.{body}".encode(), hashlib.sha256).digest()
    return {
        "body": body,
        "headers": {
            "Content-Type": "application/json", "X-Tillbridge-Secret": hook.secret, "webhook-id": identifier,
            "webhook-timestamp": moment, "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
        },
    }  # fmt: skip


def memory(bench: Bench) -> JSON:
    """Unshared memory of web and workers with all their processes."""
    leaders = [bench.supervisor.pid("web"), *bench.clusters()]
    total = sum(process.memory_full_info().uss for leader in leaders for process in family(leader))
    return {"unshared_mb": round(total / 2**20, 1), "goal_mb": 400}


@contextmanager
def workers_stopped(bench: Bench) -> Iterator[None]:
    leaders = bench.clusters()
    for leader in leaders:
        os.killpg(leader, signal.SIGSTOP)
    try:
        yield
    finally:
        for leader in leaders:
            os.killpg(leader, signal.SIGCONT)


@contextmanager
def bare_server(bench: Bench) -> Iterator[str]:
    with database.cursor() as cursor:
        cursor.execute(f"CREATE TABLE IF NOT EXISTS {TABLE} (id bigserial PRIMARY KEY, body text)")
    (port,) = free_ports(1)
    child = Child(
        name="bare",
        argv=[sys.executable, "-m", "gunicorn", "ipaas.wsgi", "-c", "ipaas/gunicorn.py", "--bind", f"127.0.0.1:{port}"],
        env=bench.world.environment | {"DJANGO_SETTINGS_MODULE": "syncjobs.stories.bench.bare_settings"},
        cwd=settings.BASE_DIR,
        is_ready=answering(f"http://127.0.0.1:{port}/"),
    )
    bench.supervisor.add(child)
    yield f"http://127.0.0.1:{port}/"


def free_ports(count: int) -> list[int]:
    """That many different ones."""
    with ExitStack() as held:
        servers = [held.enter_context(socket.socket()) for _ in range(count)]
        for server in servers:
            server.bind(("127.0.0.1", 0))
        return [int(server.getsockname()[1]) for server in servers]


def cpu_seconds(leaders: list[int]) -> float:
    """What these processes and their children have used, those that ended too."""
    times = [process.cpu_times() for leader in leaders for process in family(leader)]
    return float(sum(one.user + one.system + one.children_user + one.children_system for one in times))


def family(leader: int) -> list[psutil.Process]:
    process = psutil.Process(leader)
    return [process, *process.children(recursive=True)]


def payment_type() -> str:
    return Connection.objects.get().order_settings.payment_type_id


def plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value

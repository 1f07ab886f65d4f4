"""Everything that runs in a demo: PostgreSQL, the sandbox's systems, the web server, a cluster per class."""

import fcntl
import socket
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import requests
from django.conf import settings
from django.core.management import call_command
from django.db import connections

from ipaas import postgres
from ipaas.front import Front
from ipaas.supervisor import Child, Supervisor
from syncjobs.engine.schedules import schedules_write
from syncjobs.models import ServiceClass
from syncjobs.stories.demo import demo_people, move_hooks, ports

KINDS = {"bigcommerce": "bigcommerce", "second_store": "bigcommerce", "magento": "magento"}  # stores, their kinds
SECOND_STORE = (
    "f6g7h8j9k0"  # hash of BigCommerce's second store: same host for its API, a port of its own for its pages
)
ASKING = (requests.ConnectionError, requests.Timeout)


class DataInUse(RuntimeError):
    """Two demos on one data directory would stop each other's database."""


@dataclass(frozen=True, kw_only=True)
class World:
    """Where things are: addresses, the data directory, the environment of our processes."""

    data: Path
    ports: dict[str, int]
    former_ports: dict[str, int] = field(default_factory=dict)  # of the last run on this data
    switches: dict[str, tuple[str, ...]] = field(default_factory=dict)  # of the sandbox's systems, NAME=JSON
    scale: int = 0
    stores: tuple[str, ...] = ("bigcommerce",)  # that stories connect, in this order
    uses_token: bool = False  # stores are connected by a token alone, those of a kind that has such a way
    more_stores: dict[str, int] = field(default_factory=dict)  # hashes of stores beside the usual two, their ports
    poll_seconds: int = 60
    more_settings: dict[str, str] = field(default_factory=dict)  # of our processes, beside the addresses
    has_one_parent: bool = False  # of all clusters, as on a small server; else each can be killed and measured apart
    is_behind_front: bool = False  # the product as in production: behind nginx, callbacks with processes of their own

    def url(self, name: str) -> str:
        if name == "web" and self.is_behind_front:
            return self.front.url
        return f"http://127.0.0.1:{self.ports[name]}"

    @property
    def systems(self) -> list[str]:
        """Those of the sandbox that run: a kind's first store brings the further ones."""
        return ["heartland", *dict.fromkeys(KINDS[name] for name in self.stores)]

    @property
    def front(self) -> Front:
        return Front(directory=self.data / "front", port=self.ports["front"])

    @property
    def trust(self) -> dict[str, str]:
        """The environment of whoever calls the product from outside: which certificate to believe."""
        return {"REQUESTS_CA_BUNDLE": str(self.front.certificate)} if self.is_behind_front else {}

    @property
    def environment(self) -> dict[str, str]:
        """What makes the product talk to this sandbox instead of the real world: base URLs, and `more_settings`."""
        return {
            "ENVIRONMENT": "local",
            "DATA_DIR": str(self.data),
            "DATABASE_URL": postgres.server_at(self.data / "postgres").url,
            "PUBLIC_URL": self.url("web"),
            "ALLOW_PRIVATE_HOSTS": "true",
            "BIGCOMMERCE_CLIENT_ID": "simclientid0001",
            "BIGCOMMERCE_CLIENT_SECRET": "sim-client-secret-0001",
            "BIGCOMMERCE_LOGIN_BASE": self.url("bigcommerce"),
            "BIGCOMMERCE_API_BASE": self.url("bigcommerce"),
            "BIGCOMMERCE_FRAME_ANCESTORS": self.url("bigcommerce"),
            "HEARTLAND_OAUTH_BASE": self.url("heartland"),
            "HEARTLAND_CLIENT_ID": "sim-heartland-client",
            "HEARTLAND_CLIENT_SECRET": "sim-heartland-secret",
            "HEARTLAND_CALLS_PER_SECOND": "1000",
            "POLL_SECONDS": str(self.poll_seconds),
            "POLL_SECONDS_WITHOUT_HOOKS": str(min(self.poll_seconds, 30)),
            "TRUSTED_PROXY_COUNT": str(int(self.is_behind_front)),
            **self.more_settings,
        }


def database(world: World) -> Child:
    server = postgres.server_at(world.data / "postgres")
    return Child(
        name="postgres",
        argv=server.command(),
        account=server.account,
        cwd=server.data.parent,
        is_ready=partial(postgres.is_answering, server),
        is_needed_by_others=True,
    )


def sandbox(world: World, name: str) -> Child:
    """One system of the outside world."""
    ours = f"{world.url('web')}/connect/{name}"
    callbacks = {
        "heartland": ["--redirect-uri", f"{ours}/callback/"],
        "bigcommerce": [
            *also(world.more_stores | {SECOND_STORE: world.ports["second_store"]}),
            "--auth-callback", f"{ours}/auth/", "--load-callback", f"{ours}/load/",
            "--uninstall-callback", f"{ours}/uninstall/", "--remove-user-callback", f"{ours}/remove-user/",
        ],
        "magento": [],
    }  # fmt: skip
    switches = [part for text in world.switches.get(name, ()) for part in ("--switch", text)]
    return Child(
        name=f"sandbox-{name}",
        argv=[
            sys.executable, "-m", "ipaas.sandbox", name, "--port", str(world.ports[name]),
            "--data", str(world.data / "sandbox"), "--scale", str(world.scale), *callbacks[name], *switches,
        ],
        env=world.trust,
        cwd=settings.BASE_DIR,
        is_ready=answering(f"{world.url(name)}/_sim/health"),
    )  # fmt: skip


def also(stores: Mapping[str, int]) -> list[str]:
    """The arguments for more stores on one host, by hash."""
    return [part for store_hash, port in stores.items() for part in ("--also", f"{store_hash}={port}")]


def product(world: World) -> list[Child]:
    """Our own processes: the web server, one cluster per service class, and what stands before them."""
    together = [clusters(world, "workers", *ServiceClass)]
    apart = [clusters(world, f"workers-{service_class}", service_class) for service_class in ServiceClass]
    return [*webs(world), *(together if world.has_one_parent else apart)]


def clusters(world: World, name: str, *classes: ServiceClass) -> Child:
    """The workers of some service classes."""
    return Child(
        name=name,
        argv=[sys.executable, "manage.py", "qworker", *classes],
        env=world.environment,
        cwd=settings.BASE_DIR,
        is_ready=saying("ready for work", world.data / "logs" / f"{name}.log"),
    )


def webs(world: World) -> list[Child]:
    """The web server; behind a front server, its two, on sockets, and it."""
    if not world.is_behind_front:
        bind = f"127.0.0.1:{world.ports['web']}"
        return [web(world, "web", bind, answering(f"http://{bind}/health/"))]
    world.front.prepare()
    behind = {"web": world.front.pages, "hooks": world.front.hooks}
    return [
        *(web(world, name, f"unix:{path}", partial(listening, path)) for name, path in behind.items()),
        front(world),
    ]


def web(world: World, name: str, bind: str, is_ready: Callable[[], bool]) -> Child:
    """A web server of ours, at a port or a socket."""
    return Child(
        name=name,
        argv=[sys.executable, "-m", "gunicorn", "ipaas.wsgi", "-c", "ipaas/gunicorn.py", "--bind", bind],
        env=world.environment,
        cwd=settings.BASE_DIR,
        is_ready=is_ready,
    )


def front(world: World) -> Child:
    return Child(
        name="front",
        argv=world.front.command(),
        is_ready=answering(f"{world.front.url}/health/", world.front.certificate),
    )


def answering(url: str, certificate: Path | None = None) -> Callable[[], bool]:
    """Tells whether the address answers with a success; `certificate`: the one to trust."""

    def ask() -> bool:
        try:
            return requests.get(url, timeout=2, verify=str(certificate) if certificate else True).ok
        except ASKING:
            return False

    return ask


def listening(path: Path) -> bool:
    """Whether somebody takes connections at the socket."""
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


def saying(words: str, log: Path) -> Callable[[], bool]:
    """Tells whether the words were written to the log from now on."""
    already = log.stat().st_size if log.exists() else 0

    def look() -> bool:
        return log.exists() and words in log.read_text()[already:]

    return look


def prepare_database() -> None:
    """Bring the schema, the cache table and the schedules up to date; harmless when they are."""
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    schedules_write()
    demo_people.seed()


@contextmanager
def alone(data: Path) -> Iterator[None]:
    """Hold the data directory. Raises DataInUse when another demo has it."""
    data.mkdir(parents=True, exist_ok=True)
    with (data / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as taken:
            raise DataInUse(f"Another demo runs on {data}: stop it, or set DATA_DIR to another directory.") from taken
        yield


@contextmanager
def started(world: World, *, told: Callable[[str], None], ours: Sequence[Child] | None = None) -> Iterator[Supervisor]:
    """The whole world running under a supervisor, on a database that is up to date; stopped at the end.

    `ours` are the processes of the product to start, all of them when left out.
    """
    with alone(world.data):
        postgres.stop(world.data / "postgres")  # one that a management command left running is not ours to supervise
        supervisor = Supervisor([], world.data / "logs", told=told)
        try:
            supervisor.start()
            supervisor.add(database(world))
            prepare_database()
            has_moved = move_hooks.readdress(world.former_ports, world.ports)
            ports.note(world.data, world.ports)
            for child in [
                *(sandbox(world, name) for name in world.systems),
                *(product(world) if ours is None else ours),
            ]:
                supervisor.add(child)
            if has_moved:
                move_hooks.rearm(world.url("web"))
            yield supervisor
        finally:
            connections.close_all()
            supervisor.stop()

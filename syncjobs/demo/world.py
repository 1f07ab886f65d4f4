"""Everything that runs in a demo: PostgreSQL, the sandbox's two systems, the web server, a cluster per class."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import requests
from django.conf import settings
from django.core.management import call_command
from django.db import connections

from ipaas import postgres
from ipaas.supervisor import Child, Supervisor
from syncjobs.demo import people, ports
from syncjobs.models import ServiceClass

SYSTEMS = ("heartland", "bigcommerce")
ASKING = (requests.ConnectionError, requests.Timeout)


@dataclass(frozen=True, kw_only=True)
class World:
    """Where things are: addresses, the data directory, the environment of our processes."""

    data: Path
    ports: dict[str, int]
    switches: dict[str, tuple[str, ...]] = field(default_factory=dict)  # of the sandbox's systems, NAME=JSON
    scale: int = 0

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.ports[name]}"

    @property
    def environment(self) -> dict[str, str]:
        """What makes the product talk to this sandbox instead of the real world: base URLs, nothing else."""
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
        }


def database(world: World) -> Child:
    server = postgres.server_at(world.data / "postgres")
    return Child(
        name="postgres",
        argv=server.command(),
        account=server.account,
        cwd=server.data.parent,
        is_ready=partial(postgres.is_answering, server),
    )


def sandbox(world: World, name: str) -> Child:
    """One system of the outside world."""
    ours = f"{world.url('web')}/connect/{name}"
    callbacks = {
        "heartland": ["--redirect-uri", f"{ours}/callback/"],
        "bigcommerce": [
            "--auth-callback", f"{ours}/auth/", "--load-callback", f"{ours}/load/",
            "--uninstall-callback", f"{ours}/uninstall/", "--remove-user-callback", f"{ours}/remove-user/",
        ],
    }  # fmt: skip
    switches = [part for text in world.switches.get(name, ()) for part in ("--switch", text)]
    return Child(
        name=f"sandbox-{name}",
        argv=[
            sys.executable, "-m", "ipaas.sandbox", name, "--port", str(world.ports[name]),
            "--data", str(world.data / "sandbox"), "--scale", str(world.scale), *callbacks[name], *switches,
        ],
        cwd=settings.BASE_DIR,
        is_ready=answering(f"{world.url(name)}/_sim/health"),
    )  # fmt: skip


def product(world: World) -> list[Child]:
    """Our own processes: the web server and one cluster per service class."""
    clusters = [
        Child(
            name=f"workers-{service_class}",
            argv=[sys.executable, "manage.py", "qworker"],
            env={
                **world.environment,
                "Q_CLUSTER_NAME": "ipaas" if service_class == ServiceClass.NOW else service_class,
            },
            cwd=settings.BASE_DIR,
        )
        for service_class in ServiceClass
    ]
    return [web(world), *clusters]


def web(world: World) -> Child:
    return Child(
        name="web",
        argv=[
            sys.executable, "-m", "gunicorn", "ipaas.wsgi", "-c", "ipaas/gunicorn.py",
            "--bind", f"127.0.0.1:{world.ports['web']}",
        ],
        env=world.environment,
        cwd=settings.BASE_DIR,
        is_ready=answering(f"{world.url('web')}/health/"),
    )  # fmt: skip


def answering(url: str) -> Callable[[], bool]:
    """Tells whether the address answers with a success."""

    def ask() -> bool:
        try:
            return requests.get(url, timeout=2).ok
        except ASKING:
            return False

    return ask


def prepare_database() -> None:
    """Bring the schema, the cache table and the schedules up to date; harmless when they are."""
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("schedules", verbosity=0)
    people.seed()


@contextmanager
def started(world: World, *, told: Callable[[str], None]) -> Iterator[Supervisor]:
    """The whole world running under a supervisor, on a database that is up to date; stopped at the end."""
    postgres.stop(world.data / "postgres")  # one that a management command left running is not ours to supervise
    supervisor = Supervisor([], world.data / "logs", told=told)
    try:
        supervisor.start()
        supervisor.add(database(world))
        prepare_database()
        for child in [*(sandbox(world, name) for name in SYSTEMS), *product(world)]:
            supervisor.add(child)
        yield supervisor
    finally:
        connections.close_all()
        supervisor.stop()


def free_ports(*, usual: bool) -> dict[str, int]:
    return ports.choose(usual=usual)

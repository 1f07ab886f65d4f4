"""Which process is which: the parts of a cluster, of the web server, and of everything of ours."""

import os
import signal
from collections.abc import Callable, Iterable

import psutil

from ipaas import processes
from ipaas.supervisor import Supervisor
from syncjobs.models import Lane, ServiceClass, SyncJob
from syncjobs.stories.soak.soak_world import eventually

CLUSTER = f"workers-{ServiceClass.NOW}"
CLUSTERS = tuple(f"workers-{service_class}" for service_class in ServiceClass)
APPEAR_SECONDS = 30.0


class NobodyThere(RuntimeError):
    """The process to kill did not appear; the message says which."""


def kill(pids: Iterable[int]) -> list[int]:
    """`kill -9` all of them; answers whom it met."""
    met = []
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
        met.append(pid)
    return met


def main_process(supervisor: Supervisor, name: str) -> list[int]:
    return [supervisor.pid(name)]


def sentinel(supervisor: Supervisor) -> list[int]:
    """The process between a cluster's main process and its workers."""
    return [child.pid for child in _children(supervisor.pid(CLUSTER))]


def idle_worker(supervisor: Supervisor) -> list[int]:
    """A worker that holds no lane while another one works."""
    found: list[int] = []

    def look() -> bool:
        holder = lane_holder()
        found[:] = [pid for pid in workers(supervisor) if holder and pid != holder][:1]
        return bool(found)

    return _patiently(look, found, "an idle worker")


def busy_worker(supervisor: Supervisor) -> list[int]:
    """The worker that has a job in hand."""
    found: list[int] = []

    def look() -> bool:
        found[:] = [pid for pid in workers(supervisor) if pid == lane_holder()]
        return bool(found) and SyncJob.objects.filter(status=SyncJob.Status.RUNNING).exists()

    return _patiently(look, found, "a busy worker")


def web_worker(supervisor: Supervisor) -> list[int]:
    return [child.pid for child in _children(supervisor.pid("web"))][:1]


def everything_of_ours(supervisor: Supervisor) -> list[int]:
    """The web server and every cluster, to the last process."""
    mains = [supervisor.pid(name) for name in ("web", *CLUSTERS)]
    return mains + [child.pid for main in mains for child in _children(main, recursive=True)]


def workers(supervisor: Supervisor) -> list[int]:
    """django-q's workers by their titles: the pusher and the monitor have others."""
    found = []
    for child in _children(supervisor.pid(CLUSTER), recursive=True):
        try:
            title = processes.title(child)
        except psutil.Error:
            continue
        if title.endswith("idle") or " processing " in title:
            found.append(child.pid)
    return found


def lane_holder() -> int | None:
    """The process that works the lane at this moment."""
    lanes = Lane.objects.filter(service_class=ServiceClass.NOW).exclude(lease_owner="")
    owner = lanes.values_list("lease_owner", flat=True).first()
    return int(owner.split("/")[-2]) if owner else None


def _children(pid: int, *, recursive: bool = False) -> list[psutil.Process]:
    try:
        return list(psutil.Process(pid).children(recursive=recursive))
    except psutil.NoSuchProcess:
        return []


def _patiently(look: Callable[[], bool], found: list[int], who: str) -> list[int]:
    if not eventually(look, APPEAR_SECONDS, look=0.005):
        raise NobodyThere(f"There was never {who}.")
    return list(found)

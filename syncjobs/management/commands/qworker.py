"""`manage.py qworker [now|soon|bulk]`: one worker cluster, which ends with status 70 when a process of it dies.

django-q2's own command starts a new worker beside the dead one, but the dead one may have owned a lock of the shared
queues: then nothing moves any more while the heartbeat stays green. Here the whole cluster ends and its supervisor
starts it again; no process outlives its parent. See DEPENDENCIES.md, django-q2.
"""

import gc
import os
import signal
import sys
import time
import uuid
from argparse import ArgumentParser
from collections.abc import Callable
from multiprocessing import Event, connection, get_context
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import Any, cast

from django import db
from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone
from django_q.cluster import Sentinel
from django_q.conf import Conf, logger
from django_q.worker import worker

from ipaas import processes, queue
from syncjobs import cluster, engine
from syncjobs.models import ServiceClass

BROKEN = 70  # EX_SOFTWARE: started again by the supervisor
CYCLE = 1.0  # seconds between looks when nothing happens
SCHEDULER_SECONDS = 30.0
YIELD_SECONDS = 5.0  # for the other workers to finish the job at hand before the cluster ends
TIMED_OUT, RECYCLED = 0, -2  # django-q2's values of a worker's timer when it ends as it should


class Command(BaseCommand):
    help = "Run the worker cluster of one class of service; ends with status 70 when one of its processes dies."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("service_class", nargs="?", choices=ServiceClass.values, default=ServiceClass.NOW.value)

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = engine.queue_of(ServiceClass(options["service_class"]))
        if wanted != Conf.CLUSTER_NAME:
            restart_for(wanted)
        engine.workers_started(now=timezone.now())
        db.connections.close_all()
        gc.collect()
        gc.freeze()  # what is loaded stays shared with the processes that are forked: no collection writes to it
        sys.exit(run())


def restart_for(name: str) -> None:
    """Replace this process by one that django-q2 configures for the queue `name`: it reads only the environment."""
    os.environ["Q_CLUSTER_NAME"] = "" if name == settings.Q_CLUSTER["name"] else name
    os.execv(sys.executable, [sys.executable, *sys.argv])  # noqa: S606 (our own command line)


def run() -> int:
    """Start the sentinel and wait for it. 0 when somebody asked us to stop, else BROKEN."""
    stop, started = Event(), Event()
    asked = False

    def ask(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        asked = True
        stop.set()

    sentinel = get_context("fork").Process(
        target=sentinel_run, args=(os.getpid(), stop, started), name=f"Process-{uuid.uuid4().hex}"
    )
    sentinel.start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask)
    sentinel.join()
    return 0 if asked and sentinel.exitcode == 0 else BROKEN


def sentinel_run(parent: int, stop: Any, started: Any) -> None:
    """The sentinel's process. Its constructor guards until it is told to stop."""
    processes.die_with_parent(parent)
    queue.stop_event_keep(stop)
    WatchfulSentinel(stop, started, uuid.uuid4())


def child_run(parent: int, target: Callable[..., None], *args: Any) -> None:
    processes.die_with_parent(parent)
    target(*args)


class WatchfulSentinel(Sentinel):  # type: ignore[misc]
    """Sees a death at once, and ends the cluster for one that nobody ordered."""

    def spawn_process(self, target: Callable[..., None], *args: Any) -> BaseProcess:
        process: Any = get_context("fork").Process(
            target=child_run, args=(os.getpid(), target, *args), name=f"Process-{uuid.uuid4().hex}"
        )
        process.daemon = True
        if target is worker:
            process.timer = args[2]
            self.pool.append(process)
        process.start()
        return cast(BaseProcess, process)

    def guard(self) -> None:
        """Look after the processes until told to stop. Waits on their deaths, so that none goes unnoticed."""
        self.start_event.set()
        looked_at = scheduled_at = time.monotonic()
        while not self.stop_event.is_set():
            now = time.monotonic()
            for process in (self.monitor, self.pusher):
                if not process.is_alive():
                    self.give_up(process)
            for process in list(self.pool):
                self.look_after(process, now - looked_at)
            looked_at = now
            if now - scheduled_at >= SCHEDULER_SECONDS:
                scheduled_at = now
                self.ring()
            connection.wait([process.sentinel for process in (*self.pool, self.monitor, self.pusher)], CYCLE)
        self.stop()

    def spawn_pusher(self) -> BaseProcess:
        return self.spawn_process(cluster.pusher, self.task_queue, self.event_out, self.broker)

    def spawn_monitor(self) -> BaseProcess:
        return self.spawn_process(cluster.monitor, self.result_queue, self.broker)

    @staticmethod
    def ring() -> None:
        """One cluster looks at the clock: that of urgent work, which starts everything timed."""
        if Conf.CLUSTER_NAME == Conf.PREFIX:
            cluster.scheduler()

    def look_after(self, process: Any, elapsed: float) -> None:
        """Replace a worker that ended as it should or ran out of time; give up for any other death."""
        timer = process.timer
        left = timer.get_obj().value  # without its lock: a dead worker may own it
        if not process.is_alive():
            if int(left) not in {TIMED_OUT, RECYCLED}:
                self.give_up(process)
            self.reincarnate(process)
        elif left == TIMED_OUT:
            self.reincarnate(process)
        elif left > 0 and timer.get_lock().acquire(timeout=0.1):
            try:
                if timer.value > 0:
                    timer.value = max(float(TIMED_OUT), timer.value - elapsed)
            finally:
                timer.get_lock().release()

    def give_up(self, process: BaseProcess) -> None:
        """End the cluster: the dead process may own a lock of the queues. Other workers may finish their job."""
        logger.critical("process %s died with %s; ending this cluster", process.pid, process.exitcode)
        self.stop_event.set()
        deadline = time.monotonic() + YIELD_SECONDS
        while time.monotonic() < deadline and any(self.is_busy(other) for other in self.pool):
            time.sleep(0.02)
        os._exit(BROKEN)

    @staticmethod
    def is_busy(process: Any) -> bool:
        return bool(process.is_alive() and process.timer.get_obj().value > 0)

"""`manage.py qworker [now] [soon] [bulk]`: a worker cluster for each class of service that is named.

A cluster ends with status 70 when a process of it dies: its supervisor starts it again, and no process outlives its
parent. Named alone (`qworker now`) that is this process. Of several, one process loads everything once, forks a
cluster for each and replaces one that ended: they share its memory. See DEPENDENCIES.md, django-q2.
"""

import gc
import importlib
import os
import signal
import sys
import time
import uuid
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from multiprocessing import connection, get_context
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import Any, cast

from django import db
from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone
from django_q import conf
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
RESTART_SECONDS = 1.0  # before one of several clusters is replaced
TIMED_OUT, RECYCLED = 0, -2  # django-q2's values of a worker's timer when it ends as it should


class Command(BaseCommand):
    help = "Run the worker clusters of these classes of service; one alone ends with status 70 when a process dies."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("service_class", nargs="*", choices=ServiceClass.values, default=[ServiceClass.NOW.value])

    def handle(self, *args: Any, **options: Any) -> None:
        classes = [ServiceClass(one) for one in dict.fromkeys(options["service_class"])]
        engine.workers_started(now=timezone.now())
        db.connections.close_all()
        gc.collect()
        gc.freeze()  # what is loaded stays shared with the processes that are forked: no collection writes to it
        sys.exit(run(classes))


def run(classes: Sequence[ServiceClass]) -> int:
    """Start the clusters and wait for them. 0 when somebody asked us to stop, else BROKEN."""
    clusters = {one: Cluster(one) for one in classes}
    asked = failed = False

    def ask(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        asked = True
        for one in clusters.values():
            one.stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask)
    while clusters:
        ended = connection.wait([one.process.sentinel for one in clusters.values()])
        for name, one in list(clusters.items()):
            if one.process.sentinel not in ended:
                continue
            one.process.join()  # its pipe closes a moment before it has ended
            del clusters[name]
            if not asked and len(classes) > 1:
                time.sleep(RESTART_SECONDS)
            if not asked and len(classes) > 1:
                clusters[name] = Cluster(name, takes_over=True)
            else:
                failed = failed or bool(one.process.exitcode)
    return 0 if asked and not failed else BROKEN


class Cluster:
    """The sentinel of a class of service, and what tells it to stop.

    `takes_over`: in the place of one that ended, whose leases, jobs and claimed tokens are as good as lost.
    """

    def __init__(self, service_class: ServiceClass, *, takes_over: bool = False) -> None:
        self.stop = processes.Flag()
        self.process = get_context("fork").Process(
            target=sentinel_run,
            args=(os.getpid(), engine.queue_of(service_class), self.stop, takes_over),
            name=f"Process-{uuid.uuid4().hex}",
        )
        self.process.start()


def configure(name: str) -> None:
    """Have django-q2 work the queue `name`: it reads the environment once, when it is loaded."""
    os.environ["Q_CLUSTER_NAME"] = "" if name == settings.Q_CLUSTER["name"] else name
    for key, value in vars(importlib.reload(conf).Conf).items():
        if key.isupper():
            setattr(Conf, key, value)
    conf.Conf = Conf  # which everything else has imported


def sentinel_run(parent: int, name: str, stop: processes.Flag, takes_over: bool) -> None:
    """The sentinel's process. Its constructor guards until it is told to stop."""
    processes.die_with_parent(parent)
    configure(name)
    queue.stop_flag_keep(stop)
    if takes_over:
        engine.workers_started(now=timezone.now())
    WatchfulSentinel(stop, processes.Flag(), uuid.uuid4())


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

    def spawn_cluster(self) -> None:
        self.pool: list[Any] = []
        db.connections.close_all()
        for _ in range(self.pool_size):
            self.spawn_worker()

    def spawn_worker(self) -> None:
        tokens, results = cluster.Tokens(self.broker), cluster.Results(self.broker)
        self.spawn_process(worker, tokens, results, get_context("fork").Value("f", -1), self.timeout)

    def guard(self) -> None:
        """Look after the processes until told to stop. Waits on their deaths, so that none goes unnoticed."""
        self.start_event.set()
        looked_at = scheduled_at = time.monotonic()
        while not self.stop_event.is_set():
            now = time.monotonic()
            for process in list(self.pool):
                self.look_after(process, now - looked_at)
            looked_at = now
            if now - scheduled_at >= SCHEDULER_SECONDS:
                scheduled_at = now
                self.ring()
            connection.wait([process.sentinel for process in self.pool], CYCLE)
        self.stop()

    def stop(self) -> None:
        """Wait for the workers: each sees that the cluster stops when its task is done, or its wait for one."""
        for process in self.pool:
            process.join()

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
        """End the cluster: the dead process may own a lock. Others may finish their job."""
        logger.critical("process %s died with %s; ending this cluster", process.pid, process.exitcode)
        self.stop_event.set()
        deadline = time.monotonic() + YIELD_SECONDS
        while time.monotonic() < deadline and any(self.is_busy(other) for other in self.pool):
            time.sleep(0.02)
        os._exit(BROKEN)

    @staticmethod
    def is_busy(process: Any) -> bool:
        return bool(process.is_alive() and process.timer.get_obj().value > 0)

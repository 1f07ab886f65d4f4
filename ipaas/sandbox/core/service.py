"""One sandbox system: its state, time, switches, faults and outgoing calls. A system subclasses `Service`."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from threading import RLock
from typing import Any, ClassVar

from ipaas.sandbox.core.calls import CallLog
from ipaas.sandbox.core.clock import Clock
from ipaas.sandbox.core.faults import Faults
from ipaas.sandbox.core.outbox import Controls, Outbox
from ipaas.sandbox.core.switches import Switch, Switches
from ipaas.sandbox.core.tables import Database, Row
from ipaas.sandbox.core.web import Reply, Request, Route, empty

ENGINE_ID = 1  # the one row of the table "engine"


class Service:
    """State of one system and what its handlers share.

    Subclasses set `name`, `title` and `declared`, fill `seed_rows()`, and override what their API does differently:
    unknown paths, wrong methods, broken JSON, and the hooks around a handler.
    """

    name: ClassVar[str] = "sandbox"
    title: ClassVar[str] = "Sandbox"
    declared: ClassVar[Iterable[Switch]] = ()
    keeps_seed: ClassVar[bool] = False  # `seed_rows` fills tables only, so a reset may put back the rows of the first

    def __init__(self, data: Path | None = None, *, seed: int = 1, scale: int = 0) -> None:
        self.lock = RLock()
        self.clock = Clock()
        self.switches = Switches(self.declared)
        self.faults = Faults(seed)
        self.calls = CallLog()
        self.database = Database(data / f"{self.name}.sqlite3" if data else None)
        self.engine = self.database.table("engine")
        self.outbox = Outbox(self.database, self.clock, self.lock, seed=seed)
        self.seed, self.scale = seed, scale
        self._kept_seeds: dict[tuple[int, int], dict[str, tuple[int, list[Row]]]] = {}
        self.wanted_switches: dict[str, Any] = {}  # from the command line; hold after a reset too
        self.open_tables()

    def start(self) -> None:
        """Seed an empty store or take up a stored one, then begin sending."""
        with self.lock:
            stored = self.engine.get(ENGINE_ID)
            if stored is None:
                self.reset(self.seed, self.scale)
            else:
                self.seed, self.scale = stored["seed"], stored["scale"]
                self._restore(stored)
                self.switches.set(self.wanted_switches)
                self.prepare()
            self.outbox.load()
        self.outbox.start()

    def stop(self) -> None:
        """Stop sending and close the file."""
        self.outbox.stop()
        with self.lock:
            self.database.close()

    def reset(self, seed: int, scale: int) -> None:
        """Forget everything and begin from the seed, with default switches and real time."""
        self.seed, self.scale = seed, scale
        self.database.clear()
        self.switches.reset()
        self.switches.set(self.wanted_switches)
        self.faults.clear()
        self.outbox.controls = Controls()
        self.calls.reset()
        self.clock.shift(timedelta())
        self.engine.insert({"id": ENGINE_ID, "seed": seed, "scale": scale})
        self.prepare()
        self._seed()
        self.save_engine()
        self.database.commit()
        self.outbox.load()

    def _seed(self) -> None:
        kept = self._kept_seeds.get((self.seed, self.scale))
        if kept is not None:
            self.database.fill(kept)
            return
        self.seed_rows()
        if self.keeps_seed:
            self._kept_seeds[self.seed, self.scale] = self.database.snapshot()

    def save_engine(self) -> None:
        """Keep switches and clock with the state, so that they too survive a kill."""
        frozen = self.clock.frozen_at.isoformat() if self.clock.frozen_at else None
        time = {"offset_seconds": self.clock.offset.total_seconds(), "frozen_at": frozen}
        self.engine.update(ENGINE_ID, switches=dict(self.switches.values), clock=time)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the lock; write on success, undo on any exception."""
        with self.lock:
            try:
                yield
            except BaseException:
                self.database.rollback()
                raise
            self.database.commit()

    def _restore(self, stored: Mapping[str, Any]) -> None:
        known = {k: v for k, v in stored.get("switches", {}).items() if k in self.switches.declared}
        self.switches.set(known)
        time = stored.get("clock", {})
        if time.get("frozen_at"):
            self.clock.freeze(datetime.fromisoformat(time["frozen_at"]))
        else:
            self.clock.shift(timedelta(seconds=float(time.get("offset_seconds", 0))))

    # --- for subclasses ---------------------------------------------------------------------------

    def open_tables(self) -> None:
        """Declare the tables with their indexes and first ids."""

    def prepare(self) -> None:
        """Set up what is computed rather than stored (lazy rows); runs after every start and reset."""

    def seed_rows(self) -> None:
        """Fill the empty tables from `self.seed`."""

    def admit(self, request: Request, route: Route[Any]) -> Reply | None:
        """Before the lock: limits on rate and concurrency. A reply refuses the call."""
        return None

    def release(self, request: Request, route: Route[Any]) -> None:
        """After each admitted call."""

    def before(self, request: Request, route: Route[Any]) -> Reply | None:
        """Inside the lock, ahead of the handler: authentication and permissions. A reply replaces the handler's."""
        return None

    def after(self, request: Request, reply: Reply) -> Reply:
        """Last touch on every answer of the API: headers."""
        return reply

    def not_found(self, request: Request) -> Reply:
        """Answer for a path that does not exist."""
        return empty(404)

    def method_not_allowed(self, request: Request, allowed: Iterable[str]) -> Reply:
        """Answer for a path that exists with other methods only."""
        return empty(405, {"Allow": ", ".join(sorted(allowed))})

    def bad_json(self, request: Request, message: str) -> Reply:
        """Answer for a body that is not JSON."""
        return empty(400)

    def links(self) -> list[tuple[str, str]]:
        """(address, text) of the service's pages for people, for the start page."""
        return []

    def facts(self) -> list[tuple[str, str]]:
        """(name, value) shown on the start page: tokens, ids, secrets of this sandbox."""
        return []

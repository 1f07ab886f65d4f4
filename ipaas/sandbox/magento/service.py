"""The running Magento sandbox: one installation with its websites, its REST routes and its storefront."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from email.utils import formatdate
from pathlib import Path
from typing import Any, ClassVar

from ipaas.sandbox.core.later import Later
from ipaas.sandbox.core.service import Service
from ipaas.sandbox.core.web import Reply, Request, Route, html, json_reply
from ipaas.sandbox.magento.async_queue import NO_QUEUE
from ipaas.sandbox.magento.consumer import Endpoints, operation_do
from ipaas.sandbox.magento.errors import Refused, no_route
from ipaas.sandbox.magento.events import Events
from ipaas.sandbox.magento.furnish import furnish
from ipaas.sandbox.magento.integrations import credentials
from ipaas.sandbox.magento.knobs import SWITCHES
from ipaas.sandbox.magento.sales.cron import cron_do
from ipaas.sandbox.magento.scaled import attach
from ipaas.sandbox.magento.seed import fill
from ipaas.sandbox.magento.state import Row, State

BAD_METHOD = "The %1 HTTP method is not supported."
METHODS = ("GET", "POST", "PUT", "DELETE")
NO_PAGE = "<html><head><title>404 Not Found</title></head><body><h1>Whoops, our bad...</h1></body></html>"

Snapshot = dict[str, tuple[int, list[Row]]]  # table -> its next id and its rows


class Magento(Service):
    """One Magento installation."""

    name = "magento"
    title = "Magento"
    declared: ClassVar = SWITCHES
    keeps_seed = True

    def __init__(self, data: Path | None = None, *, seed: int = 1, scale: int = 0) -> None:
        super().__init__(data, seed=seed, scale=scale)
        self.state = State(self.database, self.clock, self.switches)
        self.events = Events(self.state, self.outbox)
        self.kept: Snapshot | None = None  # the database as `/_sim/snapshot` kept it
        self.endpoints: Endpoints = {}  # by method and official path, for the consumer
        self.consumer = Later(
            self.state.queue, self.clock, self.database, self.transaction, self._consume, self._is_consumer_stopped
        )
        self.cron = Later(self.state.cron, self.clock, self.database, self.transaction, self._cron)

    def start(self) -> None:
        """Seed or take up the shop, then let the consumer work."""
        super().start()
        for worker in (self.consumer, self.cron):
            with self.lock:
                worker.look()
            worker.start()

    def stop(self) -> None:
        """Stop threads and close the file."""
        self.consumer.stop()
        self.cron.stop()
        super().stop()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """As everywhere; what it saved is told when it commits."""
        with super().transaction():
            try:
                yield
                self.events.flush()
            finally:
                self.events.forget()

    def _consume(self, row: Row) -> None:
        operation_do(self.state, self.endpoints, row)

    def _cron(self, row: Row) -> None:
        cron_do(self.state, row)

    def _is_consumer_stopped(self) -> bool:
        return not self.switches["consumer_running"]

    def prepare(self) -> None:
        """Computed catalogue rows over the stored shop."""
        if len(self.state.products):
            attach(self.state, self.scale, self.seed)

    def _seed(self) -> None:
        """Computed rows come last, so that the numbers of what is stored stay small."""
        super()._seed()
        attach(self.state, self.scale, self.seed)

    def restore(self, kept: Snapshot) -> None:
        """Put the rows of a snapshot in the place of all that is stored."""
        self.database.clear()
        self.database.fill(kept)
        self.prepare()

    def seed_rows(self) -> None:
        """Furniture, then the shop of the seed."""
        furnish(self.state)
        fill(self.state, self.seed)

    # --- around a handler -------------------------------------------------------------------------

    def admit(self, request: Request, route: Route[Any]) -> Reply | None:
        """What the consumer and the shop's cron have come to by now is done first."""
        for worker in (self.consumer, self.cron):
            if worker.is_due:
                worker.run_due()
        return None

    def after(self, request: Request, reply: Reply) -> Reply:
        """The headers of every answer (§22)."""
        reply.headers["Date"] = formatdate(self.clock.timestamp(), usegmt=True)
        reply.headers["X-Frame-Options"] = "SAMEORIGIN"
        return reply

    def not_found(self, request: Request) -> Reply:
        """A REST path that no route has, or a page that does not exist."""
        if not request.path.startswith(("/rest/", "/index.php/rest/")):
            return html(NO_PAGE, 404)
        if request.method not in METHODS:
            return Refused(405, BAD_METHOD, [request.method]).reply()
        if request.method == "GET" and "/async/" in request.path:
            return Refused(400, NO_QUEUE).reply()
        return no_route().reply()

    def method_not_allowed(self, request: Request, allowed: Iterable[str]) -> Reply:
        """A page that has other methods."""
        return html(NO_PAGE, 404)

    def bad_json(self, request: Request, message: str) -> Reply:
        """A control call that is no JSON."""
        return json_reply({"error": message}, 400)

    # --- start page -------------------------------------------------------------------------------

    def links(self) -> list[tuple[str, str]]:
        """Pages for people."""
        return [("/admin/", "Admin")]

    def facts(self) -> list[tuple[str, str]]:
        """Keys of this installation."""
        state = self.state
        facts = [("profile", state.profile.name)]
        facts += [("admin", f"{row['username']} / {row['password']}") for row in state.admins.all()]
        for integration in state.integrations.all():
            values = credentials(state, integration)
            facts += [(f"{integration['name']}: {name.replace('_', ' ')}", value) for name, value in values.items()]
        return facts

"""The running BigCommerce sandbox: authentication, limits, response headers, delayed work (note §1, §4, §5, §7)."""

from __future__ import annotations

import gzip
import random
import uuid
from collections import Counter
from collections.abc import Iterable
from email.utils import formatdate
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any, ClassVar

from ipaas.sandbox.bigcommerce.delivery import HookOutbox
from ipaas.sandbox.bigcommerce.errors import NOT_FOUND, Refused
from ipaas.sandbox.bigcommerce.furnish import furnish, furnish_rest, further_store
from ipaas.sandbox.bigcommerce.hooks import Hooks
from ipaas.sandbox.bigcommerce.knobs import SWITCHES
from ipaas.sandbox.bigcommerce.later import work_do
from ipaas.sandbox.bigcommerce.scaled import attach
from ipaas.sandbox.bigcommerce.scopes import Need
from ipaas.sandbox.bigcommerce.seed import fill
from ipaas.sandbox.bigcommerce.state import State
from ipaas.sandbox.core.later import Later
from ipaas.sandbox.core.service import Service
from ipaas.sandbox.core.web import Reply, Request, Route, empty, json_reply

NO_SCOPE = "You don't have a required scope to access the endpoint"
HOOKS_401 = "Unauthorized - the v3 Auth client ID or token in the request are not a valid combination for this store."
OLD_SCOPE = {"error": "You are authorized but your scope does not include this resource."}
REFUNDS = "POST /v3/orders/<int:order_id>/payment_actions/refunds"  # one at a time on one order
CONCURRENCY = {
    "PUT /v3/customers": 3,
    "PUT /v3/customers/addresses": 3,
    "PUT /v3/customers/attribute-values": 3,
    "POST /v3/customers/addresses": 10,
    "POST /v3/catalog/trees/categories": 1,
    "PUT /v3/catalog/trees/categories": 1,
    "POST /v3/inventory/locations": 50,
    "PUT /v3/inventory/locations": 50,
    REFUNDS: 1,
}
STORES = "/stores/"
GZIP_FROM = 1_024


SEEDED: dict[int, tuple[int, dict[str, Any]]] = {}  # seed -> when it was made, its rows
SEED_KEPT = 600  # seconds for which a reset may take them, because their dates are relative to the making


class Window:
    """The fixed rate window of the store: requests counted since it began (§5)."""

    def __init__(self) -> None:
        self.began, self.count = 0.0, 0

    def take(self, now: float, length: float, quota: int) -> tuple[bool, int, int]:
        """Count one request: (allowed, left, milliseconds to the reset)."""
        if now >= self.began + length or now < self.began:
            self.began, self.count = now, 0
        allowed = self.count < quota
        self.count += allowed
        return allowed, max(0, quota - self.count), round((self.began + length - now) * 1000)


class BigCommerce(Service):
    """One BigCommerce store with its app installs, API and webhooks."""

    name = "bigcommerce"
    title = "BigCommerce"
    declared: ClassVar = SWITCHES

    def __init__(
        self,
        data: Path | None = None,
        *,
        seed: int = 1,
        scale: int = 0,
        app_settings: dict[str, str] | None = None,
        store_hash: str = "",
    ) -> None:
        super().__init__(data, seed=seed, scale=scale)
        self.state = State(self.database, self.clock, self.switches)
        self.hook_outbox = HookOutbox(self.database, self.clock, self.lock, self.state, seed=seed)
        self.outbox = self.hook_outbox
        self.state.emitter = Hooks(self.state, self.outbox)
        self.later = Later(self.state.later, self.clock, self.database, self.transaction, partial(work_do, self.state))
        self.app_settings = app_settings or {}
        self.store_hash = store_hash  # "": the seed's
        self.control_routes: list[Route[Any]] = []
        self._window = Window()
        self._flying: Counter[str] = Counter()
        self._flying_lock = Lock()
        self._chance = random.Random(seed)

    def start(self) -> None:
        """Seed or take up the store, then let delayed work and deliveries run."""
        super().start()
        with self.lock:
            self.later.look()
        self.later.start()

    def stop(self) -> None:
        """Stop threads and close the file."""
        self.later.stop()
        super().stop()

    def prepare(self) -> None:
        """Lazy catalogue rows over a stored shop, and nothing remembered of the past run."""
        if len(self.state.products):
            attach(self.state, self.scale, self.seed)
        self._window = Window()
        self.hook_outbox.forget()

    def seed_rows(self) -> None:
        """Furniture, then the shop of the seed; a second reset within minutes takes the rows of the first."""
        now = self.state.now()
        made_at, rows = SEEDED.get(self.seed, (0, {}))
        if 0 <= now - made_at < SEED_KEPT:
            for name in rows:  # some tables come into being when the shop first asks for them
                self.database.table(name)
            self.database.fill(rows)
        else:
            furnish(self.state)
            fill(self.state, self.seed)
            furnish_rest(self.state)
            rows = {name: kept for name, kept in self.database.snapshot().items() if name != "engine"}
            SEEDED[self.seed] = (now, rows)
        self.state.app.update(1, self.app_settings)
        if self.store_hash:
            self.state.store.update(1, further_store(self.store_hash))
        attach(self.state, self.scale, self.seed)

    # --- around a handler -------------------------------------------------------------------------

    def admit(self, request: Request, route: Route[Any]) -> Reply | None:
        """Concurrency limits, ahead of the lock; what is due is done first."""
        if self.later.is_due:
            self.later.run_due()
        most = self._most_at_once(route.tags.get("limit", ""))
        if most is None:
            return None
        name = self._counted_as(request, route)
        with self._flying_lock:
            self._flying[name] += 1
            if self._flying[name] <= most:
                return None
            self._flying[name] -= 1
        request.environ["sandbox.limit"] = self._peek()
        return self._too_many(request, int(self.switches["window_ms"]))

    def release(self, request: Request, route: Route[Any]) -> None:
        """One call fewer under way."""
        if self._most_at_once(route.tags.get("limit", "")) is not None:
            name = self._counted_as(request, route)
            with self._flying_lock:
                self._flying[name] -= 1
                if self._flying[name] <= 0:
                    del self._flying[name]

    @staticmethod
    def _counted_as(request: Request, route: Route[Any]) -> str:
        """What shares one concurrency limit: a route, or the path where the limit is per order."""
        return request.path if route.tags["limit"] == REFUNDS else str(route.tags["limit"])

    def _most_at_once(self, name: str) -> int | None:
        wanted: dict[str, Any] = self.switches["concurrency"]
        if name in wanted:
            return int(wanted[name])
        return CONCURRENCY.get(name) if self.switches["default_concurrency"] else None

    def before(self, request: Request, route: Route[Any]) -> Reply | None:
        """Token, tenant, quota, trouble, scope, content type: in this order."""
        if "need" not in route.tags:
            return None
        token = self.state.tokens.first(token=request.headers.get("X-Auth-Token", ""))
        if token is None or not token["active"]:
            title = HOOKS_401 if "/hooks" in route.path else "Unauthorized"
            return json_reply(Refused(401, title).v3(), 401)
        if request.path.split("/", 3)[2] != self.state.hash:
            return self._forbidden(route)
        request.environ["sandbox.token"] = token
        return self._limited(request) or self._troubled() or self._unfit(request, route, token)

    def _limited(self, request: Request) -> Reply | None:
        allowed, left, reset = self._window.take(
            self.clock.timestamp(), self.switches["window_ms"] / 1000, self.switches["quota"]
        )
        request.environ["sandbox.limit"] = (left, reset)
        return None if allowed else self._too_many(request, reset)

    def _peek(self) -> tuple[int, int]:
        length, now = self.switches["window_ms"] / 1000, self.clock.timestamp()
        return max(0, self.switches["quota"] - self._window.count), round((self._window.began + length - now) * 1000)

    def _too_many(self, request: Request, reset: int) -> Reply:
        if self.switches["strip_headers_on_429"]:
            request.environ.pop("sandbox.limit", None)
        if self.switches["throttle_as_500"]:
            return json_reply(Refused(500, "Internal Server Error").v3(), 500)
        headers = {"X-Retry-After": str(-(-reset // 1000))} if self.switches["retry_after_header"] else {}
        if self.switches["empty_429_body"]:
            return empty(429, headers)
        return json_reply(Refused(429, "Too many requests").v3(), 429, headers)

    def _troubled(self) -> Reply | None:
        if self.switches["store_suspended"]:
            return json_reply(Refused(503, "The store is not available").v3(), 503)
        for status, share in self.switches["error_rate"].items():
            if self._chance.random() < float(share):
                return json_reply(Refused(int(status), "Trouble on demand").v3(), int(status))
        return None

    def _unfit(self, request: Request, route: Route[Any], token: dict[str, Any]) -> Reply | None:
        need: Need = route.tags["need"]
        if token["scopes"] == [] or not need.allows(request.method, frozenset(token["scopes"])):
            return self._forbidden(route)
        if request.method in ("POST", "PUT") and request.content_length and request.mimetype != "application/json":
            return self._refusal(route.path, Refused(415, "Unsupported Media Type"))
        if "xml" in request.headers.get("Accept", "") and "json" not in request.headers.get("Accept", ""):
            return self._refusal(route.path, Refused(406, "Not Acceptable"))
        return None

    def _forbidden(self, route: Route[Any]) -> Reply:
        refusal = Refused(403, NO_SCOPE)
        style = self.switches["v2_scope_error"]
        if route.tags["version"] == "v3" or style == "object":
            return json_reply(refusal.v3(), 403)
        return json_reply(OLD_SCOPE if style == "old" else refusal.v2(), 403)

    def after(self, request: Request, reply: Reply) -> Reply:
        """The headers of every answer (§1, §5)."""
        if request.path.startswith(STORES):
            reply.headers["X-Request-ID"] = request.headers.get("X-Correlation-Id") or uuid.uuid4().hex
            reply.headers["Date"] = formatdate(self.clock.timestamp(), usegmt=True)
            if (limit := request.environ.get("sandbox.limit")) is not None:
                reply.headers["X-Rate-Limit-Requests-Quota"] = str(self.switches["quota"])
                reply.headers["X-Rate-Limit-Requests-Left"] = str(limit[0])
                reply.headers["X-Rate-Limit-Time-Window-Ms"] = str(self.switches["window_ms"])
                reply.headers["X-Rate-Limit-Time-Reset-Ms"] = str(limit[1])
            self._compress(request, reply)
        return reply

    def _compress(self, request: Request, reply: Reply) -> None:
        body = reply.get_data()
        if len(body) >= GZIP_FROM and self.switches["gzip"] and "gzip" in request.headers.get("Accept-Encoding", ""):
            reply.set_data(gzip.compress(body, 1, mtime=0))
            reply.headers["Content-Encoding"] = "gzip"
            reply.headers["Vary"] = "Accept-Encoding"

    # --- unmatched and broken requests ------------------------------------------------------------

    def _refusal(self, path: str, refusal: Refused) -> Reply:
        if "/v2/" in path:
            return json_reply(refusal.v2(), refusal.status)
        return json_reply(refusal.v3(), refusal.status)

    def not_found(self, request: Request) -> Reply:
        """A path that does not exist."""
        if request.path.startswith(STORES) and request.path.endswith(".xml"):
            return self._refusal(request.path, Refused(406, "Not Acceptable"))
        if request.path.startswith(STORES):
            return self._refusal(request.path, Refused(404, NOT_FOUND))
        return empty(404)

    def method_not_allowed(self, request: Request, allowed: Iterable[str]) -> Reply:
        """A path that has other methods."""
        reply = self._refusal(request.path, Refused(405, "Method Not Allowed"))
        reply.headers["Allow"] = ", ".join(sorted(allowed))
        return reply

    def bad_json(self, request: Request, message: str) -> Reply:
        """A body that is not the JSON expected."""
        title = "The request body could not be parsed as JSON." if "/v2/" in request.path else "Input is invalid"
        return self._refusal(request.path, Refused(400, title, errors={"body": message} if message else None))

    # --- start page -------------------------------------------------------------------------------

    def links(self) -> list[tuple[str, str]]:
        """Pages for people."""
        app = self.state.app.get(1) or {}
        return [
            ("/shop/", "Shop"),
            ("/manage/", "Control panel"),
            (f"/app/{app.get('client_id')}/install", "Install the app"),
            ("/_sim/bigcommerce", "Store controls"),
            ("/_sim/", "Sandbox"),
        ]

    def facts(self) -> list[tuple[str, str]]:
        """Keys of this store."""
        app, tokens = self.state.app.get(1) or {}, list(self.state.tokens.all())
        return [
            ("store hash", self.state.hash),
            ("client id", str(app.get("client_id"))),
            ("client secret", str(app.get("client_secret"))),
            ("auth callback", str(app.get("auth_callback"))),
            ("load callback", str(app.get("load_callback"))),
            *(
                (f"token {row['id']}", f"{row['token']} ({'active' if row['active'] else 'revoked'})")
                for row in tokens[-5:]
            ),
        ]

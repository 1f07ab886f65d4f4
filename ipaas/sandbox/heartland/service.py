"""The Heartland service: its tables, its hooks around a handler, and what all topics share."""

import time
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha1
from typing import Any, ClassVar

from markupsafe import Markup

from ipaas.sandbox.core import pages
from ipaas.sandbox.core.service import Service
from ipaas.sandbox.core.switches import Switch
from ipaas.sandbox.core.tables import Row, Table
from ipaas.sandbox.core.web import ApiError, Reply, Request, Route, html, json_reply
from ipaas.sandbox.heartland import errors, permissions
from ipaas.sandbox.heartland.fields import Resource
from ipaas.sandbox.heartland.navigation import NAV
from ipaas.sandbox.heartland.replies import WRITES, render
from ipaas.sandbox.heartland.switches import SWITCHES
from ipaas.sandbox.heartland.throttling import Limiter
from ipaas.sandbox.heartland.times import local_of, stamp

FIRST_ID = 100_001
NAMESPACE = "6c0b7f0e-1f57-4a51-9a3e-0d1b5f6f2c11"
HOOK_RETRIES = (60, 300, 1_800)  # §15: 1, 5 and 30 minutes

#: table -> indexed fields
TABLES: Mapping[str, tuple[str, ...]] = {
    "users": (),
    "tokens": ("token",),
    "codes": ("code",),
    "locations": ("public_id",),
    "stations": ("location_id",),
    "custom_fields": ("group_id", "key"),
    "vendors": ("public_id",),
    "grids": (),
    "items": ("public_id", "grid_id"),
    "images": ("item_id",),
    "item_vendors": ("item_id",),
    "stock": ("item_id",),
    "ledger": ("item_id",),
    "reasons": ("kind",),
    "adjustment_sets": (),
    "adjustment_lines": ("adjustment_set_id",),
    "counts": ("status",),
    "count_batches": ("count_id",),
    "count_lines": ("batch_id",),
    "transfers": (),
    "transfer_lines": ("transfer_id",),
    "purchase_orders": ("public_id",),
    "purchase_order_lines": ("order_id",),
    "receipts": (),
    "receipt_lines": ("receipt_id",),
    "customers": ("public_id", "email"),
    "addresses": ("customer_id", "address_id"),
    "shipping_methods": (),
    "payment_types": ("name",),
    "orders": ("public_id", "status", "customer_id"),
    "order_lines": ("order_id",),
    "order_taxes": ("order_id",),
    "order_discounts": ("order_id",),
    "payments": ("order_id", "transaction_id"),
    "transactions": ("public_id", "order_id", "type", "parent_transaction_id"),
    "transaction_lines": ("transaction_id",),
    "gift_cards": ("number",),
    "gift_card_adjustments": ("gift_card_id",),
    "webhooks": (),
    "tax_rules": (),
    "settings": ("key",),
}


class Heartland(Service):
    """One Heartland Retail tenant."""

    name: ClassVar[str] = "heartland"
    title: ClassVar[str] = "Heartland Retail"
    declared: ClassVar[Iterable[Switch]] = SWITCHES
    keeps_seed: ClassVar[bool] = True
    seeder: Callable[["Heartland"], None]
    preparer: Callable[["Heartland"], None]
    chores: Iterable[Callable[["Heartland"], None]] = ()  # what falls due by the clock; done ahead of every call
    unstocked: frozenset[int] = frozenset()  # locations without computed stock

    redirect_uri = ""  # registered for the OAuth client; empty: any
    host = ""  # what /api/system/host answers; empty: the host of the request

    def open_tables(self) -> None:
        """Declare every table; ids start near 100001 (§4.1)."""
        for name, index in TABLES.items():
            self.database.table(name, index=index, start=FIRST_ID)
        self.limiter = Limiter()
        self._definitions: dict[str, list[Row]] = {}
        self.outbox.retry = lambda row: next(iter(HOOK_RETRIES[len(row["tries"]) - 1 :]), None)

    def prepare(self) -> None:
        """Computed rows of a scaled catalogue."""
        self.limiter.reset()
        self._definitions.clear()
        self.preparer(self)

    def seed_rows(self) -> None:
        """Harbor & Pine as its POS knows it."""
        self.seeder(self)

    # --- hooks ------------------------------------------------------------------------------------

    def admit(self, request: Request, route: Route[Any]) -> Reply | None:
        """Throttle API calls per token; pages are never throttled."""
        if not request.path.startswith("/api/"):
            return None
        if latency := self.switches["latency_ms"]:
            time.sleep(float(latency) / 1000)
        token = bearer(request)
        if self.switches["rate_limit"] and not self.limiter.take(
            token,
            self.clock.timestamp(),
            rate=float(self.switches["rate_per_second"]),
            burst=float(self.switches["rate_burst"]),
        ):
            return _throttled("Too many requests")
        most = int(self.switches["concurrent_writes"]) if self.switches["rate_limit"] else 0
        if request.method in WRITES and not self.limiter.begin_write(token, most):
            return _throttled("Too many requests at the same time")
        return None

    def release(self, request: Request, route: Route[Any]) -> None:
        """A write is over."""
        if request.method in WRITES and request.path.startswith("/api/"):
            self.limiter.end_write(bearer(request))

    def before(self, request: Request, route: Route[Any]) -> Reply | None:
        """401 without a live token, 403 without the route's permission (§2)."""
        self._definitions.clear()
        for chore in self.chores:
            chore(self)
        if not request.path.startswith("/api/") or route.tags.get("open"):
            return None
        self.check_permission(request, route.tags.get("needs"))
        return None

    def check_permission(self, request: Request, needed: str | None) -> None:
        """401 without a live token, 403 without the permission."""
        granted = frozenset(self.grant(request)["permissions"])
        if needed and self.switches["token_scopes"] and not permissions.holds(granted, needed):
            raise errors.forbidden(f"Permission required: {needed}")

    def after(self, request: Request, reply: Reply) -> Reply:
        """A refusal on a page for people becomes a page."""
        if not request.path.startswith("/desk") or reply.status_code < 400 or reply.mimetype == "text/html":
            return reply
        body = pages.section(f"{reply.status}", Markup("<p>{}</p>").format(pages.link("/desk/", "Back to the desk")))
        text = pages.page("Nothing here", body, self.links(), system=self.name, label=self.title, home="/desk/")
        return html(text, reply.status_code)

    def not_found(self, request: Request) -> Reply:
        """Unknown path; without a token it is a 401 first."""
        return errors.not_found("Path").reply()

    def method_not_allowed(self, request: Request, allowed: Iterable[str]) -> Reply:
        """405 in the API's error body."""
        headers = {"Allow": ", ".join(sorted(allowed))}
        return json_reply(errors.body("method_not_allowed", "Method not allowed"), 405, headers)

    def bad_json(self, request: Request, message: str) -> Reply:
        """400 `invalid_request`."""
        return errors.invalid_request("The request body is not valid JSON").reply()

    # --- shared -----------------------------------------------------------------------------------

    def table(self, name: str) -> Table:
        """One table."""
        return self.database.tables[name]

    def stamp(self) -> str:
        """The present as Heartland writes it."""
        return stamp(self.clock.now())

    def local(self, at: str, location_id: int | None) -> str:
        """The local twin of a stamp at a location (§4.3)."""
        location = self.table("locations").get(location_id or 0)
        return local_of(at, location["timezone"] if location else "UTC")

    def uuid(self, kind: str, row_id: int) -> str:
        """A uuid that is the same at every start."""
        code = sha1(f"{NAMESPACE}:{kind}:{row_id}".encode(), usedforsecurity=False).hexdigest()
        return f"{code[:8]}-{code[8:12]}-5{code[13:16]}-a{code[17:20]}-{code[20:32]}"

    def problems(self) -> errors.Problems:
        """Collector of validation messages with the switched status."""
        return errors.Problems(int(self.switches["validation_status"]))

    def refuse(self, **details: str) -> ApiError:
        """A validation failure with one message per field."""
        problems = self.problems()
        for field, message in details.items():
            problems.add(field, message)
        return problems.refusal()

    def need_lenient(self) -> None:
        """404 for what one SDK alone knows, unless the switch `strict_paths` is off."""
        if self.switches["strict_paths"]:
            raise errors.not_found("Path")

    def one(self, table: str, row_id: int, what: str = "Record") -> Row:
        """A row, or 404."""
        row = self.table(table).get(row_id)
        if row is None:
            raise errors.not_found(what)
        return row

    def grant(self, request: Request) -> Row:
        """The live token of a request, or 401."""
        row = self.table("tokens").first(token=bearer(request)) if bearer(request) else None
        if row is None or row["revoked"]:
            raise errors.unauthorized()
        return row

    def allowed_locations(self, request: Request) -> frozenset[int] | None:
        """Locations the token's user is enabled for, without those that are gone; None: all (§2.1)."""
        ids = self.grant(request)["location_ids"]
        gone = {row["id"] for row in self.table("locations").all() if row.get("gone")}
        if ids is None and not gone:
            return None
        known = ids if ids is not None else [row["id"] for row in self.table("locations").all()]
        return frozenset(known) - gone

    def check_location(self, request: Request, location_id: int | None) -> None:
        """403 when the user is not enabled for a location."""
        allowed = self.allowed_locations(request)
        if allowed is not None and location_id is not None and location_id not in allowed:
            raise errors.forbidden("Location not enabled for this user")

    def custom_definitions(self, group: str) -> list[Row]:
        """Custom fields of an owner type; looked up once per call of the API."""
        if group not in self._definitions:
            self._definitions[group] = self.table("custom_fields").find(group_id=group)
        return self._definitions[group]

    def custom_keys(self, group: str) -> list[str]:
        """Their keys."""
        return [row["key"] for row in self.custom_definitions(group)] if group else []

    def with_custom(self, resource: Resource, key: str, value: Any) -> list[int]:
        """Ids of records whose custom field has the value."""
        table = self.table(resource.table)
        finder = table.lazy.finders.get(f"{resource.custom}@{key}")
        ids = [row["id"] for row in table.stored() if (row.get(resource.custom) or {}).get(key) == value]
        stored = {row["id"] for row in table.stored()} if finder else set()
        return ids + [row_id for row_id in (finder(value) if finder else ()) if row_id not in stored]

    def emit(self, event: str, resource: Resource, row: Row) -> None:
        """Deliver an event to the webhooks that listen: the record itself, no envelope (§15)."""
        hooks = [hook for hook in self.table("webhooks").all() if event in hook["events"]]
        if not hooks:
            return
        body = json_reply(render(self, resource, row)).get_data(as_text=True)
        for hook in hooks:
            self.outbox.enqueue(hook["url"], body, topic=event, hook_id=hook["id"], record_id=row["id"])

    def links(self) -> list[tuple[str, str]]:
        """The desk."""
        return list(NAV)

    def facts(self) -> list[tuple[str, str]]:
        """Keys of this tenant."""
        tokens = [("API token: " + row["description"], row["token"]) for row in self.table("tokens").slice(0, 20)]
        return [
            ("API base", "/api"),
            ("OAuth client id", CLIENT_ID),
            ("OAuth client secret", CLIENT_SECRET),
            ("OAuth redirect URI", self.redirect_uri or "any"),
            *tokens,
            ("Scopes", " ".join(permissions.SCOPES)),
        ]


CLIENT_ID = "sim-heartland-client"
CLIENT_SECRET = "sim-heartland-secret"


def bearer(request: Request) -> str:
    """The token of `Authorization: Bearer ...`; empty when missing or in another scheme."""
    scheme, _, token = request.environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    return str(token).strip() if scheme.lower() == "bearer" else ""


def _throttled(message: str) -> Reply:
    return json_reply(errors.body("rate_limited", message), 429, {"Retry-After": "1"})

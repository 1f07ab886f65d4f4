"""Payment types (§11.1) and the calls of those processed with custom webhooks (§16)."""

import json
from typing import Any
from urllib.parse import urlsplit

from ipaas.sandbox.core.outbox import post
from ipaas.sandbox.core.tables import Row
from ipaas.sandbox.core.web import Reply, Request, Router
from ipaas.sandbox.heartland.errors import Problems, payment_error
from ipaas.sandbox.heartland.fields import ID, STAMPS, Field, Resource, flag, text
from ipaas.sandbox.heartland.replies import created
from ipaas.sandbox.heartland.routes import add_list, add_read, add_update, create
from ipaas.sandbox.heartland.service import Heartland
from ipaas.sandbox.heartland.totals import cents

routes: Router[Heartland] = Router()
HOOK_TIMEOUT = 10.0
HOOKS = ("capture_url", "refund_url", "void_url", "check_balance_url")

PAYMENT_TYPES = Resource(
    table="payment_types",
    path="/payment_types",
    fields={
        **ID,
        "name": text(),
        "description": text(),
        "active": flag(True),
        "accept_on_sales_orders": Field("bool"),
        "default_to_balance": flag(True),
        "process_payments": text("none"),  # none, heartland, custom_webhooks
        **{name: text(filter=False) for name in HOOKS},
        **STAMPS,
    },
    search=("name",),
    plain=frozenset(("active",)),
)


def check_type(service: Heartland, row: Row, problems: Problems) -> None:
    """A type has a name of its own; hooks are https, http on loopback only."""
    problems.need("name", row.get("name"))
    same = service.table("payment_types").find(name=row.get("name"))
    if any(one["id"] != row.get("id") for one in same):
        problems.add("name", "has already been taken")
    if row.get("accept_on_sales_orders") is None:
        row["accept_on_sales_orders"] = service.switches["new_type_on_orders"]
    for name in HOOKS:
        if row.get(name) and not safe_url(row[name]):
            problems.add(name, "must be an https URL")


def safe_url(url: str) -> bool:
    """https anywhere, http on this machine only (§21.3)."""
    parts = urlsplit(url)
    local = parts.hostname in ("localhost", "127.0.0.1", "::1")
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and local))


@routes.route("POST", "/api/payment_types", needs="payment_type.manage")
def type_create(service: Heartland, request: Request) -> Reply:
    """Define a payment type."""
    row = create(service, PAYMENT_TYPES, request.json_object(), check_type)
    return created(service, request, PAYMENT_TYPES, row)


add_list(routes, PAYMENT_TYPES)
add_read(routes, PAYMENT_TYPES)
add_update(routes, PAYMENT_TYPES, check_type, needs="payment_type.manage")


def hook_of(kind: Row | None, operation: str) -> str:
    """The URL a payment operation must ask first; empty when none."""
    if kind is None or kind.get("process_payments") != "custom_webhooks":
        return ""
    return str(kind.get(f"{operation}_url") or "")


def ask_hook(url: str, payment_id: int, amount: Any, number: str = "") -> None:
    """Call a custom payment webhook; anything but 200 refuses the operation. Call it outside the lock."""
    body = {
        "payment_id": str(payment_id),
        "amount": f"{abs(cents(amount)):.2f}",
        **({"number": number} if number else {}),
    }
    status, answer = post(url, json.dumps(body), {}, HOOK_TIMEOUT)
    if status is None:
        raise payment_error("The payment service could not be reached")
    if status != 200:
        raise payment_error(_message(answer) or f"The payment service answered {status}")


def _message(answer: str) -> str:
    """The `message` of a refusing hook, if it sent one."""
    try:
        told = json.loads(answer)
    except ValueError:
        return ""
    return str(told.get("message") or "") if isinstance(told, dict) else ""

"""Registering webhooks (§15). Delivery itself is `Heartland.emit` and the core's outbox."""

from ipaas.sandbox.core.tables import Row
from ipaas.sandbox.core.web import Reply, Request, Router
from ipaas.sandbox.heartland.errors import Problems
from ipaas.sandbox.heartland.fields import ID, Field, Resource, moment, text
from ipaas.sandbox.heartland.payment_types import safe_url
from ipaas.sandbox.heartland.replies import changed, list_reply
from ipaas.sandbox.heartland.routes import add_create, add_list, add_read, add_update
from ipaas.sandbox.heartland.service import Heartland

routes: Router[Heartland] = Router()
EVENTS = ("item_created", "item_updated", "customer_created", "customer_updated", "sales_transaction_completed")

WEBHOOKS = Resource(
    table="webhooks",
    path="/webhooks",
    fields={**ID, "url": text(), "events": Field("list", filter=False), "created_at": moment(write=False)},
)


def check_webhook(service: Heartland, row: Row, problems: Problems) -> None:
    """An https URL (http on loopback) and known events only."""
    problems.need("url", row.get("url"))
    if row.get("url") and not safe_url(row["url"]):
        problems.add("url", "must be an https URL")
    if not row.get("events"):
        problems.add("events", "can't be blank")
    for event in row.get("events") or ():
        if event not in EVENTS:
            problems.add("events", f"{event} is not an event")


add_list(routes, WEBHOOKS, needs="webhook.manage")
add_read(routes, WEBHOOKS, needs="webhook.manage")
add_create(routes, WEBHOOKS, check_webhook, needs="webhook.manage")
add_update(routes, WEBHOOKS, check_webhook, needs="webhook.manage")


@routes.route("DELETE", "/api/webhooks/<int:row_id>", needs="webhook.manage")
def webhook_delete(service: Heartland, request: Request, row_id: int) -> Reply:
    """Stop deliveries to a URL."""
    service.one("webhooks", row_id, "Webhook")
    service.table("webhooks").delete(row_id)
    return changed(service, WEBHOOKS)


WEBHOOK_EVENTS = Resource(
    table="deliveries",
    path="/webhook_events",
    fields={**ID, "hook_id": Field("int"), "topic": text(), "status": text(), "queued_at": moment(write=False)},
)


@routes.route("GET", "/api/webhook_events", needs="webhook.manage")
def webhook_events(service: Heartland, request: Request) -> Reply:
    """The delivery log by the API, known from one SDK only (S)."""
    service.need_lenient()
    return list_reply(service, request, WEBHOOK_EVENTS)

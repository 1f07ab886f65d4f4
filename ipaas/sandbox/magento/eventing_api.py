"""Subscriptions to events and webhooks of Adobe Commerce (apis/magento.md §19)."""

from __future__ import annotations

from ipaas.sandbox.magento.call import Call
from ipaas.sandbox.magento.errors import bad
from ipaas.sandbox.magento.routing import Routes
from ipaas.sandbox.magento.state import Row

routes = Routes()
NO_SUBSCRIPTION = 'The "%1" event is not registered. You cannot unsubscribe from it.'
KNOWN = ("observer.", "plugin.")
WRONG_NAME = 'Event name must begin with one of "observer", "plugin".'


@routes.post("/V1/eventing/eventSubscribe")
def subscribe(call: Call) -> None:
    """Subscribe to an event, in place of a subscription of the same name."""
    event = call.body["event"]
    if not str(event.get("name", "")).startswith(KNOWN):
        raise bad(WRONG_NAME)
    _forget(call, event["name"])
    call.state.event_subscriptions.insert(event)


@routes.put("/V1/eventing/eventSubscribe/{name}")
def subscription_change(call: Call) -> None:
    """Change a subscription."""
    name = call.path["name"]
    if not _forget(call, name):
        raise bad(NO_SUBSCRIPTION, name)
    call.state.event_subscriptions.insert({**call.body["event"], "name": name})


@routes.post("/V1/eventing/eventUnsubscribe/{name}")
def unsubscribe(call: Call) -> None:
    """End a subscription."""
    if not _forget(call, call.path["name"]):
        raise bad(NO_SUBSCRIPTION, call.path["name"])


@routes.get("/V1/eventing/getEventSubscriptions")
def subscriptions(call: Call) -> list[Row]:
    """Every subscription."""
    return list(call.state.event_subscriptions.all())


def _forget(call: Call, name: str) -> bool:
    table = call.state.event_subscriptions
    found = table.first(name=name)
    return found is not None and table.delete(found["id"])


@routes.get("/V1/webhooks/list")
def webhooks(call: Call) -> list[Row]:
    """Every webhook that a module or the Admin subscribed."""
    return list(call.state.webhooks.all())


@routes.post("/V1/webhooks/subscribe")
def webhook_subscribe(call: Call) -> None:
    """Subscribe a webhook."""
    call.state.webhooks.insert(call.body["webhook"])


@routes.post("/V1/webhooks/unsubscribe")
def webhook_unsubscribe(call: Call) -> None:
    """Forget the webhooks of this method, type and name."""
    wish = call.body["webhook"]
    names = ("webhook_method", "webhook_type", "batch_name", "hook_name")
    for row in call.state.webhooks.find(**{name: wish.get(name) for name in names}):
        call.state.webhooks.delete(row["id"])

"""The ways by which a Magento shop tells of changes. Each is set up in the shop or at Adobe by hand (notes §19)."""

from connections.store_kinds import HandHook

EVENTS, WEBHOOKS, MODULE = "events", "webhooks", "module"
SECRET_HEADER = "X-Tillbridge-Secret"  # noqa: S105 (the header's name)
WAYS = (
    HandHook(
        way=EVENTS,
        name="Adobe I/O Events",
        guide="connections/magento/told_by_events.html",
        has_secret=False,  # Adobe's console takes an address and nothing beside it
    ),
    HandHook(way=WEBHOOKS, name="Commerce webhooks", guide="connections/magento/told_by_webhooks.html"),
    HandHook(way=MODULE, name="a module of your own", guide="connections/magento/told_by_module.html"),
)

"""The rights of a Heartland token (notes §2.1, §2.2). Scope names are not published: these follow its permissions."""

from connections.connectors.needs import Need

ITEMS = Need(scope="item.manage", words="Manage items and grids")
FIELDS = Need(scope="custom_field.manage", words="Manage custom fields")
PLACES = Need(scope="location.manage", words="Manage locations, stations and cash drawers")
VALUES = Need(scope="inventory.values.read", words="View inventory current values")
LEDGER = Need(scope="inventory.transaction.read", words="View inventory transactions")
CUSTOMERS = Need(scope="customer.manage", words="Create and manage customers")
ORDERS = Need(scope="sales.order.manage", words="Create and edit sales orders")
DISTRIBUTION = Need(scope="sales.order.distribute", words="Distribute sales orders")
INVOICES = Need(scope="sales.invoice.manage", words="Create and fulfil invoices from sales orders")
PAYMENT_TYPES = Need(scope="payment_type.manage", words="Manage payment types")
SETTINGS = Need(
    scope="settings.manage",
    words="Manage settings",
    without="shipping methods are chosen among those that Heartland has",
)
TICKETS = Need(scope="sales.ticket.read", words="View POS tickets", without="returns at the till are not noticed")
GIFT_CARDS = Need(
    scope="gift_card.manage",
    words="Manage gift cards and adjust balances",
    without="gift cards of the tills and of the web store stay apart",
)
RETURNS = Need(
    scope="sales.ticket.manage",
    words="Manage POS tickets",
    without="refunds of goods that have left are not booked",
)
WEBHOOKS = Need(scope="webhook.manage", words="Manage Webhooks", without="changes are found by asking, a little later")
REPORTS = Need(
    scope="reporting.read", words="Reporting analysis", without="the sales of the shops are not shown beside the web's"
)

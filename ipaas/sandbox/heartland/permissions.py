"""Permissions of tokens (§2.1, §2.2). The note knows few scope names; this list is the sandbox's configuration."""

from collections.abc import Mapping

SCOPES: Mapping[str, str] = {
    "item.manage": "Manage items and grids",
    "custom_field.manage": "Manage custom fields",
    "location.manage": "Manage locations, stations and cash drawers",
    "inventory.values.read": "View inventory current values",
    "inventory.transaction.read": "View inventory transactions",
    "inventory.adjustment.manage": "Manage inventory adjustments and counts",
    "purchasing.manage": "Manage vendors, purchase orders and receipts",
    "customer.read": "View customers",
    "customer.manage": "Create and manage customers",
    "sales.order.read": "View sales orders",
    "sales.order.manage": "Create and edit sales orders",
    "sales.order.distribute": "Distribute sales orders",
    "sales.invoice.manage": "Create and fulfil invoices from sales orders",
    "sales.ticket.read": "View POS tickets",
    "sales.ticket.manage": "Manage POS tickets",
    "gift_card.manage": "Manage gift cards and adjust balances",
    "payment_type.manage": "Manage payment types",
    "settings.manage": "Manage settings",
    "webhook.manage": "Manage Webhooks",
    "reporting.read": "Reporting analysis",
}
EVERYTHING = tuple(SCOPES)
LIMITED = (
    "inventory.values.read",
    "inventory.transaction.read",
    "customer.read",
    "sales.order.read",
    "item.manage",
)


def holds(granted: frozenset[str], needed: str) -> bool:
    """Whether the grant covers a permission; who may manage may also read."""
    return needed in granted or (needed.endswith(".read") and needed.removesuffix("read") + "manage" in granted)

"""Who uses the product, the systems they connect, and the pairs of systems that records flow between."""

from connections.models.pairs import (
    Connection,
    ConnectionLocation,
    ConnectionQuerySet,
    Hook,
    InventorySettings,
    ItemSettings,
    OrderSettings,
    ShippingRoute,
)
from connections.models.people import AuditEntry, AuditHead, Membership, Merchant, Role, SupportGrant, User
from connections.models.systems import AccessState, Credential, HeartlandAccount, Location, Store

__all__ = [
    "AccessState",
    "AuditEntry",
    "AuditHead",
    "Connection",
    "ConnectionLocation",
    "ConnectionQuerySet",
    "Credential",
    "HeartlandAccount",
    "Hook",
    "InventorySettings",
    "ItemSettings",
    "Location",
    "Membership",
    "Merchant",
    "OrderSettings",
    "Role",
    "ShippingRoute",
    "Store",
    "SupportGrant",
    "User",
]

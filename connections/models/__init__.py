"""Who uses the product, the systems they connect, and the pairs of systems that records flow between."""

from connections.models.api import ApiAnswer, ApiToken
from connections.models.handshakes import Handshake
from connections.models.invitations import Invitation
from connections.models.list_views import ListView
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
from connections.models.payment_addresses import PaymentAddress
from connections.models.people import (
    AddressChange,
    AuditEntry,
    AuditHead,
    Membership,
    Merchant,
    Role,
    SignInLimit,
    SupportGrant,
    User,
)
from connections.models.systems import AccessState, Credential, HeartlandAccount, Location, Store
from connections.models.webhooks import WebhookAttempt, WebhookEndpoint, WebhookMessage

__all__ = [
    "AccessState",
    "AddressChange",
    "ApiAnswer",
    "ApiToken",
    "AuditEntry",
    "AuditHead",
    "Connection",
    "ConnectionLocation",
    "ConnectionQuerySet",
    "Credential",
    "Handshake",
    "HeartlandAccount",
    "Hook",
    "InventorySettings",
    "Invitation",
    "ItemSettings",
    "ListView",
    "Location",
    "Membership",
    "Merchant",
    "OrderSettings",
    "PaymentAddress",
    "Role",
    "ShippingRoute",
    "SignInLimit",
    "Store",
    "SupportGrant",
    "User",
    "WebhookAttempt",
    "WebhookEndpoint",
    "WebhookMessage",
]

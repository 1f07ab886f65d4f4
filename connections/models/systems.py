"""The outside systems that a merchant connected: Heartland accounts, stores, their credentials and locations."""

import json
import uuid
from typing import Any, Self

from django.db import models

from connections.crypto import EncryptedTextField
from connections.models.kind_field import KindField
from connections.models.people import Merchant, theirs


class AccessState(models.TextChoices):
    """Whether we can talk to a system for its merchant."""

    UNCLAIMED = "unclaimed", "Waiting to be claimed"  # installed from the control panel, no merchant yet
    CONNECTED = "connected", "Connected"
    REVOKED = "revoked", "Access revoked"  # 401: flows pause until someone reconnects
    DISCONNECTED = "disconnected", "Disconnected"  # by a person here, or uninstalled there; tokens are erased


class Credential(models.Model):
    """Secrets for one outside system, encrypted; opened only on the way into a client."""

    secret = EncryptedTextField()
    scopes = models.TextField(blank=True)  # as granted, space separated
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"Credential {self.pk}"

    def read(self) -> dict[str, str]:
        """The secrets by name: `token`, and for headless stores `client_id` and `client_secret`."""
        return dict(json.loads(self.secret))


class SystemQuerySet(models.QuerySet[Any]):
    def for_user(self, user: Any) -> Self:
        return self.filter(theirs("merchant", user))


class HeartlandAccount(models.Model):
    """One Heartland Retail tenant of a merchant; it can hold several stores."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="heartland_accounts")
    name = models.CharField(max_length=120)
    base_url = models.URLField(max_length=300)  # with /api, without trailing slash
    auth = models.CharField(max_length=10, choices=[("token", "API token"), ("oauth", "OAuth")], default="token")
    credential = models.OneToOneField(Credential, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=14, choices=AccessState.choices, default=AccessState.CONNECTED)
    state_reason = models.CharField(max_length=300, blank=True)
    acts_as = models.CharField(max_length=120, blank=True)  # the token's user, as whoami names it
    abilities = models.JSONField(default=dict)  # what the token may do: name -> true, false or null (not checked)
    required_fields = models.JSONField(default=list)  # custom fields Heartland insists on: [{group, key, name}]
    currency = models.CharField(max_length=3, blank=True, default="", db_default="")  # of its sums: a person says it
    checked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SystemQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "base_url"], name="heartland_account_once"),
            models.CheckConstraint(condition=models.Q(state__in=AccessState.values), name="heartland_state_known"),
        ]

    def __str__(self) -> str:
        return self.name


class Store(models.Model):
    """One web store. `store_hash` names it for good among its kind; a store belongs to one merchant at most."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    merchant = models.ForeignKey(Merchant, null=True, blank=True, on_delete=models.CASCADE, related_name="stores")
    kind = KindField(max_length=12)  # a key of connections.store_kinds.KINDS
    store_hash = models.CharField(max_length=40)
    name = models.CharField(max_length=120, blank=True)
    domain = models.CharField(max_length=200, blank=True)
    api_base = models.URLField(max_length=300)  # without /stores/...
    control_panel_url = models.URLField(max_length=300, blank=True)
    owner_email = EncryptedTextField(blank=True)
    credential = models.OneToOneField(Credential, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=14, choices=AccessState.choices, default=AccessState.UNCLAIMED)
    state_reason = models.CharField(max_length=300, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    time_zone = models.CharField(max_length=60, blank=True)
    is_price_with_tax = models.BooleanField(default=False)
    facts = models.JSONField(default=dict, db_default={})  # what its kind's own rooms keep of it beside; no secrets
    checked_at = models.DateTimeField(null=True, blank=True)
    installed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SystemQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "store_hash"], name="store_once"),
            models.CheckConstraint(condition=models.Q(state__in=AccessState.values), name="store_state_known"),
            models.CheckConstraint(
                condition=models.Q(merchant__isnull=False) | ~models.Q(state=AccessState.CONNECTED),
                name="store_connected_has_merchant",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.store_hash

    @property
    def reference(self) -> str:
        """What names this store for good, in other systems too: "bigcommerce:a1b2c3d4e5"."""
        return f"{self.kind}:{self.store_hash}"


class Location(models.Model):
    """A Heartland location, as last read. Heartland's own screens create them; the API cannot."""

    account = models.ForeignKey(HeartlandAccount, on_delete=models.CASCADE, related_name="locations")
    external_id = models.CharField(max_length=40)
    number = models.CharField(max_length=40, blank=True)  # "Location #", Heartland's public_id
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    station_id = models.CharField(max_length=40, blank=True)  # its first active station, needed for orders
    # of its address, where Heartland tells one
    state = models.CharField(max_length=80, blank=True, default="", db_default="")
    postal_code = models.CharField(max_length=20, blank=True, default="", db_default="")
    seen_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "external_id"], name="location_once")]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

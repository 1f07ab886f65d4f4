"""Connections that were begun here and that the store's own side has to answer."""

import uuid
from datetime import datetime
from typing import Any, Self

from django.db import models

from connections.crypto import EncryptedTextField
from connections.models.people import Merchant, User, theirs
from connections.models.systems import Store


class HandshakeQuerySet(models.QuerySet["Handshake"]):
    def for_user(self, user: Any) -> Self:
        """Those that the person began: nobody else goes on with them."""
        return self.filter(theirs("merchant", user), person=user)

    def open(self, now: datetime) -> Self:
        return self.filter(completed_at=None, expires_at__gt=now)


class Handshake(models.Model):
    """A person's wish to connect a store. The store brings its secrets to an address that holds `secret`."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    secret = EncryptedTextField()
    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="handshakes")
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    store = models.ForeignKey(Store, null=True, on_delete=models.CASCADE, related_name="+")  # it is to be, or became
    address = models.URLField(max_length=300)  # typed by the person: where we call
    signing_url = models.URLField(max_length=300, blank=True)
    has_moved = models.BooleanField(default=False)  # the person says that `store` has another address now
    received = EncryptedTextField(blank=True)  # what the store brought, as JSON; erased by its first use
    received_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=300, blank=True)  # why the last try came to nothing
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True)

    objects = HandshakeQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Handshake {self.pk}"

"""Canonical record of a person's account, as a store or the point of sale holds it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from mappings.core.canonical.order import Address

YES, NO = "yes", "no"  # of consent; "" where a side does not say


class CustomerField(StrEnum):
    """What is kept alike on both sides."""

    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    EMAIL = "email"
    PHONE = "phone"
    COMPANY = "company"
    GROUP = "group"  # the store's key of a group in the store, the mapped word in Heartland
    CONSENT = "consent"  # to marketing mails
    TAX_EXEMPT = "tax_exempt"  # the reason or category, in the store's words


@dataclass(frozen=True, kw_only=True)
class KeptAddress:
    """An address of an address book."""

    id: str
    address: Address


@dataclass(frozen=True, kw_only=True)
class Customer:
    """One account as one side has it now."""

    id: str
    values: Mapping[CustomerField, str]  # as written there; what that side has no room for is missing
    addresses: tuple[KeptAddress, ...] = ()
    changed_at: datetime | None = None  # by that side's clock; of the record, not of each field
    place: str = ""  # the website that the account belongs to, where a store has several
    is_elsewhere: bool = False  # of a website that the connection does not stand for
    is_gone: bool = False  # deleted, but still told of
    is_off: bool = False  # switched off
    raw: Any = field(default=None, compare=False, repr=False)  # as that side wrote it, for itself to read

    def said(self, name: CustomerField) -> str:
        return self.values.get(name, "")

    @property
    def country(self) -> str:
        """Of the first address; "" without one."""
        return next((one.address.country for one in self.addresses), "")

"""Postal addresses: cleansed from the store, shaped for Heartland, compared. Heartland note §9."""

from collections.abc import Mapping
from typing import Any

from mappings.core.canonical import Address


def address_from_bigcommerce(row: Mapping[str, Any]) -> Address:
    """Read a billing or shipping address: trimmed, street lines tidied, state abbreviated, phone normalised."""
    raise NotImplementedError


def address_body(address: Address) -> dict[str, Any]:
    """JSON for `POST /customers/{id}/addresses`."""
    raise NotImplementedError


def fingerprint(address: Address) -> str:
    """64 characters, equal for spellings of the same address ("12 Elm St." and "12 elm street")."""
    raise NotImplementedError

"""The people of an order as Heartland knows them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from errors.failures import Violation
from mappings.core.canonical.order import Buyer


@dataclass(frozen=True, kw_only=True)
class People:
    """Heartland's ids where they are known already; None where `ensure` has to create."""

    customer_id: str | None
    buyer: Buyer  # whom to look for: a guest as typed, an account's holder as the account says
    is_chosen: bool = False  # the one customer that the merchant chose for guests
    needs_update: bool = False
    found: Mapping[str, Any] | None = None  # the customer as the search answered it
    is_new: bool = False  # created in this run: there are no addresses yet
    violations: tuple[Violation, ...] = ()

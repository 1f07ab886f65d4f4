"""What somebody bought and brought back at the tills: read from Heartland when a person asks."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from connections import clients
from connections.models import HeartlandAccount
from mappings.core.canonical.json_fields import Row

MOST = 50


@dataclass(frozen=True, kw_only=True)
class Ticket:
    """A sale or a return at a till."""

    number: str
    is_return: bool
    location: str
    total: Decimal  # less than nothing for a return
    at: datetime
    currency: str


def tickets_of(customers: Iterable[tuple[HeartlandAccount, str]]) -> list[Ticket]:
    """The newest completed ones of these customers: one call each. Raises SyncFailure."""
    found: list[Ticket] = []
    for account, customer in customers:
        for answer in clients.heartland_setup_client(account).tickets_of_customer(customer, most=MOST):
            row = Row(answer, f"Ticket {answer.get('public_id') or answer.get('id')}")
            found.append(
                Ticket(
                    number=row.text("public_id") or row.text("id"),
                    is_return=row.text("type") == "Return",
                    location=row.text("location_name"),
                    total=row.amount("total", Decimal(0)),
                    at=row.moment("completed_at", row.moment("created_at")),
                    currency=account.currency,
                )
            )
    return sorted(found, key=lambda one: one.at, reverse=True)[:MOST]

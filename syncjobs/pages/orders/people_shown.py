"""Who ordered and where it goes, for an order's page: decrypted here, for who may see it."""

import json
from dataclasses import dataclass
from typing import Any

from mappings.core.rules.search_terms import person_asked
from mappings.person_keys import digests
from syncjobs.models import OrderPeople, Record


@dataclass(frozen=True, kw_only=True)
class PeopleShown:
    """The shopper and the addresses; `term` finds their other orders, "" where nothing tells them from others."""

    shopper: dict[str, Any]
    ship_to: list[dict[str, Any]]
    bill_to: dict[str, Any] | None
    term: str


def people_shown(record: Record) -> PeopleShown | None:
    """None once it is not kept any more, and before the order was read."""
    kept = OrderPeople.objects.filter(connection=record.connection_id, external_id=record.external_id).first()
    if kept is None:
        return None
    content = json.loads(kept.content)
    shopper = content["shopper"]
    asked = person_asked(shopper["email"]) if shopper["email"] else person_asked(shopper["phone"])
    return PeopleShown(
        shopper=shopper,
        ship_to=content["ship_to"],
        bill_to=content["bill_to"],
        term=digests(asked[0])[0] if asked else "",
    )

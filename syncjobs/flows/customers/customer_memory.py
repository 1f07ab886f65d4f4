"""What is remembered of an account: each side's last words and addresses, pairs of these, and former e-mails."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from ipaas.types import JSON
from mappings import person_keys
from mappings.core.canonical.customer import Customer, CustomerField
from mappings.core.rules.address_books import Pair, print_of
from mappings.core.rules.customer_fields import Said, Values, comparable
from mappings.core.rules.people_named import on_parcel


@dataclass(frozen=True, kw_only=True)
class Memory:
    """Kept encrypted (`CustomerIdentity.said`)."""

    said: Said = field(default_factory=Said)
    pairs: tuple[Pair, ...] = ()
    former_emails: tuple[str, ...] = ()
    store_book: tuple[JSON, ...] = ()  # addresses as `on_parcel` has them
    heartland_book: tuple[JSON, ...] = ()

    @classmethod
    def read(cls, text: str) -> "Memory":
        if not text:
            return cls()
        kept = json.loads(text)
        return cls(
            said=Said(store=_values(kept["store"]), heartland=_values(kept["heartland"])),
            pairs=tuple(Pair(**pair) for pair in kept["pairs"]),
            former_emails=tuple(kept["emails"]),
            store_book=tuple(kept.get("store_book", ())),
            heartland_book=tuple(kept.get("heartland_book", ())),
        )

    def as_text(self) -> str:
        return json.dumps(
            {
                "store": dict(self.said.store or {}),
                "heartland": dict(self.said.heartland or {}),
                "pairs": [asdict(pair) for pair in self.pairs],
                "emails": list(self.former_emails),
                "store_book": list(self.store_book),
                "heartland_book": list(self.heartland_book),
            }
        )


def book_of(side: Customer) -> tuple[JSON, ...]:
    """What the shopper's page shows of an address book."""
    return tuple(on_parcel(one.address) for one in side.addresses)


def _values(kept: Mapping[str, str]) -> Values:
    return {CustomerField(name): value for name, value in kept.items()}


def digest_of(account: Customer) -> str:
    """Equal for an account that says the same, whatever its time of change: tells our own write from news."""
    values = sorted((str(name), comparable(name, value)) for name, value in account.values.items())
    prints = sorted(print_of(one.address) for one in account.addresses)
    return person_keys.digests(repr((values, prints)))[0]

"""What writing products needs, and what became of it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from connections.connectors.bigcommerce import BigCommerceClient
from connections.connectors.heartland import HeartlandClient
from connections.models import Connection, ItemSettings
from mappings.core.products import Policy
from syncjobs.catalogue.choices import policy_of
from syncjobs.catalogue.comparing import Planned


@dataclass(kw_only=True)
class Desk:
    """One batch of products that are written."""

    connection: Connection
    settings: ItemSettings
    heartland: HeartlandClient
    store: BigCommerceClient
    still_ours: Callable[[], None]  # raises LeaseLost
    note: Callable[[str], None] = lambda key: None  # what is being made: its making may have no answer
    refused: dict[str, str] = field(default_factory=dict)  # by key, with the other side's words
    done: set[str] = field(default_factory=set)  # keys of products that are through
    touched: set[str] = field(default_factory=set)  # products of the copy that were written

    @property
    def policy(self) -> Policy:
        return policy_of(self.settings)

    def refuse(self, one: Planned, words: str) -> None:
        self.refused.setdefault(one.key, words)

"""What writing products needs, and what became of it."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from connections.connectors.heartland import HeartlandClient
from connections.models import Connection, ItemSettings
from errors.failures import ContractBroken, NotFound, Rejected
from ipaas.types import JSON
from mappings.core.canonical.product import Policy
from syncjobs.bulk.batches import in_full
from syncjobs.catalogue.choices import policy_of
from syncjobs.catalogue.planning import Planned
from syncjobs.engine.defects import Defect, defects_reported
from syncjobs.stores.port import Catalogue

OF_ONE_RECORD = (Rejected, NotFound, ContractBroken, Defect)  # the others have nothing to do with it


@dataclass(kw_only=True)
class WriteContext:
    """One batch of products that are written."""

    connection: Connection
    settings: ItemSettings
    heartland: HeartlandClient
    store: Catalogue
    still_ours: Callable[[], None]  # raises LeaseLost
    note: Callable[[str], None] = lambda key: None  # what is being made: its making may have no answer
    custom_fields: list[JSON] = field(default_factory=list)  # Heartland's, of items, as read for this batch
    refused: dict[str, str] = field(default_factory=dict)  # by key, with the other side's words
    done: set[str] = field(default_factory=set)  # keys of products that are through
    made: Counter[str] = field(default_factory=Counter)  # by key, records that exist now
    created: set[str] = field(default_factory=set)  # products of Heartland that were made, as they were remembered
    touched: set[str] = field(default_factory=set)  # products of the copy that were written

    @property
    def policy(self) -> Policy:
        return policy_of(self.settings)

    @contextmanager
    def apart(self, one: Planned) -> Iterator[None]:
        """What refuses or breaks this product is said of it, and the others go on."""
        try:
            with defects_reported(f"“{one.source.title}”", key=one.key):
                yield
        except OF_ONE_RECORD as failure:
            self.refuse(one, in_full(failure))

    def refuse(self, one: Planned, words: str) -> None:
        made = self.made[one.key]
        rest = f" Made before that, and kept: {made} {'record' if made == 1 else 'records'}." if made else ""
        self.refused.setdefault(one.key, words + rest)

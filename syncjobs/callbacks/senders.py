"""The systems that send us callbacks: how one reads its own, and what each of its topics has us do.

A store's room or the point of sale's fulfils a `Sender`; `syncjobs/apps.py` registers it here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Protocol

from ipaas.types import System

Meta = Mapping[str, Any]  # headers, named as WSGI does


class Expected(Protocol):
    """What an address tells of the deliveries that come to it."""

    @property
    def topic(self) -> str: ...
    @property
    def tenant(self) -> str:
        """The store, as it names itself."""

    @property
    def secret(self) -> str:
        """Ours, that each delivery repeats; empty where the sender carries none."""

    @property
    def client_secret(self) -> str:
        """The store's own app's; empty when it has none."""


@dataclass(frozen=True, kw_only=True)
class Callback:
    """A genuine callback, ready to be stored."""

    system: System
    topic: str
    key: str  # the same for every delivery of one event
    external_id: str  # of the record that it names; empty when it names none
    flow: str  # empty when no flow handles it yet
    text: str
    arose_at: datetime | None = None  # by the sender's clock; None where it does not say
    may_echo: bool = False  # it comes of our own writes too
    shipment_id: str = ""  # of the store's, edited there: the invoice that made it is looked at
    returned_invoice: str = ""  # of the point of sale's, which a return names


@dataclass(frozen=True, kw_only=True)
class Topic:
    """What a callback has us do beside keeping it."""

    flow: str = ""  # looks at the record that it names
    expedites: tuple[str, ...] = ()  # feeds (`Cursor`) that are looked at now instead of when they are due
    is_frequent: bool = False  # comes of every sale: one look for those of a minute
    is_echo: bool = False  # our own writes to a record are told of by it too


ACCOUNTS_MERGED = "customer_merged"  # a topic whose message names `old_ids` and the account that took their place
UNREAD = Topic()


@dataclass(frozen=True, kw_only=True)
class Sender:
    """A system that sends callbacks."""

    system: System
    topics: Mapping[str, Topic]  # those that somebody reads
    read: Callable[[Meta, bytes, Expected, datetime], Callback]  # prove, then read. Raises Refused
    answer: bytes = b""  # JSON that it waits for once its callback is stored
    is_challenged: bool = False  # it asks whether an address is ours before it sends anything there

    def topics_of(self, flow: str) -> list[str]:
        return [name for name, topic in self.topics.items() if topic.flow == flow]

    @cached_property
    def echoes(self) -> frozenset[str]:
        return frozenset(name for name, topic in self.topics.items() if topic.is_echo)


SENDERS: dict[str, Sender] = {}  # by system


def register(*senders: Sender) -> None:
    """Have callbacks of these systems taken."""
    SENDERS.update((sender.system, sender) for sender in senders)


def flow_of(topics: Mapping[str, Topic], topic: str, external_id: str) -> str:
    """The flow that looks at what a callback names; empty when none does, or nothing is named."""
    return topics.get(topic, UNREAD).flow if external_id else ""

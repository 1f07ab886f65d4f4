"""What the steps of the card flow hand on to each other."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from zoneinfo import ZoneInfo

from mappings.core.canonical.card import HeldCard
from mappings.core.rules.card_ledger import Place
from mappings.core.rules.card_numbers import is_over
from syncjobs.flows.base import Context
from syncjobs.models import CardSettings, CustomerIdentity, GiftCard
from syncjobs.stores.card_port import Purse


@dataclass(kw_only=True)
class CardContext(Context):
    """One run for one gift card. `external_id` is the key of our row: a number stands in no address and no list."""

    card: GiftCard = field(init=False)
    held: dict[Place, HeldCard] = field(default_factory=dict)  # as each place shows it now
    is_named: bool = False  # Heartland's customer names the card of their store credit

    @cached_property
    def settings(self) -> CardSettings:
        return CardSettings.objects.get_or_create(connection=self.connection)[0]

    @cached_property
    def customer_id(self) -> str:
        """Heartland's customer whose store credit it is; "" where nobody there is known to be."""
        linked = CustomerIdentity.objects.filter(
            connection=self.connection, account_id=self.card.account_id, state=CustomerIdentity.State.LINKED
        )
        return linked.values_list("customer_id", flat=True).first() or "" if self.card.is_credit else ""

    @property
    def purse(self) -> Purse:
        """Where the store keeps it."""
        return self.store.store_credit if self.card.is_credit else self.store.gift_cards

    @property
    def places(self) -> Iterator[Place]:
        """Where the card may lie: a till that asks us keeps none, nor does one that knows no such customer, nor a
        store that tells of cards by its orders alone."""
        if not self.settings.till_asks and (self.customer_id or not self.card.is_credit):
            yield Place.TILL
        if self.card.is_credit or not self.store.profile.without_gift_cards:
            yield Place.STORE

    def name_of(self, place: Place) -> str:
        return "Heartland" if place is Place.TILL else self.store_name

    @property
    def is_good(self) -> bool:
        """Whether it may be spent today, where the shop is."""
        zone = ZoneInfo(self.connection.merchant.time_zone)
        return self.card.is_good and not is_over(self.card.expires_on, self.now, zone)

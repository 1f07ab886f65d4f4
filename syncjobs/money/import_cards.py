"""Existing gift cards taken over from a list. A dry run says what the run would do, by the same decisions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from connections.audit import audit
from connections.clients import heartland_setup_client
from connections.models import Connection, User
from errors.failures import ConfigurationFailure
from mappings.core.heartland.held_cards import card_from_heartland
from mappings.core.rules.card_ledger import ZERO, Kind, Movement, Place
from mappings.core.rules.card_numbers import OddNumber, card_number, last_signs
from mappings.core.rules.read_cards import CardList, LeftOut, Listed, cards_read
from syncjobs.engine.enqueueing import jobs_enqueue
from syncjobs.flows.cards import CARDS
from syncjobs.flows.cards.card_entries import card_find, card_locked, card_open, movements_add
from syncjobs.models import CardSettings
from syncjobs.stores.opening import store_of_patience


@dataclass
class Elsewhere:
    """What both systems have of a listed card."""

    balances: dict[str, Decimal] = field(default_factory=dict)  # by system
    store_id: str = ""  # a store may spell its code otherwise: by this it is found


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What a list came to, or would come to."""

    is_dry: bool
    created: tuple[Listed, ...]
    known: int  # that the ledger has with this balance
    same: tuple[LeftOut, ...]
    conflicts: tuple[LeftOut, ...]  # a person decides
    refused: tuple[LeftOut, ...]

    @property
    def worth(self) -> Decimal:
        """What the cards that were created add to what is owed."""
        return sum((one.balance for one in self.created), ZERO)


def cards_import(*, connection: Connection, text: str, is_dry: bool, actor: User | None, now: datetime) -> Taken:
    """Read a list, compare it with the ledger and both systems, and create what none of them has.

    Calls: the fewest that tell of these numbers in Heartland, and a page each of the store's cards. Raises ListRefused
    and whatever a call may raise, and then nothing was taken.
    """
    if not CardSettings.objects.filter(connection=connection, follows=True).exists():
        raise ConfigurationFailure("Switch gift cards on first, so that both sides get what the list brings.")
    listed = cards_read(text)
    elsewhere = _elsewhere(connection, listed)
    taken = _compared(connection, listed, elsewhere, is_dry=is_dry)
    if is_dry:
        return taken
    with transaction.atomic():
        ids = [_create(connection, one, elsewhere[one.number].store_id, now, actor) for one in taken.created]
        jobs_enqueue(connection=connection, flow=CARDS.name, external_ids=ids, cause="backfill", now=now)
        audit(
            merchant=connection.merchant, actor=actor, action="cards.imported", subject=connection,
            created=len(ids), worth=str(taken.worth), conflicts=len(taken.conflicts), refused=len(taken.refused),
        )  # fmt: skip
    return taken


def _elsewhere(connection: Connection, listed: CardList) -> dict[str, Elsewhere]:
    """What both systems hold of the listed cards now."""
    found = {one.number: Elsewhere() for one in listed.cards}
    rows = heartland_setup_client(connection.heartland).gift_cards_by_numbers(list(found)) if found else []
    for card in map(card_from_heartland, rows):
        found[card.number].balances["Heartland"] = card.balance
    store = store_of_patience(connection.store)
    for page in () if store.profile.without_gift_cards else store.gift_cards.pages():
        for card in page:
            try:
                number = card_number(card.number)
            except OddNumber:
                continue
            if number in found:
                found[number].balances[store.profile.name] = card.balance
                found[number].store_id = card.id
    return found


def _compared(connection: Connection, listed: CardList, elsewhere: Mapping[str, Elsewhere], *, is_dry: bool) -> Taken:
    created: list[Listed] = []
    conflicts: list[LeftOut] = []
    known = 0
    for one in listed.cards:
        ours = card_find(connection, one.number)
        said = {"Tillbridge": ours.balance} if ours else elsewhere[one.number].balances
        others = {name: balance for name, balance in said.items() if balance != one.balance}
        if others:
            told = ", ".join(f"{name} has {balance}" for name, balance in others.items())
            why = f"Card …{last_signs(one.number)}: the list has {one.balance}, {told}."
            conflicts.append(LeftOut(line=one.line, why=why))
        elif ours:
            known += 1
        else:
            created.append(one)
    return Taken(
        is_dry=is_dry,
        created=tuple(created),
        known=known,
        same=listed.same,
        conflicts=tuple(conflicts),
        refused=listed.refused,
    )


def _create(connection: Connection, one: Listed, store_id: str, now: datetime, actor: User | None) -> str:
    card, _ = card_open(connection, one.number, now, store_id=store_id)
    if one.balance:
        worth = [Movement(delta=one.balance, kind=Kind.TAKEN_OVER, place=Place.US)]
        movements_add(card_locked(card.pk), worth, cause="import", now=now, by=actor)
    return str(card.pk)

"""Existing gift cards taken over from a list. A dry run says what the run would do, by the same decisions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from connections.audit import audit
from connections.models import Connection, User
from connections.store_kinds import profile_of
from errors.failures import ConfigurationFailure
from mappings.core.rules.card_ledger import ZERO, Kind, Movement, Place
from mappings.core.rules.card_numbers import last_signs
from mappings.core.rules.read_cards import CardList, LeftOut, Listed, cards_read
from syncjobs.engine.enqueueing import jobs_enqueue
from syncjobs.flows.cards import CARDS
from syncjobs.flows.cards.card_entries import card_find, card_locked, card_open, movements_add
from syncjobs.models import CardSettings
from syncjobs.money import card_lists
from syncjobs.money.card_lists import Elsewhere


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
    """Read a list, compare it with the ledger and both systems, and create what none of them has otherwise.

    Raises ListRefused and whatever a call may raise, and then nothing was taken.
    """
    _settings(connection)
    listed = cards_read(text)
    elsewhere = card_lists.of_listed(connection, listed)
    return _taken(connection, listed, elsewhere, "the list", is_dry=is_dry, actor=actor, now=now)


def cards_import_lists(*, connection: Connection, is_dry: bool, actor: User | None, now: datetime) -> Taken:
    """The same of what both systems hold, which is followed from then on. What is followed already is left alone."""
    listed, elsewhere = card_lists.of_both(connection, _settings(connection))
    name = profile_of(connection.store).name
    return _taken(connection, listed, elsewhere, name, is_dry=is_dry, actor=actor, now=now)


def _settings(connection: Connection) -> CardSettings:
    """Raises ConfigurationFailure where cards are not followed."""
    found = CardSettings.objects.filter(connection=connection, follows=True).first()
    if found is None:
        raise ConfigurationFailure("Switch gift cards on first, so that both sides get what the list brings.")
    return found


def _taken(
    connection: Connection,
    listed: CardList,
    elsewhere: Mapping[str, Elsewhere],
    source: str,
    *,
    is_dry: bool,
    actor: User | None,
    now: datetime,
) -> Taken:
    """`source`: who says what the list says."""
    taken = _compared(connection, listed, elsewhere, source, is_dry=is_dry)
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


def _compared(
    connection: Connection, listed: CardList, elsewhere: Mapping[str, Elsewhere], source: str, *, is_dry: bool
) -> Taken:
    created: list[Listed] = []
    conflicts: list[LeftOut] = []
    known = 0
    for one in listed.cards:
        ours = card_find(connection, one.number)
        if ours and not one.line:  # of both systems' lists: what they hold of it is the flow's
            known += 1
            continue
        said = {"Tillbridge": ours.balance} if ours else elsewhere[one.number].balances
        others = {name: balance for name, balance in said.items() if balance != one.balance}
        if others:
            told = ", ".join(f"{name} has {balance}" for name, balance in others.items())
            why = f"Card …{last_signs(one.number)}: {source} has {one.balance}, {told}."
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

"""Cards that both systems hold, as a list to take over: each once, however many hold it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from connections.clients import heartland_setup_client
from connections.connectors.heartland import HeartlandClient
from connections.models import Connection
from mappings.core.canonical.card import HeldCard
from mappings.core.heartland.held_cards import card_from_heartland
from mappings.core.rules.card_numbers import OddNumber, card_number, last_signs
from mappings.core.rules.read_cards import MOST_ROWS, CardList, LeftOut, Listed
from mappings.core.rules.tables import ListRefused
from syncjobs.models import CardSettings
from syncjobs.stores.opening import store_of_patience
from syncjobs.stores.port import Store

EVER = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass
class Elsewhere:
    """What the systems have of a card."""

    balances: dict[str, Decimal] = field(default_factory=dict)  # by system
    store_id: str = ""  # a store may spell its code otherwise: by this it is found


def of_listed(connection: Connection, listed: CardList) -> dict[str, Elsewhere]:
    """What both systems hold of the listed cards now: the fewest calls at Heartland, and all pages of the store's."""
    found = {one.number: Elsewhere() for one in listed.cards}
    rows = heartland_setup_client(connection.heartland).gift_cards_by_numbers(list(found)) if found else []
    for card in map(card_from_heartland, rows):
        found[card.number].balances["Heartland"] = card.balance
    store = store_of_patience(connection.store)
    for card in in_store(store):
        if (number := _number(card)) in found:
            _note(found[number], store, card)
    return found


def of_both(connection: Connection, options: CardSettings) -> tuple[CardList, dict[str, Elsewhere]]:
    """All that can be spent in either system, and is no store credit: all pages of both. Raises ListRefused."""
    found: dict[str, Elsewhere] = {}
    refused: list[LeftOut] = []
    for card in _at_tills(heartland_setup_client(connection.heartland), options):
        found.setdefault(card.number, Elsewhere()).balances["Heartland"] = card.balance
    store = store_of_patience(connection.store)
    for card in in_store(store):
        if not card.is_good or not card.balance:
            continue
        if number := _number(card):
            _note(found.setdefault(number, Elsewhere()), store, card)
        else:
            refused.append(LeftOut(line=0, why=f"Card …{last_signs(card.number)} has a code that no till can keep."))
    if len(found) > MOST_ROWS:
        raise ListRefused(f"There are more than {MOST_ROWS:,} cards: take them over by files, in parts.")
    cards = (_listed(number, one, store.profile.name) for number, one in found.items())
    return CardList(cards=tuple(cards), same=(), refused=tuple(refused)), found


def in_store(store: Store) -> Iterator[HeldCard]:
    if not store.profile.without_gift_cards:
        for page in store.gift_cards.pages():
            yield from page


def _at_tills(client: HeartlandClient, options: CardSettings) -> Iterator[HeldCard]:
    """Heartland's cards that hold something, but for those that customers name as their store credit."""
    after, has_more = 0, True
    while has_more:
        rows, has_more = client.gift_cards_changed_page(after, since=EVER)
        after = int(rows[-1]["id"]) if rows else after
        cards = [one for one in map(card_from_heartland, rows) if one.is_good and one.balance]
        named = _credit(client, options.credit_field, cards)
        yield from (card for card in cards if card.number not in named)


def _credit(client: HeartlandClient, field_key: str, cards: Iterable[HeldCard]) -> set[str]:
    numbers = [card.number for card in cards]
    rows = client.customers_naming(field_key, numbers) if field_key and numbers else []
    return {str(row["custom"].get(field_key)) for row in rows}


def _note(found: Elsewhere, store: Store, card: HeldCard) -> None:
    found.balances[store.profile.name] = card.balance
    found.store_id = card.id


def _number(card: HeldCard) -> str:
    """As both systems can keep it; "" where they cannot."""
    try:
        return card_number(card.number)
    except OddNumber:
        return ""


def _listed(number: str, one: Elsewhere, store: str) -> Listed:
    return Listed(line=0, number=number, balance=one.balances.get(store, one.balances.get("Heartland", Decimal(0))))

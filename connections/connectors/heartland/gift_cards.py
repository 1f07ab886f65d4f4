"""Gift cards, which Heartland also uses as store credit."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from connections.connectors.heartland.base import ROWS_PER_PAGE, HeartlandBase, in_order, matching
from connections.connectors.heartland.rights import GIFT_CARDS, TICKETS
from connections.connectors.needs import needs
from ipaas.masking import SECRET
from ipaas.types import JSON

GIFT_CARD_PAYMENT = "GiftCardPayment"


class GiftCardCalls(HeartlandBase):
    """Questions about gift cards (notes §13). A number stands in no path: paths are kept in the timeline."""

    @needs(GIFT_CARDS)
    def gift_cards_by_numbers(self, numbers: Sequence[str]) -> list[JSON]:
        """The cards with these numbers, in capitals: `{id, number, balance, …}`. The fewest calls."""
        if len(numbers) == 1:  # of a list no answer of an error repeats one
            self.redactor.conceal(SECRET, numbers)

        def ask(part: list[str]) -> list[JSON]:
            wanted = matching(number={"$in": part})
            return self._listed("/gift_cards", "gift cards", [wanted, ("per_page", str(len(part)))])

        return [row for row in self._in_parts(list(numbers), ask) if row.get("number") in set(numbers)]

    @needs(GIFT_CARDS)
    def gift_cards_changed_page(self, after: int, *, since: datetime) -> tuple[list[JSON], bool]:
        """Cards with a greater id that changed since, ascending; and whether more follow. One call."""
        wanted = matching(id={"$gt": after}, updated_at={"$gte": since.isoformat()})
        page = [wanted, ("sort[]", "id"), ("per_page", str(ROWS_PER_PAGE))]
        rows, has_more = self._list("/gift_cards", "gift cards", page)
        return in_order(rows, "gift cards", after=after), has_more

    @needs(TICKETS)
    def card_tickets(self, since: datetime) -> list[JSON]:
        """Tickets that were completed since and that a gift card paid, each with its `payments`: a call a page."""
        wanted = matching(status="complete", completed_at={"$gte": since.isoformat()})
        rows = self._walk("/sales/tickets", "tickets", [wanted, ("_include[]", "payments")])
        return [row for row in rows if by_card(row)]

    @needs(GIFT_CARDS)
    def gift_card_create(self, number: str, balance: Decimal, reason_id: int) -> None:
        """Issue a card. The answer names it by its number, so that its id is read by that."""
        self.redactor.conceal(SECRET, [number])
        self._send("POST", "/gift_cards", body={"number": number, "balance": balance, "reason_id": reason_id})

    @needs(GIFT_CARDS)
    def gift_card_adjust(self, card_id: int, delta: Decimal, reason_id: int) -> None:
        """Move a balance, never below zero. Not safe to repeat: read it first. Raises Rejected."""
        body = {"gift_card_id": card_id, "reason_id": reason_id, "delta_balance": delta}
        self._send("POST", "/gift_card/adjustments", body=body)

    @needs(GIFT_CARDS)
    def gift_card_reasons(self) -> list[JSON]:
        """The reasons for which balances are adjusted: `{id, name}`."""
        return list(self._walk("/reason_codes/gift_card_adjustment_reasons", "reasons"))

    @needs(GIFT_CARDS)
    def gift_card_reason_create(self, name: str) -> str:
        """Add a reason; its id comes in `Location`."""
        return self._create("/reason_codes/gift_card_adjustment_reasons", "reason", {"name": name})


def by_card(ticket: JSON) -> list[JSON]:
    """The payments of a ticket that a gift card made; which one it was, none of them says (notes §11.2)."""
    kinds = (GIFT_CARD_PAYMENT, f"Payments::{GIFT_CARD_PAYMENT}")
    return [one for one in ticket.get("payments") or () if one.get("type") in kinds and one.get("status") == "complete"]

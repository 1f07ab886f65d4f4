"""Orders (notes §8, §12, §20)."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from connections.connectors.http import segment
from connections.connectors.magento.base import MagentoBase, Page
from connections.connectors.magento.changes import KEY, changed, stamp
from connections.connectors.magento.criteria import Condition, Filter, Group, Sort, any_of
from connections.connectors.magento.rights import CANCEL, COMMENT, HOLD, VIEW_ORDERS
from connections.connectors.needs import needs
from errors.failures import ContractBroken, Rejected
from ipaas.types import JSON

ORDERS_PER_PAGE = 100  # each costs the shop several queries (§5)


class OrderCalls(MagentoBase):
    """Questions about orders, and what may be done to one."""

    @needs(VIEW_ORDERS)
    def order_read(self, order_id: str) -> JSON:
        """One order with its items, addresses, payment and history: one call. Raises NotFound."""
        return self._read(f"/orders/{segment(order_id)}", f"order {order_id}")

    @needs(VIEW_ORDERS)
    def orders_changed(self, since: datetime) -> Iterator[JSON]:
        """Orders changed at or after a moment, by that: whole, as `order_read` answers them. A call a page."""
        return changed(self._orders_page, "orders", since)

    @needs(VIEW_ORDERS)
    def orders_by_id(self, order_ids: Sequence[str]) -> Iterator[JSON]:
        """Those of the orders that there are: a call for each hundred."""
        for first in range(0, len(order_ids), ORDERS_PER_PAGE):
            ids = order_ids[first : first + ORDERS_PER_PAGE]
            groups = [[_where(KEY, ",".join(ids), "in")]]
            yield from self._walk("/orders", "orders", groups, key=KEY, page_size=ORDERS_PER_PAGE)

    @needs(VIEW_ORDERS)
    def orders_numbered(self, numbers: Sequence[str]) -> Iterator[JSON]:
        """`entity_id`, `increment_id` and `store_id` of the orders with these numbers: a call for each hundred."""
        fields = "items[entity_id,increment_id,store_id],total_count"
        for first in range(0, len(numbers), ORDERS_PER_PAGE):
            groups = [any_of("increment_id", numbers[first : first + ORDERS_PER_PAGE])]
            yield from self._walk_after("/orders", "orders", groups, key=KEY, page_size=ORDERS_PER_PAGE, fields=fields)

    @needs(VIEW_ORDERS)
    def orders_placed(self, first: datetime, last: datetime, *, after: str = "") -> Iterator[JSON]:
        """Orders placed in a time, both included, by ascending id; those with a greater id than `after`."""
        placed = [[_where("created_at", stamp(first), "gteq")], [_where("created_at", stamp(last), "lteq")]]
        return self._orders_behind(after, placed)

    @needs(VIEW_ORDERS)
    def orders_after(self, order_id: str) -> Iterator[JSON]:
        """Orders with a greater id, ascending."""
        return self._orders_behind(order_id, [])

    @needs(VIEW_ORDERS)
    def orders_in(self, states: Sequence[str]) -> Iterator[JSON]:
        """Orders in these states, by ascending id."""
        return self._orders_behind("", [[_where("state", ",".join(states), "in")]])

    @needs(VIEW_ORDERS)
    def order_newest(self) -> str:
        """The greatest id of an order; "" where there is none."""
        fields = "items[entity_id],total_count"
        rows = self._page(
            "/orders", "orders", sort=[Sort(field=KEY, direction="DESC")], page_size=1, fields=fields
        ).rows
        return str(rows[0][KEY]) if rows else ""

    @needs(VIEW_ORDERS)
    def orders_count(self, state: str) -> int:
        """How many orders are in a state."""
        fields = "items[entity_id],total_count"
        return self._page(
            "/orders", "orders", [[_where("state", state, "eq")]], sort=[Sort(field=KEY)], page_size=1, fields=fields
        ).total

    @needs(COMMENT)
    def comment_add(self, order_id: str, comment: str, status: str) -> None:
        """Write a comment that no shopper sees; `status` is the one that the order has now.

        Without it old releases blank the order's status, and newer ones refuse one that is not of its state (§12).
        Not safe to repeat: look before. Raises NotFound or Rejected.
        """
        history = {
            "comment": comment, "parent_id": int(order_id), "status": status,
            "is_customer_notified": 0, "is_visible_on_front": 0,
        }  # fmt: skip
        self._send("POST", self._v1(f"/orders/{segment(order_id)}/comments"), body={"statusHistory": history})

    @needs(CANCEL)
    def order_cancel(self, order_id: str) -> None:
        """Cancel what is not invoiced of an order. Raises NotFound, or Rejected when nothing of it can be cancelled."""
        self._act(order_id, "cancel")

    @needs(HOLD)
    def order_hold(self, order_id: str) -> None:
        """Put an order on hold. Raises NotFound, or Rejected where it cannot be."""
        self._act(order_id, "hold")

    def _act(self, order_id: str, action: str) -> None:
        """What is not done is told by `false` with 200 (§12)."""
        if self._send("POST", self._v1(f"/orders/{segment(order_id)}/{action}")).data is not True:
            raise Rejected(f"Magento did not {action} the order.", status=200, fields={})

    def _orders_page(self, groups: Sequence[Group], sort: Sequence[Sort]) -> Page:
        return self._fitting_page("/orders", "orders", groups, sort=sort, page_size=ORDERS_PER_PAGE)

    def _orders_behind(self, after: str, groups: Sequence[Group]) -> Iterator[JSON]:
        """By ascending id, each page behind the last."""
        while True:
            behind = [[_where(KEY, after, "gt")]] if after else []
            page = self._orders_page([*groups, *behind], [Sort(field=KEY)])
            rows = page.rows
            yield from rows
            if len(rows) < page.size:
                return
            if int(rows[-1].get(KEY) or 0) <= int(after or 0):
                raise ContractBroken("Magento lists orders without regard to their ids: they cannot be walked.")
            after = str(rows[-1][KEY])


def _where(field: str, value: str, condition: Condition) -> Filter:
    return Filter(field=field, value=value, condition=condition)

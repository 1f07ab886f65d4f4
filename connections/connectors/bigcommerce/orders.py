"""Orders and what hangs on them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from connections.connectors.bigcommerce.base import ROWS_PER_PAGE, BigCommerceBase
from connections.connectors.bigcommerce.consignments import consignments_object, lines_inside
from connections.connectors.bigcommerce.rights import ORDERS, TRANSACTIONS
from connections.connectors.http import Answer, http_date, segment
from connections.connectors.needs import needs
from connections.connectors.wire import Params
from errors.failures import ContractBroken
from ipaas.types import JSON

# The object is the only documented form (notes §11).
WITH_PARTS: Params = (("include", "consignments.line_items,fees"), ("consignment_structure", "object"))


class OrderWalk(Iterator[JSON]):
    """Orders by ascending id. `first_answer_at` is BigCommerce's clock when the walk began: the next cursor.

    Each page begins at the last id seen instead of a page number, so that changes during the walk hide no order.
    """

    def __init__(self, client: "OrderCalls", params: Params, min_id: int | None, modified_since: datetime | None):
        self.first_answer_at: datetime | None = None
        self._client = client
        self._params = params
        self._modified_since = modified_since
        self._rows = self._walk(min_id)

    def __next__(self) -> JSON:
        return next(self._rows)

    def _walk(self, min_id: int | None) -> Iterator[JSON]:
        last = 0
        while True:
            start = last or min_id
            page = self._page([*self._params, *([("min_id", str(start))] if start else [])])
            fresh = [order for order in page if _order_id(order) > last]
            yield from (order for order in fresh if self._is_wanted(order))
            if len(page) < ROWS_PER_PAGE:
                return
            if not fresh:
                raise ContractBroken("BigCommerce lists orders without regard to min_id: they cannot be walked.")
            last = _order_id(fresh[-1])

    def _page(self, params: Params) -> list[JSON]:
        orders, answered_at = self._client.orders_page(params)
        self.first_answer_at = self.first_answer_at or answered_at
        return orders

    def _is_wanted(self, order: JSON) -> bool:
        """False when the store ignored our date filter, as some do (notes §28)."""
        modified_at = http_date(str(order.get("date_modified") or ""))
        return not self._modified_since or modified_at is None or modified_at >= self._modified_since


class OrderCalls(BigCommerceBase):
    """Questions about orders (notes §9 to §17)."""

    @needs(ORDERS)
    def order_read(self, order_id: str) -> JSON:
        """One order with its consignments, their lines, and fees: one call. Raises NotFound.

        `consignments` is always the object of notes §11. An include may bring nothing although there is something, so
        what came is held against the order's own counts; what is missing is asked for in another way and stands as a
        list in place of its link: `products`, `shipping_addresses`, `fees`.
        """
        path = f"/v2/orders/{segment(order_id)}"
        order = self._object(self._send("GET", path, params=WITH_PARTS), f"order {order_id}")
        order["consignments"] = consignments_object(order.get("consignments"))
        if _units_inside(order) != _whole(order.get("items_total")):
            order["products"] = self.order_products(order_id)
        if _lacks_pickup(order):
            order["consignments"] = self.order_consignments(order_id)
        if _lacks_destinations(order):
            order["shipping_addresses"] = self.order_addresses(order_id)
        if not isinstance(order.get("fees"), list):
            order["fees"] = self.order_fees(order_id)
        return order

    @needs(ORDERS)
    def orders_whole(self, low: int, high: int) -> list[JSON]:
        """Orders with ids from `low` to `high`, at most 250, as `order_read` answers them: one call.

        Without those that are archived (notes §6.1), and those of which an include brought less than they count.
        """
        bounds = (("min_id", str(low)), ("max_id", str(high)), ("sort", "id:asc"), ("limit", str(high - low + 1)))
        rows = self._v2_page("/v2/orders", "orders", [*bounds, *WITH_PARTS])
        orders = ({**row, "consignments": consignments_object(row.get("consignments"))} for row in rows)
        return [order for order in orders if low <= _order_id(order) <= high and not _lacks(order)]

    @needs(ORDERS)
    def order_consignments(self, order_id: str) -> JSON:
        """The consignments of an order, by a call of their own, with their lines."""
        path = f"/v2/orders/{segment(order_id)}/consignments"
        answer = self._send("GET", path, params=[("include", "line_items")])
        return consignments_object(answer.data)

    @needs(ORDERS)
    def order_addresses(self, order_id: str) -> list[JSON]:
        """The destinations of an order; none for digital and pickup orders (notes §11)."""
        return list(self._v2_walk(f"/v2/orders/{segment(order_id)}/shipping_addresses", "shipping addresses"))

    @needs(ORDERS)
    def order_fees(self, order_id: str) -> list[JSON]:
        """Checkout fees of an order (notes §12)."""
        return list(self._v2_walk(f"/v2/orders/{segment(order_id)}/fees", "fees"))

    @needs(ORDERS)
    def order_products(self, order_id: str) -> list[JSON]:
        """All lines of an order, by line id."""
        return list(self._v2_walk(f"/v2/orders/{segment(order_id)}/products", "order lines"))

    @needs(ORDERS)
    def iter_orders(
        self,
        *,
        modified_since: datetime | None = None,
        min_id: int | None = None,
        max_id: int | None = None,
        created_from: datetime | None = None,
        created_to: datetime | None = None,
    ) -> OrderWalk:
        """Walk orders by ascending id; datetimes are aware, all bounds inclusive.

        Source: V2 "Get all orders"; a page past the last answers 204 without a body.
        """
        bounds = {
            "max_id": str(max_id) if max_id is not None else "",
            "min_date_modified": modified_since.isoformat() if modified_since else "",
            "min_date_created": created_from.isoformat() if created_from else "",
            "max_date_created": created_to.isoformat() if created_to else "",
        }
        params = [("sort", "id:asc"), ("limit", str(ROWS_PER_PAGE)), *((k, v) for k, v in bounds.items() if v)]
        return OrderWalk(self, params, min_id, modified_since)

    @needs(ORDERS)
    def orders_page(self, params: Params) -> tuple[list[JSON], datetime | None]:
        """One page of orders and the time at BigCommerce when it answered."""
        answer = self._send("GET", "/v2/orders", params=params)
        return self._list_of("orders", [] if answer.data is None else answer.data), answer.answered_at

    @needs(ORDERS)
    def orders_newest(self, count: int) -> list[JSON]:
        """The newest orders, at most 250, newest first."""
        return self._v2_page("/v2/orders", "orders", [("sort", "date_created:desc"), ("limit", str(count))])

    @needs(ORDERS)
    def orders_count(self) -> dict[int, int]:
        """Number of orders per status id."""
        answer = self._object(self._send("GET", "/v2/orders/count"), "number of orders")
        rows = self._list_of("order counts", answer.get("statuses"))
        return {_whole(row.get("id")): _whole(row.get("count")) for row in rows}

    @needs(ORDERS)
    def order_update(self, order_id: str, **fields: Any) -> JSON:
        """Change only the given fields and get the whole order back; its `date_modified` is our own echo."""
        return self._object(self._send("PUT", f"/v2/orders/{segment(order_id)}", body=fields), f"order {order_id}")

    @needs(ORDERS)
    def order_create(self, body: Mapping[str, Any]) -> JSON:
        """Make an order and get it back whole; nobody is mailed (notes §13). Not safe to repeat: look before."""
        return self._object(self._send("POST", "/v2/orders", body=body), "order")

    @needs(ORDERS)
    def orders_of_reference(self, reference: str) -> list[JSON]:
        """Orders with this `external_order_id`, without archived ones: one call (notes §6.1)."""
        rows = self._v2_page("/v2/orders", "orders", [("external_order_id", reference)])
        return [row for row in rows if row.get("external_order_id") == reference]

    @needs(ORDERS)
    def order_head(self, order_id: str) -> JSON:
        """One order without what hangs on it. Raises NotFound."""
        return self._object(self._send("GET", f"/v2/orders/{segment(order_id)}"), f"order {order_id}")

    @needs(ORDERS)
    def order_shipments(self, order_id: str) -> list[JSON]:
        """What the store knows to have shipped of an order (notes §14)."""
        return list(self._v2_walk(f"/v2/orders/{segment(order_id)}/shipments", "shipments"))

    @needs(ORDERS)
    def shipment_create(self, order_id: str, body: Mapping[str, Any]) -> JSON:
        """Ship lines to one address; the store may mail the shopper. Not safe to repeat: look before.

        Raises Rejected when a line is shipped already, or cannot be.
        """
        path = f"/v2/orders/{segment(order_id)}/shipments"
        return self._object(self._send("POST", path, body=body), "shipment")

    @needs(ORDERS)
    def shipment_update(self, order_id: str, shipment_id: str, body: Mapping[str, Any]) -> JSON:
        """Change tracking, method and comments, and get the shipment back; items cannot be changed. Raises NotFound."""
        path = f"/v2/orders/{segment(order_id)}/shipments/{segment(shipment_id)}"
        return self._object(self._send("PUT", path, body=body), "shipment")

    @needs(ORDERS)
    def order_statuses(self) -> list[JSON]:
        """The fifteen statuses with the merchant's own labels (notes §9.1)."""
        return self._v2_page("/v2/order_statuses", "order statuses", ())

    @needs(TRANSACTIONS)
    def order_transactions(self, order_id: str) -> list[JSON]:
        """Payments as gateways reported them; empty is normal (notes §15)."""
        return list(self._v3_walk(f"/v3/orders/{segment(order_id)}/transactions", "transactions"))

    @needs(ORDERS)
    def payment_capture(self, order_id: str) -> None:
        """Ask the gateway for what it promised, all of it; it answers later (notes §16).

        Not safe to repeat: look before. Raises NotFound, or Rejected where nothing is promised.
        """
        self._send("POST", f"/v3/orders/{segment(order_id)}/payment_actions/capture")

    @needs(ORDERS)
    def payment_void(self, order_id: str) -> None:
        """Ask the gateway to let go what it promised; it answers later (notes §16). Raises NotFound or Rejected."""
        self._send("POST", f"/v3/orders/{segment(order_id)}/payment_actions/void")

    @needs(ORDERS)
    def order_refunds(self, order_id: str) -> list[JSON]:
        """Refund records of an order (notes §17.2)."""
        return list(self._v3_walk(f"/v3/orders/{segment(order_id)}/payment_actions/refunds", "refunds"))

    @needs(ORDERS)
    def refund_quote(self, order_id: str, items: Sequence[Mapping[str, Any]]) -> JSON:
        """What a refund of items would come to, and by what it can be paid; nothing is refunded (notes §17.1).

        Raises NotFound, or Rejected where more is asked for than is left.
        """
        path = f"/v3/orders/{segment(order_id)}/payment_actions/refund_quotes"
        return self._asked(self._send("POST", path, body={"items": list(items)}), "refund quote")

    @needs(ORDERS)
    def refund_create(self, order_id: str, body: Mapping[str, Any]) -> JSON:
        """Give money back by `items` and `payments`; gateways answer later (notes §17.1).

        Not safe to repeat: look before. Raises NotFound, or Rejected where more is asked for than is left.
        """
        path = f"/v3/orders/{segment(order_id)}/payment_actions/refunds"
        return self._asked(self._send("POST", path, body=body), "refund")

    def _asked(self, answer: Answer, what: str) -> JSON:
        data = self._data(answer, what)
        if not isinstance(data, dict):
            raise ContractBroken(f"BigCommerce answered without the {what} we asked for.")
        return data

    @needs(ORDERS)
    def order_coupons(self, order_id: str) -> list[JSON]:
        """Coupons used on an order (notes §12)."""
        return list(self._v2_walk(f"/v2/orders/{segment(order_id)}/coupons", "coupons"))


def _order_id(order: JSON) -> int:
    try:
        return int(order["id"])
    except (KeyError, TypeError, ValueError) as exc:
        raise ContractBroken("BigCommerce listed an order without an id.") from exc


def _whole(value: Any) -> int:
    """A count that arrives as number or text; -1 when it is neither."""
    try:
        return int(value)
    except (TypeError, ValueError):
        return -1


def _lines(order: JSON) -> list[JSON]:
    """The order's lines, wherever this answer holds them."""
    products = order.get("products")
    return products if isinstance(products, list) else list(lines_inside(order["consignments"]))


def _units_inside(order: JSON) -> int:
    """Units on the lines that came inside the order's consignments."""
    return sum(_whole(line.get("quantity")) for line in lines_inside(order["consignments"]))


def _lacks(order: JSON) -> bool:
    """True when the includes brought less than the order counts (notes §11)."""
    lacks_lines = _units_inside(order) != _whole(order.get("items_total"))
    return lacks_lines or _lacks_pickup(order) or _lacks_destinations(order) or not isinstance(order.get("fees"), list)


def _is_picked_up(order: JSON) -> bool:
    return any(_whole(line.get("order_pickup_method_id")) > 0 for line in _lines(order))


def _lacks_pickup(order: JSON) -> bool:
    """True when the lines are picked up somewhere, and the answer does not say where."""
    return not order["consignments"]["pickups"] and _is_picked_up(order)


def _lacks_destinations(order: JSON) -> bool:
    """True when fewer or more destinations came than the order counts; without a count, when none came."""
    if order.get("order_is_digital") is True or order["consignments"]["pickups"] or _is_picked_up(order):
        return False
    found, counted = len(order["consignments"]["shipping"]), _whole(order.get("shipping_address_count"))
    return not found if counted < 0 else found != counted

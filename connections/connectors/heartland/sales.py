"""Sales orders, their lines, taxes and payments, and invoices."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from connections.connectors.heartland.base import ROWS_PER_PAGE, HeartlandBase, in_order, matching
from connections.connectors.heartland.rights import DISTRIBUTION, INVOICES, ORDERS, REPORTS, RETURNS, TICKETS
from connections.connectors.http import segment
from connections.connectors.needs import needs
from connections.connectors.wire import Params
from errors.failures import ContractBroken
from ipaas.types import JSON

ORDERS_PER_CALL = 100  # their ids in a filter keep the address below 2 kB
ORDERS_PER_PAGE = 250  # with lines and payments inside
LINES_AND_PAYMENTS: Params = (("_include[]", "lines"), ("_include[]", "payments"))
WITH_PARTS: Params = (*LINES_AND_PAYMENTS, ("_include[]", "customer"))


class SalesCalls(HeartlandBase):
    """Questions about sales orders (notes §10 to §12)."""

    @needs(ORDERS)
    def orders_by_numbers(self, public_ids: Sequence[str]) -> list[JSON]:
        """The orders that carry one of these numbers, with their `lines`, `payments` and `customer`: one call.

        Asked before every create, because Heartland has no idempotency of its own (notes §4.8).
        """
        wanted = dict.fromkeys(public_ids)

        def ask(numbers: list[str]) -> list[JSON]:
            params = [matching(public_id={"$in": numbers}), *WITH_PARTS, ("per_page", str(2 * len(numbers)))]
            return self._listed("/sales/orders", "orders", params)

        return [row for row in self._in_parts(list(wanted), ask) if row.get("public_id") in wanted]

    @needs(ORDERS)
    def order_by_number(self, public_id: str) -> JSON | None:
        """The order with this number; None when there is none. Raises ContractBroken when two orders carry it."""
        found = self.orders_by_numbers([public_id])
        if len(found) > 1:
            raise ContractBroken(f"Heartland has {len(found)} orders numbered {public_id}.")
        return found[0] if found else None

    @needs(ORDERS)
    def order_read(self, order_id: str) -> JSON:
        """One order with its `lines`, `payments` and `customer`. Raises NotFound."""
        return self._read(f"/sales/orders/{segment(order_id)}", "order", WITH_PARTS)

    @needs(ORDERS)
    def orders_page(
        self,
        after: int,
        *,
        created_from: datetime | None = None,
        created_to: datetime | None = None,
        updated_since: datetime | None = None,
    ) -> tuple[list[JSON], bool]:
        """Sales orders with a greater id, ascending, with `lines` and `payments`; and whether more follow.

        Datetimes are aware; `created_to` is exclusive, the others are inclusive.
        """
        created = {"$gte": created_from, "$lt": created_to}
        bounds = {"created_at": created, "updated_at": {"$gte": updated_since}}
        told = {name: {op: at.isoformat() for op, at in ends.items() if at} for name, ends in bounds.items()}
        wanted = matching(id={"$gt": after}, **{name: ends for name, ends in told.items() if ends})
        page: Params = (("sort[]", "id"), ("per_page", str(ROWS_PER_PAGE)))
        return self._list("/sales/orders", "orders", [wanted, *LINES_AND_PAYMENTS, *page])

    @needs(ORDERS)
    def orders_by_ids(self, ids: Sequence[str]) -> list[JSON]:
        """Those of these sales orders that are there, with `lines` and `payments`. One call for a hundred."""
        rows: list[JSON] = []
        for start in range(0, len(ids), ORDERS_PER_CALL):
            chunk = [int(one) for one in ids[start : start + ORDERS_PER_CALL]]
            page: Params = (matching(id={"$in": chunk}), *LINES_AND_PAYMENTS, ("per_page", str(len(chunk))))
            rows += self._page("/sales/orders", "orders", page)
        return rows

    @needs(ORDERS)
    def orders_changed_page(self, after: int, *, since: datetime) -> tuple[list[JSON], bool]:
        """Orders with a greater id that changed since, ascending, with `lines` and `payments`; whether more follow."""
        wanted = matching(id={"$gt": after}, updated_at={"$gte": since.isoformat()})
        page: Params = (("sort[]", "id"), ("per_page", str(ORDERS_PER_PAGE)))
        return self._list("/sales/orders", "orders", [wanted, *LINES_AND_PAYMENTS, *page])

    @needs(ORDERS)
    def order_create(self, body: Mapping[str, Any]) -> str:
        """Create a pending order, with nested `lines` when given; its id comes in `Location`."""
        return self._create("/sales/orders", "order", body)

    @needs(ORDERS)
    def order_update(self, order_id: str, **fields: Any) -> None:
        """Change only the given header fields, such as `status`."""
        self._send("PUT", f"/sales/orders/{segment(order_id)}", body=fields)

    @needs(ORDERS)
    def order_lines(self, order_id: str) -> list[JSON]:
        """All lines of an order."""
        return list(self._walk(f"/sales/orders/{segment(order_id)}/lines", "order lines"))

    @needs(ORDERS)
    def order_line_add(self, order_id: str, body: Mapping[str, Any]) -> str:
        """Add one line; its id comes in `Location`."""
        return self._create(f"/sales/orders/{segment(order_id)}/lines", "order line", body)

    @needs(ORDERS, DISTRIBUTION)
    def order_line_update(self, order_id: str, line_id: str, **fields: Any) -> None:
        """Change a line; `ship_from_location_id` distributes it."""
        self._send("PUT", f"/sales/orders/{segment(order_id)}/lines/{segment(line_id)}", body=fields)

    @needs(ORDERS)
    def order_line_delete(self, order_id: str, line_id: str) -> None:
        """Remove a line of a pending order."""
        self._send("DELETE", f"/sales/orders/{segment(order_id)}/lines/{segment(line_id)}")

    @needs(ORDERS)
    def order_taxes(self, order_id: str) -> list[JSON]:
        """All tax lines: Heartland's own and those written by us."""
        return list(self._walk(f"/sales/orders/{segment(order_id)}/taxes", "taxes"))

    @needs(ORDERS)
    def order_tax_add(self, order_id: str, description: str, value: Decimal) -> str:
        """Append a tax line; tax lines cannot be edited afterwards (notes §10.4)."""
        body = {"description": description, "value": value}
        return self._create(f"/sales/orders/{segment(order_id)}/taxes", "tax line", body)

    @needs(ORDERS)
    def order_payments(self, order_id: str) -> list[JSON]:
        """All payments of an order."""
        return list(self._walk(f"/sales/orders/{segment(order_id)}/payments", "payments"))

    @needs(ORDERS)
    def order_payment_update(self, order_id: str, payment_id: str, **fields: Any) -> None:
        """Complete a pending payment, or void it, by `status` (notes §18.1)."""
        self._send("PUT", f"/sales/orders/{segment(order_id)}/payments/{segment(payment_id)}", body=fields)

    @needs(ORDERS)
    def order_payment_add(self, order_id: str, body: Mapping[str, Any]) -> str:
        """Record a payment. A 500 here can follow a payment that was recorded: read before repeating (notes §11.2)."""
        return self._create(f"/sales/orders/{segment(order_id)}/payments", "payment", body)

    @needs(ORDERS)
    def invoices_page(self, after: int, *, updated_since: datetime) -> tuple[list[JSON], bool]:
        """Invoices with a greater id that changed since, ascending, without lines; and whether more follow."""
        wanted = matching(id={"$gt": after}, updated_at={"$gte": updated_since.isoformat()})
        page = [wanted, ("sort[]", "id"), ("per_page", str(ROWS_PER_PAGE))]
        rows, has_more = self._list("/sales/invoices", "invoices", page)
        return in_order(rows, "invoices", after=after), has_more

    @needs(ORDERS)
    def invoice_read(self, invoice_id: str) -> JSON:
        """One invoice with its `lines`. Raises NotFound."""
        return self._read(f"/sales/invoices/{segment(invoice_id)}", "invoice", (("_include[]", "lines"),))

    @needs(INVOICES)
    def invoice_create(self, body: Mapping[str, Any]) -> str:
        """Begin a pending invoice of an open order at the location that ships; its id comes in `Location`."""
        return self._create("/sales/invoices", "invoice", body)

    @needs(INVOICES)
    def invoice_line_add(self, invoice_id: str, body: Mapping[str, Any]) -> str:
        """Take pieces that the order has open at the invoice's location."""
        return self._create(f"/sales/invoices/{segment(invoice_id)}/lines", "invoice line", body)

    @needs(INVOICES)
    def invoice_update(self, invoice_id: str, **fields: Any) -> None:
        """Change the given fields: `custom` any time, `status` to complete or void while it is pending."""
        self._send("PUT", f"/sales/invoices/{segment(invoice_id)}", body=fields)

    @needs(ORDERS)
    def invoices_of_order(self, order_id: str) -> list[JSON]:
        """The order's invoices, one per location that shipped (notes §12.2)."""
        return list(self._walk("/sales/invoices", "invoices", [matching(order_id=int(order_id))]))

    @needs(ORDERS)
    def invoices_with_lines(self, order_id: str) -> list[JSON]:
        """The same with their `lines`, in one walk."""
        wanted = [matching(order_id=int(order_id)), ("_include[]", "lines")]
        return list(self._walk("/sales/invoices", "invoices", wanted))

    @needs(RETURNS)
    def tickets_numbered(self, public_ids: Sequence[str]) -> list[JSON]:
        """Tickets and returns that carry one of these numbers, with their `lines` and `payments`: one call.

        Asked before every create, because Heartland has no idempotency of its own (notes §4.8).
        """
        wanted = [matching(public_id={"$in": list(public_ids)}), *LINES_AND_PAYMENTS]
        rows = self._listed("/sales/tickets", "tickets", [*wanted, ("per_page", str(2 * len(public_ids)))])
        return [row for row in rows if row.get("public_id") in public_ids]

    @needs(RETURNS)
    def ticket_create(self, body: Mapping[str, Any]) -> str:
        """Begin a ticket or return, with nested `item_lines` and `tax_lines`; its id comes in `Location`."""
        return self._create("/sales/tickets", "ticket", body)

    @needs(RETURNS)
    def ticket_line_add(self, ticket_id: str, body: Mapping[str, Any]) -> str:
        """Add one line of any type to a ticket that is not complete."""
        return self._create(f"/sales/tickets/{segment(ticket_id)}/lines", "ticket line", body)

    @needs(RETURNS)
    def ticket_payment_add(self, ticket_id: str, body: Mapping[str, Any]) -> str:
        """Record a payment; an amount below zero gives money back. Read before repeating (notes §11.2)."""
        return self._create(f"/sales/tickets/{segment(ticket_id)}/payments", "payment", body)

    @needs(RETURNS)
    def ticket_update(self, ticket_id: str, **fields: Any) -> None:
        """Change the given fields: `status` to complete or void while it is not complete."""
        self._send("PUT", f"/sales/tickets/{segment(ticket_id)}", body=fields)

    @needs(TICKETS)
    def returns_of(self, invoice_ids: Sequence[str]) -> list[JSON]:
        """Completed returns of these invoices, with their `lines`, whose quantities are negative (notes §12.4)."""
        parents = {"$in": [int(one) for one in invoice_ids]}
        wanted = matching(type="Return", status="complete", parent_transaction_id=parents)
        return list(self._walk("/sales/tickets", "returns", [wanted, ("_include[]", "lines")]))

    @needs(TICKETS)
    def ticket_read(self, ticket_id: str) -> JSON:
        """One ticket or return with its `lines` and `payments`. Raises NotFound."""
        return self._read(f"/sales/tickets/{segment(ticket_id)}", "ticket", LINES_AND_PAYMENTS)

    @needs(TICKETS)
    def returns_page(self, after: int, *, updated_since: datetime) -> tuple[list[JSON], bool]:
        """Returns with a greater id that changed since, ascending, without lines; and whether more follow.

        Completed ones, and those that were voided.
        """
        since = {"$gte": updated_since.isoformat()}
        ended = {"$in": ["complete", "void"]}
        wanted = matching(type="Return", status=ended, id={"$gt": after}, updated_at=since)
        rows, has_more = self._list(
            "/sales/tickets", "returns", [wanted, ("sort[]", "id"), ("per_page", str(ROWS_PER_PAGE))]
        )
        return in_order(rows, "returns", after=after), has_more

    @needs(ORDERS)
    def invoices_by_ids(self, ids: Sequence[str]) -> list[JSON]:
        """Those of these that are invoices, without lines. One call for a hundred."""

        def ask(part: list[str]) -> list[JSON]:
            wanted = matching(id={"$in": [int(one) for one in part]})
            return self._listed("/sales/invoices", "invoices", [wanted, ("per_page", str(len(part)))])

        return self._in_parts(list(dict.fromkeys(ids)), ask)

    @needs(ORDERS)
    def orders_of_customer(self, customer_id: str, count: int) -> list[JSON]:
        """The newest sales orders of a customer, newest first, with `lines` and `payments`: one call."""
        page: Params = (("sort[]", "id,desc"), ("per_page", str(count)))
        return self._page(
            "/sales/orders", "orders", [matching(customer_id=int(customer_id)), *LINES_AND_PAYMENTS, *page]
        )

    @needs(ORDERS)
    def orders_going_on(self, customer_id: str) -> list[JSON]:
        """Sales orders of a customer that are neither closed nor cancelled, by id: a call a page."""
        wanted = matching(customer_id=int(customer_id), status={"$in": ["pending", "open"]})
        return list(self._walk("/sales/orders", "orders", [wanted, ("sort[]", "id")]))

    @needs(TICKETS)
    def tickets_of_customer(self, customer_id: str, *, most: int) -> list[JSON]:
        """The newest completed sales and returns of a customer at the tills, without lines: one call (notes §12.1)."""
        wanted = matching(customer_id=int(customer_id), status="complete")
        newest = [("sort[]", "id,desc"), ("per_page", str(most))]
        return self._page("/sales/tickets", "tickets", [wanted, *newest])

    @needs(REPORTS)
    def sales_by_location(self, day: date) -> list[JSON]:
        """Net sales and transactions of a local day by the location credited with them (notes §19.1).

        Rows are keyed by the dotted names that were asked for.
        """
        metrics = [("metrics[]", f"source_sales.{name}") for name in ("net_sales", "transaction_count")]
        bounds = [("start_date", day.isoformat()), ("end_date", day.isoformat())]
        params = [*metrics, ("group[]", "location.name"), *bounds, ("per_page", str(ROWS_PER_PAGE))]
        return self._page("/reporting/analyzer", "sales report", params)

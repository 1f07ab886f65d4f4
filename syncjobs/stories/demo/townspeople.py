"""What people do in a town with one Heartland account and several stores: shoppers, owners, and staff at the desk.

All of it through the outside systems' own APIs and pages, never through ours. An act that the system refuses (what is
closed cannot be changed) answers False and has changed nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from typing import Any, Concatenate, ParamSpec

import requests

from ipaas.types import JSON
from syncjobs.stories.auditor.read_systems import TOKEN, Shop, let_in, mark_of
from syncjobs.stories.demo.sim import Sandbox
from syncjobs.stories.shops.shop_kinds import side_of
from syncjobs.stories.shops.shop_side import BY_HAND, NotThere

P = ParamSpec("P")
BUYER: JSON = {
    "first_name": "Ivy", "last_name": "Rush", "email": "ivy.rush@example.com", "phone": "2515550177",
    "street_1": "12 Bay St", "city": "Austin", "state": "Texas", "zip": "78701", "country": "United States",
    "country_iso2": "US",
}  # fmt: skip
STRANGER: JSON = {"first_name": "Abe", "last_name": "Other"}
REFUSALS = range(HTTPStatus.BAD_REQUEST, HTTPStatus.INTERNAL_SERVER_ERROR)


def act(
    done: "Callable[Concatenate[Townspeople, P], object]",
) -> "Callable[Concatenate[Townspeople, P], bool]":
    """False where the outside system refuses, or has no such act."""

    @wraps(done)
    def try_it(self: "Townspeople", /, *args: P.args, **kwargs: P.kwargs) -> bool:
        try:
            done(self, *args, **kwargs)
        except NotThere:
            return False
        except requests.HTTPError as refusal:
            if refusal.response.status_code not in REFUSALS:
                raise
            return False
        return True

    return try_it


@dataclass
class Townspeople:
    """Hands at both ends."""

    heartland: Sandbox
    shops: list[Shop]

    def __post_init__(self) -> None:
        self.stores = [side_of(shop.kind, shop.control) for shop in self.shops]
        let_in(self.heartland)

    # --- shoppers ------------------------------------------------------------------------------------

    def buys(self, store: int, recipe: JSON) -> int:
        """A checkout; answers the web order id."""
        return self.stores[store].buy([recipe])[0]

    @act
    def checks_out(self, store: int, sku: str, pieces: int) -> None:
        """A guest's checkout of one SKU, as far as the store has it."""
        self.stores[store].buy([{"lines": [{"sku": sku, "quantity": pieces}], "guest": BUYER, "check_stock": True}])

    def buys_by_phone(self, store: int, sku: str, *, currency: str = "USD", contact: JSON | None = None) -> int:
        """An order that staff of the store type in: any currency, and a buyer of whom nothing else is known."""
        return self.stores[store].take_by_phone(sku, currency=currency, contact=contact or {})

    @act
    def opens_an_account(self, store: int, web_id: int) -> None:
        """A guest registers after the checkout; the store gives the order to the new account."""
        self.stores[store].give_to_new_account(web_id)

    # --- owners of a store ---------------------------------------------------------------------------

    @act
    def cancels(self, store: int, web_id: int) -> None:
        self.stores[store].cancel(web_id)

    @act
    def sets_status(self, store: int, web_id: int, status: str) -> None:
        self.stores[store].move(web_id, status)

    def reopens(self, store: int, web_id: int) -> bool:
        return self.sets_status(store, web_id, self.stores[store].to_ship)

    @act
    def archives(self, store: int, web_id: int) -> None:
        self.stores[store].archive(web_id)

    @act
    def edits(self, store: int, web_id: int, quantity: int) -> None:
        """The first line gets another quantity."""
        self.stores[store].edit(web_id, lambda _: quantity)

    @act
    def refunds(self, store: int, web_id: int, amount: str) -> None:
        self.stores[store].refund(web_id, amount)

    @act
    def types_stock(self, store: int, sku: str, quantity: int) -> None:
        """A number typed in the back office, where Heartland is master."""
        self.stores[store].type_stock(sku, quantity)

    # --- staff at Heartland's desk -------------------------------------------------------------------

    def sales_orders(self, store: int, web_id: int) -> list[JSON]:
        """Those alive that bear the mark of a web order."""
        shop = self.shops[store]
        marked = [row for row in self.heartland.rows("orders") if mark_of(row.get("custom") or {}, shop) == str(web_id)]
        return [row for row in marked if row["status"] != "canceled"]

    @act
    def desk_cancels(self, order: JSON) -> None:
        self.heartland.post("/_sim/staff/cancel", {"order": order["id"], "refund": True})

    @act
    def desk_reprices(self, order: JSON, price: int) -> None:
        line = self.lines(order)[0]
        self._desk("PUT", f"/sales/orders/{order['id']}/lines/{line['id']}", {"adjusted_unit_price": price})

    @act
    def desk_gives_to_another(self, order: JSON, customer_id: int) -> None:
        self._desk("PUT", f"/sales/orders/{order['id']}", {"customer_id": customer_id})

    @act
    def desk_ships(self, order: JSON, tracking: str) -> None:
        """Everything from one location, with a tracking number where there is one."""
        self.heartland.post("/_sim/staff/distribute", {"order": order["id"], "location": "MAIN"})
        custom = {"tracking_number": tracking, "carrier": "UPS"} if tracking else {}
        self.heartland.post("/_sim/staff/invoice", {"order": order["id"], "custom": custom})

    @act
    def sells(self, sku: str, pieces: int) -> None:
        """At the till of the shop."""
        self.heartland.post("/_sim/staff/pos_sale", {"location": "MAIN", "lines": [{"sku": sku, "qty": pieces}]})

    @act
    def counts(self, sku: str, pieces: int) -> None:
        """So many pieces more or fewer in the shop."""
        self.heartland.post("/_sim/staff/adjust", {"location": "MAIN", "sku": sku, "qty": pieces})

    def makes_sales_order(self, number: str, sku: str) -> JSON:
        """A sales order of the shop's own, under a number that a web order would take; answers it."""
        customer = self.stranger()
        station = self.heartland.rows("stations")[0]
        (item,) = [row for row in self.heartland.rows("items") if row["public_id"] == sku]
        body = {
            "public_id": number,
            "customer_id": customer,
            "source_location_id": station["location_id"],
            "station_id": station["id"],
            "lines": [{"item_id": item["id"], "qty": 1, "adjusted_unit_price": 5}],
        }
        self._desk("POST", "/sales/orders", body)
        (made,) = [row for row in self.heartland.rows("orders") if row["public_id"] == number]
        return made

    def stranger(self) -> int:
        """A customer whom no store has heard of."""
        known = [row["id"] for row in self.heartland.rows("customers") if row["last_name"] == STRANGER["last_name"]]
        if not known:
            self._desk("POST", "/customers", STRANGER)
        return int(known[0]) if known else self.stranger()

    def lines(self, order: JSON) -> list[JSON]:
        return [row for row in self.heartland.rows("order_lines") if row["order_id"] == order["id"]]

    # --- calls ---------------------------------------------------------------------------------------

    def _desk(self, method: str, path: str, body: Any) -> Any:
        return self.heartland.write(method, f"/api{path}?{BY_HAND}", body, {"Authorization": f"Bearer {TOKEN}"})

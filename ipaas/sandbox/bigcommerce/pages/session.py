"""The shopper's session: a basket row behind a cookie, and the frame of the shop's pages around it."""

from __future__ import annotations

import secrets
from decimal import Decimal
from typing import Any, Protocol

from markupsafe import Markup

from ipaas.sandbox.bigcommerce.pages import frame
from ipaas.sandbox.bigcommerce.shop import terms
from ipaas.sandbox.bigcommerce.shop.basket import Basket, Item
from ipaas.sandbox.bigcommerce.state import Row, State
from ipaas.sandbox.core.tables import Table
from ipaas.sandbox.core.web import Reply, Request, redirect

COOKIE = "shop_basket"
EMPTY: Row = {
    "items": [],
    "customer_id": 0,
    "billing": {},
    "ship_to": {},
    "pickup": 0,
    "shipping": "",
    "coupon": "",
    "certificate": "",
    "uses_credit": False,
    "payment": "card",
    "message": "",
    "flash": "",
}


class Store(Protocol):
    """What the pages need of the service."""

    state: State


def baskets(state: State) -> Table:
    """Baskets by token."""
    return state.db.table("baskets", index=("token",))


class Session:
    """One shopper's basket. Nothing is stored before something lies in it."""

    def __init__(self, state: State, request: Request) -> None:
        self.state, self.request = state, request
        token = request.cookies.get(COOKIE, "")
        found = baskets(state).first(token=token) if token else None
        self.row: Row = found or {**EMPTY, "token": secrets.token_urlsafe(16)}
        self.is_new = found is None

    def save(self, **changes: Any) -> None:
        """Write changes of the basket."""
        table = baskets(self.state)
        if "id" in self.row:
            self.row = table.update(self.row["id"], changes)
        else:
            self.row = table.insert({**self.row, **changes})

    def go(self, url: str, flash: str = "") -> Reply:
        """Send the browser on, with a message to show there."""
        self.save(flash=flash)
        return self._with_cookie(redirect(url))

    def page(self, title: str, body: Any, *, bad: str = "", here: int = 0, status: int = 200) -> Reply:
        """A page of the shop. `bad` is an error above it, `here` the current department."""
        flash = self.row["flash"]
        if flash:
            self.save(flash="")
        said = frame.notice(bad, "bad") if bad else frame.notice(flash, "good")
        return self._with_cookie(
            frame.page(
                frame.SHOP,
                status,
                title=title,
                mark=frame.MARK,
                query=self.request.args.get("q", ""),
                person=self._person(),
                count=sum(item["quantity"] for item in self.row["items"]),
                cats=self._departments(here),
                notice=said,
                body=body,
            )
        )

    def _with_cookie(self, reply: Reply) -> Reply:
        if self.is_new and "id" in self.row:
            reply.set_cookie(COOKIE, self.row["token"], httponly=True, samesite="Lax", path="/shop")
        return reply

    def customer(self) -> Row | None:
        """Who is signed in."""
        return self.state.customers.get(self.row["customer_id"]) if self.row["customer_id"] else None

    def _person(self) -> str:
        customer = self.customer()
        return customer["first_name"] if customer else "Sign in"

    def _departments(self, here: int) -> Markup:
        return frame.join(
            frame.H('<a href="/shop/c/{}"{}>{}</a>').format(
                row["id"], frame.H(' aria-current="page"') if row["id"] == here else "", row["name"]
            )
            for row in self.state.categories.all()
            if not row["parent_id"] and row["is_visible"]
        )

    # --- the basket ---------------------------------------------------------------------------

    def basket(self) -> Basket:
        """What is decided so far, as a basket to price."""
        row = self.row
        certificates = (row["certificate"],) if row["certificate"] else ()
        credit = terms.credit_of(self.state, row["customer_id"]) if row["uses_credit"] else Decimal(0)
        return Basket(
            items=tuple(item_of(item) for item in row["items"]),
            customer_id=row["customer_id"],
            billing=row["billing"],
            ship_to=(row["ship_to"],) if row["ship_to"] else (),
            pickup=row["pickup"] or None,
            shipping=row["shipping"],
            coupon=row["coupon"],
            certificates=certificates,
            store_credit=credit,
            payment=row["payment"],
            message=row["message"],
            checks_stock=True,
        )


def item_of(row: Row) -> Item:
    """A stored basket item."""
    return Item(
        sku=row["sku"],
        quantity=row["quantity"],
        modifiers=row["modifiers"],
        wrap=row["wrap"],
        wrap_message=row["wrap_message"],
        certificate=row["certificate"],
    )

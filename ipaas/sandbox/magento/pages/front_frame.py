"""The storefront's frame and the shopper's basket: a row behind a cookie."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup

from ipaas.sandbox.core import pages
from ipaas.sandbox.core.tables import Table
from ipaas.sandbox.core.web import Reply, Request, html, redirect
from ipaas.sandbox.magento.state import Row, State

COOKIE = "basket"
NAV = (("/", "Goods"), ("/cart", "Cart"), ("/checkout", "Checkout"), ("/admin/", "Admin"))


def baskets(state: State) -> Table:
    """Baskets by token."""
    return state.db.table("baskets", index=("token",))


class Visit:
    """One shopper at one page. Nothing is stored before something lies in the basket or a view was chosen."""

    def __init__(self, state: State, request: Request) -> None:
        self.state, self.request = state, request
        token = request.cookies.get(COOKIE, "")
        self.row: Row = (baskets(state).first(token=token) if token else None) or {"items": {}, "view": "default"}

    @property
    def view(self) -> Row:
        """The store view that the shopper looks at."""
        found = self.state.store_views.first(code=self.row["view"])
        if found is None or not found["id"]:
            found = next(row for row in self.state.store_views.all() if row["id"])
        return found

    def save(self, **changes: Any) -> None:
        """Write changes of the basket."""
        table = baskets(self.state)
        if "id" in self.row:
            self.row = table.update(self.row["id"], changes)
        else:
            self.row = table.insert({**self.row, "token": secrets.token_urlsafe(16), **changes})

    def go(self, url: str, *, said: str = "", bad: str = "") -> Reply:
        """Send the browser on, with a message to show there."""
        told = {name: text for name, text in (("said", said), ("bad", bad)) if text}
        return self._with_cookie(redirect(f"{url}?{urlencode(told)}" if told else url))

    def page(self, title: str, *parts: Any, here: str = "", status: int = 200) -> Reply:
        """A page of the shop."""
        bad = self.request.args.get("bad", "")
        body = Markup("").join([pages.notice(bad, "bad") if bad else "", *parts])
        text = pages.page(
            title,
            body,
            NAV,
            system="shop",
            label="Harbor & Pine (Magento)",
            flash=self.request.args.get("said", ""),
            here=here,
        )
        return self._with_cookie(html(text, status))

    def _with_cookie(self, reply: Reply) -> Reply:
        if "id" in self.row and not self.request.cookies.get(COOKIE):
            reply.set_cookie(COOKIE, self.row["token"], httponly=True, samesite="Lax")
        return reply

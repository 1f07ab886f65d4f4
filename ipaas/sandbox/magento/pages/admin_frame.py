"""The Admin's frame, and what its pages share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import urlencode

from markupsafe import Markup

from ipaas.sandbox.core import pages
from ipaas.sandbox.core.web import Reply, Request, html, redirect
from ipaas.sandbox.magento.errors import Refused
from ipaas.sandbox.magento.state import State

NAV = (
    ("/admin/orders", "Orders"),
    ("/admin/products", "Products"),
    ("/admin/sources", "Sources"),
    ("/admin/customers", "Customers"),
    ("/admin/integrations", "Integrations"),
    ("/", "Storefront"),
)
PER_PAGE = 40


class Shop(Protocol):
    """What the pages need of the service."""

    state: State

    def transaction(self) -> Any: ...

    def save_engine(self) -> None: ...


def admin_page(request: Request, title: str, *parts: Any, here: str = "", status: int = 200) -> Reply:
    """A page of the Admin; `?said=` is what the last click came to, `?bad=` why it did not."""
    bad = request.args.get("bad", "")
    said = pages.notice(bad, "bad") if bad else ""
    body = Markup("").join([said, *parts])
    return html(
        pages.page(
            title,
            body,
            NAV,
            system="magento",
            label="Magento Admin",
            home="/admin/",
            flash=request.args.get("said", ""),
            here=here,
        ),
        status,
    )


def missing(request: Request, what: str, here: str) -> Reply:
    """A number that stands for nothing."""
    return admin_page(request, f"There is no such {what}", pages.link(here, "Back to the list"), here=here, status=404)


def done(url: str, said: str) -> Reply:
    """Back to a page, with what was done."""
    return redirect(f"{url}?{urlencode({'said': said})}")


def undone(url: str, why: str) -> Reply:
    """Back to a page, with why nothing was done."""
    return redirect(f"{url}?{urlencode({'bad': why})}")


def words(refused: Refused) -> str:
    """A refusal as people read it: its values in their places."""
    text, values = str(refused.message), refused.parameters or {}
    named: Mapping[str, Any] = (
        values if isinstance(values, dict) else {str(at): one for at, one in enumerate(values, start=1)}
    )
    for name, value in named.items():
        text = text.replace(f"%{name}", str(value))
    return text


def paged(rows: Sequence[Any], request: Request) -> tuple[Sequence[Any], Markup]:
    """A page of rows, and the links to its neighbours."""
    number = max(1, request.args.get("page", 1, type=int))
    kept = {name: value for name, value in request.args.items() if name not in {"page", "said", "bad"}}
    count = -(-len(rows) // PER_PAGE)
    links = pages.pager(f"?{urlencode({**kept, 'page': ''})}", number, count) if count > 1 else Markup("")
    return rows[(number - 1) * PER_PAGE : number * PER_PAGE], links

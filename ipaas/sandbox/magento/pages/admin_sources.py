"""Admin → Stores → Inventory: sources, and the stocks that websites sell from (apis/magento.md §15.1)."""

from __future__ import annotations

from ipaas.sandbox.core import pages
from ipaas.sandbox.core.web import Reply, Request, Router
from ipaas.sandbox.magento.inventory.stock_levels import sources_of_stock
from ipaas.sandbox.magento.pages.admin_frame import Shop, admin_page, done, missing

router: Router[Shop] = Router()
HERE = "/admin/sources"


@router.route("GET", HERE)
def sources(service: Shop, request: Request) -> Reply:
    """Both lists; a source is switched by its button."""
    state = service.state
    listed = pages.table(
        ("Code", "Name", "Country", "Enabled", ""),
        (
            (
                row["source_code"],
                row["name"],
                row.get("country_id", ""),
                "Yes" if row.get("enabled") else "No",
                pages.form(
                    f"{HERE}/{row['source_code']}/switch",
                    submit="Disable" if row.get("enabled") else "Enable",
                    quiet=True,
                ),
            )
            for row in state.sources.all()
        ),
    )
    stocks = pages.table(
        ("Stock", "Sales channels", "Sources by priority"),
        (
            (
                row["name"],
                ", ".join(channel["code"] for channel in row.get("sales_channels") or ()),
                ", ".join(source["source_code"] for source in sources_of_stock(state, row["stock_id"])),
            )
            for row in state.stocks.all()
        ),
    )
    return admin_page(request, "Sources", pages.section("Sources", listed), pages.section("Stocks", stocks), here=HERE)


@router.route("POST", f"{HERE}/<code>/switch")
def switch(service: Shop, request: Request, code: str) -> Reply:
    """Sell from it, or not."""
    row = service.state.sources.first(source_code=code)
    if row is None:
        return missing(request, "source", HERE)
    service.state.sources.update(row["id"], enabled=not row.get("enabled"))
    return done(HERE, f"The source {row['name']} is {'disabled' if row.get('enabled') else 'enabled'}.")

"""Routes of sources and of what links them to stocks (note §15.2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ipaas.sandbox.magento.call import Call
from ipaas.sandbox.magento.errors import Refused, bad
from ipaas.sandbox.magento.inventory.source_item_rules import EMPTY_LIST, HAS_BLANKS, IS_EMPTY, error, validated
from ipaas.sandbox.magento.inventory.stock_levels import DEFAULT_SOURCE, DEFAULT_STOCK, sources_of_stock
from ipaas.sandbox.magento.routing import Routes
from ipaas.sandbox.magento.state import Row

routes = Routes()
NO_SOURCE = 'Source with code "%value" does not exist.'
NO_STOCK = 'Stock with id "%value" does not exist.'
DEFAULT_LINK = "Can not save link related to Default Source or Default Stock"
DEFAULT_DISABLED = "Default source can not be disabled."
NEEDED = ("source_code", "name", "postcode", "country_id")
PICKUP = ("is_pickup_location_active", "frontend_name", "frontend_description")
PLAIN = {"enabled": True, "use_default_carrier_config": True, "carrier_links": []}
LINK_COLUMNS = {"link_id": "integer", "stock_id": "integer", "source_code": "string", "priority": "integer"}


def source_shape(row: Mapping[str, Any]) -> Row:
    """A source as answered."""
    return {**row, "extension_attributes": {name: row.get(name) for name in PICKUP}}


def _columns(wish: Mapping[str, Any]) -> Row:
    row = {name: value for name, value in wish.items() if name != "extension_attributes" and value is not None}
    return row | {name: value for name, value in (wish.get("extension_attributes") or {}).items() if name in PICKUP}


def _errors(row: Mapping[str, Any]) -> Iterator[Row]:
    for name in NEEDED:
        if not str(row.get(name) or "").strip():
            yield error(IS_EMPTY, name)
    if len(str(row.get("source_code") or "").split()) > 1:
        yield error(HAS_BLANKS, "source_code")
    if row.get("source_code") == DEFAULT_SOURCE and not row.get("enabled", True):
        yield {"message": DEFAULT_DISABLED}


@routes.get("/V1/inventory/sources")
def source_list(call: Call) -> Row:
    """Sources by their columns."""
    return call.search(call.state.sources, source_shape)


@routes.get("/V1/inventory/sources/{sourceCode}")
def source_get(call: Call) -> Row:
    """One source."""
    return source_shape(_source(call))


def _source(call: Call) -> Row:
    row = call.state.sources.first(source_code=call.path["sourceCode"])
    if row is None:
        raise Refused(404, NO_SOURCE, {"value": call.path["sourceCode"]})
    return row


@routes.post("/V1/inventory/sources")
def source_post(call: Call) -> None:
    """Make a source; one of that code is changed instead, as the code is its key."""
    row = _columns(call.body["source"])
    validated(_errors(row))
    held = call.state.sources.first(source_code=row["source_code"])
    if held is None:
        call.state.sources.insert({**PLAIN, **row})
    else:
        call.state.sources.update(held["id"], row)


@routes.put("/V1/inventory/sources/{sourceCode}")
def source_put(call: Call) -> None:
    """Change a source. There is no way to delete one."""
    held = call.state.sources.first(source_code=call.path["sourceCode"])
    row = {**_columns(call.body["source"]), "source_code": call.path["sourceCode"]}
    validated(_errors(row))
    if held is None:
        call.state.sources.insert({**PLAIN, **row})
    else:
        call.state.sources.update(held["id"], row)


# --- links to stocks -------------------------------------------------------------------------------


@routes.get("/V1/inventory/stock-source-links")
def link_list(call: Call) -> Row:
    """Which source serves which stock, and with which priority."""
    return call.search(call.state.stock_source_links, columns=LINK_COLUMNS)


@routes.post("/V1/inventory/stock-source-links")
def links_post(call: Call) -> None:
    """Link sources to stocks; the default stock takes the default source only."""
    state, wishes = call.state, call.body["links"]
    if not wishes:
        raise bad(EMPTY_LIST)
    validated(failure for wish in wishes for failure in _link_errors(call, wish))
    for wish in wishes:
        held = state.stock_source_links.first(stock_id=wish["stock_id"], source_code=wish["source_code"])
        if held is None:
            state.stock_source_links.insert({"priority": 1, **wish})
        else:
            state.stock_source_links.update(held["id"], wish)


def _link_errors(call: Call, wish: Mapping[str, Any]) -> Iterator[Row]:
    code, stock = wish.get("source_code"), wish.get("stock_id")
    if not code:
        yield error(IS_EMPTY, "source_code")
    elif call.state.sources.first(source_code=code) is None:
        yield {"message": NO_SOURCE, "parameters": {"value": code}}
    if stock is None:
        yield error('"%field" should be numeric.', "stock_id")
    elif stock not in call.state.stocks:
        yield {"message": NO_STOCK, "parameters": {"value": stock}}
    if (code == DEFAULT_SOURCE) != (stock == DEFAULT_STOCK):
        yield {"message": DEFAULT_LINK}


@routes.post("/V1/inventory/stock-source-links-delete")
def links_delete(call: Call) -> None:
    """Undo links."""
    wishes, table = call.body["links"], call.state.stock_source_links
    if not wishes:
        raise bad(EMPTY_LIST)
    for wish in wishes:
        for held in table.find(stock_id=wish.get("stock_id"), source_code=wish.get("source_code")):
            table.delete(held["id"])


@routes.get("/V1/inventory/get-sources-assigned-to-stock-ordered-by-priority/{stockId}")
def sources_assigned(call: Call) -> list[Row]:
    """Sources of a stock, the first to be used first."""
    return [source_shape(row) for row in sources_of_stock(call.state, call.path["stockId"])]

"""Routes of stocks and of the websites that sell from them (note §15.2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ipaas.sandbox.magento.call import Call
from ipaas.sandbox.magento.errors import Refused, bad
from ipaas.sandbox.magento.inventory.source_item_rules import IS_EMPTY, error, validated
from ipaas.sandbox.magento.inventory.stock_levels import DEFAULT_STOCK, WEBSITE
from ipaas.sandbox.magento.routing import Routes
from ipaas.sandbox.magento.state import Row

routes = Routes()
NO_STOCK = 'Stock with id "%value" does not exist.'
NO_LINKED_STOCK = "No linked stock found"
NO_WEBSITE = 'The website with code "%code" does not exist.'
KEPT = "Default Stock could not be deleted."


def stock_shape(row: Mapping[str, Any]) -> Row:
    """A stock as answered, with its websites."""
    return {**row, "extension_attributes": {"sales_channels": row["sales_channels"]}}


def _stock(call: Call) -> Row:
    row = call.state.stocks.get(int(call.path["stockId"]))
    if row is None:
        raise Refused(404, NO_STOCK, {"value": call.path["stockId"]})
    return row


def _save(call: Call, number: int | None) -> int:
    state, wish = call.state, call.body["stock"]
    held = state.stocks.get(number or 0)
    channels = (wish.get("extension_attributes") or {}).get("sales_channels")
    row: Row = {"name": wish.get("name")}
    validated(_errors(call, row, channels or ()))
    if channels is not None:
        row["sales_channels"] = _taken_over(call, number, channels)
    if held is not None:
        return int(state.stocks.update(held["id"], row)["id"])
    return int(state.insert(state.stocks, {"sales_channels": [], **row})["id"])


def _errors(call: Call, row: Mapping[str, Any], channels: Any) -> Iterator[Row]:
    if not str(row["name"] or "").strip():
        yield error(IS_EMPTY, "name")
    codes = {website["code"] for website in call.state.websites.all()}
    for channel in channels:
        if channel.get("type") == WEBSITE and channel.get("code") not in codes:
            yield {"message": NO_WEBSITE, "parameters": {"code": channel.get("code")}}


def _taken_over(call: Call, number: int | None, channels: list[Row]) -> list[Row]:
    """A website belongs to one stock: it leaves the one it had."""
    wanted = [{"type": channel.get("type"), "code": channel.get("code")} for channel in channels]
    for other in list(call.state.stocks.all()):
        left = [channel for channel in other["sales_channels"] if channel not in wanted]
        if other["id"] != number and left != other["sales_channels"]:
            call.state.stocks.update(other["id"], sales_channels=left)
    return wanted


@routes.get("/V1/inventory/stocks")
def stock_list(call: Call) -> Row:
    """Stocks by their columns."""
    return call.search(call.state.stocks, stock_shape)


@routes.get("/V1/inventory/stocks/{stockId}")
def stock_get(call: Call) -> Row:
    """One stock."""
    return stock_shape(_stock(call))


@routes.post("/V1/inventory/stocks")
def stock_post(call: Call) -> int:
    """Make a stock."""
    return _save(call, None)


@routes.put("/V1/inventory/stocks/{stockId}")
def stock_put(call: Call) -> int:
    """Change a stock."""
    return _save(call, int(_stock(call)["id"]))


@routes.delete("/V1/inventory/stocks/{stockId}")
def stock_delete(call: Call) -> None:
    """Delete a stock with its links."""
    number, state = _stock(call)["id"], call.state
    if number == DEFAULT_STOCK:
        raise bad(KEPT)
    for link in state.stock_source_links.find(stock_id=number):
        state.stock_source_links.delete(link["id"])
    state.stocks.delete(number)


@routes.get("/V1/inventory/stock-resolver/{type}/{code}")
def stock_resolve(call: Call) -> Row:
    """The stock of a sales channel."""
    channel = {"type": call.path["type"], "code": call.path["code"]}
    found = next((row for row in call.state.stocks.all() if channel in row["sales_channels"]), None)
    if found is None:
        raise Refused(404, NO_LINKED_STOCK)
    return stock_shape(found)

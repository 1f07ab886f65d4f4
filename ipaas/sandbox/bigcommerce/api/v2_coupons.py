"""V2 coupons: read and written; the list DELETE removes all (note §18, official schema)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ipaas.sandbox.bigcommerce.actions import coupons
from ipaas.sandbox.bigcommerce.api.common import Call, Endpoints, v2_list
from ipaas.sandbox.bigcommerce.scopes import MARKETING
from ipaas.sandbox.bigcommerce.state import Row
from ipaas.sandbox.bigcommerce.wire import rfc2822
from ipaas.sandbox.core.web import Reply, Router, empty

router: Router[Any] = Router()
v2 = Endpoints(router, "v2")


def _coupon(call: Call, row: Row) -> Row:
    money = {name: call.money(Decimal(row[name])) for name in ("amount", "min_purchase")}
    dates = {name: rfc2822(row.get(name)) for name in ("expires", "date_created")}
    return {**row, **money, **dates}


@v2("GET", "/coupons", MARKETING)
def coupons_list(call: Call) -> Reply:
    """Coupons by id, code, name or type."""
    rows = call.state.coupons.all()
    wanted = {name: call.arg(name) for name in ("id", "code", "name", "type") if call.arg(name)}
    return v2_list(
        call, (row for row in rows if all(str(row[n]) == v for n, v in wanted.items())), lambda row: _coupon(call, row)
    )


@v2("GET", "/coupons/count", MARKETING)
def coupons_count(call: Call) -> Reply:
    """How many."""
    return call.reply({"count": len(call.state.coupons)})


@v2("GET", "/coupons/<int:row_id>", MARKETING)
def coupon_get(call: Call, row_id: int) -> Reply:
    """One coupon."""
    return call.reply(_coupon(call, coupons.coupon_get(call.state, row_id)))


@v2("POST", "/coupons", MARKETING)
def coupon_post(call: Call) -> Reply:
    """Make a coupon: 201."""
    return call.reply(_coupon(call, coupons.coupon_create(call.state, call.body())), 201)


@v2("PUT", "/coupons/<int:row_id>", MARKETING)
def coupon_put(call: Call, row_id: int) -> Reply:
    """Change a coupon."""
    return call.reply(_coupon(call, coupons.coupon_update(call.state, row_id, call.body())))


@v2("DELETE", "/coupons/<int:row_id>", MARKETING)
def coupon_delete(call: Call, row_id: int) -> Reply:
    """Remove one."""
    coupons.coupon_get(call.state, row_id)
    call.state.coupons.delete(row_id)
    return empty(204)


@v2("DELETE", "/coupons", MARKETING)
def coupons_delete(call: Call) -> Reply:
    """Remove all: the trap of §18."""
    for row in list(call.state.coupons.all()):
        call.state.coupons.delete(row["id"])
    return empty(204)

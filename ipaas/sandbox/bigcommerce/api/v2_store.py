"""V2 endpoints about the store: profile, time, taxes, currencies, shipping, groups, certificates, hooks
(note §22-§25)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from ipaas.sandbox.bigcommerce import actions, hooks
from ipaas.sandbox.bigcommerce.actions.marketing import certificate_get
from ipaas.sandbox.bigcommerce.api.common import Call, Endpoints, v2_list, whole_arg
from ipaas.sandbox.bigcommerce.errors import missing, not_found
from ipaas.sandbox.bigcommerce.scopes import ANY_TOKEN, CUSTOMERS, INFORMATION, MARKETING, ORDERS
from ipaas.sandbox.bigcommerce.state import Row
from ipaas.sandbox.bigcommerce.wire import number, rate10
from ipaas.sandbox.core.tables import Table
from ipaas.sandbox.core.web import Reply, Request, Router, empty, json_reply

router: Router[Any] = Router()
v2 = Endpoints(router, "v2")
PROFILE = (
    "account_uuid",
    "store_id",
    "name",
    "domain",
    "status",
    "first_name",
    "last_name",
    "address",
    "country",
    "country_code",
    "phone",
    "admin_email",
    "order_email",
)
UNITS = (
    "language",
    "currency",
    "currency_symbol",
    "decimal_separator",
    "thousands_separator",
    "decimal_places",
    "weight_units",
    "dimension_units",
    "plan_name",
    "plan_level",
    "plan_is_trial",
    "is_price_entered_with_tax",
)


def one(table: Table, row_id: int) -> Row:
    """A row by id. Raises 404."""
    row = table.get(row_id)
    if row is None:
        raise not_found()
    return row


@v2("GET", "/time", INFORMATION)
def time_get(call: Call) -> Reply:
    """The server's time: the cheapest credential check (§1)."""
    return call.reply({"time": int(call.state.clock.timestamp())})


@v2("GET", "/store", INFORMATION)
def store_get(call: Call) -> Reply:
    """The store's profile (§24)."""
    row = call.state.profile()
    several = call.state.switches["multi_storefront"]
    secure = f"https://{row['domain']}"
    return call.reply(
        {
            "id": row["store_hash"],
            **{name: row[name] for name in PROFILE},
            "secure_url": secure,
            "control_panel_base_url": f"https://store-{row['store_hash']}.mybigcommerce.com",
            "timezone": {
                "name": row["timezone_name"],
                "raw_offset": row["timezone_raw_offset"],
                "dst_offset": row["timezone_dst_offset"],
                "dst_correction": True,
                "date_format": {"display": "jS M Y", "export": "M jS Y", "extended_display": "jS M Y @ g:i A"},
            },
            **{name: row[name] for name in UNITS},
            "industry": "Sports & Outdoors",
            "logo": [],
            "default_channel_id": 1,
            "default_site_id": 1000,
            "active_comparison_modules": [],
            "features": {
                "stencil_enabled": True,
                "sitewidehttps_enabled": True,
                "facebook_catalog_id": "",
                "checkout_type": "optimized",
                "wishlists_enabled": True,
                "multi_storefront_enabled": several,
                "storefront_limits": {"active": 3 if several else 1, "total_including_inactive": 3},
            },
        }
    )


@router.route("GET", "/time")
def root_time_get(service: Any, request: Request) -> Reply:
    """The server's time without a store and without a token."""
    return json_reply({"time": int(service.clock.timestamp())})


def _tax_class(row: Row) -> Row:
    """Ids are texts here (§24)."""
    return {
        "id": str(row["id"]),
        "name": row["name"],
        "created_at": "Tue, 07 Jan 2025 10:00:00 +0000",
        "updated_at": "Tue, 07 Jan 2025 10:00:00 +0000",
    }


@v2("GET", "/tax_classes", INFORMATION)
def tax_classes_list(call: Call) -> Reply:
    """Tax classes; 0, the default one, is not listed."""
    return v2_list(call, call.state.tax_classes.all(), _tax_class)


@v2("GET", "/tax_classes/<int:row_id>", INFORMATION)
def tax_class_get(call: Call, row_id: int) -> Reply:
    """One tax class."""
    return call.reply(_tax_class(one(call.state.tax_classes, row_id)))


def _currency(row: Row) -> Row:
    return {
        **row,
        "currency_exchange_rate": rate10(row["currency_exchange_rate"]),
        "last_updated": "Tue, 07 Jan 2025 10:00:00 +0000",
    }


@v2("GET", "/currencies", INFORMATION)
def currencies_list(call: Call) -> Reply:
    """Currencies."""
    return v2_list(call, call.state.currencies.all(), _currency)


@v2("GET", "/currencies/<int:row_id>", INFORMATION)
def currency_get(call: Call, row_id: int) -> Reply:
    """One currency."""
    return call.reply(_currency(one(call.state.currencies, row_id)))


@v2("GET", "/payments/methods", ORDERS)
def payment_methods_list(call: Call) -> Reply:
    """Gateway names: deprecated and incomplete (§24)."""
    return v2_list(
        call,
        call.state.payment_methods.all(),
        lambda row: {"code": row["code"], "name": row["name"], "test_mode": row["test_mode"]},
    )


# --- shipping -------------------------------------------------------------------------------------


@v2("GET", "/shipping/zones", INFORMATION)
def zones_list(call: Call) -> Reply:
    """Shipping zones."""
    return v2_list(call, call.state.shipping_zones.all(), lambda row: row)


@v2("GET", "/shipping/zones/<int:zone_id>", INFORMATION)
def zone_get(call: Call, zone_id: int) -> Reply:
    """One zone."""
    return call.reply(one(call.state.shipping_zones, zone_id))


def _method(call: Call, row: Row) -> Row:
    return {
        "id": row["id"],
        "name": row["name"],
        "type": row["type"],
        "settings": {"rate": number(Decimal(row["rate"]))},
        "enabled": row["enabled"],
        "handling_fees": {},
        "is_fallback": False,
    }


@v2("GET", "/shipping/zones/<int:zone_id>/methods", INFORMATION)
def methods_list(call: Call, zone_id: int) -> Reply:
    """Shipping methods of a zone."""
    one(call.state.shipping_zones, zone_id)
    return v2_list(call, call.state.shipping_methods.find(zone_id=zone_id), lambda row: _method(call, row))


# --- customer groups ------------------------------------------------------------------------------


def _group(row: Row) -> Row:
    return {"is_group_for_guests": False, **row}


@v2("GET", "/customer_groups", CUSTOMERS)
def groups_list(call: Call) -> Reply:
    """Customer groups: V2 only (§22)."""
    name = call.arg("name")
    rows = (row for row in call.state.customer_groups.all() if name in (None, row["name"]))
    return v2_list(call, rows, _group)


@v2("GET", "/customer_groups/count", CUSTOMERS)
def groups_count(call: Call) -> Reply:
    """How many."""
    return call.reply({"count": len(call.state.customer_groups)})


@v2("GET", "/customer_groups/<int:row_id>", CUSTOMERS)
def group_get(call: Call, row_id: int) -> Reply:
    """One group."""
    return call.reply(_group(one(call.state.customer_groups, row_id)))


@v2("POST", "/customer_groups", CUSTOMERS)
def group_post(call: Call) -> Reply:
    """Make a group."""
    body = call.body()
    if not body.get("name"):
        raise missing("name")
    row = {
        "name": body["name"],
        "is_default": bool(body.get("is_default", False)),
        "category_access": body.get("category_access") or {"type": "all"},
        "discount_rules": body.get("discount_rules") or [],
    }
    return call.reply(_group(call.state.customer_groups.insert(row)))


@v2("PUT", "/customer_groups/<int:row_id>", CUSTOMERS)
def group_put(call: Call, row_id: int) -> Reply:
    """Change a group."""
    one(call.state.customer_groups, row_id)
    known = ("name", "is_default", "category_access", "discount_rules")
    changes = {name: value for name, value in call.body().items() if name in known}
    return call.reply(_group(call.state.customer_groups.update(row_id, changes)))


@v2("DELETE", "/customer_groups/<int:row_id>", CUSTOMERS)
def group_delete(call: Call, row_id: int) -> Reply:
    """Remove a group."""
    one(call.state.customer_groups, row_id)
    call.state.customer_groups.delete(row_id)
    return empty(204)


# --- gift certificates ----------------------------------------------------------------------------


def certificate_object(call: Call, row: Row) -> Row:
    """Dates are unix seconds as text, "0" for none (§23)."""
    return {
        "id": row["id"],
        "customer_id": row["customer_id"],
        "order_id": row["order_id"],
        "code": row["code"],
        "amount": call.money(row["amount"]),
        "balance": call.money(row["balance"]),
        "status": row["status"],
        "to_name": row["to_name"],
        "to_email": row["to_email"],
        "from_name": row["from_name"],
        "from_email": row["from_email"],
        "template": row["template"],
        "message": row["message"],
        "purchase_date": str(row["purchase_date"] or 0),
        "expiry_date": str(row["expiry_date"] or 0),
        "currency_code": row["currency_code"],
    }


def _certificate_tests(call: Call) -> list[Callable[[Row], bool]]:
    tests: list[Callable[[Row], bool]] = []
    for name in ("to_name", "to_email", "from_name", "from_email"):
        if text := call.arg(name):
            tests.append(lambda row, name=name, text=text: row[name] == text)  # type: ignore[misc]
    for name, field in (("min_id", "id"), ("max_id", "id"), ("order_id", "order_id")):
        if call.arg(name):
            wanted, sign = whole_arg(call, name, 0), {"min_id": 1, "max_id": -1}.get(name)
            tests.append(
                lambda row, field=field, wanted=wanted, sign=sign: (  # type: ignore[misc]
                    row[field] == wanted if sign is None else (row[field] - wanted) * sign >= 0
                )
            )
    return tests


@v2("GET", "/gift_certificates", MARKETING)
def certificates_list(call: Call) -> Reply:
    """Certificates by code, people, order or id."""
    table, code = call.state.gift_certificates, call.arg("code")
    rows = list(table.find(code=code) if code else table.all())
    tests = _certificate_tests(call)
    rows.sort(key=lambda row: row["id"], reverse=call.arg("direction") == "desc")
    return v2_list(
        call, (row for row in rows if all(test(row) for test in tests)), lambda row: certificate_object(call, row)
    )


@v2("GET", "/gift_certificates/<int:row_id>", MARKETING)
def certificate_get_one(call: Call, row_id: int) -> Reply:
    """One certificate."""
    return call.reply(certificate_object(call, certificate_get(call.state, row_id)))


@v2("POST", "/gift_certificates", MARKETING)
def certificate_post(call: Call) -> Reply:
    """Make a certificate; no e-mail."""
    return call.reply(certificate_object(call, actions.certificate_create(call.state, call.body())), 201)


@v2("PUT", "/gift_certificates/<int:row_id>", MARKETING)
def certificate_put(call: Call, row_id: int) -> Reply:
    """Overwrite a certificate, its balance too."""
    return call.reply(certificate_object(call, actions.certificate_update(call.state, row_id, call.body())))


@v2("DELETE", "/gift_certificates/<int:row_id>", MARKETING)
def certificate_delete(call: Call, row_id: int) -> Reply:
    """Remove one."""
    actions.certificate_delete(call.state, row_id)
    return empty(204)


@v2("DELETE", "/gift_certificates", MARKETING)
def certificates_delete(call: Call) -> Reply:
    """Remove all: the trap of §18."""
    for row in list(call.state.gift_certificates.all()):
        actions.certificate_delete(call.state, row["id"])
    return empty(204)


# --- hooks, V2 style ------------------------------------------------------------------------------


@v2("GET", "/hooks", ANY_TOKEN)
def hooks_list(call: Call) -> Reply:
    """The client's hooks as bare objects."""
    return v2_list(call, hooks.own_hooks(call.state, call.token["client_id"]), hooks.hook_v2)


@v2("GET", "/hooks/<int:hook_id>", ANY_TOKEN)
def hook_get(call: Call, hook_id: int) -> Reply:
    """One hook."""
    return call.reply(hooks.hook_v2(hooks.hook_get(call.state, call.token["client_id"], hook_id)))


@v2("POST", "/hooks", ANY_TOKEN)
def hook_post(call: Call) -> Reply:
    """Make a hook: 201."""
    return call.reply(hooks.hook_v2(hooks.hook_create(call.state, call.token["client_id"], call.body())), 201)


@v2("PUT", "/hooks/<int:hook_id>", ANY_TOKEN)
def hook_put(call: Call, hook_id: int) -> Reply:
    """Change a hook."""
    return call.reply(hooks.hook_v2(hooks.hook_update(call.state, call.token["client_id"], hook_id, call.body())))


@v2("DELETE", "/hooks/<int:hook_id>", ANY_TOKEN)
def hook_delete(call: Call, hook_id: int) -> Reply:
    """Remove a hook."""
    return call.reply(hooks.hook_v2(hooks.hook_delete(call.state, call.token["client_id"], hook_id)))

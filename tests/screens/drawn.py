"""A browser whose forms are those of a page just opened: it sends along the state that such a page carries."""

from collections.abc import Callable, Mapping
from typing import Any

from django.test import Client
from django.urls import resolve

from connections import preferences
from connections.models import Connection
from mappings.models import CatalogueSku, Link, Side, ValueMap
from syncjobs.catalogue.choices import item_settings
from syncjobs.intake.customer_choices import customer_settings_of, version_of
from syncjobs.models import Record, Settlement
from syncjobs.pages.fulfilment import fulfilment_tables
from syncjobs.pages.inventory.inventory_forms import StockRuleForm
from syncjobs.pages.shown import mark_of
from syncjobs.stock.plan import plan_of, settings_of

Fields = Mapping[str, Any]


class Browser(Client):
    """Adds the hidden fields to what a test posts, unless the test says them itself."""

    def post(self, path: str, data: Any = None, *args: Any, **extra: Any) -> Any:  # type: ignore[override]
        if data is None or isinstance(data, dict):
            data = {**hidden(path, data or {}), **(data or {})}
        return super().post(path, data, *args, **extra)


def hidden(path: str, data: Fields) -> Fields:
    """What the page's form would carry now; nothing for other pages and for other people's stores."""
    found = resolve(path.partition("?")[0])
    carried = CARRIED.get(found.url_name or "")
    connection = Connection.objects.filter(public_id=found.kwargs["public_id"]).first() if carried else None
    return carried(connection, data, found.kwargs) if carried and connection else {}


def orders(connection: Connection, data: Fields, named: Fields) -> Fields:
    row = preferences.order_settings(connection)
    return {"version": preferences.version(row, preferences.ORDER_NAMES)}


def items(connection: Connection, data: Fields, named: Fields) -> Fields:
    return {"version": preferences.version(item_settings(connection), preferences.ITEM_NAMES)}


def customers(connection: Connection, data: Fields, named: Fields) -> Fields:
    return {"version": version_of(customer_settings_of(connection))}


def stock(connection: Connection, data: Fields, named: Fields) -> Fields:
    return {"version": plan_of(connection).stamp}


def stock_rule(connection: Connection, data: Fields, named: Fields) -> Fields:
    return {"version": StockRuleForm(instance=settings_of(connection)).version}


def value_map(connection: Connection, data: Fields, named: Fields) -> Fields:
    rows = ValueMap.objects.filter(connection=connection, kind=named["kind"])
    names = {f"target-{row.pk}": row for row in rows}
    shown = {f"was-{name}": row.target_value for name, row in names.items()}
    paid = {f"was-paid-{name}": "on" if row.is_paid else "" for name, row in names.items()}
    return {"was-target-default": "", **shown, **paid}


def field_defaults(connection: Connection, data: Fields, named: Fields) -> Fields:
    return {f"was-{row.field}": row.value for row in fulfilment_tables.required_fields(connection)}


def item_link(connection: Connection, data: Fields, named: Fields) -> Fields:
    sku = str(data.get("sku", "")).replace("\x00", "")  # a test may send what no SKU holds
    link = Link.objects.filter(connection=connection, kind="item", source_id=sku).first()
    return {"was": link.target_id if link else ""}


def items_sync(connection: Connection, data: Fields, named: Fields) -> Fields:
    return {"mode": item_settings(connection).mode}


def items_many(connection: Connection, data: Fields, named: Fields) -> Fields:
    rows = CatalogueSku.objects.filter(connection=connection, side=Side.STORE)
    return {f"was-{row.sku}": row.suggestion for row in rows if row.sku in data.get("sku", [])}


def record(connection: Connection, data: Fields, named: Fields) -> Fields:
    flow = named.get("flow", "shipments")
    found = Record.objects.filter(connection=connection, flow=flow, external_id=named["external_id"]).first()
    return {"shown": mark_of(found)} if found else {}


def closing(connection: Connection, data: Fields, named: Fields) -> Fields:
    one = Settlement.objects.filter(record__connection=connection, record__external_id=named["external_id"]).first()
    return {"closing": one.pk} if one else {}


CARRIED: Mapping[str, Callable[[Connection, Fields, Fields], Fields]] = {
    "fulfilment": orders,
    "setup": orders,
    "fulfilment_map": value_map,
    "fulfilment_fields": field_defaults,
    "items_mode": items,
    "items_settings": items,
    "items_barcodes": items,
    "customer_settings_save": customers,
    "items_start": items,
    "items_sync": items_sync,
    "items_many": items_many,
    "item_link": item_link,
    "item_unlink": item_link,
    "inventory_start": stock,
    "inventory_all": stock,
    "inventory_add": stock,
    "first_places": stock,
    "first_ships": orders,
    "inventory_remove": stock,
    "inventory_feeds": stock,
    "inventory_rules": stock,
    "inventory_rule_remove": stock,
    "inventory_rule": stock_rule,
    "retry_one": record,
    "invoice_unchoose": record,
    "return_unchoose": record,
    "reopen": closing,
}

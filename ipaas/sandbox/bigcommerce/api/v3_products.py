"""V3 catalog products and variants (note §18, §19)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any

from ipaas.sandbox.bigcommerce import actions
from ipaas.sandbox.bigcommerce.actions.catalog import product_get, variant_get
from ipaas.sandbox.bigcommerce.api import catalog_render as render
from ipaas.sandbox.bigcommerce.api.common import (
    Call,
    Endpoints,
    Test,
    numbers,
    only_fields,
    pagination,
    refuse_unknown,
    v3_list,
    v3_one,
    v3_page,
    words,
)
from ipaas.sandbox.bigcommerce.errors import Refused, bad_fields
from ipaas.sandbox.bigcommerce.scopes import PRODUCTS
from ipaas.sandbox.bigcommerce.state import Row
from ipaas.sandbox.bigcommerce.wire import parse_date, parse_decimal
from ipaas.sandbox.core.tables import Table
from ipaas.sandbox.core.web import Reply, Router, empty

router: Router[Any] = Router()
v3 = Endpoints(router, "v3")
MAX_PRODUCTS, MAX_VARIANTS, WITH_OPTIONS_LIMIT = 10, 50, 10
INCLUDES = {
    "variants",
    "images",
    "primary_image",
    "custom_fields",
    "bulk_pricing_rules",
    "options",
    "modifiers",
    "videos",
    "parent_relations",
}
SORTS = (
    "id",
    "name",
    "sku",
    "price",
    "date_modified",
    "date_last_imported",
    "inventory_level",
    "is_visible",
    "total_sold",
    "calculated_price",
)
STORED = {"id", "name", "sku", "price", "date_modified", "is_visible", "total_sold"}
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "min": lambda a, b: bool(a >= b),
    "max": lambda a, b: bool(a <= b),
    "greater": lambda a, b: bool(a > b),
    "less": lambda a, b: bool(a < b),
}
EQUALS = ("name", "sku", "upc", "mpn", "type", "availability", "condition")
NUMBERS = ("price", "weight", "brand_id", "inventory_level", "id")


# --- filters --------------------------------------------------------------------------------------


def _moment(call: Call, name: str, text: str) -> int:
    """A date filter; a bare date gets the present time of day: the trap of §6.2."""
    try:
        at = parse_date(text)
    except ValueError as exc:
        raise bad_fields({name: "must be a date"}) from exc
    bare = len(text.strip()) == 10 and call.state.switches["bare_dates"] == "now"
    return at + int(call.state.clock.timestamp()) % 86_400 if bare else at


def _number(name: str, text: str) -> Decimal:
    try:
        return parse_decimal(text)
    except ValueError as exc:
        raise bad_fields({name: "must be a number"}) from exc


def _value(call: Call, product: Row, field: str) -> Any:
    if field == "inventory_level":
        return actions.product_level(call.state, product, call.state.variants.find(product_id=product["id"]))
    return product[field]


def _test(call: Call, name: str, text: str) -> Test | None:
    """The test of one query parameter; None when it is no filter of products."""
    field, _, operator = name.partition(":")
    if field == "date_last_imported":
        field = "date_modified"
    if field == "date_modified" and operator in COMPARE:
        moment, compare = _moment(call, name, text), COMPARE[operator]
        return lambda row: compare(row["date_modified"], moment)
    if field in NUMBERS and operator in COMPARE:
        value, compare = _number(name, text), COMPARE[operator]
        return lambda row: compare(_value(call, row, field), value)
    if field in NUMBERS and operator in ("in", "not_in"):
        wanted, inside = numbers(name, text), operator == "in"
        return lambda row: (_value(call, row, field) in wanted) == inside
    if field in NUMBERS and not operator:
        value = _number(name, text)
        return lambda row: bool(_value(call, row, field) == value)
    if field in EQUALS and operator in ("", "in"):
        texts = words(text) if operator else {text}
        return lambda row: row[field] in texts
    return _special_test(call, name, text)


def _special_test(call: Call, name: str, text: str) -> Test | None:
    if name in ("categories", "categories:in"):
        wanted = numbers(name, text)
        return lambda row: not wanted.isdisjoint(row["categories"])
    if name in ("is_visible", "is_featured", "is_free_shipping"):
        flag = text in ("true", "1")
        return lambda row: row[name] == flag
    if name in ("keyword", "name:like"):
        needle = text.casefold()
        return lambda row: needle in row["name"].casefold() or needle in row["sku"].casefold()
    if name == "out_of_stock":
        return lambda row: row["inventory_tracking"] != "none" and _value(call, row, "inventory_level") <= 0
    if name == "inventory_low":
        return lambda row: _value(call, row, "inventory_level") <= row["inventory_warning_level"]
    if name == "channel_id:in":
        here = not numbers(name, text).isdisjoint({row["id"] for row in call.state.channels.all()})
        return lambda row: here
    return None


def _indexed(call: Call) -> Iterable[Row]:
    """Products an index offers for the query, or all."""
    table = call.state.products
    for name in ("id", "id:in"):
        if text := call.arg(name):
            return [row for number in sorted(numbers(name, text)) if (row := table.get(number)) is not None]
    for name in ("sku", "sku:in"):
        if text := call.arg(name):
            found = {
                row["id"]: row for sku in ([text] if name == "sku" else words(text)) for row in table.find(sku=sku)
            }
            return [found[number] for number in sorted(found)]
    if text := call.arg("id:greater"):
        return table.after(int(_number("id:greater", text)))
    return table.all()


def _products(call: Call) -> list[Row]:
    """Products that pass the filters, sorted."""
    tests = [(name, _test(call, name, text)) for name, text in call.request.args.items()]
    refuse_unknown(call, {name for name, test in tests if test is not None})
    chosen = [test for _, test in tests if test is not None]
    found = [row for row in _indexed(call) if all(test(row) for test in chosen)]
    field = call.arg("sort") or "id"
    if field not in SORTS:
        raise bad_fields({"sort": f"sort must be one of {', '.join(SORTS)}"})
    down = call.arg("direction") == "desc"
    if field != "id" or down:
        found.sort(key=lambda row: _sort_key(call, row, field), reverse=down)
    return found


def _sort_key(call: Call, row: Row, field: str) -> Any:
    if field in STORED:
        return row[field]
    if field == "inventory_level":
        return _value(call, row, field)
    return render.calculated_price(row) if field == "calculated_price" else row["date_modified"]


def whole_table_page(call: Call, table: Table, most: int) -> tuple[list[Row], int]:
    """The page of an unfiltered table, without visiting what is before it."""
    page, limit = v3_page(call, most)
    return table.slice((page - 1) * limit, limit), len(table)


def includes(call: Call) -> set[str]:
    """What `include` names. Raises 422 for others."""
    names = words(call.arg("include") or "")
    if names - INCLUDES:
        raise bad_fields({"include": f"include must be of {', '.join(sorted(INCLUDES))}"})
    return names


# --- products -------------------------------------------------------------------------------------


@v3("GET", "/catalog/products", PRODUCTS)
def products_list(call: Call) -> Reply:
    """List; options or modifiers in `include` clip the page to 10."""
    wanted = includes(call)
    most = WITH_OPTIONS_LIMIT if wanted & {"options", "modifiers"} else 250

    def shown(row: Row) -> Row:
        return only_fields(call, render.product_object(call.state, row, wanted))

    if "variants" in wanted and call.state.switches["pages_clipped"]:
        return _clipped(call, _products(call), shown)
    plain = {"page", "limit", "include", "include_fields", "exclude_fields"}
    if set(call.request.args) <= plain:
        rows, total = whole_table_page(call, call.state.products, most)
        return v3_list(call, rows, shown, most=most, total=total)
    return v3_list(call, _products(call), shown, most=most)


def _clipped(call: Call, rows: list[Row], shown: Callable[[Row], Row]) -> Reply:
    """A page of ten, whatever the limit, whose pagination reckons with the limit that was asked for."""
    page, limit = v3_page(call)
    data = [shown(row) for row in rows[(page - 1) * WITH_OPTIONS_LIMIT : page * WITH_OPTIONS_LIMIT]]
    return call.reply({"data": data, "meta": {"pagination": pagination(len(rows), len(data), page, limit)}})


@v3("POST", "/catalog/products", PRODUCTS)
def product_post(call: Call) -> Reply:
    """Make one product with its variants. The answer takes no `include` (§18)."""
    body, unsaved = _split_stock(call, call.body())
    product = actions.product_create(call.state, body)
    return _saved(call, render.product_object(call.state, product, {"variants"}), unsaved)


def _split_stock(call: Call, body: Row) -> tuple[Row, bool]:
    """The body without its stock, and whether there was some, while the stock service is away (§7.1)."""
    if not call.state.switches["partial_product_save"]:
        return body, False
    kept = {name: value for name, value in body.items() if name != "inventory_level"}
    return kept, "inventory_level" in body


def _saved(call: Call, product: Row, unsaved: bool) -> Reply:
    if not unsaved:
        return v3_one(call, product)
    errors = {"inventory_level": "The inventory level could not be saved"}
    return call.reply({"data": product, "meta": {}, "errors": errors}, 207)


@v3("PUT", "/catalog/products", PRODUCTS)
def products_put(call: Call) -> Reply:
    """Change at most 10 products, all or none."""
    bodies = call.array(MAX_PRODUCTS)
    for index, body in enumerate(bodies):
        if not body.get("id"):
            raise Refused(422, "Missing Required Fields", errors={f"{index}.id": "id is required"})
    rows = [actions.product_update(call.state, body["id"], body) for body in bodies]
    return call.reply({"data": [render.product_object(call.state, row) for row in rows], "meta": {}})


@v3("DELETE", "/catalog/products", PRODUCTS)
def products_delete(call: Call) -> Reply:
    """Remove by filter; without one nothing is removed (§18)."""
    if not call.request.args:
        raise Refused(422, "A filter is required to delete products", errors={"id": "a filter is required"})
    rows = _products(call)
    if len(rows) > 250:
        raise Refused(422, "At most 250 products can be deleted at once")
    for row in rows:
        actions.product_delete(call.state, row["id"])
    return empty(204)


@v3("GET", "/catalog/products/<int:product_id>", PRODUCTS)
def product_get_one(call: Call, product_id: int) -> Reply:
    """One product."""
    product = product_get(call.state, product_id)
    return v3_one(call, only_fields(call, render.product_object(call.state, product, includes(call))))


@v3("PUT", "/catalog/products/<int:product_id>", PRODUCTS)
def product_put(call: Call, product_id: int) -> Reply:
    """Change one product."""
    body, unsaved = _split_stock(call, call.body())
    product = actions.product_update(call.state, product_id, body)
    return _saved(call, render.product_object(call.state, product, includes(call)), unsaved)


@v3("DELETE", "/catalog/products/<int:product_id>", PRODUCTS)
def product_delete(call: Call, product_id: int) -> Reply:
    """Remove one product."""
    actions.product_delete(call.state, product_id)
    return empty(204)


# --- variants -------------------------------------------------------------------------------------


def _variants(call: Call) -> Iterator[Row]:
    """Variants by SKU (exact), id, UPC or product (§19)."""
    table = call.state.variants
    if text := call.arg("sku"):
        field, key = (
            ("sku_key", text.strip().casefold()) if call.state.switches["sku_lookup"] == "nocase" else ("sku", text)
        )
        rows: Iterable[Row] = table.find(**{field: key})
    elif text := call.arg("product_id:in") or call.arg("product_id"):
        rows = [row for number in sorted(numbers("product_id", text)) for row in table.find(product_id=number)]
    elif text := call.arg("id:in") or call.arg("id"):
        rows = [row for number in sorted(numbers("id", text)) if (row := table.get(number)) is not None]
    else:
        rows = table.all()
    upc = call.arg("upc")
    return (row for row in rows if upc in (None, row["upc"]))


@v3("GET", "/catalog/variants", PRODUCTS)
def variants_list(call: Call) -> Reply:
    """Variants of all products: the lookup by SKU, base variants too."""
    refuse_unknown(call, {"sku", "upc", "id", "id:in", "product_id", "product_id:in"})

    def shown(row: Row) -> Row:
        return only_fields(call, render.variant_object(call.state, row))

    if set(call.request.args) <= {"page", "limit", "include_fields", "exclude_fields"}:
        rows, total = whole_table_page(call, call.state.variants, 250)
        return v3_list(call, rows, shown, total=total)
    return v3_list(call, _variants(call), shown)


@v3("PUT", "/catalog/variants", PRODUCTS)
def variants_put(call: Call) -> Reply:
    """Change or make at most 50 variants, all or none."""
    rows = actions.variants_batch(call.state, call.array(MAX_VARIANTS))
    return call.reply({"data": [render.variant_object(call.state, row) for row in rows], "meta": {}})


@v3("GET", "/catalog/products/<int:product_id>/variants", PRODUCTS)
def product_variants_list(call: Call, product_id: int) -> Reply:
    """Variants of one product."""
    product = product_get(call.state, product_id)
    return v3_list(
        call,
        call.state.variants.find(product_id=product_id),
        lambda row: only_fields(call, render.variant_object(call.state, row, product)),
    )


@v3("POST", "/catalog/products/<int:product_id>/variants", PRODUCTS)
def variant_post(call: Call, product_id: int) -> Reply:
    """Make a variant."""
    return v3_one(call, render.variant_object(call.state, actions.variant_create(call.state, product_id, call.body())))


@v3("GET", "/catalog/products/<int:product_id>/variants/<int:variant_id>", PRODUCTS)
def variant_get_one(call: Call, product_id: int, variant_id: int) -> Reply:
    """One variant."""
    return v3_one(call, render.variant_object(call.state, variant_get(call.state, product_id, variant_id)))


@v3("PUT", "/catalog/products/<int:product_id>/variants/<int:variant_id>", PRODUCTS)
def variant_put(call: Call, product_id: int, variant_id: int) -> Reply:
    """Change a variant."""
    row = actions.variant_update(call.state, product_id, variant_id, call.body())
    return v3_one(call, render.variant_object(call.state, row))


@v3("DELETE", "/catalog/products/<int:product_id>/variants/<int:variant_id>", PRODUCTS)
def variant_delete(call: Call, product_id: int, variant_id: int) -> Reply:
    """Remove a variant."""
    actions.variant_delete(call.state, product_id, variant_id)
    return empty(204)

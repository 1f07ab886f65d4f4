"""The seed: Harbor & Pine as its point of sale knows it (§21.5), and the computed rows of a scaled catalogue."""

from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from typing import Any

from ipaas.sandbox import catalog
from ipaas.sandbox.catalog.scaling import NOUNS, STYLE_SIZE, Scale
from ipaas.sandbox.core.tables import Lazy, Row
from ipaas.sandbox.heartland import permissions
from ipaas.sandbox.heartland.auth import new_token
from ipaas.sandbox.heartland.customers import ADDRESSES, CUSTOMERS, full_name
from ipaas.sandbox.heartland.items import GRIDS, ITEMS, item_numbers
from ipaas.sandbox.heartland.service import FIRST_ID, Heartland

SEEDED_AT = "2026-01-05T15:00:00+00:00"
MAIN, ANNEX, WEBSITE, DEPOT = 100_005, 100_006, 100_007, 100_008
PLACES = {"main": MAIN, "annex": ANNEX, "depot": DEPOT}
SCALED_STORES = 20  # stocking locations of a scaled tenant
OWNER = 100_001
CACHED = 4_096  # computed items kept ready: values ask for the same item once per location
LOCATIONS = (
    (MAIN, "MAIN", "Harbor Main", "America/Chicago", "12 Wharf Rd", "Mobile", "AL", "36602"),
    (ANNEX, "ANNEX", "Pine Annex", "America/Chicago", "88 Pine St", "Fairhope", "AL", "36532"),
    (WEBSITE, "WEB", "Website", "America/New_York", "12 Wharf Rd", "Mobile", "AL", "36602"),
    (DEPOT, "DEPOT", "Depot", "America/Denver", "4 Rail Yard", "Denver", "CO", "80202"),
)
STATIONS = ((MAIN, "Register 1"), (MAIN, "Register 2"), (ANNEX, "Register 1"), (DEPOT, "Packing Bench"))
PAYMENT_TYPES = (
    ("Cash", "Cash drawer", False),
    ("Check", "Paper check", False),
    ("Credit Card", "Card terminal", True),
    ("Gift Card", "Gift card or store credit", True),
    ("House Account", "Billed monthly", True),
)
SHIPPING_METHODS = ("Ground", "Express", "Store Pickup")
REASONS = (
    ("inventory_adjustment_reasons", ("Import", "Count", "Damage", "Found")),
    ("gift_card_adjustment_reasons", ("Import", "Goodwill")),
)
CUSTOM_FIELDS = (
    ("item", "Size", False),
    ("item", "Color", False),
    ("item", "Brand", False),
    ("item", "Department", False),
    ("item", "UPC", True),
    ("item", "Sold on Web", False),
    ("customer", "Web Customer Id", False),
    ("sales.order", "Ecommerce Number", False),
    ("sales.transaction", "Tracking Number", False),
    ("sales.transaction", "Carrier", False),
    ("payment", "Gateway Id", False),
)
KEYS = {"UPC": "upc"}
SETTINGS: dict[str, Any] = {
    "company_name": "Harbor & Pine",
    "company.logo_url": None,
    "pos.tickets.customer_required": False,
    "pos.tickets.sales_rep_required": False,
    "pos.tickets.reason_of_adjusting_price_required": False,
    "springboard.feature_flags": {},
}
GIFT_CARDS = (("GC7Q2M", "37.50"), ("HARBOR100", "100.00"), ("EMPTY1", "0.00"))


def pos_variants(seed: int) -> list[tuple[catalog.Product, catalog.Variant]]:
    """SKUs the point of sale knows."""
    return [(product, one) for product, one in catalog.variants(seed) if "heartland" in product.systems]


def scaled(service: Heartland) -> Scale:
    """The further, computed SKUs."""
    return catalog.scale(service.scale, service.seed) if service.scale else Scale(0)


def location_rows(scale: int) -> list[Row]:
    """The tenant's locations; a scaled one has twenty that hold stock."""
    rows = [
        {
            "id": number,
            "public_id": code,
            "name": name,
            "timezone": zone,
            "line_1": street,
            "city": city,
            "state": state,
            "postal_code": postal,
            "country": "US",
        }
        for number, code, name, zone, street, city, state, postal in LOCATIONS
    ]
    if scale:
        rows += [
            {**rows[0], "id": DEPOT + n, "public_id": f"S{n:02d}", "name": f"Store {n:02d}"}
            for n in range(1, SCALED_STORES - len(PLACES) + 1)
        ]
    return [{**row, "active": True, "created_at": SEEDED_AT, "updated_at": SEEDED_AT} for row in rows]


# --- computed rows --------------------------------------------------------------------------------


def prepare(service: Heartland) -> None:
    """Give items, grids, stock and ledger their computed rows. The same at every start."""
    rows = scaled(service)
    places = [row["id"] for row in location_rows(service.scale)]
    service.unstocked = frozenset({WEBSITE})
    if not rows.count:
        return
    Computed(service, rows, places).attach()


class Computed:
    """Rows of a scaled catalogue from their number alone."""

    def __init__(self, service: Heartland, rows: Scale, places: list[int]) -> None:
        self.service, self.rows, self.places = service, rows, places
        known = pos_variants(service.seed)
        self.first_item = FIRST_ID + len(known)
        self.first_grid = FIRST_ID + sum(product.is_grid for product in catalog.products(service.seed))
        self.stocked = [place for place in places if place != WEBSITE]
        self.first_entry = FIRST_ID + len(_openings(service))
        self.uuid = service.uuid
        self.item = lru_cache(maxsize=CACHED)(self._item)

    def attach(self) -> None:
        """Hand the ranges to the tables."""
        service, count, width = self.service, self.rows.count, len(self.places)
        items = range(self.first_item, self.first_item + count)
        constants = {"updated_at": SEEDED_AT, "created_at": SEEDED_AT, "active": True, "track_inventory": True}
        more = {"available_online": True, "custom@sold_on_web": "true", "allow_fractional_qty": False}
        finders = {"public_id": self.by_sku, "grid_id": self.by_grid, "custom@upc": self.by_upc}
        put = service.database.set_lazy
        put(service.table("items"), Lazy(items, self.item, finders, {**constants, **more}))
        grids = range(self.first_grid, self.first_grid + self.rows.styles)
        put(service.table("grids"), Lazy(grids, self.grid, {}, {k: constants[k] for k in ("created_at", "updated_at")}))
        stock = range(items.start * width, items.stop * width)
        put(service.table("stock"), Lazy(stock, self.stock, {"item_id": self.stock_of}))
        entries = range(self.first_entry, self.first_entry + count * len(self.stocked))
        put(service.table("ledger"), Lazy(entries, self.entry, {"item_id": self.entries_of}, {"created_at": SEEDED_AT}))

    def _item(self, row_id: int) -> Row:
        """A computed item."""
        number = row_id - self.first_item + 1
        style, variant = self.rows.row(number)
        name = f"Workshop {NOUNS[style % len(NOUNS)]} {style:06d}"
        made = item_row(variant, name, sold_on_web=True, brand="", department="Workshop")
        late = {"grid_id": self.first_grid + style - 1, "uuid": self.uuid("items", row_id)}
        return {**made, **late, **item_numbers({"id": row_id}, OWNER), "id": row_id}

    def grid(self, row_id: int) -> Row:
        """A computed style."""
        product = self.rows.style(row_id - self.first_grid + 1)
        return {**grid_row(product), "id": row_id}

    def stock(self, row_id: int) -> Row:
        """A computed stock row; the web location holds none."""
        item_id, column = divmod(row_id, len(self.places))
        place = self.places[column]
        qty = base_stock(item_id - self.first_item + 1, self.stocked.index(place)) if place in self.stocked else 0
        head = {"id": row_id, "item_id": item_id, "location_id": place}
        return {**head, "on_hand": qty, "committed": 0, "on_po": 0, "in_transit": 0}

    def entry(self, row_id: int) -> Row:
        """The opening ledger line of a computed item at a location."""
        number, column = divmod(row_id - self.first_entry, len(self.stocked))
        qty = base_stock(number + 1, column)
        cost = self.rows.row(number + 1)[1].cost
        return {**opening(self.first_item + number, self.stocked[column], qty, cost), "id": row_id}

    def by_sku(self, sku: Any) -> Iterable[int]:
        """Item ids by Item #."""
        number = self.rows.number_of(str(sku))
        return () if number is None else (self.first_item + number - 1,)

    def by_grid(self, grid_id: Any) -> Iterable[int]:
        """Item ids of a computed style."""
        style = (grid_id or 0) - self.first_grid
        first = self.first_item + style * STYLE_SIZE
        return range(first, first + STYLE_SIZE) if 0 <= style < self.rows.styles else ()

    def by_upc(self, upc: Any) -> Iterable[int]:
        """Item ids by barcode; the number stands in its digits."""
        digits = str(upc)
        if len(digits) != 12 or not digits.isdecimal() or not digits.startswith("0850"):
            return ()
        number = int(digits[4:11]) - 100_000
        fits = 1 <= number <= self.rows.count and self.rows.row(number)[1].upc == digits
        return (self.first_item + number - 1,) if fits else ()

    def stock_of(self, item_id: Any) -> Iterable[int]:
        """Stock ids of an item."""
        return range(item_id * len(self.places), (item_id + 1) * len(self.places))

    def entries_of(self, item_id: Any) -> Iterable[int]:
        """Ledger ids of a computed item."""
        first = self.first_entry + (item_id - self.first_item) * len(self.stocked)
        return range(first, first + len(self.stocked)) if item_id >= self.first_item else ()


def base_stock(number: int, column: int) -> int:
    """Opening pieces of computed row `number` at the nth stocking location; zero exactly when 31 divides it."""
    return number * (7 + column) % 31


# --- stored rows ----------------------------------------------------------------------------------


def seed(service: Heartland) -> None:
    """Fill the empty tables."""
    _tenant(service)
    _items(service)
    _customers(service)


def _tenant(service: Heartland) -> None:
    put = service.table
    stamps = {"created_at": SEEDED_AT, "updated_at": SEEDED_AT}
    for login, first, last in (("owner@example.com", "Robin", "Hale"), ("kim@example.com", "Kim", "Ortiz")):
        about = {"login": login, "first_name": first, "last_name": last, "email": login, "active": True}
        put("users").insert({**about, **stamps})
    new_token(service, description="Full access", token="sim-heartland-token")
    new_token(
        service,
        description="Limited",
        token="sim-heartland-limited",
        granted=permissions.LIMITED,
        location_ids=[MAIN, ANNEX, WEBSITE],
        user_id=OWNER + 1,
    )
    for row in location_rows(service.scale):
        put("locations").insert(row)
    for number, (place, name) in enumerate(STATIONS):
        row_id = 100_052 + number
        about = {"location_id": place, "name": name, "active": True, "uuid": service.uuid("stations", row_id)}
        put("stations").insert({"id": row_id, **about})
    for name, text, on_orders in PAYMENT_TYPES:
        about = {"name": name, "description": text, "active": True, "accept_on_sales_orders": on_orders}
        put("payment_types").insert({**about, "default_to_balance": True, "process_payments": "none", **stamps})
    for name in SHIPPING_METHODS:
        put("shipping_methods").insert({"name": name, "active": True, **stamps})
    for kind, names in REASONS:
        for name in names:
            put("reasons").insert({"kind": kind, "name": name, "description": name, "active": True})
    _definitions(service)
    for key, value in SETTINGS.items():
        put("settings").insert({"key": key, "value": value})
    for number_text, balance in GIFT_CARDS:
        put("gift_cards").insert({"number": number_text, "balance": Decimal(balance), "active": True, **stamps})


def _definitions(service: Heartland) -> None:
    stamps = {"created_at": SEEDED_AT, "updated_at": SEEDED_AT}
    for group, name, unique in CUSTOM_FIELDS:
        about = {"group_id": group, "name": name, "key": KEYS.get(name) or name.lower().replace(" ", "_")}
        more = {"validation_type": "text", "required": False, "unique": unique, "metadata": {}, "values": None}
        service.table("custom_fields").insert({**about, **more, **stamps})


def _items(service: Heartland) -> None:
    grids: dict[str, int] = {}
    for product in catalog.products(service.seed):
        if product.is_grid and "heartland" in product.systems:
            row_id = FIRST_ID + len(grids)
            grids[product.code] = row_id
            service.table("grids").insert({**grid_row(product), "id": row_id})
    vendors = _vendors(service)
    for number, (product, variant) in enumerate(pos_variants(service.seed)):
        row_id = FIRST_ID + number
        row = item_row(
            variant,
            product.name,
            sold_on_web=product.systems == catalog.BOTH,
            brand=product.brand,
            department=product.category.split("/")[0],
            active=product.is_active,
            track_inventory=product.tracks_inventory,
            allow_fractional_qty=product.allows_fractions,
            long_description=product.description,
        )
        late: Row = {"grid_id": grids.get(product.code), "primary_vendor_id": vendors.get(product.brand)}
        late |= {"uuid": service.uuid("items", row_id), **item_numbers({"id": row_id}, OWNER)}
        service.table("items").insert({**row, **late, "id": row_id})
    _opening_stock(service)


def _vendors(service: Heartland) -> dict[str, int]:
    stamps = {"created_at": SEEDED_AT, "updated_at": SEEDED_AT}
    brands = sorted({product.brand for product in catalog.products(service.seed)})
    table, found = service.table("vendors"), {}
    for number, brand in enumerate(brands, start=1):
        row = table.insert({"name": brand, "public_id": f"V{number:03d}", "active": True, **stamps})
        found[brand] = row["id"]
    return found


def item_row(
    variant: catalog.Variant, name: str, *, sold_on_web: bool, brand: str, department: str, **more: Any
) -> Row:
    """An item of the catalogue: Item #, "style - size - color", prices, custom fields."""
    options = dict(variant.options)
    color = options.pop("Color", "")
    size = next(iter(options.values()), "")
    custom = {
        "size": size,
        "color": color,
        "brand": brand,
        "department": department,
        "upc": variant.upc,
        "sold_on_web": "true" if sold_on_web else "false",
    }
    own = {
        "public_id": variant.pos_sku,
        "description": " - ".join(part for part in (name, size, color) if part),
        "cost": variant.cost,
        "price": variant.price,
        "original_price": variant.msrp,
        "weight": variant.weight,
        "weight_unit": "lb",
        "available_online": sold_on_web,
        "custom": custom,
        "created_at": SEEDED_AT,
        "updated_at": SEEDED_AT,
    }
    return {**ITEMS.defaults(), **own, **more}


def grid_row(product: catalog.Product) -> Row:
    """A style."""
    first = product.variants[0]
    return {
        **GRIDS.defaults(),
        "item_description": product.name,
        "item_long_description": product.description,
        "item_price": first.price,
        "item_cost": first.cost,
        "item_custom": {"brand": product.brand, "department": product.category.split("/")[0]},
        "created_at": SEEDED_AT,
        "updated_at": SEEDED_AT,
    }


def _openings(service: Heartland) -> list[tuple[int, int, int, Decimal]]:
    """(item id, location, pieces, cost) the tracked items begin with; where they never had stock there is no row."""
    return [
        (FIRST_ID + number, PLACES[place], qty, variant.cost)
        for number, (_, variant) in enumerate(pos_variants(service.seed))
        for place, qty in variant.stock.items()
        if qty
    ]


def opening(item_id: int, place: int, qty: int, cost: Decimal) -> Row:
    """The ledger line that brought opening stock."""
    moved = {"delta_qty": qty, "delta_qty_committed": qty or None, "type": "Adjustment"}
    about = {"source_type": "AdjustmentSet", "source_id": FIRST_ID, "unit_cost": cost, "created_at": SEEDED_AT}
    return {"item_id": item_id, "location_id": place, **moved, **about}


def _opening_stock(service: Heartland) -> None:
    places = [row["id"] for row in location_rows(service.scale)]
    for number, (item_id, place, qty, cost) in enumerate(_openings(service)):
        row_id = item_id * len(places) + places.index(place)
        head = {"id": row_id, "item_id": item_id, "location_id": place}
        service.table("stock").insert({**head, "on_hand": qty, "committed": 0, "on_po": 0, "in_transit": 0})
        service.table("ledger").insert({**opening(item_id, place, qty, cost), "id": FIRST_ID + number})


def _customers(service: Heartland) -> None:
    stamps = {"created_at": SEEDED_AT, "updated_at": SEEDED_AT}
    table = service.table("customers")
    cash = {"public_id": "CASH", "first_name": "Walk-in", "last_name": "Customer", "name": "Walk-in Customer"}
    table.insert({**CUSTOMERS.defaults(), **cash, "uuid": service.uuid("customers", FIRST_ID), **stamps})
    for person in catalog.customers(service.seed):
        if "heartland" not in person.systems:
            continue
        names = {"first_name": person.first_name, "last_name": person.last_name}
        about = {**names, "name": full_name(names), "email": person.pos_email or None, "phone_number": person.pos_phone}
        row = table.insert({**CUSTOMERS.defaults(), **about, "custom": {}, **stamps})
        table.update(row["id"], public_id=str(row["id"]), uuid=service.uuid("customers", row["id"]))
        for address in person.addresses:
            _address(service, row, address, person.pos_phone)


def _address(service: Heartland, customer: Row, address: catalog.Address, phone: str) -> None:
    names: Row = {"first_name": customer["first_name"], "last_name": customer["last_name"], "phone": phone}
    street: Row = {"line_1": address.line_1, "line_2": address.line_2 or None, "city": address.city}
    region = {"state": address.state_code, "postal_code": address.postal_code, "country": address.country_code}
    stamps: Row = {"created_at": SEEDED_AT, "updated_at": SEEDED_AT, "customer_id": customer["id"]}
    row = service.table("addresses").insert({**ADDRESSES.defaults(), **names, **street, **region, **stamps, "id": None})
    service.table("addresses").update(row["id"], address_id=row["id"])

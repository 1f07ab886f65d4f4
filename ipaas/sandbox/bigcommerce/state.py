"""All tables of the BigCommerce stand-in (note §26) and the few lookups everything shares.

Row conventions: see `rows.py`. Money and quantities with a fraction are `Decimal`, dates unix seconds, ids integers.
Writers go through `actions`, which keep the rules and tell the hooks; only the seed inserts rows directly.

| table | rows |
|---|---|
| store, app | one row each, id 1: §24 profile with the settings of §26; §2.1 registration |
| grants, tokens, users | codes and tokens of §2, people who may open the app |
| orders, lines, order_addresses, order_pickups, order_taxes, order_coupons, order_fees, messages | §9-§12 |
| tenders | how an order is to be paid, until `order_pay` turns them into transactions |
| shipments, transactions, refunds | §14, §15, §17 |
| metafields, order_settings, price_lists, price_records, price_assignments, form_values, carts | official schemas |
| products, variants, options, modifiers, images, brands, categories, trees | §18, §19; values inside their option |
| stock, locations | §20, §21; a stock row is one item at one location |
| customers, customer_addresses, customer_groups, attributes, attribute_values | §22 |
| gift_certificates, coupons | §23 and the coupons that orders name |
| statuses, channels, currencies, tax_classes, shipping_zones, shipping_methods, payment_methods | §9.1, §24 |
| hooks | §25.1 |
| later | delayed work: {due, kind, ...} |
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from ipaas.sandbox.core.clock import Clock
from ipaas.sandbox.core.switches import Switches
from ipaas.sandbox.core.tables import Database, Table

Row = dict[str, Any]


def named(table: Table, value: Any) -> Row | None:
    """The row whose id a request sent, or None: for an unknown id as for something that is no id."""
    return table.get(value) if isinstance(value, int) and not isinstance(value, bool) else None


def objects(value: Any) -> list[Row] | None:
    """A list of objects a request sent (nothing is an empty one), or None when it is something else."""
    if value is None:
        return []
    good = isinstance(value, list) and all(isinstance(entry, dict) for entry in value)
    return value if good else None


class Emitter(Protocol):
    """Where events go; `hooks.Hooks` in the running service."""

    def emit(self, scope: str, data: Row) -> None: ...


class Silence:
    """An emitter for the seed: nobody listens yet."""

    def emit(self, scope: str, data: Row) -> None:
        """Do nothing."""


class State:
    """The tables of one store, its clock, switches and emitter."""

    def __init__(self, db: Database, clock: Clock, switches: Switches, emitter: Emitter | None = None) -> None:
        self.db, self.clock, self.switches = db, clock, switches
        self.emitter: Emitter = emitter or Silence()
        self._backdated: int | None = None
        self._make_store_tables(db.table)
        self._make_order_tables(db.table)
        self._make_catalog_tables(db.table)
        self._make_people_tables(db.table)

    def _make_store_tables(self, table: Any) -> None:
        self.store: Table = table("store")
        self.app: Table = table("app")
        self.grants: Table = table("grants", index=("code",))
        self.tokens: Table = table("tokens", index=("token",))
        self.users: Table = table("users", start=500)
        self.statuses: Table = table("statuses", start=0)
        self.channels: Table = table("channels")
        self.currencies: Table = table("currencies")
        self.tax_classes: Table = table("tax_classes")
        self.shipping_zones: Table = table("shipping_zones")
        self.shipping_methods: Table = table("shipping_methods", index=("zone_id",))
        self.payment_methods: Table = table("payment_methods")
        self.hooks: Table = table("hooks", start=31200045)
        self.metafields: Table = table("metafields", index=("resource_id",))
        self.later: Table = table("later")

    def _make_order_tables(self, table: Any) -> None:
        by_order = ("order_id",)
        self.orders: Table = table("orders", start=10001, index=("status_id", "customer_id", "external_order_id"))
        self.lines: Table = table("lines", start=88001, index=by_order)
        self.order_addresses: Table = table("order_addresses", start=5101, index=by_order)
        self.order_pickups: Table = table("order_pickups", index=by_order)
        self.order_taxes: Table = table("order_taxes", index=by_order)
        self.order_coupons: Table = table("order_coupons", index=by_order)
        self.order_fees: Table = table("order_fees", index=by_order)
        self.tenders: Table = table("tenders", index=by_order)
        self.messages: Table = table("messages", index=by_order)
        self.shipments: Table = table("shipments", start=601, index=by_order)
        self.mails: Table = table("mails", index=("order_id",))  # what shoppers were told, and with which number
        self.transactions: Table = table("transactions", start=90001, index=by_order)
        self.refunds: Table = table("refunds", start=71, index=by_order)
        self.order_settings: Table = table("order_settings")
        self.carts: Table = table("carts", index=("uuid",))

    def _make_catalog_tables(self, table: Any) -> None:
        by_product = ("product_id",)
        self.products: Table = table("products", start=100, index=("sku", "sku_key", "name_key"))
        self.variants: Table = table("variants", start=2001, index=("product_id", "sku", "sku_key"))
        self.options: Table = table("options", start=180, index=by_product)
        self.modifiers: Table = table("modifiers", start=1180, index=by_product)
        self.option_values: Table = table("option_values", start=601)  # numbers given to values; rows live in options
        self.images: Table = table("images", start=301, index=by_product)
        self.brands: Table = table("brands", start=30)
        self.categories: Table = table("categories", start=20)
        self.trees: Table = table("trees")
        self.stock: Table = table("stock", index=("item",))
        self.locations: Table = table("locations", index=("code",))
        self.price_lists: Table = table("price_lists")
        self.price_records: Table = table("price_records", index=("price_list_id", "variant_id"))
        self.price_assignments: Table = table("price_assignments")

    def _make_people_tables(self, table: Any) -> None:
        self.customers: Table = table("customers", index=("email_key",))
        self.customer_addresses: Table = table("customer_addresses", index=("customer_id",))
        self.customer_groups: Table = table("customer_groups")
        self.form_values: Table = table("form_values", index=("customer_id", "address_id"))
        self.attributes: Table = table("attributes")
        self.attribute_values: Table = table("attribute_values", index=("customer_id",))
        self.gift_certificates: Table = table("gift_certificates", index=("code",))
        self.coupons: Table = table("coupons", index=("code",))

    # --- time, settings, events ---------------------------------------------------------------

    def now(self) -> int:
        """The present in unix seconds; the seed can move it back."""
        return int(self.clock.timestamp()) if self._backdated is None else self._backdated

    @contextmanager
    def backdated(self, seconds: int) -> Iterator[None]:
        """Let what is done inside have happened at `seconds` (for the seed)."""
        before, self._backdated = self._backdated, seconds
        try:
            yield
        finally:
            self._backdated = before

    def profile(self) -> Row:
        """The store row. Its settings are plain fields of it."""
        row = self.store.get(1)
        if row is None:
            raise LookupError("the store is not furnished yet")
        return row

    @property
    def hash(self) -> str:
        """The store hash, which names the tenant in every URL."""
        return str(self.profile()["store_hash"])

    def emit(self, scope: str, data: Row) -> None:
        """Tell whoever listens to `scope`; `data` is the payload's `data` object (§25.2)."""
        self.emitter.emit(scope, data)

    def at(self, due_in: float, kind: str, **work: Any) -> None:
        """Do `kind` (see `later.py`) when `due_in` seconds have passed."""
        self.later.insert({"due": self.clock.timestamp() + due_in, "kind": kind, **work})

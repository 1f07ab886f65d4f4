"""All tables of the Magento stand-in (apis/magento.md §22), and the two ways in which rows are written.

A row has the columns of the real table under their real names. The core's tables count by `id`; where the real key has
another name (`entity_id`, `item_id`), `insert` keeps both. Further columns that no answer shows may be added freely:
answers are cut to the official schema. Money and quantities are `Decimal`; times are `YYYY-MM-DD HH:MM:SS` text in UTC;
flags are 0 and 1 where the real column is a number.

| table | rows |
|---|---|
| websites, store_groups, store_views, currencies, countries, tax_classes, tax_rates, tax_rules, config | §21 |
| integrations, consumers, oauth_tokens, admins, sessions | §2 |
| orders, order_items, addresses, payments, status_histories | §8; an address belongs to an order (`parent_id`) |
| invoices, invoice_items, shipments, shipment_items, tracks, creditmemos, creditmemo_items, transactions | §9-§13 |
| document_comments | comments of invoices, shipments and memos: {kind, parent_id, ...} |
| order_statuses, sequences | labels of the merchant's own for a state; the last number of a kind in a store view |
| cron | what happens to an order after a while: {due, kind, order_id} |
| carts, cart_items | §12 |
| customers, customer_addresses, account_attributes, groups, gift_cards, balances | §17, §18 |
| products, media_entries, product_options, option_numbers, bundle_options, url_keys, categories | §14 |
| attributes, options, attribute_sets, attribute_groups, set_attributes | §14.3 |
| sources, stocks, stock_source_links, source_items, level_pages, reservations, stock_items | §15 |
| bulks, operations, queue | §16; the queue holds what the consumer will come to: {due, operation_id} |
| event_subscriptions, webhooks | §19 |
| mails | what shoppers were told |
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from ipaas.sandbox.core.clock import Clock
from ipaas.sandbox.core.switches import Switches
from ipaas.sandbox.core.tables import Database, Table
from ipaas.sandbox.magento.profiles import PROFILES, Profile

Row = dict[str, Any]
TIME = "%Y-%m-%d %H:%M:%S"
KEYS = {  # table -> name of its key, where that is not `id`
    "orders": "entity_id",
    "order_items": "item_id",
    "addresses": "entity_id",
    "payments": "entity_id",
    "status_histories": "entity_id",
    "invoices": "entity_id",
    "invoice_items": "entity_id",
    "shipments": "entity_id",
    "shipment_items": "entity_id",
    "tracks": "entity_id",
    "creditmemos": "entity_id",
    "creditmemo_items": "entity_id",
    "document_comments": "entity_id",
    "transactions": "transaction_id",
    "cart_items": "item_id",
    "product_options": "option_id",
    "bundle_options": "option_id",
    "attributes": "attribute_id",
    "attribute_sets": "attribute_set_id",
    "attribute_groups": "attribute_group_id",
    "stocks": "stock_id",
    "source_items": "source_item_id",
    "reservations": "reservation_id",
    "stock_items": "item_id",
    "tax_classes": "class_id",
}
CLOCKED = frozenset(  # ON UPDATE CURRENT_TIMESTAMP: any other column of the row moves `updated_at` (§20.1)
    {
        "orders",
        "order_items",
        "invoices",
        "shipments",
        "tracks",
        "creditmemos",
        "carts",
        "cart_items",
        "customers",
        "customer_addresses",
        "products",
        "categories",
    }
)


class State:
    """The tables of one installation, its clock and switches."""

    def __init__(self, db: Database, clock: Clock, switches: Switches) -> None:
        self.db, self.clock, self.switches = db, clock, switches
        self.on_save: Callable[[str, Row], None] = lambda table, row: None  # told of every row that is written
        self._backdated: datetime | None = None
        self.nonces: dict[tuple[int, str], float] = {}  # (consumer, nonce) -> when; outlives a call that fails
        self._make_store_tables(db.table)
        self._make_access_tables(db.table)
        self._make_sales_tables(db.table)
        self._make_people_tables(db.table)
        self._make_goods_tables(db.table)
        self._make_stock_tables(db.table)

    def _make_store_tables(self, table: Any) -> None:
        self.websites: Table = table("websites", start=0)
        self.store_groups: Table = table("store_groups", start=0)
        self.store_views: Table = table("store_views", start=0, index=("code",))
        self.config: Table = table("config", index=("path",))
        self.countries: Table = table("countries")
        self.currencies: Table = table("currencies")
        self.tax_classes: Table = table("tax_classes")
        self.tax_rates: Table = table("tax_rates")
        self.tax_rules: Table = table("tax_rules")
        self.mails: Table = table("mails")
        self.event_subscriptions: Table = table("event_subscriptions")
        self.webhooks: Table = table("webhooks")

    def _make_access_tables(self, table: Any) -> None:
        self.integrations: Table = table("integrations")
        self.consumers: Table = table("consumers", index=("key",))
        self.oauth_tokens: Table = table("oauth_tokens", index=("token", "consumer_id"))
        self.admins: Table = table("admins", index=("username",))
        self.sessions: Table = table("sessions", index=("token",))  # bearer tokens of admins and customers

    def _make_sales_tables(self, table: Any) -> None:
        by_order, by_parent = ("order_id",), ("parent_id",)
        self.orders: Table = table("orders", index=("customer_id", "increment_id"))
        self.order_items: Table = table("order_items", index=("order_id", "parent_item_id"))
        self.addresses: Table = table("addresses", index=by_parent)
        self.payments: Table = table("payments", index=by_parent)
        self.status_histories: Table = table("status_histories", index=by_parent)
        self.invoices: Table = table("invoices", index=by_order)
        self.invoice_items: Table = table("invoice_items", index=by_parent)
        self.shipments: Table = table("shipments", index=by_order)
        self.shipment_items: Table = table("shipment_items", index=by_parent)
        self.tracks: Table = table("tracks", index=by_parent)
        self.creditmemos: Table = table("creditmemos", index=by_order)
        self.creditmemo_items: Table = table("creditmemo_items", index=by_parent)
        self.document_comments: Table = table("document_comments", index=by_parent)
        self.transactions: Table = table("transactions", index=by_order)
        self.order_statuses: Table = table("order_statuses", index=("state",))
        self.sequences: Table = table("sequences", index=("key",))
        self.cron: Table = table("cron")
        self.carts: Table = table("carts", index=("masked_id", "customer_id"))
        self.cart_items: Table = table("cart_items", index=("quote_id",))

    def _make_people_tables(self, table: Any) -> None:
        self.customers: Table = table("customers", index=("email_key",))
        self.customer_addresses: Table = table("customer_addresses", index=("customer_id",))
        self.account_attributes: Table = table("account_attributes")
        self.groups: Table = table("groups", start=0)
        self.gift_cards: Table = table("gift_cards", index=("code",))
        self.balances: Table = table("balances", index=("customer_id",))

    def _make_goods_tables(self, table: Any) -> None:
        by_product = ("product_id",)
        self.products: Table = table("products", index=("sku_key",))
        self.media_entries: Table = table("media_entries", index=("product_id", "file"))
        self.product_options: Table = table("product_options", index=by_product)
        self.option_numbers: Table = table("option_numbers")  # numbers given to values; rows live in options
        self.bundle_options: Table = table("bundle_options", index=by_product)
        self.url_keys: Table = table("url_keys", index=("product_id", "url_key"))
        self.attributes: Table = table("attributes", index=("attribute_code",))
        self.options: Table = table("options", index=("attribute_id",))
        self.attribute_sets: Table = table("attribute_sets")
        self.attribute_groups: Table = table("attribute_groups", index=("attribute_set_id",))
        self.set_attributes: Table = table("set_attributes", index=("attribute_set_id",))
        self.categories: Table = table("categories", index=("parent_id",))

    def _make_stock_tables(self, table: Any) -> None:
        self.sources: Table = table("sources", index=("source_code",))
        self.stocks: Table = table("stocks")
        self.stock_source_links: Table = table("stock_source_links", index=("stock_id", "source_code"))
        self.source_items: Table = table("source_items", index=("sku_key",))
        self.level_pages: Table = table("level_pages", start=0)  # written quantities of the computed catalogue
        self.reservations: Table = table("reservations", index=("sku_key",))
        self.stock_items: Table = table("stock_items", index=("product_id",))
        self.bulks: Table = table("bulks", index=("bulk_uuid",))
        self.operations: Table = table("operations", index=("bulk_id",))
        self.queue: Table = table("queue")

    # --- time and settings -----------------------------------------------------------------------

    def now(self) -> str:
        """The present as the database writes it; the seed can move it back."""
        return (self._backdated or self.clock.now()).strftime(TIME)

    @contextmanager
    def backdated(self, at: datetime) -> Iterator[None]:
        """Let what is done inside have happened at `at` (aware), for the seed."""
        before, self._backdated = self._backdated, at.astimezone(UTC)
        try:
            yield
        finally:
            self._backdated = before

    @property
    def is_backdated(self) -> bool:
        """Whether what is done now happened in the past."""
        return self._backdated is not None and self.now() != self.clock.now().strftime(TIME)

    @property
    def profile(self) -> Profile:
        """Edition and version that is played."""
        return PROFILES[self.switches["profile"]]

    # --- writing ---------------------------------------------------------------------------------

    def insert(self, table: Table, row: Mapping[str, Any]) -> Row:
        """Store a new row with its key under the real name, and its times where the table has them."""
        key = KEYS.get(table.name, "id")
        number = row.get(key)
        if number is None:
            number = table.next_id
        clocked = table.name in CLOCKED
        times = {"created_at": self.now(), "updated_at": self.now()} if clocked else {}
        late = self._late(None) if clocked else {}
        return self._told(table, table.insert({**times, **row, **late, "id": number, key: number}))

    def update(self, table: Table, row_id: int, changes: Mapping[str, Any] | None = None, /, **more: Any) -> Row:
        """Change columns; `updated_at` moves only where another column of the row got another value (§20.1)."""
        wanted = {**(changes or {}), **more}
        wanted.pop("updated_at", None)
        before = table.get(row_id)
        if before is None:
            raise KeyError(f"{table.name} {row_id}")
        if table.name in CLOCKED and any(before.get(name) != value for name, value in wanted.items()):
            wanted |= {"updated_at": self.now(), **self._late(before)}
        return self._told(table, table.update(row_id, wanted))

    def _told(self, table: Table, row: Row) -> Row:
        self.on_save(table.name, row)
        return row

    def _late(self, before: Row | None) -> Row:
        """What lets lists see a change only when its long transaction commits (switch `late_commit`, §20.2)."""
        wait, now = self.switches["late_commit"], self.clock.timestamp()
        if not wait:
            return {}
        pending = (before or {}).get("_late")
        if pending is not None and pending["until"] > now:  # still the row of before that, or none
            return {"_late": {"until": now + wait, "before": pending["before"]}}
        seen = {name: before[name] for name in before if name != "_late"} if before else None
        return {"_late": {"until": now + wait, "before": seen}}

"""The switches of the Magento sandbox: the profile, what the note leaves open (§23), and the shop's own settings."""

from __future__ import annotations

from ipaas.sandbox.core.switches import Switch
from ipaas.sandbox.magento.profiles import DEFAULT, PROFILES
from ipaas.sandbox.magento.sales.sales_knobs import SALES

INSTALLATION = (
    Switch("profile", DEFAULT, "edition and version (§22)", tuple(PROFILES)),
    Switch("developer_mode", False, "unexpected failures name their exception instead of a report (§3)"),
    Switch("inventory_modules", True, "stock is kept by sources; without it the /V1/inventory routes are gone (§15.3)"),
    Switch("event_url", "", "where Adobe I/O hands on the events that were subscribed to; Commerce only (§19)"),
    Switch("module_url", "", "where a module of the shop's tells of accounts that it put together (§19)"),
    Switch("module_secret", "", "the secret under which that module signs"),
    Switch("schema_document", True, "GET /rest/schema is there; hosts may disable it (§1)"),
    Switch("version_page", True, "/magento_version tells edition and version (§21)"),
)
SHAPES = (
    Switch("quoted_ids", True, "fresh ids of ship, invoice, refund and options arrive as text (§3, §23)"),
    Switch("modules_envelope", False, "GET /V1/modules: {items, total_count} in place of the schema's bare list (§21)"),
)
LISTS = (
    Switch(
        "past_the_end",
        "empty",
        "a page behind the last: empty, or the last again as before 2.4.1 (§6)",
        ("empty", "repeat"),
    ),
    Switch("input_limiting", False, "arrays and pages are limited (§5); 2.4.3 shipped with it"),
    Switch("array_max", 20, "items per list of a synchronous call under input limiting (§5)"),
    Switch("async_array_max", 5_000, "items per list of an asynchronous call under input limiting (§5)"),
    Switch("page_size_max", 300, "largest pageSize under input limiting (§5)"),
    Switch("page_size_default", 20, "pageSize of a call without one under input limiting (§5)"),
    Switch("page_drift", 0, "rows of each page of a list that change once right after it was read (§22)"),
    Switch(
        "late_commit", 0, "seconds until lists see a row whose transaction is long: its updated_at is older (§20.2)"
    ),
)
ACCESS = (
    Switch("guest_access", False, "guests may read catalogue and websites, whatever token they send (§2.4)"),
    Switch("oauth_quirks", True, "the server's reading of signed parameters: natural order, bare parts, plus (§2.3)"),
    Switch("signing_base_url", "", "scheme and host that PHP sees behind a proxy; empty: as called (§2.3 4)"),
    Switch("two_factor", True, "admins need a second factor: admin/token is refused (§2.1)"),
    Switch("admin_token_minutes", 60, "lifetime of an admin's token (§23)"),
    Switch("customer_token_minutes", 60, "lifetime of a customer's token (§2.1)"),
    Switch("consumer_expiry", 300, "seconds after Activate in which a handshake may begin (§2.2)"),
    Switch("callback_timeout", 5, "seconds an integration's callback has to answer (§2.2)"),
    Switch("integration_as_bearer", False, "an integration's access token alone is taken as bearer (§2.1)"),
)
GOODS = (
    Switch("name_remakes_url_key", True, "a name saved without a url_key makes a new one of it (§14.2, M13)"),
    Switch("view_save_copies", False, "a save in a view copies every inherited value into it (before 2.4.2, §14.1)"),
    Switch("bulk_price_fills_website", False, "a bulk price for one view holds in all views of its website (M12)"),
    Switch(
        "label_check",
        "label_or_id",
        "what makes a new option a duplicate: its label, or an option whose id it spells too (M14)",
        ("label_or_id", "label"),
    ),
    Switch("option_id_prefix", False, "a fresh option's id comes as id_58, as from old releases (§14.3)"),
)
STOCK = (
    Switch("source_items_need_product", False, "source items of unknown SKUs are refused (§15.2, §23)"),
    Switch("synchronize_with_catalog", False, "source items follow a renamed product and go with a deleted one"),
)
QUEUE = (
    Switch("consumer_running", True, "the consumer of the queue works; without it everything stays open (§16)"),
    Switch("consumer_delay_ms", 0, "milliseconds until the consumer comes to a bulk"),
    Switch("consumer_per_second", 0, "operations that the consumer does in a second; 0: no limit"),
    Switch("consumer_stops_after", 0, "operations of each bulk after which the consumer dies; 0: never"),
    Switch("consumer_leaves_open", False, "work is done, its status stays open (M17)"),
    Switch("bulk_rejects", 0, "how many operations at the end of each bulk are rejected"),
)
SWITCHES = (*INSTALLATION, *SHAPES, *LISTS, *ACCESS, *GOODS, *STOCK, *QUEUE, *SALES)

"""The switches of the Magento sandbox: the profile, what the note leaves open (§23), and the shop's own settings."""

from __future__ import annotations

from ipaas.sandbox.core.switches import Switch
from ipaas.sandbox.magento.profiles import DEFAULT, PROFILES

INSTALLATION = (
    Switch("profile", DEFAULT, "edition and version (§22)", tuple(PROFILES)),
    Switch("developer_mode", False, "unexpected failures name their exception instead of a report (§3)"),
    Switch("inventory_modules", True, "stock is kept by sources; without it the /V1/inventory routes are gone (§15.3)"),
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
    Switch("oauth_quirks", True, "the server's reading of signed parameters: natural order, bare parts, plus (§2.3)"),
    Switch("signing_base_url", "", "scheme and host that PHP sees behind a proxy; empty: as called (§2.3 4)"),
    Switch("two_factor", True, "admins need a second factor: admin/token is refused (§2.1)"),
    Switch("admin_token_minutes", 60, "lifetime of an admin's token (§23)"),
    Switch("customer_token_minutes", 60, "lifetime of a customer's token (§2.1)"),
    Switch("consumer_expiry", 300, "seconds after Activate in which a handshake may begin (§2.2)"),
    Switch("callback_timeout", 5, "seconds an integration's callback has to answer (§2.2)"),
    Switch("integration_as_bearer", False, "an integration's access token alone is taken as bearer (§2.1)"),
)
SWITCHES = (*INSTALLATION, *SHAPES, *LISTS, *ACCESS)

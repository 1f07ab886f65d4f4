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
ACCESS = (Switch("integration_as_bearer", False, "an integration's access token alone is taken as bearer (§2.1)"),)
SWITCHES = (*INSTALLATION, *SHAPES, *ACCESS)

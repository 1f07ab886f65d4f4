"""The switches of orders and what follows them: releases that differ, and gateways that refuse."""

from __future__ import annotations

from ipaas.sandbox.core.switches import Switch

SALES = (
    Switch("child_price", "zero", "price of a configurable's child: 0, or its parent's (§8.3)", ("zero", "repeated")),
    Switch("numbers_overlap", False, "store views count their documents without a number of their own before (§7)"),
    Switch("edit_links_child", False, "an edited order names the one in its place (§7; some releases forget it)"),
    Switch("mail_delay", 60, "seconds until an order's e-mail is sent and its flag moves `updated_at` (§20.1)"),
    Switch("pending_minutes", 480, "minutes until an order in pending_payment is given up by itself (§8.1)"),
    Switch("invoice_forgets_weee", False, "invoices leave fixed product taxes out, so the order stays due"),
    Switch(
        "zero_qty_bundle",
        "nothing",
        "a memo with all rows at zero, on an order with a bundle: refunds no piece, all, or is refused (M06)",
        ("nothing", "everything", "refused"),
    ),
    Switch("codes_twice", False, "an invoice is saved twice: each gift card that it sold gets two codes (§18)"),
    Switch("capture_refused", False, "the gateway refuses captures"),
    Switch("refund_refused", False, "the gateway refuses refunds"),
)

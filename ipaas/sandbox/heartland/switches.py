"""The switches of §21.4: what the note leaves open, and what a tenant can be like."""

from ipaas.sandbox.core.switches import Switch

SWITCHES = (
    Switch("location_header", "path", "Location as /api/... or as a full URL (§4.6)", ("path", "absolute")),
    Switch("create_body", "empty", "body of a 201 (§4.6)", ("empty", "record")),
    Switch("put_response", "204", "answer to PUT and DELETE (§3.2)", ("204", "200-empty", "200-record")),
    Switch("validation_status", 400, "status of validation failures (§3.2)", (400, 422)),
    Switch("rate_limit", True, "throttle at all (§3.4)"),
    Switch("rate_per_second", 5.0, "token bucket: requests per second and token (§3.4)"),
    Switch("rate_burst", 10.0, "token bucket: size (§3.4)"),
    Switch("concurrent_writes", 2, "writes of one token at the same time, 0 is no limit (§3.4)"),
    Switch("auto_tax_rate", {}, "location id -> rate in percent that Heartland adds as its own tax (§10.4)"),
    Switch("strict_paths", True, "endpoints known from one SDK only answer 404 (§0, mark S)"),
    Switch("strict_filters", True, "operators without $ answer 400 instead of being ignored (§4.9)"),
    Switch("address_join_ids", False, "the id in Location of an address is a join id unlike address_id (§9)"),
    Switch("invoice_autofill", False, "completing an invoice without lines takes the open lines there (§12.2)"),
    Switch("invoice_void_complete", True, "a complete invoice can be voided: its pieces are open again (§12.2)"),
    Switch("token_scopes", True, "403 without the permission (§2.1)"),
    Switch("latency_ms", 0, "time every call takes, on top"),
    Switch("count_lag_seconds", 3600, "how late an accepted physical count reaches the stock (§8.4)"),
    Switch("deep_page_500", True, "tickets beyond 10,000 rows answer 500 (§4.7)"),
    Switch("open_without_addresses", False, "orders open without billing and shipping address ids (§10.5)"),
    Switch("allow_open_unpaid", False, "orders open although payments do not equal the total (§21.2)"),
    Switch(
        "cancel_spellings", "strict", "strict: canceled; lenient: cancelled and void too (§10.5)", ("strict", "lenient")
    ),
    Switch(
        "line_delete", "pending", "order lines can be deleted while pending, or any time (§10.1)", ("pending", "any")
    ),
    Switch("pending_payments", True, "payments may be written as still to come (§18.1); off: refused"),
    Switch("restrict_returns", False, "returns need their parent transaction (§12.4)"),
    Switch("new_type_on_orders", True, "payment types are made with 'accept on sales orders' on (§11.1)"),
    Switch("values_unsorted", False, "grouped stock values come in no order, whatever `sort[]` says (§8.1, [U])"),
    Switch(
        "values_filter",
        "all",
        "conditions on grouped stock values: all are heeded, or equality only and others are ignored (§8.1, [U])",
        ("all", "equality"),
    ),
    Switch(
        "order_moves_with",
        "sums",
        "what moves an order's updated_at: its header, also its computed sums, or all its parts (§10.2, [I])",
        ("sums", "header", "parts"),
    ),
    Switch("default_per_page", 20, "per_page when not asked for (§4.7)"),
)

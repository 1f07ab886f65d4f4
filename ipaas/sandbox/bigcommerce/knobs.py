"""The switches of the BigCommerce sandbox: what the note leaves open (§29) and the faults worth having (§26)."""

from __future__ import annotations

from ipaas.sandbox.core.switches import Switch

LIMITS = (
    Switch("quota", 150, "requests per window and store (§5)"),
    Switch("window_ms", 30_000, "length of the fixed rate window in milliseconds (§5)"),
    Switch("strip_headers_on_429", False, "429 as platform overload: without the rate headers (§5)"),
    Switch("retry_after_header", False, "429 also carries X-Retry-After in whole seconds (§5)"),
    Switch("empty_429_body", False, "429 without a body (§5)"),
    Switch("throttle_as_500", False, "answer 500 where 429 is due (§5)"),
    Switch("concurrency", {}, 'requests at once by "METHOD /pattern" behind /stores/<hash>; more gives 429 (§5)'),
    Switch("default_concurrency", True, "apply the documented concurrency limits of §5"),
    Switch("error_rate", {}, 'share of calls that fail, by status: {"503": 0.05}'),
    Switch("store_suspended", False, "503 to every call: suspended or in maintenance (§7.1)"),
)
SHAPES = (
    Switch("money_style", "four", "V2 money as text of 4 or 2 decimals, or as JSON number", ("four", "two", "number")),
    Switch("extra_fields", False, "unknown fields in every JSON object answered"),
    Switch("gzip", True, "longer answers are compressed for clients that accept it (§1)"),
    Switch("pages_clipped", False, "product pages with variants hold ten, and the number of pages does not say so"),
    Switch("partial_product_save", False, "product writes that carry stock answer 207: saved, stock not (§7.1)"),
    Switch("v2_limit_over_max", "413", "limit above 250 on a V2 list", ("413", "clip")),
    Switch("v2_scope_error", "array", "403 body of V2 for a missing scope (§7.2)", ("array", "object", "old")),
    Switch("unknown_filter", "ignore", "unknown V3 query parameters (§6.2)", ("ignore", "422")),
    Switch(
        "bare_dates",
        "now",
        "catalogue filters given as a bare date: with the present time of day, or from midnight (§6.2)",
        ("now", "midnight"),
    ),
    Switch(
        "empty_meta", "object", "`meta` with nothing in it: {}, or [] as one real answer had it", ("object", "list")
    ),
    Switch("count_incomplete", False, "GET /v2/orders/count counts Incomplete orders (§28)"),
    Switch("sku_lookup", "exact", "GET variants?sku=: to the letter, or without regard to case", ("exact", "nocase")),
    Switch("old_links", False, "links of addresses and quotes are spelled as in older samples (§9.2)"),
    Switch("api_cart_id", "uuid", "cart_id of orders made by API (§9.2)", ("uuid", "null")),
    Switch("order_create_status", 201, "POST /v2/orders (§28)", (200, 201)),
    Switch("get_archived_order", 404, "GET of an archived order by id (§26, unsure)", (200, 404)),
    Switch(
        "discounted_total",
        "recomputed",
        "discounted_total_inc_tax of lines: tax recomputed after discounts, "
        "total_inc_tax minus the discounts, or absent as on old data (§10.1)",
        ("recomputed", "plain", "absent"),
    ),
    Switch(
        "consignments_include",
        "whole",
        "what include=consignments brings: all of it, its destinations without lines, nothing (three ways), or the "
        "consignments themselves in a list (§11)",
        ("whole", "no_lines", "empty", "links", "null", "flat"),
    ),
    Switch(
        "consignments_array",
        "flat",
        "without consignment_structure=object: a list of the consignments, or of the one object (§11)",
        ("flat", "whole"),
    ),
    Switch(
        "shipping_addresses", "whole", "GET of an order's shipping addresses: all, or none (204)", ("whole", "none")
    ),
    Switch("fees_include", "whole", "what include=fees brings (§11)", ("whole", "empty", "link")),
    Switch("product_includes", "whole", "what include=variants,images of products brings (§11)", ("whole", "empty")),
    Switch("items_total_counts_children", False, "items_total counts bundled children (§9.2)"),
    Switch("ignore_v2_date_filters", False, "V2 lists ignore their date filters (§28)"),
    Switch("read_lag", 0, "seconds during which GET of an order still gives the state before a change (0-10)"),
    Switch("stock_aggregation", False, "catalog stock numbers sum all locations instead of the default one (§18)"),
    Switch("multi_storefront", False, "the store has a second storefront channel (§24)"),
)
PAYMENTS = (
    Switch("authorized_status", 7, "order status after an authorise-only payment", (7, 11)),
    Switch("offline_status", 7, "order status after an offline method", (1, 7, 11)),
    Switch("paid_status_name", "captured", "payment_status after capture at sale", ("captured", "paid")),
    Switch("offline_payment_status", "", "payment_status of offline and API orders", ("", "pending")),
    Switch("offline_transactions", False, "offline methods leave a pending/offline transaction"),
    Switch("silent_gateways", [], "gateways that leave no transactions, such as testgateway (§15)"),
    Switch("empty_payment_status", False, 'payment_status reads "" on every order'),
    Switch(
        "transactions",
        "normal",
        "GET transactions: as stored, none (204), or vault away (503)",
        ("normal", "204", "503"),
    ),
    Switch("capture_delay", 1, "seconds until a capture or void is decided"),
    Switch("capture_outcome", "captured", "how captures end", ("captured", "paid", "declined", "authorized")),
    Switch("void_outcome", "void", "how voids end", ("void", "authorized")),
    Switch("void_status", 5, "order status after a void", (5, 6)),
    Switch("refund_delay", 1, "seconds until the gateway answers a refund"),
    Switch("settles_after", 0, "seconds until a payment has settled: before, its gateway can only void all of it"),
    Switch("refund_declined", False, "the gateway declines refunds after the 201"),
    Switch("refund_service", "normal", "refund endpoints: tax service away (503)", ("normal", "503")),
    Switch(
        "certificate_refund",
        "giftcertificate",
        "provider of refunds to a certificate tender",
        ("giftcertificate", "storecredit"),
    ),
    Switch("partial_refund_status", 14, "status after a partial refund (§28)", (14, 4)),
    Switch("shipment_mails", True, "a new shipment is mailed to the shopper; `mails` holds what was told (§14)"),
    Switch("shipment_moves_status", True, "POST shipment sets status 3 or 2 by itself"),
)
STOCK = (
    Switch("inventory_delay", 2, "seconds until an adjustment is applied (0-60)"),
    Switch("stale_inventory", 0, "seconds during which inventory items still read the old value after that"),
    Switch("unknown_identity", "refuse", "unknown SKU or id in an adjustment", ("refuse", "ignore")),
    Switch(
        "product_identity",
        "product_id",
        "how an adjustment names what is tracked by product: by its id only, or by SKU and variant (§20.2)",
        ("product_id", "any"),
    ),
    Switch("stock_over_max", "refuse", "stock above 2^31-1: 422, or 200 without effect (§28)", ("refuse", "ignore")),
    Switch("untracked_item", "refuse", "untracked item in an adjustment (§20.2)", ("refuse", "accept")),
)
HOOKS = (
    Switch("allow_http_loopback", False, "hook and callback URLs may be http on loopback with any port"),
    Switch("duplicate_hook_status", 409, "POST of a hook that exists", (409, 422)),
    Switch("hook_timeout", 5, "seconds a receiver has to answer"),
    Switch("hook_success", "200", "which answers count as delivered (§25.4)", ("2xx", "200")),
    Switch("hook_warmup", 0, "seconds before a new hook delivers (up to 60)"),
    Switch("signature", True, "Standard Webhooks signature on deliveries"),
    Switch("wildcard_covers_deep", False, "store/order/* also covers refund, transaction, message, metafield events"),
    Switch("store_id_type", "string", "store_id in payloads", ("string", "integer")),
    Switch("status_in_event", True, "statusUpdated carries the status pair (§28)"),
    Switch("created_at_in_event", True, "payloads carry created_at"),
    Switch("idle_days", 90, "days without events after which a hook is switched off"),
    Switch("block_after_requests", 100, "requests in 2 minutes from which the success ratio counts"),
    Switch("block_ratio", 90, "per cent of success below which the domain is blocked"),
    Switch("block_seconds", 180, "how long a domain stays blocked"),
    Switch("block_window", 120, "seconds over which the success ratio is taken"),
)
OAUTH = (
    Switch("code_lifetime", 600, "seconds a grant code lives"),
    Switch("null_scope", False, "the token exchange gives scope null and a token that opens nothing"),
    Switch("bare_token_answer", False, "old token answer without owner and account_uuid"),
    Switch("external_install_value", "1", "value of external_install in the auth callback"),
    Switch("auto_consent", False, "the install page consents by itself and redirects at once"),
)
SWITCHES = (*LIMITS, *SHAPES, *PAYMENTS, *STOCK, *HOOKS, *OAUTH)

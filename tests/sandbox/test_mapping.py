"""Orders that the sandbox priced by its own arithmetic, read and shaped: every recipe, both ways of pricing."""

import json
import urllib.request
from decimal import Decimal
from typing import Any

import pytest

from connections.connectors.bigcommerce import BigCommerceClient
from ipaas.sandbox.catalog.recipes import KINDS, recipes
from ipaas.types import NoObserver
from mappings.core.bigcommerce.customised import variant_options
from mappings.core.bigcommerce.orders import order_from_bigcommerce
from mappings.core.canonical.order import ZERO, Order
from mappings.core.heartland.shape_order import order_to_heartland
from mappings.core.rules.customised import settle, unsettled_products
from mappings.core.rules.holds import order_violations
from mappings.core.rules.line_notes import line_note
from tests.sandbox.bigcommerce_api import HASH, TOKEN
from tests.unit.mappings.payloads import lookups_for

#: Recipe -> why its orders wait even where everything is linked and mapped.
HELD = {
    "two-addresses": {"several_destinations"},
    "partially-refunded": {"partially_refunded"},
    "refunded": {"partially_refunded"},
    "custom-line": {"line_without_sku"},
    "buys-certificate": {"gift_certificate_sold"},
}
CUSTOMISED = {
    "customised": ["Engraving: ANA"],
    "customised-priced": ["Strap: Leather", "Monogram: Yes; Initials: RW"],
}


def ask(method: str, url: str, body: object) -> Any:
    data = json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def settled(order: Order, client: BigCommerceClient) -> Order:
    """Customisations told from variant choices, as the order flow does it."""
    variants = client.variants_of(unsettled_products(order, {}))
    return settle(order, {str(variant["id"]): variant_options(variant) for variant in variants})


def composed(order: Order) -> Decimal:
    charges = sum((charge.amount for charge in order.charges), ZERO)
    return order.subtotal - order.discount + order.shipping + charges + order.wrapping + order.tax


@pytest.mark.parametrize(("with_tax", "style"), [(False, "four"), (True, "two")], ids=["before tax", "with tax"])
def test_every_recipe_is_read_and_shaped_to_the_cent(bigcommerce_url: str, with_tax: bool, style: str) -> None:
    ask("PUT", f"{bigcommerce_url}/_sim/store", {"is_price_entered_with_tax": with_tax})
    ask("PUT", f"{bigcommerce_url}/_sim/switches", {"quota": 10_000, "money_style": style})
    client = BigCommerceClient(bigcommerce_url, HASH, TOKEN, NoObserver())
    seen = set()
    for recipe in recipes(len(KINDS), seed=11):
        kind = recipe["kind"]
        placed = ask("POST", f"{bigcommerce_url}/_sim/orders", recipe)
        (number,) = placed["ids"]
        order = settled(order_from_bigcommerce(client.order_read(str(number))), client)
        lookups = lookups_for(order)
        codes = {violation.code for violation in order_violations(order, lookups)}
        charged = Decimal(placed["totals"][str(number)])
        assert (kind, order.total, composed(order), codes) == (kind, charged, charged, HELD.get(kind, set()))
        notes = [note for line in order.lines if (note := line_note(line, wrap_has_line=True))]
        assert (kind, notes) == (kind, CUSTOMISED.get(kind, []))
        if not codes:
            assert order_to_heartland(order, lookups).total == charged
        seen.add(kind)
    assert seen == KINDS.keys() >= HELD.keys() | CUSTOMISED.keys()

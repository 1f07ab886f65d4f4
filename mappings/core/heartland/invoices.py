"""Heartland's invoices: what one location shipped of a sales order. Heartland note §12.2, §12.3."""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from errors.failures import ContractBroken
from mappings.core.canonical.shipment import Invoice

BETWEEN_NUMBERS = re.compile(r"[,;|\n]+")  # a blank may belong to a number


def invoice_from_heartland(answer: Mapping[str, Any], *, tracking_field: str, carrier_field: str) -> Invoice:
    """Read an invoice answered with `_include[]=lines`. Raises ContractBroken naming the field."""
    if not isinstance(answer.get("lines"), list):
        raise ContractBroken(f"Heartland invoice {answer.get('id')}: lines are missing from the answer")
    custom = answer.get("custom") or {}
    lines = [line for line in answer["lines"] if line.get("item_id") is not None]
    names = {
        str(line["item_id"]): str(line.get("item_public_id") or line.get("description") or f"item {line['item_id']}")
        for line in lines
    }
    return Invoice(
        id=str(answer["id"]),
        number=str(answer.get("public_id") or answer["id"]),
        order_id=str(answer.get("order_id") or ""),
        status=str(answer.get("status")),
        version=invoice_version(answer, tracking_field=tracking_field, carrier_field=carrier_field),
        items=pieces_from_heartland(lines),
        names=names,
        tracking=tracking_numbers(str(custom.get(tracking_field) or "")),
        carrier=str(custom.get(carrier_field) or "").strip(),
        location_id=str(answer.get("source_location_id") or ""),
    )


def pieces_from_heartland(lines: Iterable[Mapping[str, Any]]) -> Counter[str]:
    """Whole pieces by item id; what is sold by the metre counts whole ones of all its lines together."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        if line.get("item_id") is not None:
            found[str(line["item_id"])] += Decimal(str(line.get("qty") or 0))
    return Counter({item: int(quantity) for item, quantity in found.items()})


def invoice_version(answer: Mapping[str, Any], *, tracking_field: str, carrier_field: str) -> str:
    """Differs when anything of an invoice differs that the store is told; Heartland's time alone counts whole seconds.

    The lines of a complete invoice do not change any more.
    """
    custom = answer.get("custom") or {}
    told = [answer.get("status"), custom.get(tracking_field), custom.get(carrier_field)]
    return f"{answer.get('updated_at')} {hashlib.sha256(repr(told).encode()).hexdigest()[:16]}"


def tracking_numbers(text: str) -> tuple[str, ...]:
    """Numbers separated by commas, semicolons, bars or new lines; each once."""
    return tuple(dict.fromkeys(part.strip() for part in BETWEEN_NUMBERS.split(text) if part.strip()))

"""Who holds a customer account of the store. BigCommerce note §22."""

from collections.abc import Mapping
from typing import Any

from mappings.core.canonical.json_fields import Row
from mappings.core.canonical.order import Buyer
from mappings.core.rules import names, phones


def holder_from_bigcommerce(account: Mapping[str, Any], typed: Buyer, *, country: str) -> Buyer:
    """The account's holder (a row of V3 customers); `typed` is the order's billing contact, for what the account lacks.

    Names and phone of a billing address may be the employer's or the spouse's. `country` reads a phone without a code.
    """
    row = Row(account, f"Customer {typed.source_id}")
    first_name, last_name = names.person(
        *(" ".join(row.free_text(field).split()) for field in ("first_name", "last_name", "company"))
    )
    is_named = bool(first_name or last_name)
    return Buyer(
        source_id=typed.source_id,
        email="".join(row.text("email").split()).lower() or typed.email,
        phone=phones.normalise(row.text("phone"), country or "US"),
        first_name=first_name if is_named else typed.first_name,
        last_name=last_name if is_named else typed.last_name,
    )

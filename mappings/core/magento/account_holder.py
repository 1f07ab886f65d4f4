"""Who holds a customer account of the shop. Magento notes §17."""

from collections.abc import Mapping
from typing import Any

from mappings.core.canonical.json_fields import Row
from mappings.core.canonical.order import Buyer
from mappings.core.rules import names, phones


def holder_from_magento(account: Mapping[str, Any], typed: Buyer, *, country: str) -> Buyer:
    """The account's holder; `typed` is the order's billing contact, for what the account lacks.

    An account has no phone of its own: its default billing address has, in that address's country, else in `country`.
    """
    row = Row(account, f"Customer {typed.source_id}")
    first_name, last_name = names.person(*(" ".join(row.free_text(one).split()) for one in ("firstname", "lastname")))
    is_named = bool(first_name or last_name)
    home = next((one for one in row.rows("addresses", "address") if one.flag("default_billing")), Row({}, row.label))
    return Buyer(
        source_id=typed.source_id,
        email="".join(row.text("email").split()).lower() or typed.email,
        phone=phones.normalise(home.text("telephone"), home.text("country_id").upper() or country or "US"),
        first_name=first_name if is_named else typed.first_name,
        last_name=last_name if is_named else typed.last_name,
    )

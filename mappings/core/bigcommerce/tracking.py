"""Carrier and tracking numbers of an invoice, as the store takes them. BigCommerce note §14.

A shipment has room for one number of 50 characters, and for a carrier of the store's own list: only those get a link.
"""

import re
from collections.abc import Sequence

from mappings.core.canonical.shipment import Invoice, Tracking
from mappings.core.rules import carriers

LONGEST_NUMBER = 50  # characters that the store takes
CARRIERS = {  # the store's word for a carrier → names that people type, letters and digits only
    "auspost": ("auspost", "austpost", "australiapost", "australianpost"),
    "canadapost": ("canadapost", "postescanada", "canadapostpostescanada"),
    "endicia": ("endicia",),
    "fedex": ("fedex", "federalexpress", "fdx"),
    "royalmail": ("royalmail",),
    "shipperhq": ("shipperhq",),
    "ups": ("ups", "unitedparcelservice", "unitedparcel"),
    "upsonline": ("upsonline", "upsonlinetools"),
    "upsready": ("upsready",),
    "usps": ("usps", "uspostalservice", "uspostal", "usmail", "unitedstatespostalservice"),
}
PROVIDERS = {name: provider for provider, names in CARRIERS.items() for name in names}
MADE_BY_THE_STORE = re.compile(r"carrier_\d+")  # carriers that the merchant added in BigCommerce
TRACKING_FIELDS = (
    "tracking_number",
    "shipping_provider",
    "shipping_method",
    "comments",
)  # of a shipment, see tracking_of


def numbers_fit(numbers: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """As many of the numbers, in their order, as fit together, joined by commas; and the others. None is cut."""
    taken: list[str] = []
    for number in numbers:
        if len(", ".join([*taken, number])) <= LONGEST_NUMBER:
            taken.append(number)
    return ", ".join(taken), tuple(one for one in numbers if one not in taken)


def carrier_parts(text: str) -> tuple[str, str]:
    """What staff typed, as the store's carrier and the service."""
    if MADE_BY_THE_STORE.fullmatch(text.strip()):
        return text.strip(), ""
    return carriers.carrier_parts(text, PROVIDERS)


def tracking_of(invoice: Invoice) -> Tracking:
    """The fields of a shipment that may change later. Numbers that do not fit stand in the comments."""
    number, further = numbers_fit(invoice.tracking)
    provider, service = carrier_parts(invoice.carrier)
    shown = {
        "tracking_number": number,
        "shipping_provider": provider,
        "shipping_method": service,
        "comments": f"Further tracking numbers: {', '.join(further)}" if further else "",
    }
    return Tracking(shown=shown, number=number, further=further, longest=LONGEST_NUMBER)

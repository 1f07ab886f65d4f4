"""Carrier and tracking numbers of an invoice, as the store takes them. BigCommerce note §14.

A shipment has room for one number of 50 characters, and for a carrier of the store's own list: only those get a link.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from mappings.core.canonical.shipment import Invoice, Tracking

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
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[A-Z]|\d+|[^\W\d_]+")  # "FedExGround" is Fed, Ex, Ground
TRACKING_FIELDS = (
    "tracking_number",
    "shipping_provider",
    "shipping_method",
    "comments",
)  # of a shipment, see tracking_of
BETWEEN_PARTS = " -:,/|()®™"  # between a carrier and its service


def numbers_fit(numbers: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """As many of the numbers, in their order, as fit together, joined by commas; and the others. None is cut."""
    taken: list[str] = []
    for number in numbers:
        if len(", ".join([*taken, number])) <= LONGEST_NUMBER:
            taken.append(number)
    return ", ".join(taken), tuple(one for one in numbers if one not in taken)


def carrier_parts(text: str) -> tuple[str, str]:
    """What staff typed, as the store's carrier and the service: "UPS Ground" → ("ups", "Ground").

    The longest name at the beginning counts, else the only one that stands anywhere. A service that was not typed is
    the carrier's name as typed; a carrier that the store does not list has no provider and keeps its words.
    """
    text = " ".join(text.split())
    if MADE_BY_THE_STORE.fullmatch(text):
        return text, ""
    words = list(WORD.finditer(text))
    first = max(_names(words, starts=[0]), key=lambda found: found[1], default=None)
    if first:
        provider, end = first
        return provider, text[end:].lstrip(".").strip(BETWEEN_PARTS) or text
    anywhere = {provider for provider, _ in _names(words, starts=range(1, len(words)))}
    return (anywhere.pop() if len(anywhere) == 1 else ""), text


def _names(words: Sequence[re.Match[str]], *, starts: Iterable[int]) -> Iterator[tuple[str, int]]:
    """Carriers that whole words spell, from these words on, each with where it ends in the text."""
    for start in starts:
        spelt = ""
        for word in words[start:]:
            spelt += word.group().casefold()
            if provider := PROVIDERS.get(spelt):
                yield provider, word.end()


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

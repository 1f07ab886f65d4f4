"""Carrier and tracking numbers of an invoice, as Magento takes them: a track a number. Magento notes §10."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mappings.core.canonical.shipment import Invoice, Tracking
from mappings.core.rules import carriers

LONGEST_NUMBER = 255  # characters; the notes name no limit, and no carrier's number comes near
CUSTOM = "custom"  # a carrier that the shop makes no link for
CARRIERS = {  # the shop's codes → names that people type, letters and digits only
    "dhl": ("dhl", "dhlexpress"),
    "fedex": ("fedex", "federalexpress", "fdx"),
    "ups": ("ups", "unitedparcelservice", "unitedparcel"),
    "usps": ("usps", "uspostalservice", "uspostal", "usmail", "unitedstatespostalservice"),
}
PROVIDERS = {name: code for code, names in CARRIERS.items() for name in names}
NUMBERS, CARRIER = "track_number", "title"  # keys of Tracking.shown


def tracking_of(invoice: Invoice) -> Tracking:
    """What a shipment shows and may show otherwise later. A carrier without a number has no place there."""
    fitting = numbers_of(invoice)
    shown = {NUMBERS: ", ".join(fitting), CARRIER: title_of(invoice) if fitting else ""}
    further = tuple(number for number in invoice.tracking if number not in fitting)
    return Tracking(shown=shown, number=shown[NUMBERS], further=further, longest=LONGEST_NUMBER)


def numbers_of(invoice: Invoice) -> Sequence[str]:
    """Those that get a track each."""
    return [number for number in invoice.tracking if len(number) <= LONGEST_NUMBER]


def carrier_code(invoice: Invoice) -> str:
    """The shop's code of what staff typed."""
    return carriers.carrier_parts(invoice.carrier, PROVIDERS)[0] or CUSTOM


def title_of(invoice: Invoice) -> str:
    """Carrier and service as staff typed them; the shop demands some words."""
    return " ".join(invoice.carrier.split()) or "Carrier"


def shown_by(tracks: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The same of a shipment's tracks, in the order in which they were made."""
    rows = sorted(tracks, key=lambda track: int(track.get("entity_id") or 0))
    titles = dict.fromkeys(str(track.get(CARRIER) or "").strip() for track in rows)
    numbers = [str(track.get(NUMBERS) or "").strip() for track in rows]
    return {NUMBERS: ", ".join(filter(None, numbers)), CARRIER: ", ".join(filter(None, titles))}

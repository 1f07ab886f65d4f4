"""Corrections that are proposed where an address or a text does not fit Heartland, and applied once a person says so.

Each names one value as it was read and as it would go: nothing is cut, filled in or left out silently.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from mappings.core.canonical.order import Address, Line, Order
from mappings.core.rules.addresses import NOT_APPLICABLE, address_body, missing_parts
from mappings.core.rules.holds import EMAIL, EMAIL_LENGTH, LIMITS, WORDS
from mappings.core.rules.line_notes import NOTE_LENGTH, line_note, wrap_note
from mappings.core.rules.names import STAND_IN

BILLING, SHIPPING = "billing_address", "shipping_address"
BUYER_EMAIL = "buyer.email"
TEXT = "text."
LINE, NOTE, WRAP = "line.", "note", "wrap"
NAMES = ("first_name", "last_name")
NOBODY = "Guest"  # for a buyer of whom nothing is known


@dataclass(frozen=True, kw_only=True)
class Correction:
    """One value: where it stands, as it was read, as it goes. Personal data: kept encrypted."""

    field: str  # "billing_address.line_2", "buyer.email", "text.order_comment", "line.1.note"
    before: str
    after: str

    @property
    def label(self) -> str:
        """What people call the value."""
        holder, _, part = self.field.partition(".")
        if holder == "text":
            return f"The text for Heartland's field {part}"
        if holder == "line":
            number, _, which = part.partition(".")
            return f"What the shopper asked for, line {number}" if which == NOTE else f"The wrapping of line {number}"
        if self.field == BUYER_EMAIL:
            return "The e-mail address"
        return f"The {WORDS[part]} of the {holder.replace('_', ' ')}"


def proposals(order: Order, texts: Mapping[str, str], *, wrap_has_line: bool = False) -> tuple[Correction, ...]:
    """What would make the order fit; empty when it does, or when nobody but a person can know."""
    too_long = (one for one in _line_texts(order, wrap_has_line) if len(one[1]) > NOTE_LENGTH)
    lines = (Correction(field=field, before=text, after=shortened(text, NOTE_LENGTH)) for field, text in too_long)
    return (*_proposals(order, texts), *lines)


def corrected(order: Order, accepted: Iterable[Correction]) -> Order:
    """The order with the corrections that still mean what is there: a value that was edited since keeps its edit."""
    changes = {one.field: one.after for one in accepted if _value(order, one.field) == one.before}
    billing, shipping = (_parts(changes, holder) for holder in (BILLING, SHIPPING))
    if BUYER_EMAIL in changes:
        order = replace(order, buyer=replace(order.buyer, email=changes[BUYER_EMAIL]))
    if order.billing and billing:
        buyer = replace(order.buyer, **{name: billing[name] for name in NAMES if name in billing})
        order = replace(order, buyer=buyer, billing=_address_with(order.billing, billing))
    if order.consignments and shipping:
        first, *others = order.consignments
        order = replace(order, consignments=(replace(first, address=_address_with(first.address, shipping)), *others))
    return order


def corrected_texts(texts: Mapping[str, str], accepted: Iterable[Correction]) -> dict[str, str]:
    """The same for what was written."""
    changes = {one.field: one.after for one in accepted if texts.get(one.field.removeprefix(TEXT)) == one.before}
    return {field: changes.get(f"{TEXT}{field}", text) for field, text in texts.items()}


def corrected_lines(order: Order, accepted: Iterable[Correction], *, wrap_has_line: bool) -> Order:
    """The same for what goes with the lines, once it is known which of their choices are wishes."""
    texts = dict(_line_texts(order, wrap_has_line))
    changes = {one.field: one.after for one in accepted if texts.get(one.field) == one.before}
    if not changes:
        return order
    lines = [_line_with(line, number, changes) for number, line in enumerate(order.lines, 1)]
    return replace(order, lines=tuple(lines))


def _line_with(line: Line, number: int, changes: Mapping[str, str]) -> Line:
    line = replace(line, note=changes.get(f"{LINE}{number}.{NOTE}", line.note))
    wrap = changes.get(f"{LINE}{number}.{WRAP}")
    return replace(line, wrap=replace(line.wrap, name=wrap, message="")) if line.wrap and wrap else line


def _line_texts(order: Order, wrap_has_line: bool) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(order.lines, 1):
        yield f"{LINE}{number}.{NOTE}", line_note(line, wrap_has_line=wrap_has_line)
        if line.wrap and wrap_has_line:
            yield f"{LINE}{number}.{WRAP}", wrap_note(line.wrap)


def shortened(text: str, length: int) -> str:
    """The text up to a word's end, with "…" for what is left out."""
    if len(text) <= length:
        return text
    head = text[: length - 1]
    cut = head.rsplit(" ", maxsplit=1)[0] if " " in head[length // 2 :] else head
    return f"{cut.rstrip(' ,;')}…"


def _proposals(order: Order, texts: Mapping[str, str]) -> Iterator[Correction]:
    shipping = order.consignments[0].address if order.consignments else None
    if order.billing:
        yield from _address_proposals(BILLING, order.billing, shipping)
    if shipping:
        yield from _address_proposals(SHIPPING, shipping, order.billing)
    email = order.buyer.email
    if email and (len(email) > EMAIL_LENGTH or not EMAIL.fullmatch(email)):
        yield Correction(field=BUYER_EMAIL, before=email, after=_mended(email))
    for field, text in texts.items():
        if len(text) > NOTE_LENGTH:
            yield Correction(field=f"{TEXT}{field}", before=text, after=shortened(text, NOTE_LENGTH))


def _address_proposals(holder: str, address: Address, other: Address | None) -> Iterator[Correction]:
    missing, body = missing_parts(address), address_body(address)
    if "name" in missing:
        named = (other.first_name, other.last_name) if other and (other.first_name or other.last_name) else (NOBODY, "")
        for part, name in zip(NAMES, named, strict=True):
            yield Correction(field=f"{holder}.{part}", before="", after=name or STAND_IN)
    for part in ("city", "state", "postal_code"):
        if part in missing:
            yield Correction(field=f"{holder}.{part}", before="", after=NOT_APPLICABLE)
    for part, length in LIMITS.items():
        if len(text := body[part] or "") > length:
            yield Correction(field=f"{holder}.{part}", before=text, after=shortened(text, length))


def _mended(email: str) -> str:
    """The address without what slipped in at its ends, or with its comma as the dot that was meant; else nothing."""
    for guess in (email.strip(".,;:<>()\"' "), email.replace(",", ".")):
        if len(guess) <= EMAIL_LENGTH and EMAIL.fullmatch(guess):
            return guess
    return ""


def _value(order: Order, field: str) -> str | None:
    """What stands there now, as `proposals` tells it."""
    holder, _, part = field.partition(".")
    if field == BUYER_EMAIL:
        return order.buyer.email
    address = order.billing if holder == BILLING else order.consignments[0].address if order.consignments else None
    if address is None or holder not in {BILLING, SHIPPING}:
        return None
    if part in {"city", "state", "postal_code", *NAMES} and not getattr(address, part):
        return ""
    return address_body(address)[part] or ""


def _parts(changes: Mapping[str, str], holder: str) -> dict[str, str]:
    return {field.partition(".")[2]: text for field, text in changes.items() if field.startswith(f"{holder}.")}


def _address_with(address: Address, changes: Mapping[str, str]) -> Address:
    """The address as Heartland is to hold it: the company stands in the second line then."""
    body = {**address_body(address), **changes}
    kept = {part: body[part] or "" for part in ("line_1", "line_2", "phone")}
    plain = {part: changes.get(part, getattr(address, part)) for part in (*NAMES, "city", "state", "postal_code")}
    return replace(address, company="", **kept, **plain)

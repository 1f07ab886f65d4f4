"""Corrections of single orders: proposed where an address or a text does not fit Heartland, or made by a person.

Each names one value as it was read and as it would go: nothing is cut, filled in or left out silently, and nothing
is applied before a person says so.
"""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from mappings.core.canonical.order import Address, Line, LineKind, Order, TenderKind
from mappings.core.rules import countries, phones
from mappings.core.rules.addresses import LINE_LENGTH, NOT_APPLICABLE, address_body, missing_parts
from mappings.core.rules.holds import EMAIL, EMAIL_LENGTH, LIMITS, WORDS
from mappings.core.rules.line_notes import NOTE_LENGTH, line_note, wrap_note
from mappings.core.rules.names import STAND_IN

BILLING, SHIPPING = "billing_address", "shipping_address"
BUYER_EMAIL = "buyer.email"
TEXT = "text."
LINE, NOTE, WRAP, SKU = "line.", "note", "wrap", "sku"
METHOD = "shipping.method"
TENDER = "tender."
NAMES = ("first_name", "last_name")
ADDRESS_PARTS = (*NAMES, "line_1", "line_2", "city", "state", "postal_code", "phone")  # that people edit
#: How sure a proposal is, of a hundred.
OF_POSTAL_CODE, FOUND, OTHER_NAME, OTHER_PLACE, MENDED, SHORTENED, GUESSED, LEFT_OUT = 95, 90, 85, 85, 85, 60, 30, 30
SAME_STREET = 0.9  # likeness of two spellings of a street
NOBODY = "Guest"  # for a buyer of whom nothing is known


@dataclass(frozen=True, kw_only=True)
class Correction:
    """One value: where it stands, as it was read, as it goes. Personal data: kept encrypted."""

    field: str  # "billing_address.line_2", "buyer.email", "text.order_comment", "line.1.note", "tender.1.method"
    before: str
    after: str
    confidence: int = dataclasses.field(default=0, compare=False)  # of a hundred: how sure we are that it is meant
    why: str = dataclasses.field(default="", compare=False)  # what the proposal rests on, in words

    @property
    def label(self) -> str:
        """What people call the value."""
        holder, _, part = self.field.partition(".")
        if holder == "text":
            return f"The text for Heartland's field {part}"
        if holder == "line":
            number, _, which = part.partition(".")
            if which == SKU:
                return f"The SKU of line {number}"
            return f"What the shopper asked for, line {number}" if which == NOTE else f"The wrapping of line {number}"
        if self.field == BUYER_EMAIL:
            return "The e-mail address"
        if self.field == METHOD:
            return "The shipping method"
        if holder == "tender":
            return f"The payment method {part.partition('.')[0]}"
        return f"The {WORDS[part]} of the {holder.replace('_', ' ')}"


def proposals(order: Order, texts: Mapping[str, str], *, wrap_has_line: bool = False) -> tuple[Correction, ...]:
    """What would make the order fit; empty when it does, or when nobody but a person can know."""
    too_long = (one for one in _line_texts(order, wrap_has_line) if len(one[1]) > NOTE_LENGTH)
    lines = (_shorter(field, text, NOTE_LENGTH) for field, text in too_long)
    return (*_proposals(order, texts), *lines)


def corrected(order: Order, accepted: Iterable[Correction]) -> Order:
    """The order with the corrections that still mean what is there: a value that was edited since keeps its edit."""
    changes = {one.field: one.after for one in accepted if _value(order, one.field) == one.before}
    if not changes:
        return order
    billing, shipping = (_parts(changes, holder) for holder in (BILLING, SHIPPING))
    if BUYER_EMAIL in changes:
        order = replace(order, buyer=replace(order.buyer, email=changes[BUYER_EMAIL]))
    if order.billing and billing:
        buyer = replace(order.buyer, **{name: billing[name] for name in NAMES if name in billing})
        order = replace(order, buyer=buyer, billing=_address_with(order.billing, billing))
    if order.consignments and shipping:
        first, *others = order.consignments
        order = replace(order, consignments=(replace(first, address=_address_with(first.address, shipping)), *others))
    return _with_choices(order, changes)


@dataclass(frozen=True, kw_only=True)
class Editable:
    """A value that a person may write for the booking of one order."""

    field: str  # as Correction's
    before: str  # as Correction's: what has to stand there still
    value: str  # the same without what only tells which line it is of


def editable(order: Order) -> list[Editable]:
    """What a person may edit of an order before it is booked, as it was read."""
    fields = [BUYER_EMAIL]
    fields += [f"{BILLING}.{part}" for part in ADDRESS_PARTS if order.billing]
    fields += [f"{SHIPPING}.{part}" for part in ADDRESS_PARTS if order.consignments]
    fields += [METHOD] if order.consignments and not order.is_pickup else []
    tenders = enumerate(order.tenders, 1)
    fields += [f"{TENDER}{number}.method" for number, one in tenders if one.kind is TenderKind.GATEWAY]
    values = {field: _value(order, field) or "" for field in fields}
    found = [Editable(field=field, before=value, value=value) for field, value in values.items()]
    sold = [(number, line) for number, line in enumerate(order.lines, 1) if line.kind != LineKind.GIFT_CERTIFICATE]
    skus = [Editable(field=f"{LINE}{number}.{SKU}", before=_with_name(line), value=line.sku) for number, line in sold]
    return [*found, *skus]


def _with_name(line: Line) -> str:
    """A line's SKU with its product, so that a SKU that was written for it is never another line's."""
    return f"{line.sku or '(none)'} · {line.name}"


def _with_choices(order: Order, changes: Mapping[str, str]) -> Order:
    """The order with the SKUs and methods that a person wrote."""
    lines = [
        replace(line, sku=changes.get(f"{LINE}{number}.{SKU}", line.sku)) for number, line in enumerate(order.lines, 1)
    ]
    tenders = [
        replace(one, method=changes.get(f"{TENDER}{number}.method", one.method))
        for number, one in enumerate(order.tenders, 1)
    ]
    order = replace(order, lines=tuple(lines), tenders=tuple(tenders))
    if METHOD not in changes:
        return order
    first, *others = order.consignments
    return replace(order, consignments=(replace(first, method=changes[METHOD]), *others))


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
        mended = _mended(email)
        sure, why = (MENDED, "without what slipped in") if mended else (LEFT_OUT, "nobody can read it as one")
        yield Correction(field=BUYER_EMAIL, before=email, after=mended, confidence=sure, why=why)
    for field, text in texts.items():
        if len(text) > NOTE_LENGTH:
            yield _shorter(f"{TEXT}{field}", text, NOTE_LENGTH)


def _address_proposals(holder: str, address: Address, other: Address | None) -> Iterator[Correction]:
    missing, body = missing_parts(address), address_body(address)
    if "name" in missing:
        is_known = other is not None and bool(other.first_name or other.last_name)
        named = (other.first_name, other.last_name) if other and is_known else (NOBODY, "")
        sure, why = (OTHER_NAME, "the name of the order's other address") if is_known else (GUESSED, "nobody is named")
        for part, name in zip(NAMES, named, strict=True):
            yield Correction(field=f"{holder}.{part}", before="", after=name or STAND_IN, confidence=sure, why=why)
    for part in ("city", "state", "postal_code"):
        if part in missing:
            yield _missing(holder, part, address, other)
    for part, length in LIMITS.items():
        if len(text := body[part] or "") > length:
            number = phones.found_in(text, address.country) if part == "phone" else ""
            if number:
                why = "the number that stands in the text"
                yield Correction(field=f"{holder}.{part}", before=text, after=number, confidence=FOUND, why=why)
            else:
                yield _shorter(f"{holder}.{part}", text, length)


def _missing(holder: str, part: str, address: Address, other: Address | None) -> Correction:
    """A part that the address lacks: what its postal code tells, what the same place's other address says, or "N/A"."""
    sure, why, value = GUESSED, "nothing on the order tells it", NOT_APPLICABLE
    if part == "state" and (state := countries.state_of_postal_code(address.country, address.postal_code)):
        sure, why, value = OF_POSTAL_CODE, f"the postal code {address.postal_code} lies there", state
    elif other and _is_same_place(address, other) and (known := getattr(other, part)):
        sure, why, value = OTHER_PLACE, "the order's other address is the same street", known
    return Correction(field=f"{holder}.{part}", before="", after=value, confidence=sure, why=why)


def _is_same_place(address: Address, other: Address) -> bool:
    """The same street in the same country, however it is spelled; what both say of the place agrees."""
    if not address.line_1 or address.country != other.country:
        return False
    for part in ("city", "state", "postal_code"):
        here, there = getattr(address, part), getattr(other, part)
        if here and there and countries.comparable(here) != countries.comparable(there):
            return False
    here, there = (countries.comparable(one.line_1)[:LINE_LENGTH] for one in (address, other))
    return SequenceMatcher(None, here, there).ratio() >= SAME_STREET


def _shorter(field: str, text: str, length: int) -> Correction:
    after = shortened(text, length)
    why = f"shortened to {length} characters"
    return Correction(field=field, before=text, after=after, confidence=SHORTENED, why=why)


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
    if field == METHOD:
        return order.consignments[0].method if order.consignments else None
    if holder in {"line", "tender"}:
        return _numbered(order, holder, part)
    address = order.billing if holder == BILLING else order.consignments[0].address if order.consignments else None
    if address is None or holder not in {BILLING, SHIPPING}:
        return None
    if part in {"city", "state", "postal_code", *NAMES} and not getattr(address, part):
        return ""
    return address_body(address)[part] or ""


def _numbered(order: Order, holder: str, part: str) -> str | None:
    """The SKU of a line or the method of a tender, by its number from 1; None where there is none."""
    number, _, which = part.partition(".")
    rows = order.lines if holder == "line" else order.tenders
    if which not in {SKU, "method"} or not 0 < int(number) <= len(rows):
        return None
    row = rows[int(number) - 1]
    return _with_name(row) if isinstance(row, Line) else row.method


def _parts(changes: Mapping[str, str], holder: str) -> dict[str, str]:
    return {field.partition(".")[2]: text for field, text in changes.items() if field.startswith(f"{holder}.")}


def _address_with(address: Address, changes: Mapping[str, str]) -> Address:
    """The address as Heartland is to hold it: the company stands in the second line then."""
    body = {**address_body(address), **changes}
    kept = {part: body[part] or "" for part in ("line_1", "line_2", "phone")}
    plain = {part: changes.get(part, getattr(address, part)) for part in (*NAMES, "city", "state", "postal_code")}
    return replace(address, company="", **kept, **plain)

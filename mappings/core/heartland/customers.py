"""Finding the buyer in Heartland, and what to write about them. Heartland note §9.

E-mail decides. A phone belongs to a household: it joins only with the same name. Whoever has neither is nobody we know,
and whoever cannot be told apart is left to a person, never guessed.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from errors.failures import Violation
from mappings.core.canonical.json_fields import Row
from mappings.core.canonical.order import Buyer
from mappings.core.rules import names, phones
from mappings.core.rules.customer_fields import is_key

Candidate = Mapping[str, Any]
NAMES = ("first_name", "last_name")
LONGEST_EMAIL_KEY = 200  # Link.source_id has room for 255 characters, an e-mail address may have 254


@dataclass(frozen=True, kw_only=True)
class Match:
    """Exactly one customer fits."""

    id: str


@dataclass(frozen=True, kw_only=True)
class NoMatch:
    """Nobody fits: create the customer."""


@dataclass(frozen=True, kw_only=True)
class Ambiguous:
    """Several customers fit and nothing tells them apart: a person decides."""

    ids: tuple[str, ...]
    sentence: str

    def violation(self) -> Violation:
        """The reason to hold the order."""
        return Violation(
            code="customer_ambiguous",
            sentence=self.sentence,
            field="customer",
            value=" ".join(self.ids),
            fix="Merge these customers in Heartland, or switch off the ones that are not meant, then retry.",
            fix_page="heartland",
        )


class Mismatch(StrEnum):
    """What Heartland says of a customer whom we had on file."""

    DELETED = "was deleted, or merged into another"
    SWITCHED_OFF = "was switched off"
    SOMEBODY_ELSE = "has another name and another e-mail address or phone now"


def customer_key(buyer: Buyer, order_id: str) -> str:
    """The link key of a buyer, never empty: "customer:77", "email:ana@example.com", "phone:5125550100:<name>".

    A phone tells somebody apart only together with the name. Who has neither e-mail nor phone is a customer of this
    one order: "order:10432:<name>". Names, and e-mail addresses longer than a key, are in it as digests.
    """
    if buyer.source_id:
        return f"customer:{buyer.source_id}"
    if buyer.email:
        return f"email:{buyer.email if len(buyer.email) <= LONGEST_EMAIL_KEY else _digest(buyer.email)}"
    phone = phones.comparable(buyer.phone) if is_key(buyer.phone) else ""
    name = names.key(buyer.first_name, buyer.last_name)
    return f"phone:{phone}:{_digest(name)}" if phone and name else f"order:{order_id}:{_digest(name)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def choose(candidates: Sequence[Candidate], buyer: Buyer) -> Match | NoMatch | Ambiguous:
    """Pick the buyer among customers found by e-mail and phone (Heartland's JSON; doubles are harmless)."""
    known = list({str(row["id"]): row for row in candidates if not row.get("deleted_at")}.values())
    by_email = [row for row in known if buyer.email and _email(row) == buyer.email]
    if by_email:
        return _single(by_email, buyer, (_is_active, _is_phone_of(buyer), _has_name_of(buyer)))
    if phone_note(candidates, buyer):
        return NoMatch()
    by_phone = [row for row in known if _has_phone_of(buyer)(row) and _has_name_of(buyer)(row)]
    return _single(by_phone, buyer, (_is_active, _has_no_other_email(buyer))) if by_phone else NoMatch()


def phone_note(candidates: Sequence[Candidate], buyer: Buyer) -> str:
    """Why the buyer's phone number tells nobody apart, in words; "" when it may, or when there is none."""
    named = {_name(row) for row in candidates if _has_phone_of(buyer)(row) and not row.get("deleted_at")}
    if not buyer.phone or is_key(buyer.phone, len(named)):
        return ""
    if is_key(buyer.phone):
        return f"The phone number is that of {len(named)} people in Heartland, and tells nobody apart."
    return "The phone number is a stopgap, and tells nobody apart."


def _name(row: Candidate) -> str:
    return names.key(str(row.get("first_name") or ""), str(row.get("last_name") or ""))


def customer_body(buyer: Buyer, *, custom: Mapping[str, str] | None = None) -> dict[str, Any]:
    """JSON for `POST /customers`."""
    first_name, last_name = names.both(buyer.first_name, buyer.last_name)
    body: dict[str, Any] = {"first_name": first_name, "last_name": last_name}
    body |= {"email": buyer.email} if buyer.email else {}
    body |= {"phone_number": buyer.phone} if buyer.phone else {}
    return body | ({"custom": dict(custom)} if custom else {})


def changes(existing: Candidate, buyer: Buyer) -> dict[str, Any]:
    """JSON for `PUT /customers/{id}`: fills what is blank there; empty when nothing is.

    An order never writes over what the customer or the staff entered: its names belong to its addresses. Of somebody
    with another name, who shares the mailbox, nothing is mixed in.
    """
    row = Row(existing, f"Customer {existing.get('id')}")
    told = {
        "first_name": buyer.first_name,
        "last_name": buyer.last_name,
        "email": buyer.email,
        "phone_number": buyer.phone,
    }
    if any(row.text(name) and names.key(row.text(name), "") != names.key(told[name], "") for name in NAMES):
        return {}
    return {field: value for field, value in told.items() if value and not row.text(field)}


def made_without_answer(candidates: Sequence[Candidate], buyer: Buyer, *, since: datetime) -> tuple[str, ...]:
    """Ids of customers like the one whom we made without an answer: same name, no contact, made since then."""
    return tuple(
        str(row["id"])
        for row in candidates
        if _has_name_of(buyer)(row)
        and not (_email(row) or row.get("phone_number") or row.get("deleted_at"))
        and Row(row, f"Customer {row['id']}").moment("created_at", since) >= since
    )


def mismatch_of(row: Candidate, buyer: Buyer | None) -> Mismatch | None:
    """Why the customer that a sales order was made out to may not be meant any more; None without a reason.

    A new name or e-mail address alone is the staff's business. `row` is the customer as Heartland has it now, `buyer`
    who is meant; None for a customer who stands for many.
    """
    if row.get("deleted_at"):
        return Mismatch.DELETED
    if not _is_active(row):
        return Mismatch.SWITCHED_OFF
    if buyer is None or not buyer.is_guest or _has_name_of(buyer)(row):
        return None
    knows_other_email = bool(buyer.email) and _email(row) != buyer.email
    knows_other_phone = not buyer.email and bool(buyer.phone) and not _has_phone_of(buyer)(row)
    return Mismatch.SOMEBODY_ELSE if knows_other_email or knows_other_phone else None


def _single(rows: list[Candidate], buyer: Buyer, tests: Sequence[Callable[[Candidate], bool]]) -> Match | Ambiguous:
    """The one that passes; each test only counts when somebody passes it."""
    for test in tests:
        rows = [row for row in rows if test(row)] or rows
    ids = tuple(sorted(str(row["id"]) for row in rows))
    if len(ids) == 1:
        return Match(id=ids[0])
    numbers = ", ".join(sorted(str(row.get("public_id") or row["id"]) for row in rows))
    what = "e-mail address" if _email(rows[0]) == buyer.email and buyer.email else "phone number"
    sentence = f"{len(ids)} Heartland customers have the buyer's {what} and nothing tells them apart: {numbers}."
    return Ambiguous(ids=ids, sentence=sentence)


def _email(row: Candidate) -> str:
    return str(row.get("email") or "").strip().lower()


def _is_active(row: Candidate) -> bool:
    return row.get("active?", True) is not False


def _has_phone_of(buyer: Buyer) -> Callable[[Candidate], bool]:
    wanted = phones.comparable(buyer.phone)
    return lambda row: (
        bool(wanted)
        and wanted == phones.comparable(phones.normalise(str(row.get("phone_number") or row.get("phone") or "")))
    )


def _is_phone_of(buyer: Buyer) -> Callable[[Candidate], bool]:
    """The phone number tells apart who share a mailbox, but not against the name: a household shares both."""
    wanted, has_phone = names.key(buyer.first_name, buyer.last_name), _has_phone_of(buyer)
    return lambda row: has_phone(row) and (not wanted or wanted == _name(row))


def _has_name_of(buyer: Buyer) -> Callable[[Candidate], bool]:
    wanted = names.key(buyer.first_name, buyer.last_name)
    return lambda row: bool(wanted) and wanted == _name(row)


def _has_no_other_email(buyer: Buyer) -> Callable[[Candidate], bool]:
    return lambda row: not (buyer.email and _email(row))

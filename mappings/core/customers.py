"""Finding the buyer in Heartland, and what to write about them. Heartland note §9.

E-mail decides, then phone. A phone can belong to a household: when e-mail and name both speak against it, it is someone
else. Whoever cannot be told apart is left to a person, never guessed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from errors.failures import Violation
from mappings.core import phones
from mappings.core.canonical import Buyer
from mappings.core.countries import comparable
from mappings.core.reading import Row

Candidate = Mapping[str, Any]


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


def customer_key(buyer: Buyer) -> str:
    """The link key of a buyer: "customer:77", "email:ana@example.com", "phone:5125550100" or "" without any."""
    if buyer.source_id:
        return f"customer:{buyer.source_id}"
    if buyer.email:
        return f"email:{buyer.email}"
    phone = phones.comparable(buyer.phone)
    return f"phone:{phone}" if phone else ""


def choose(candidates: Sequence[Candidate], buyer: Buyer) -> Match | NoMatch | Ambiguous:
    """Pick the buyer among customers found by e-mail and phone (Heartland's JSON; doubles are harmless)."""
    known = list({str(row["id"]): row for row in candidates if not row.get("deleted_at")}.values())
    by_email = [row for row in known if buyer.email and _email(row) == buyer.email]
    if by_email:
        return _single(by_email, buyer, (_is_active, _has_phone_of(buyer), _has_name_of(buyer)))
    by_phone = [row for row in known if _has_phone_of(buyer)(row) and not _is_someone_else(row, buyer)]
    return _single(by_phone, buyer, (_is_active, _has_name_of(buyer))) if by_phone else NoMatch()


def customer_body(buyer: Buyer, *, custom: Mapping[str, str] | None = None) -> dict[str, Any]:
    """JSON for `POST /customers`."""
    body: dict[str, Any] = {"first_name": buyer.first_name, "last_name": buyer.last_name}
    body |= {"email": buyer.email} if buyer.email else {}
    body |= {"phone_number": buyer.phone} if buyer.phone else {}
    return body | ({"custom": dict(custom)} if custom else {})


def changes(existing: Candidate, buyer: Buyer) -> dict[str, Any]:
    """JSON for `PUT /customers/{id}`: only what differs, never a blank over a value; empty when nothing differs.

    The store's account holder may rename themselves; a guest only fills what is blank, because anyone can type an
    e-mail address. The e-mail a customer was found without is filled, never replaced.
    """
    row = Row(existing, f"Customer {existing.get('id')}")
    found = {}
    for field, value in (("first_name", buyer.first_name), ("last_name", buyer.last_name)):
        known = row.text(field)
        if value and (not known or (not buyer.is_guest and comparable(known) != comparable(value))):
            found[field] = value
    if buyer.email and not row.text("email"):
        found["email"] = buyer.email
    if buyer.phone and _phone_differs(row.text("phone_number"), buyer):
        found["phone_number"] = buyer.phone
    return found


def _phone_differs(known: str, buyer: Buyer) -> bool:
    if not known:
        return True
    spelled = phones.comparable(phones.normalise(known))
    return not buyer.is_guest and bool(phones.comparable(buyer.phone)) and spelled != phones.comparable(buyer.phone)


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


def _name(row: Candidate) -> str:
    return comparable(f"{row.get('first_name') or ''} {row.get('last_name') or ''}")


def _is_active(row: Candidate) -> bool:
    return row.get("active?", True) is not False


def _has_phone_of(buyer: Buyer) -> Callable[[Candidate], bool]:
    wanted = phones.comparable(buyer.phone)
    return lambda row: (
        bool(wanted)
        and wanted == phones.comparable(phones.normalise(str(row.get("phone_number") or row.get("phone") or "")))
    )


def _has_name_of(buyer: Buyer) -> Callable[[Candidate], bool]:
    wanted = comparable(f"{buyer.first_name} {buyer.last_name}")
    return lambda row: bool(wanted) and _name(row) == wanted


def _is_someone_else(row: Candidate, buyer: Buyer) -> bool:
    """Same phone, but another e-mail address and another name: one of a household."""
    other_email = bool(buyer.email and _email(row))
    return other_email and _name(row) != comparable(f"{buyer.first_name} {buyer.last_name}")

"""Questions about customers, side by side: an account beside those whom it may be, or two values of one."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from connections.models import Connection
from connections.store_kinds import profile_of
from mappings.core.canonical.customer import CustomerField
from syncjobs.models import CustomerQuestion

SHOWN = 50
LABELS = {
    CustomerField.FIRST_NAME: "First name",
    CustomerField.LAST_NAME: "Last name",
    CustomerField.EMAIL: "E-mail",
    CustomerField.PHONE: "Phone",
    CustomerField.COMPANY: "Company",
    CustomerField.GROUP: "Group",
    CustomerField.CONSENT: "Marketing mails",
    CustomerField.TAX_EXEMPT: "Tax exemption",
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One field, with what each column says of it."""

    label: str
    cells: tuple[tuple[str, str], ...]  # the column's name with its value

    @property
    def differs(self) -> bool:
        return len({value.casefold() for _, value in self.cells if value}) > 1

    @property
    def is_empty(self) -> bool:
        return not any(value for _, value in self.cells)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One question as a table: a column for the account, then for each candidate; or for either side."""

    question: CustomerQuestion
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    candidates: tuple[tuple[str, str], ...] = ()  # Heartland's id, and the number that people see

    @property
    def asks_who(self) -> bool:
        return self.question.kind == CustomerQuestion.Kind.WHO


def open_questions(connection: Connection) -> list[Shown]:
    """Those that wait, the oldest first."""
    rows = CustomerQuestion.objects.open().filter(connection=connection).select_related("identity")
    return [shown(connection, one) for one in rows.order_by("asked_at", "pk")[:SHOWN]]


def shown(connection: Connection, question: CustomerQuestion) -> Shown:
    content = json.loads(question.content or "{}")
    if question.kind == CustomerQuestion.Kind.WHO:
        return _who(question, content)
    return _value(connection, question, content)


def _who(question: CustomerQuestion, content: dict[str, dict[str, dict[str, str]]]) -> Shown:
    people = content.get("candidates", {})
    sides: Sequence[dict[str, str]] = [
        {str(key): str(value) for key, value in content.get("account", {}).items()},
        *(people.get(one, {}) for one in question.candidates),
    ]
    numbers = tuple((one, people.get(one, {}).get("number") or one) for one in question.candidates)
    columns = (f"Account {question.identity.account_id}", *(f"Customer {number}" for _, number in numbers))
    rows = [_row(label, columns, [one.get(name, "") for one in sides]) for name, label in LABELS.items()]
    filled = tuple(row for row in rows if not row.is_empty)
    return Shown(question=question, columns=columns, rows=filled, candidates=numbers)


def _row(label: str, columns: Sequence[str], values: Sequence[str]) -> Row:
    return Row(label=label, cells=tuple(zip(columns, values, strict=True)))


def _value(connection: Connection, question: CustomerQuestion, content: dict[str, dict[str, str]]) -> Shown:
    sides = [content.get(one, {}) for one in ("store", "heartland")]
    label = LABELS.get(CustomerField(question.field), question.field)
    columns = (profile_of(connection.store).name, "Heartland")
    times = [one.get("at", "")[:16].replace("T", " ") for one in sides]  # UTC, as both systems tell it
    rows = (_row(label, columns, [one.get("value", "") for one in sides]), _row("Changed (UTC)", columns, times))
    return Shown(question=question, columns=columns, rows=rows)

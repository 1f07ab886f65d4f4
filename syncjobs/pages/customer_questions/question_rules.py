"""Rules by which many questions about customers are answered at once: those that fit are shown first."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from connections.models import Connection
from mappings.core.canonical.customer import CustomerField
from mappings.core.rules.customer_fields import comparable
from syncjobs.models import CustomerQuestion

MOST = 500  # questions that one answer is given to
LONGEST = 100
NAMES, MAIL = "names", "mail"
Kind = CustomerQuestion.Kind
NAME = (CustomerField.FIRST_NAME, CustomerField.LAST_NAME)


@dataclass(frozen=True, kw_only=True)
class QuestionRule:
    """Which questions are meant; `kind` is NAMES, MAIL, or a field of which two values are asked about."""

    kind: str
    text: str = ""  # of MAIL: how the account's address ends

    @property
    def answers(self) -> tuple[str, ...]:
        """What may be answered to all of them."""
        return ("two", "alone") if self.kind in {NAMES, MAIL} else ("store", "heartland")

    def fits(self, question: CustomerQuestion) -> bool:
        if self.kind not in {NAMES, MAIL}:
            return question.kind == Kind.VALUE and question.field == self.kind
        if question.kind != Kind.WHO:
            return False
        content = json.loads(question.content or "{}")
        account = content.get("account", {})
        if self.kind == MAIL:
            return str(account.get(CustomerField.EMAIL, "")).lower().endswith(self.text)
        return all(_named(account) != _named(one) for one in content.get("candidates", {}).values())


def _named(person: dict[str, str]) -> tuple[str, ...]:
    return tuple(comparable(name, str(person.get(name, ""))) for name in NAME)


def rule_of(kind: str, text: str) -> QuestionRule | None:
    """What somebody chose; None where it says nothing."""
    text = text.strip().lower()[:LONGEST]
    if kind == MAIL and not text:
        return None
    return QuestionRule(kind=kind, text=text) if kind in {NAMES, MAIL, *CustomerField} else None


def fitting(connection: Connection, rule: QuestionRule) -> list[CustomerQuestion]:
    """The open questions that the rule means, the oldest first."""
    rows = CustomerQuestion.objects.open().filter(connection=connection)
    rows = rows.select_related("identity", "connection__merchant", "connection__store").order_by("asked_at", "pk")
    return [one for one in rows[:MOST] if rule.fits(one)]


def mark_of_questions(questions: Sequence[CustomerQuestion]) -> str:
    """Differs where others are meant than a page showed."""
    return hashlib.sha256("\x1f".join(f"{one.pk}:{one.about}" for one in questions).encode()).hexdigest()[:16]

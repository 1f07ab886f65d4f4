"""What a person answers to a question about a customer; the flow carries it out on both sides.

An answer is given once: who comes second is told so. Each is an entry of the trail, which names nobody.
"""

from datetime import datetime

from django.db import transaction

from connections.audit import audit
from connections.models import User
from errors.failures import ConfigurationFailure
from syncjobs.engine.enqueueing import job_enqueue
from syncjobs.flows.customers import CUSTOMERS
from syncjobs.models import CustomerQuestion

ANSWERED = "Somebody answered this meanwhile."
Answer = CustomerQuestion.Answer


def same_person(*, question: CustomerQuestion, customer_id: str, merges: bool, actor: User, now: datetime) -> None:
    """The account is this customer of Heartland's. `merges`: so are the other candidates, who are switched off there.

    Raises ConfigurationFailure for somebody who was not asked about, or once it is answered.
    """
    if customer_id not in question.candidates:
        raise ConfigurationFailure("This customer is none of those that may be meant.")
    _answer(question, Answer.SAME, actor, now, chosen_id=customer_id, merges=merges)


def two_people(*, question: CustomerQuestion, actor: User, now: datetime) -> None:
    """The account is nobody of those; it is not asked again, and a new customer is made where that is chosen."""
    _answer(question, Answer.TWO, actor, now)


def reject(*, question: CustomerQuestion, actor: User, now: datetime) -> None:
    """The account is left alone: nothing of it is carried, and nothing is carried to it."""
    _answer(question, Answer.REJECTED, actor, now)


def value_choose(*, question: CustomerQuestion, is_stores: bool, actor: User, now: datetime) -> None:
    """Whose value stands, on both sides then."""
    _answer(question, Answer.STORE if is_stores else Answer.HEARTLAND, actor, now)


VALUES = (Answer.STORE, Answer.HEARTLAND)


@transaction.atomic
def _answer(
    question: CustomerQuestion, answer: Answer, actor: User, now: datetime, *, chosen_id: str = "", merges: bool = False
) -> None:
    kind = CustomerQuestion.Kind.VALUE if answer in VALUES else CustomerQuestion.Kind.WHO
    changes = {"answer": answer, "chosen_id": chosen_id, "merges": merges, "answered_at": now, "answered_by": actor}
    if not CustomerQuestion.objects.open().filter(pk=question.pk, kind=kind).update(**changes):
        raise ConfigurationFailure(ANSWERED)
    connection = question.connection
    audit(
        merchant=connection.merchant, actor=actor, action="customer.answered", subject=connection.store,
        account=question.identity.account_id, answer=str(answer), customer=chosen_id, field=question.field,
    )  # fmt: skip
    account_id = question.identity.account_id
    job_enqueue(connection=connection, flow=CUSTOMERS.name, external_id=account_id, cause="fix", now=now)

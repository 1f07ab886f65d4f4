"""What a person answers to a question about a customer; the flow carries it out on both sides.

An answer is given once: who comes second is told so. Each is an entry of the trail, which names nobody.
"""

from datetime import datetime

from django.db import transaction

from connections.audit import audit
from connections.models import Connection, User
from errors.failures import ConfigurationFailure
from syncjobs.engine.enqueueing import job_enqueue
from syncjobs.flows.customers import CUSTOMERS
from syncjobs.flows.customers.merge_people import merge_keep
from syncjobs.models import CustomerIdentity, CustomerMerge, CustomerQuestion

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


@transaction.atomic
def people_join(*, connection: Connection, gone: str, kept: str, actor: User, now: datetime) -> None:
    """Two of Heartland's customers are one person: `kept` stays. The flow carries it out, with an account of either.

    Raises ConfigurationFailure where it is one customer, or no store's account is known to be either of them.
    """
    if gone == kept:
        raise ConfigurationFailure(f"Customer {gone} is the one that stays: name another one.")
    heartland = connection.heartland
    accounts = CustomerIdentity.objects.filter(connection__heartland=heartland, state=CustomerIdentity.State.LINKED)
    known = set(CustomerIdentity.objects.filter(connection__heartland=heartland).values_list("customer_id", flat=True))
    known |= set(CustomerMerge.objects.filter(heartland=heartland).values_list("gone_id", flat=True))
    if unknown := [one for one in (gone, kept) if one not in known]:
        raise ConfigurationFailure(f"No account in a store is, or was, customer {unknown[0]} in Heartland.")
    account = accounts.filter(customer_id=kept).first() or accounts.filter(customer_id=gone).first()
    if account is None:
        raise ConfigurationFailure("Neither of them has an account in a store any more: merge them in Heartland.")
    merge_keep(heartland=heartland, gone=gone, kept=kept, because=CustomerMerge.Because.PERSON, now=now)
    audit(
        merchant=connection.merchant, actor=actor, action="customer.joined", subject=connection.store,
        customer=kept, former=gone,
    )  # fmt: skip
    job_enqueue(
        connection=account.connection, flow=CUSTOMERS.name, external_id=account.account_id, cause="fix", now=now
    )


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

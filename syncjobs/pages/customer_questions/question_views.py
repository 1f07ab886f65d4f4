"""The page of questions about customers: same person, two people, left alone; or whose value stands."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from connections.models import Connection
from connections.permissions import Action
from connections.strict import takes
from connections.views.base import PersonRequest, demand, for_connection, page
from errors.failures import ConfigurationFailure
from syncjobs.intake.customer_answers import reject, same_person, two_people, value_choose
from syncjobs.models import CustomerQuestion
from syncjobs.pages.customer_questions.question_rules import fitting, mark_of_questions, rule_of
from syncjobs.pages.customer_questions.questions_shown import LABELS, SHOWN, open_questions, shown

WHO, VALUE = ("same", "two", "alone"), ("store", "heartland")
WORDS = {
    "two": "Somebody else",
    "alone": "Leave it alone",
    "store": "The store’s value stands",
    "heartland": "Heartland’s value stands",
}


@require_safe
@for_connection(Action.SHOPPERS)
def customer_questions(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Those that wait, the oldest first; with `?rule=` those that the rule means, to be answered at once."""
    waiting = CustomerQuestion.objects.open().filter(connection=connection).count()
    rule = rule_of(request.GET.get("rule", ""), request.GET.get("text", ""))
    meant = fitting(connection, rule) if rule else []
    context = {
        "connection": connection,
        "tab": "fulfilment",
        "count": waiting,
        "questions": [shown(connection, one) for one in meant[:SHOWN]] if rule else open_questions(connection),
        "rule": rule,
        "meant": len(meant),
        "mark": mark_of_questions(meant),
        "fields": [(str(name), label) for name, label in LABELS.items()],
        "answers": [(one, WORDS[one]) for one in (rule.answers if rule else ())],
    }
    return page(request, "customer_questions/questions.html", context, merchant=connection.merchant)


@takes("rule", "text", "mark", "do")
@require_POST
@for_connection(Action.MAPS)
def customer_answer_many(request: PersonRequest, connection: Connection) -> HttpResponse:
    """One answer to all that a rule means, where these are those that the page showed."""
    demand(request, connection.merchant, Action.SHOPPERS)
    rule, do = rule_of(request.POST.get("rule", ""), request.POST.get("text", "")), request.POST.get("do", "")
    if rule is None or do not in rule.answers:
        raise Http404
    meant = fitting(connection, rule)
    if not meant or request.POST.get("mark") != mark_of_questions(meant):
        messages.error(request, "Nothing was changed. Others are asked about than this page showed: look at it anew.")
        return redirect("customer_questions", public_id=connection.public_id)
    count = 0
    for question in meant:
        try:
            answer(request, question, do, "")
        except ConfigurationFailure:  # by somebody else, just now
            continue
        count += 1
    noun = "question" if count == 1 else "questions"
    messages.success(request, f"{count} {noun} answered: {WORDS[do].lower()}. The accounts are looked at again now.")
    return redirect("customer_questions", public_id=connection.public_id)


@takes("was", "do", "customer", "merges")
@require_POST
@for_connection(Action.MAPS)
def customer_answer(request: PersonRequest, connection: Connection, question_id: int) -> HttpResponse:
    """One answer, about exactly what was asked; the account is looked at again."""
    rows = CustomerQuestion.objects.filter(connection=connection).select_related("connection__merchant", "identity")
    question = get_object_or_404(rows, pk=question_id)
    do, customer = request.POST.get("do", ""), request.POST.get("customer", "")
    if do not in (WHO if question.kind == CustomerQuestion.Kind.WHO else VALUE):
        raise Http404
    try:
        if request.POST.get("was") != question.about:
            raise ConfigurationFailure("The form does not say what its page showed: look at the page anew.")
        said = answer(request, question, do, customer)
    except ConfigurationFailure as failure:
        messages.error(request, f"Nothing was changed. {failure.summary}")
    else:
        messages.success(request, f"Kept: {said}. The account is looked at again now.")
    return redirect("customer_questions", public_id=connection.public_id)


def answer(request: PersonRequest, question: CustomerQuestion, do: str, customer: str) -> str:
    """Give the answer; says it in words. Raises ConfigurationFailure."""
    now, account = timezone.now(), f"account {question.identity.account_id}"
    if do == "same":
        merges = request.POST.get("merges") == "on"
        same_person(question=question, customer_id=customer, merges=merges, actor=request.user, now=now)
        return f"{account} is customer {customer}" + (", and the others are the same person" if merges else "")
    if do == "two":
        two_people(question=question, actor=request.user, now=now)
        return f"{account} is somebody else, and this is not asked again"
    if do == "alone":
        reject(question=question, actor=request.user, now=now)
        return f"{account} is left alone"
    value_choose(question=question, is_stores=do == "store", actor=request.user, now=now)
    return "the store's value stands" if do == "store" else "Heartland's value stands"

"""What is not kept for ever: payloads, texts and reasons by the merchant's days, answers by ours, ended connections."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django_q.models import Task

from connections.hooks import hooks_seal
from connections.models import ApiAnswer, Invitation, Merchant, SignInLimit, WebhookMessage
from errors.issues.trends import KEPT
from errors.models import Alert, AlertMessage, Issue, IssueCount, IssueNote, SyncError
from ipaas.cache import expired_delete
from mappings.models import Link
from mappings.person_keys import links_seal
from syncjobs.engine.erasing import ERASED, ERROR_TEXTS, ISSUE_TEXTS, OPEN, blank, connections_ended, drop
from syncjobs.models import (
    Assignment,
    Attempt,
    AttemptExchange,
    BeforeImage,
    Comment,
    CustomerChange,
    CustomerQuestion,
    InboxEvent,
    OrderPeople,
    OrderText,
    Record,
    RunChange,
    StockMove,
)

UNDO_WITHIN = timedelta(hours=24)  # a run that wrote the store can be undone so long
SHORTEST = timedelta(hours=72)  # delivery keys must outlive the 48 hours in which BigCommerce retries
ANSWERS_REPEATED = timedelta(hours=24)  # of the API: longer than any caller repeats a request
UNSETTLED = (
    Record.Disposition.IN_FLIGHT,
    Record.Disposition.RETRYING,
    Record.Disposition.HELD,
    Record.Disposition.DEAD,
)


def retention_apply(now: datetime) -> int:
    """Delete and blank what is older than its merchant keeps, in small transactions; answers how many callbacks."""
    longest = timedelta(days=settings.PAYLOAD_RETENTION_DAYS)
    Task.objects.filter(stopped__lt=now - longest).delete()  # results that versions before this one kept
    expired_delete()
    drop(BeforeImage.objects.filter(at__lt=now - UNDO_WITHIN))
    links_seal(Link.objects)
    hooks_seal(now)
    SignInLimit.objects.filter(until__lt=now).delete()
    Invitation.objects.filter(expires_at__lt=now - longest).delete()
    ApiAnswer.objects.filter(at__lte=now - ANSWERS_REPEATED).delete()
    answers = SyncError.objects.filter(last_seen_at__lt=now - timedelta(days=settings.ANSWER_RETENTION_DAYS))
    drop(AttemptExchange.objects.filter(at__lt=now - timedelta(days=settings.ANSWER_RETENTION_DAYS)))
    blank(answers.exclude(answer="", detail=""), {"answer": "", "detail": ""})
    connections_ended(now)
    drop(IssueCount.objects.filter(hour__lt=now - KEPT))
    return sum(_merchant(merchant, now) for merchant in Merchant.objects.order_by("pk"))


def _merchant(merchant: Merchant, now: datetime) -> int:
    """One merchant's; what waits for somebody keeps its reason."""
    oldest = now - max(SHORTEST, merchant.texts_kept)
    ours = Q(connection__merchant=merchant)
    drop(RunChange.objects.filter(run__connection__merchant=merchant, run__finished_at__lt=oldest))
    drop(Assignment.objects.filter(run__connection__merchant=merchant, run__finished_at__lt=oldest))
    drop(OrderText.objects.filter(ours, read_at__lt=oldest))
    drop(OrderPeople.objects.filter(ours, read_at__lt=oldest))
    drop(Comment.objects.filter(ours, at__lt=oldest).exclude(external_id=""))
    drop(CustomerChange.objects.filter(ours, seen_at__lt=oldest))
    answered = CustomerQuestion.objects.filter(ours, answered_at__lt=oldest)
    blank(answered.exclude(content=""), {"content": ""})
    drop(StockMove.objects.filter(ours, at__lt=oldest))
    errors = SyncError.objects.filter(ours, last_seen_at__lt=oldest).exclude(state__in=OPEN).exclude(reason=ERASED)
    blank(errors, ERROR_TEXTS)
    issues = Issue.objects.filter(ours, is_open=False, last_seen_at__lt=oldest).exclude(title=ERASED)
    blank(issues, ISSUE_TEXTS)
    drop(IssueNote.objects.filter(issue__connection__merchant=merchant, issue__is_open=False, at__lt=oldest))
    records = Record.objects.filter(ours, changed_at__lt=oldest).exclude(disposition__in=UNSETTLED)
    blank(records.exclude(reason=""), {"reason": ""})
    attempts = Attempt.objects.filter(job__connection__merchant=merchant, began_at__lt=oldest)
    blank(attempts.exclude(sentence=""), {"sentence": ""})
    drop(WebhookMessage.objects.filter(endpoint__merchant=merchant, created_at__lt=oldest).exclude(state="pending"))
    drop(Alert.objects.filter(merchant=merchant, closed_at__lt=oldest))
    drop(AlertMessage.objects.filter(merchant=merchant, created_at__lt=oldest))
    return drop(InboxEvent.objects.filter(ours, received_at__lt=oldest))

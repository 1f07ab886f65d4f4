"""Writing problems down: one open row per record, folded into issues by cause; both close by themselves."""

import hashlib
import re
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Exists, OuterRef, Value
from django.db.models.functions import Concat

from connections.models import Connection
from connections.outbox import tell
from errors.failures import Owner, Rejected, SyncFailure, Violation
from errors.issues.trends import count_records
from errors.models import Issue, SyncError

LONGEST_TITLE = 300
LONGEST_ANSWER = 2048
NUMBERS = re.compile(r"\d+")
OF_ONE_LINE = re.compile(r"Order \S+: “(?P<product>[^”]*)” (?P<rest>.+)", re.DOTALL)
OF_ONE_INVOICE = re.compile(r"The store refuses the shipment of invoice \S+: (?P<rest>.+)", re.DOTALL)
OF_ONE_ORDER = re.compile(r"Order [^\s:]+(?P<colon>:?) (?P<rest>.+)", re.DOTALL)


def error_record(
    *,
    connection: Connection,
    flow: str,
    external_id: str,
    label: str,
    failure: SyncFailure,
    state: SyncError.State,
    now: datetime,
    amount: Decimal | None = None,
    currency: str = "",
    attempts: int = 0,
    next_try_at: datetime | None = None,
) -> SyncError:
    """Say why a record has not gone through: its one open row, and an issue for each cause."""
    causes = causes_of(failure)
    changes = {
        "label": label[:160],
        "state": state,
        "code": causes[0].code,
        "reason": failure.summary,
        "answer": answer_of(failure)[:LONGEST_ANSWER],
        "violations": [asdict(violation) for violation in failure.violations],
        "amount": amount or Decimal(0),
        "currency": currency,
        "attempts": attempts,
        "next_try_at": next_try_at,
        "last_seen_at": now,
    }
    with transaction.atomic():
        rows = SyncError.objects.select_for_update().open()
        error, is_new = rows.get_or_create(
            connection=connection,
            flow=flow,
            external_id=external_id,
            defaults={**changes, "first_seen_at": now},
        )
        if not is_new:
            for name, value in changes.items():
                setattr(error, name, value)
            error.save(update_fields=list(changes))
        _fold(error, failure, now, is_new=is_new)
    return error


def request_of(failure: BaseException | None) -> str:
    """What was sent when it failed, of the failure itself or of the one that it was made of."""
    while isinstance(failure, SyncFailure) and not failure.request:
        failure = failure.__cause__
    return failure.request if isinstance(failure, SyncFailure) else ""


def answer_of(failure: BaseException | None) -> str:
    """What the other side answered, of the failure itself or of the one that it was made of."""
    while isinstance(failure, SyncFailure) and not failure.detail:
        failure = failure.__cause__
    return failure.detail if isinstance(failure, SyncFailure) else ""


def error_resolve(*, connection: Connection, flow: str, external_id: str, now: datetime) -> bool:
    """Close a record's open row, and the issues that nothing waits behind any more. False when there was none."""
    with transaction.atomic():
        rows = SyncError.objects.select_for_update().open()
        error = rows.filter(connection=connection, flow=flow, external_id=external_id).first()
        if error is None:
            return False
        error.state, error.resolved_at, error.next_try_at = SyncError.State.RESOLVED, now, None
        error.save(update_fields=["state", "resolved_at", "next_try_at"])
        _close_empty(list(error.issues.values_list("pk", flat=True)))
    return True


def error_stop(*, connection: Connection, flow: str, external_id: str, words: str) -> None:
    """What would be tried again by itself waits for a person, with a word why."""
    rows = SyncError.objects.filter(connection=connection, flow=flow, external_id=external_id)
    rows.filter(state=SyncError.State.RETRYING).update(
        state=SyncError.State.DEAD, next_try_at=None, reason=Concat("reason", Value(f" {words}"))
    )


def error_reopen(*, connection: Connection, flow: str, external_id: str) -> SyncError:
    """Open a record's newest closed row again, with its issues. Raises SyncError.DoesNotExist."""
    with transaction.atomic():
        rows = SyncError.objects.select_for_update().filter(
            connection=connection, flow=flow, external_id=external_id, state=SyncError.State.RESOLVED
        )
        error = rows.latest("resolved_at")
        error.state, error.resolved_at = SyncError.State.HELD, None
        error.save(update_fields=["state", "resolved_at"])
        error.issues.update(is_open=True)
    return error


def causes_of(failure: SyncFailure) -> tuple[Violation, ...]:
    """The violations, or for a failure without any, the failure itself as its one cause.

    Texts that differ only in numbers are one cause: the number is the record's.
    """
    if failure.violations:
        return failure.violations
    fields = failure.fields if isinstance(failure, Rejected) else {}
    return (
        Violation(
            code=failure.code,
            sentence=failure.summary,
            field=", ".join(sorted(fields)),
            value=NUMBERS.sub("#", "; ".join(fields[name] for name in sorted(fields)) or failure.summary),
            fix=failure.fix,
        ),
    )


def fingerprint(owner: Owner, cause: Violation) -> str:
    """Equal for records that wait for the same fix."""
    text = "\x1f".join([str(owner), cause.code, cause.field, cause.value])
    return hashlib.sha256(text.encode()).hexdigest()


def _fold(error: SyncError, failure: SyncFailure, now: datetime, *, is_new: bool) -> None:
    is_ours = bool(failure.violations)
    issues = {_issue(error.connection, failure.owner, cause, now, is_ours=is_ours).pk for cause in causes_of(failure)}
    former = set() if is_new else set(error.issues.values_list("pk", flat=True))
    if former != issues:
        error.issues.set(issues)
        count_records(issues - former, now)
        _close_empty(list(former - issues))


def _issue(connection: Connection, owner: Owner, cause: Violation, now: datetime, *, is_ours: bool) -> Issue:
    """The issue of a cause, in the words of its newest record. What comes back is news to who had acknowledged it.

    Field and value are kept of our own violations alone: what another system calls them may name a person.
    """
    words = {
        "title": title_of(cause)[:LONGEST_TITLE],
        "fix": cause.fix[:LONGEST_TITLE],
        "fix_page": cause.fix_page,
        "field": cause.field[:100] if is_ours else "",
        "value": cause.value[:LONGEST_TITLE] if is_ours else "",
        "last_seen_at": now,
    }
    issue, is_new = Issue.objects.get_or_create(
        connection=connection,
        fingerprint=fingerprint(owner, cause),
        defaults={"owner": owner, "code": cause.code, "first_seen_at": now, **words},
    )
    if is_new or not issue.is_open:
        tell(connection, "issue.opened", {"issue": issue.pk, "code": cause.code, "title": words["title"]}, now)
    if not is_new:
        reopened = {} if issue.is_open else {"first_seen_at": now, "triage": _triage_of_what_comes_back(issue, now)}
        Issue.objects.filter(pk=issue.pk).update(is_open=True, **words, **reopened)
    return issue


def _triage_of_what_comes_back(issue: Issue, now: datetime) -> str:
    """Ignored and snoozed causes stay so, as they were set to; the others ask anew."""
    return issue.triage if issue.is_set_aside(now) else Issue.Triage.NONE


def title_of(cause: Violation) -> str:
    """The cause in words that fit every record behind it: without one order's number, or one product where others wait.

    What only a person can settle is about its one order, and says so.
    """
    if cause.fix_page.startswith("order/"):
        return cause.sentence
    match = OF_ONE_LINE.match(cause.sentence)
    if match and match["product"] != cause.value:
        return f"A line {match['rest']}"
    if match := OF_ONE_INVOICE.match(cause.sentence):
        return f"The store refuses a shipment: {match['rest']}"
    if match := OF_ONE_ORDER.match(cause.sentence):
        rest = match["rest"]
        return f"{rest[0].upper()}{rest[1:]}" if match["colon"] else f"An order {rest}"
    return cause.sentence


def _close_empty(issues: list[int]) -> None:
    """Close the issues that no open row hangs on."""
    if not issues:
        return
    waiting = SyncError.objects.open().filter(issues=OuterRef("pk"))
    Issue.objects.filter(~Exists(waiting), pk__in=issues, is_open=True).update(is_open=False)

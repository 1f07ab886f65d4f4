"""What people say of an issue: acknowledge, snooze, ignore, open again, assign, tag, note. Each is in the trail.

Nothing here touches a record: what waits, waits, and the proof names it as before.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from connections.audit import audit
from connections.models import Membership, User
from errors.failures import ConfigurationFailure
from errors.models import Issue, IssueNote, IssueTag, SyncError
from ipaas.cards import mask

Triage = Issue.Triage
LONGEST_NOTE = 1000
LONGEST_TAG = 40
MOST_TAGS = 10


def issue_acknowledge(*, issue: Issue, actor: User) -> None:
    """Somebody knows of it and sees to it: it goes on calling for people, under its own tab."""
    _set(issue, actor, "issue.acknowledged", triage=Triage.ACKNOWLEDGED)


def issue_snooze(*, issue: Issue, until: datetime, actor: User, now: datetime) -> None:
    """Let it call for nobody until then. Raises ConfigurationFailure for a time that is over."""
    if until <= now:
        raise ConfigurationFailure("Nothing was snoozed: that time is over already.")
    _set(issue, actor, "issue.snoozed", triage=Triage.SNOOZED, snoozed_until=until, said={"until": until.isoformat()})


def issue_ignore(*, issue: Issue, because: str, actor: User) -> None:
    """Let it call for nobody until somebody opens it again. Raises ConfigurationFailure without a reason."""
    words = said(because)
    if not words:
        raise ConfigurationFailure("Nothing was ignored: say why, so that others understand.")
    _set(issue, actor, "issue.ignored", triage=Triage.IGNORED, because=words)


def issue_open(*, issue: Issue, actor: User) -> None:
    """Take back that it was acknowledged, snoozed or ignored."""
    _set(issue, actor, "issue.opened", triage=Triage.NONE)


def issue_assign(*, issue: Issue, assignee: User | None, actor: User) -> None:
    """Say whose it is. Raises ConfigurationFailure for somebody who is not one of the merchant's people."""
    demand_member(issue.connection.merchant_id, assignee)
    with transaction.atomic():
        Issue.objects.filter(pk=issue.pk).update(assignee=assignee)
        issue.assignee = assignee
        _note(issue, actor, "issue.assigned", to=assignee.email if assignee else "nobody")


def issue_tag(*, issue: Issue, name: str, actor: User) -> str:
    """Put a tag on it; answers the tag as it is kept, in lower case. Raises ConfigurationFailure without one."""
    word = " ".join(name.lower().split())[:LONGEST_TAG].strip()
    if not word:
        raise ConfigurationFailure("Nothing was tagged: the tag is empty.")
    with transaction.atomic():
        known = tags_of(issue)
        if word not in known:
            if len(known) >= MOST_TAGS:
                raise ConfigurationFailure(f"Nothing was tagged: {MOST_TAGS} tags are enough, take one away first.")
            IssueTag.objects.get_or_create(issue=issue, name=word)
            _note(issue, actor, "issue.tagged", tag=word)
    return word


def issue_untag(*, issue: Issue, name: str, actor: User) -> bool:
    """Take a tag away; False when it has none of that name."""
    with transaction.atomic():
        gone, _ = IssueTag.objects.filter(issue=issue, name=name).delete()
        if gone:
            _note(issue, actor, "issue.untagged", tag=name)
    return bool(gone)


def tags_of(issue: Issue) -> list[str]:
    return sorted(IssueTag.objects.filter(issue=issue).values_list("name", flat=True))


def issue_note(*, issue: Issue, text: str, actor: User, now: datetime) -> IssueNote:
    """Write something for the others. Raises ConfigurationFailure when it is empty."""
    words = said(text)
    if not words:
        raise ConfigurationFailure("Nothing was noted: the note is empty.")
    with transaction.atomic():
        note = IssueNote.objects.create(issue=issue, text=words, by=actor, at=now)
        _note(issue, actor, "issue.noted")
    return note


def records_assign(*, errors: Iterable[SyncError], assignee: User | None, actor: User) -> int:
    """Say whose these records are; answers how many. Raises ConfigurationFailure as `issue_assign`."""
    return _of_each(errors, actor, "record.assigned", {"assignee": assignee}, to=assignee.email if assignee else "")


def records_ignore(*, errors: Iterable[SyncError], until: datetime | None, actor: User, now: datetime) -> int:
    """Let these records call for nobody until then, or again with None; answers how many."""
    if until and until <= now:
        raise ConfigurationFailure("Nothing was ignored: that time is over already.")
    action = "record.ignored" if until else "record.unignored"
    return _of_each(errors, actor, action, {"ignored_until": until}, until=until.isoformat() if until else "")


def _of_each(errors: Iterable[SyncError], actor: User, action: str, changes: dict[str, Any], **detail: str) -> int:
    rows = list(errors)
    for merchant in {row.connection.merchant_id for row in rows}:
        demand_member(merchant, changes.get("assignee"))
    with transaction.atomic():
        SyncError.objects.filter(pk__in=[row.pk for row in rows]).update(**changes)
        for row in rows:
            audit(merchant=row.connection.merchant, actor=actor, action=action, subject=row.label, **detail)
    return len(rows)


def demand_member(merchant_id: int | None, person: User | None) -> None:
    """Raise ConfigurationFailure unless the person belongs to the merchant."""
    if person and not Membership.objects.filter(merchant=merchant_id, user=person).exists():
        raise ConfigurationFailure("Nothing was assigned: choose one of your own people.")


def said(text: str) -> str:
    """What a person wrote, as it may be kept."""
    return mask(text.strip())[:LONGEST_NOTE]


def _set(issue: Issue, actor: User, action: str, *, said: dict[str, str] | None = None, **changes: Any) -> None:
    """Write what was said; what it replaces goes."""
    changes = {"snoozed_until": None, "because": "", **changes}
    with transaction.atomic():
        Issue.objects.filter(pk=issue.pk).update(**changes)
        for name, value in changes.items():
            setattr(issue, name, value)
        _note(issue, actor, action, **(said or {}))


def _note(issue: Issue, actor: User, action: str, **detail: Any) -> None:
    audit(merchant=issue.connection.merchant, actor=actor, action=action, subject=issue.title, **detail)

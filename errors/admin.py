"""Platform admin of problems: looked at and acknowledged here; retrying and releasing stand in syncjobs' admin."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from connections.admin_pages import ReadOnlyAdmin, acting
from errors.issues.triage import issue_acknowledge
from errors.models import (
    Alert,
    AlertChannel,
    AlertMessage,
    AlertNotice,
    AlertRule,
    AlertSubscription,
    Issue,
    IssueCount,
    IssueNote,
    IssueTag,
    SyncError,
)

CONNECTION = ["connection__heartland", "connection__store"]


@admin.register(Issue)
class IssueAdmin(ReadOnlyAdmin):
    list_display = ["title", "connection", "owner", "code", "is_open", "triage", "first_seen_at", "last_seen_at"]
    list_select_related = CONNECTION
    list_filter = ["is_open", "triage", "owner", "code"]
    search_fields = ["title", "code"]
    raw_id_fields = ["connection", "assignee"]
    exclude = ["because"]
    actions = ["acknowledge"]

    @admin.action(description="Acknowledge: somebody sees to it", permissions=["act"])
    def acknowledge(self, request: HttpRequest, queryset: QuerySet[Issue]) -> None:
        for issue in queryset.select_related("connection__merchant"):
            issue_acknowledge(issue=issue, actor=acting(request))
        self.message_user(request, f"{len(queryset)} causes are acknowledged.", messages.SUCCESS)


@admin.register(SyncError)
class SyncErrorAdmin(ReadOnlyAdmin):
    list_display = ["label", "connection", "state", "code", "amount", "attempts", "first_seen_at", "last_seen_at"]
    list_select_related = CONNECTION
    list_filter = ["state", "code", "flow"]
    exclude = ["answer", "detail"]
    search_fields = ["label", "external_id", "code"]
    raw_id_fields = ["connection", "assignee"]
    date_hierarchy = "last_seen_at"


@admin.register(IssueTag)
class IssueTagAdmin(ReadOnlyAdmin):
    list_display = ["name", "issue"]
    list_select_related = ["issue"]
    search_fields = ["name"]
    raw_id_fields = ["issue"]


@admin.register(IssueNote)
class IssueNoteAdmin(ReadOnlyAdmin):
    list_display = ["issue", "by", "at"]
    list_select_related = ["issue", "by"]
    exclude = ["text"]
    raw_id_fields = ["issue", "by"]
    date_hierarchy = "at"


@admin.register(IssueCount)
class IssueCountAdmin(ReadOnlyAdmin):
    list_display = ["issue", "hour", "records"]
    list_select_related = ["issue"]
    raw_id_fields = ["issue"]
    date_hierarchy = "hour"


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    list_display = ["title", "merchant", "connection", "kind", "value", "peak", "opened_at", "told_at", "closed_at"]
    list_select_related = ["merchant", *CONNECTION]
    list_filter = ["kind"]
    search_fields = ["title", "merchant__name"]
    raw_id_fields = ["connection"]
    date_hierarchy = "opened_at"


@admin.register(AlertRule)
class AlertRuleAdmin(ReadOnlyAdmin):
    list_display = ["merchant", "kind", "is_on", "threshold", "escalate_minutes"]
    list_select_related = ["merchant"]
    list_filter = ["kind", "is_on"]


@admin.register(AlertChannel)
class AlertChannelAdmin(ReadOnlyAdmin):
    """Addresses of chats are secrets, too."""

    list_display = ["name", "merchant", "kind", "is_on", "failing_since", "failure", "last_success_at"]
    list_select_related = ["merchant"]
    list_filter = ["kind", "is_on"]
    exclude = ["address", "secret"]


@admin.register(AlertSubscription)
class AlertSubscriptionAdmin(ReadOnlyAdmin):
    list_display = ["person", "merchant", "by_mail", "digest", "quiet_from", "quiet_until"]
    list_select_related = ["person", "merchant"]


@admin.register(AlertMessage)
class AlertMessageAdmin(ReadOnlyAdmin):
    list_display = ["public_id", "merchant", "channel", "person", "reason", "attempts", "sent_at", "gave_up_at"]
    list_select_related = ["merchant", "channel", "person"]
    list_filter = ["reason"]
    exclude = ["content"]
    date_hierarchy = "created_at"


@admin.register(AlertNotice)
class AlertNoticeAdmin(ReadOnlyAdmin):
    list_display = ["alert", "event", "channel", "person", "message", "created_at"]
    list_select_related = ["alert", "channel", "person", "message"]
    list_filter = ["event"]
    raw_id_fields = ["alert", "message"]

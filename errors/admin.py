"""Platform admin of problems: looked at here; retrying is an action of syncjobs' admin."""

from django.contrib import admin

from connections.admin import ReadOnlyAdmin
from errors.models import Issue, IssueCount, IssueNote, IssueTag, SyncError

CONNECTION = ["connection__heartland", "connection__store"]


@admin.register(Issue)
class IssueAdmin(ReadOnlyAdmin):
    list_display = ["title", "connection", "owner", "code", "is_open", "triage", "first_seen_at", "last_seen_at"]
    list_select_related = CONNECTION
    list_filter = ["is_open", "triage", "owner", "code"]
    search_fields = ["title", "code"]
    raw_id_fields = ["connection", "assignee"]
    exclude = ["because"]


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

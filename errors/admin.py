"""Platform admin of problems: looked at here; retrying is an action of syncjobs' admin."""

from django.contrib import admin

from connections.admin import ReadOnlyAdmin
from errors.models import Issue, SyncError

CONNECTION = ["connection__heartland", "connection__store"]


@admin.register(Issue)
class IssueAdmin(ReadOnlyAdmin):
    list_display = ["title", "connection", "owner", "code", "is_open", "first_seen_at", "last_seen_at"]
    list_select_related = CONNECTION
    list_filter = ["is_open", "owner", "code"]
    search_fields = ["title", "code"]
    raw_id_fields = ["connection"]


@admin.register(SyncError)
class SyncErrorAdmin(ReadOnlyAdmin):
    list_display = ["label", "connection", "state", "code", "amount", "attempts", "first_seen_at", "last_seen_at"]
    list_select_related = CONNECTION
    list_filter = ["state", "code", "flow"]
    exclude = ["answer", "detail"]
    search_fields = ["label", "external_id", "code"]
    raw_id_fields = ["connection"]
    date_hierarchy = "last_seen_at"

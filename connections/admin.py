"""Platform admin of merchants, people and systems. Secrets are never shown; changes go through services.

Who may only look changes nothing: each action names the right that it takes, and a test plays every one as a looker.
"""

from allauth.account.models import EmailAddress
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from connections import hooks, services
from connections.models import (
    AuditEntry,
    AuditHead,
    Connection,
    ConnectionLocation,
    Credential,
    HeartlandAccount,
    Hook,
    InventorySettings,
    ItemSettings,
    Location,
    Membership,
    Merchant,
    OrderSettings,
    ShippingRoute,
    Store,
    User,
)


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """History: it is looked at, never written by hand."""

    def has_act_permission(self, request: HttpRequest) -> bool:
        """For actions that go through services: the right to change such a row, though no form offers it."""
        return request.user.has_perm(f"{self.opts.app_label}.change_{self.opts.model_name}")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class MembershipInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Membership
    raw_id_fields = ["user"]
    extra = 0


@admin.register(User)
class PersonAdmin(UserAdmin):  # type: ignore[type-arg]
    list_display = ["email", "first_name", "last_name", "is_active", "is_staff", "last_login"]
    ordering = ["email"]

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """People are made inactive: what they did stays theirs."""
        return False


admin.site.unregister(EmailAddress)


@admin.register(EmailAddress)
class EmailAddressAdmin(ReadOnlyAdmin):
    """The library's page let a looker confirm an address that nobody had confirmed."""

    list_display = ["email", "user", "primary", "verified"]
    list_select_related = ["user"]
    list_filter = ["primary", "verified"]
    search_fields = ["email", "user__email"]


@admin.register(Merchant)
class MerchantAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["name", "time_zone", "created_at"]
    search_fields = ["name", "public_id"]
    readonly_fields = ["public_id", "created_at"]
    inlines = [MembershipInline]

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["user", "merchant", "role"]
    list_select_related = ["user", "merchant"]
    list_filter = ["role"]
    raw_id_fields = ["user", "merchant"]
    search_fields = ["user__email", "merchant__name"]


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ["at", "merchant", "actor", "action", "subject"]
    list_select_related = ["merchant", "actor"]
    list_filter = ["action"]
    search_fields = ["action", "subject", "actor__email", "merchant__name"]
    date_hierarchy = "at"


@admin.register(AuditHead)
class AuditHeadAdmin(ReadOnlyAdmin):
    list_display = ["chain", "count", "digest"]
    search_fields = ["chain"]


@admin.register(Credential)
class CredentialAdmin(ReadOnlyAdmin):
    list_display = ["id", "scopes", "created_at", "updated_at"]
    exclude = ["secret"]


@admin.register(HeartlandAccount)
class HeartlandAccountAdmin(ReadOnlyAdmin):
    list_display = ["name", "merchant", "base_url", "auth", "state", "checked_at"]
    list_select_related = ["merchant"]
    list_filter = ["state", "auth"]
    search_fields = ["name", "base_url", "merchant__name"]
    exclude = ["credential"]
    actions = ["check_now"]

    @admin.action(description="Check the access now", permissions=["act"])
    def check_now(self, request: HttpRequest, queryset: QuerySet[HeartlandAccount]) -> None:
        for account in queryset:
            diagnosis = services.heartland_check(account=account)
            level = messages.SUCCESS if diagnosis.is_ok else messages.WARNING
            self.message_user(request, f"{account}: {diagnosis.reason or 'the access works.'}", level)


@admin.register(Store)
class StoreAdmin(ReadOnlyAdmin):
    list_display = ["name", "store_hash", "merchant", "domain", "state", "installed_at"]
    list_select_related = ["merchant"]
    list_filter = ["state", "kind"]
    search_fields = ["name", "store_hash", "domain", "merchant__name"]
    exclude = ["credential", "owner_email"]
    actions = ["check_now"]

    @admin.action(description="Check the access now", permissions=["act"])
    def check_now(self, request: HttpRequest, queryset: QuerySet[Store]) -> None:
        for store in queryset:
            diagnosis = services.store_check(store=store)
            level = messages.SUCCESS if diagnosis.is_ok else messages.WARNING
            self.message_user(request, f"{store}: {diagnosis.reason or 'the access works.'}", level)


@admin.register(Location)
class LocationAdmin(ReadOnlyAdmin):
    list_display = ["name", "number", "external_id", "account", "is_active", "station_id", "seen_at"]
    list_select_related = ["account"]
    list_filter = ["is_active"]
    search_fields = ["name", "number", "external_id"]


@admin.register(Connection)
class ConnectionAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "merchant", "state", "mastery_acknowledged_at", "created_at"]
    list_select_related = ["merchant", "heartland", "store"]
    list_filter = ["state"]
    search_fields = ["public_id", "store__name", "store__store_hash", "heartland__name", "merchant__name"]
    actions = ["pause", "resume", "arm_hooks"]

    @admin.action(description="Pause", permissions=["act"])
    def pause(self, request: HttpRequest, queryset: QuerySet[Connection]) -> None:
        for connection in queryset:
            services.connection_pause(connection=connection, actor=acting(request))

    @admin.action(description="Resume", permissions=["act"])
    def resume(self, request: HttpRequest, queryset: QuerySet[Connection]) -> None:
        for connection in queryset:
            services.connection_resume(connection=connection, actor=acting(request))

    @admin.action(description="Re-arm webhooks", permissions=["act"])
    def arm_hooks(self, request: HttpRequest, queryset: QuerySet[Connection]) -> None:
        for connection in queryset:
            for problem in hooks.hooks_arm(connection=connection).problems:
                self.message_user(request, f"{connection}: {problem}", messages.WARNING)


def acting(request: HttpRequest) -> User:
    """The admin behind a request."""
    if not isinstance(request.user, User):
        raise TypeError("the admin site lets only people in")
    return request.user


@admin.register(OrderSettings)
class OrderSettingsAdmin(ReadOnlyAdmin):
    list_display = ["connection", "source_location", "payment_type_id", "shipping"]
    list_select_related = ["connection__heartland", "connection__store", "source_location"]
    raw_id_fields = ["connection", "source_location", "ship_from"]


@admin.register(ItemSettings)
class ItemSettingsAdmin(ReadOnlyAdmin):
    list_display = ["connection", "mode", "follows", "updates", "archived"]
    list_select_related = ["connection__heartland", "connection__store"]
    list_filter = ["mode", "follows"]
    raw_id_fields = ["connection"]


@admin.register(InventorySettings)
class InventorySettingsAdmin(ReadOnlyAdmin):
    list_display = ["connection", "counts_all_locations"]
    list_select_related = ["connection__heartland", "connection__store"]
    raw_id_fields = ["connection"]


@admin.register(ConnectionLocation)
class ConnectionLocationAdmin(ReadOnlyAdmin):
    list_display = ["connection", "location"]
    list_select_related = ["connection__heartland", "connection__store", "location"]
    raw_id_fields = ["connection", "location"]


@admin.register(ShippingRoute)
class ShippingRouteAdmin(ReadOnlyAdmin):
    list_display = ["connection", "rank", "location"]
    list_select_related = ["connection__heartland", "connection__store", "location"]
    raw_id_fields = ["connection", "location"]


@admin.register(Hook)
class HookAdmin(ReadOnlyAdmin):
    list_display = ["topic", "system", "connection", "state", "received", "rejected", "last_received_at", "checked_at"]
    list_select_related = ["connection__heartland", "connection__store"]
    list_filter = ["system", "state"]
    search_fields = ["topic", "external_id"]
    exclude = ["secret", "path_token"]
    raw_id_fields = ["connection"]

"""Platform admin of merchants, people and systems. Secrets are never shown; changes go through services.

Who may only look changes nothing: each action names the right that it takes, and a test plays every one as a looker.
"""

from collections.abc import Iterator
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from connections import hooks, services
from connections.admin_pages import (
    OVERVIEW,
    Figure,
    ProvenLatelyAdmin,
    ReadOnlyAdmin,
    RefusedInWordsAdmin,
    SeenAdmin,
    acting,
    changes_of,
    listed,
)
from connections.models import (
    AccessState,
    AddressChange,
    ApiAnswer,
    ApiToken,
    AuditEntry,
    AuditHead,
    Connection,
    ConnectionLocation,
    Credential,
    Handshake,
    HeartlandAccount,
    Hook,
    InventorySettings,
    Invitation,
    ItemSettings,
    Location,
    Membership,
    Merchant,
    OrderSettings,
    PaymentAddress,
    Role,
    ShippingRoute,
    SignInLimit,
    Store,
    SupportGrant,
    User,
    WebhookAttempt,
    WebhookEndpoint,
    WebhookMessage,
)
from connections.services import people


def overview() -> Iterator[Figure]:
    """Whom we serve, and whose access is lost."""
    active = Connection.objects.filter(state=Connection.State.ACTIVE)
    yield listed("Stores that are connected", active, "?state__exact=active", is_bad=False)
    paused = Connection.objects.filter(state=Connection.State.PAUSED)
    yield listed("Stores that are paused", paused, "?state__exact=paused")
    for words, rows in (("Heartland accounts", HeartlandAccount.objects), ("Stores", Store.objects)):
        revoked = rows.filter(state=AccessState.REVOKED)
        yield listed(f"{words} whose access is revoked", revoked, "?state__exact=revoked")
    yield listed(
        "Receivers of webhooks that do not answer", WebhookEndpoint.objects.filter(is_active=True, failures__gt=0)
    )


OVERVIEW.append(overview)


class MembershipInline(admin.TabularInline):  # type: ignore[type-arg]
    """Shown here, changed on its own page."""

    model = Membership
    can_delete = False
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(User)
class PersonAdmin(RefusedInWordsAdmin, ProvenLatelyAdmin):
    """People; their passwords are theirs: a new one comes about by a link that is mailed to them."""

    list_display = ["email", "first_name", "last_name", "is_active", "is_staff", "last_login"]
    list_filter = ["is_active", "is_staff"]
    search_fields = ["email", "first_name", "last_name"]
    ordering = ["email"]
    fields = [
        "email", "first_name", "last_name", "is_active", "is_staff", "is_superuser", "groups", "user_permissions",
        "last_login", "date_joined",
    ]  # fmt: skip
    readonly_fields = ["last_login", "date_joined"]
    filter_horizontal = ["groups", "user_permissions"]
    actions = ["mail_a_password_link"]

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """People are made inactive: what they did stays theirs."""
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if change:
            people.person_change(person=obj, changes=changes_of(form), actor=acting(request))
        else:
            people.person_add(person=obj, changes=changes_of(form), actor=acting(request))

    @admin.action(description="Mail a link to set a new password", permissions=["change"])
    def mail_a_password_link(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for person in queryset.filter(is_active=True):
            people.password_link_mail(person=person, actor=acting(request))


admin.site.unregister(Group)


@admin.register(Group)
class StaffGroupAdmin(ProvenLatelyAdmin, GroupAdmin):
    def save_model(self, request: HttpRequest, obj: Group, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        verb = "changed" if change else "added"
        people.group_saved(group=obj, changes=changes_of(form), actor=acting(request), verb=verb)

    def delete_model(self, request: HttpRequest, obj: Group) -> None:
        people.group_saved(group=obj, changes={}, actor=acting(request), verb="removed")
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Group]) -> None:
        for group in queryset:
            self.delete_model(request, group)


for library_model in (EmailAddress, Authenticator, UserSession):
    admin.site.unregister(library_model)


@admin.register(EmailAddress)
class EmailAddressAdmin(ReadOnlyAdmin):
    """The library's page let a looker confirm an address that nobody had confirmed."""

    list_display = ["email", "user", "primary", "verified"]
    list_select_related = ["user"]
    list_filter = ["primary", "verified"]
    search_fields = ["email", "user__email"]


@admin.register(Authenticator)
class AuthenticatorAdmin(ProvenLatelyAdmin, ReadOnlyAdmin):
    """Second factors; their secrets are not shown. Who lost theirs is helped here."""

    list_display = ["user", "type", "created_at", "last_used_at"]
    list_select_related = ["user"]
    list_filter = ["type"]
    search_fields = ["user__email"]
    exclude = ["data"]
    actions = ["remove_lost"]

    @admin.action(description="Remove all second factors of these people (lost)", permissions=["act"])
    def remove_lost(self, request: HttpRequest, queryset: QuerySet[Authenticator]) -> None:
        for person in User.objects.filter(pk__in=list(queryset.values_list("user", flat=True))):
            people.factors_remove(person=person, actor=acting(request))


@admin.register(UserSession)
class UserSessionAdmin(ProvenLatelyAdmin, ReadOnlyAdmin):
    """Where people are logged in; the keys of their sessions are not shown."""

    list_display = ["user", "created_at", "last_seen_at", "ip", "user_agent"]
    list_select_related = ["user"]
    search_fields = ["user__email", "ip"]
    exclude = ["session_key", "data"]
    actions = ["end"]

    @admin.action(description="End these people's sessions", permissions=["act"])
    def end(self, request: HttpRequest, queryset: QuerySet[UserSession]) -> None:
        for person in User.objects.filter(pk__in=list(queryset.values_list("user", flat=True))):
            people.sessions_end_for(person=person, actor=acting(request))


@admin.register(AddressChange)
class AddressChangeAdmin(ReadOnlyAdmin):
    list_display = ["person", "asked_at", "old_said_yes_at", "new_said_yes_at"]
    list_select_related = ["person"]
    exclude = ["nonce"]


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    list_display = ["email", "merchant", "role", "invited_by", "invited_at", "expires_at"]
    list_select_related = ["merchant", "invited_by"]
    search_fields = ["email", "merchant__name"]
    exclude = ["nonce"]


@admin.register(SignInLimit)
class SignInLimitAdmin(ReadOnlyAdmin):
    list_display = ["key", "until"]


@admin.register(Merchant)
class MerchantAdmin(SeenAdmin):
    list_display = ["name", "time_zone", "created_at"]
    search_fields = ["name", "public_id"]
    ordering = ["name"]
    readonly_fields = ["public_id", "created_at"]
    inlines = [MembershipInline]

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Merchant, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        people.merchant_saved(merchant=obj, changes=changes_of(form), actor=acting(request), is_new=not change)


@admin.register(Membership)
class MembershipAdmin(RefusedInWordsAdmin, ProvenLatelyAdmin, SeenAdmin):
    list_display = ["user", "merchant", "role"]
    list_select_related = ["user", "merchant"]
    list_filter = ["role"]
    autocomplete_fields = ["user", "merchant"]
    search_fields = ["user__email", "merchant__name"]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """Whose role it is stays; somebody else's is a row of its own."""
        return ["user", "merchant"] if obj else []

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:
        row = people.membership_set(merchant=obj.merchant, person=obj.user, role=Role(obj.role), actor=acting(request))
        obj.pk = row.pk

    def delete_model(self, request: HttpRequest, obj: Membership) -> None:
        people.membership_remove(membership=obj, actor=acting(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Membership]) -> None:
        with transaction.atomic():
            for membership in queryset.select_related("merchant"):
                self.delete_model(request, membership)


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ["at", "merchant", "actor", "action", "subject"]
    list_select_related = ["merchant", "actor"]
    list_filter = ["action"]
    search_fields = ["action", "subject", "actor__email", "merchant__name"]
    date_hierarchy = "at"


@admin.register(SupportGrant)
class SupportGrantAdmin(ReadOnlyAdmin):
    list_display = ["staff", "merchant", "asked_at", "given_by", "until", "ended_at"]
    list_select_related = ["staff", "merchant", "given_by"]
    search_fields = ["staff__email", "merchant__name"]


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


@admin.register(Handshake)
class HandshakeAdmin(ReadOnlyAdmin):
    list_display = ["merchant", "person", "address", "created_at", "received_at", "completed_at", "problem"]
    list_select_related = ["merchant", "person"]
    exclude = ["secret", "received"]


@admin.register(Location)
class LocationAdmin(ReadOnlyAdmin):
    list_display = ["name", "number", "external_id", "account", "is_active", "station_id", "seen_at"]
    list_select_related = ["account"]
    list_filter = ["is_active"]
    search_fields = ["name", "number", "external_id"]


@admin.register(Connection)
class ConnectionAdmin(ReadOnlyAdmin):
    changed_on = ("Connection", "connection")
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


@admin.register(OrderSettings)
class OrderSettingsAdmin(ReadOnlyAdmin):
    changed_on = ("Order Fulfillment", "fulfilment")
    list_display = ["connection", "source_location", "payment_type_id", "shipping"]
    list_select_related = ["connection__heartland", "connection__store", "source_location"]
    raw_id_fields = ["connection", "source_location", "ship_from"]


@admin.register(ItemSettings)
class ItemSettingsAdmin(ReadOnlyAdmin):
    changed_on = ("Items", "items")
    list_display = ["connection", "mode", "follows", "updates", "archived"]
    list_select_related = ["connection__heartland", "connection__store"]
    list_filter = ["mode", "follows"]
    raw_id_fields = ["connection"]


@admin.register(InventorySettings)
class InventorySettingsAdmin(ReadOnlyAdmin):
    changed_on = ("Inventory", "inventory")
    list_display = ["connection", "counts_all_locations"]
    list_select_related = ["connection__heartland", "connection__store"]
    raw_id_fields = ["connection"]


@admin.register(ConnectionLocation)
class ConnectionLocationAdmin(ReadOnlyAdmin):
    changed_on = ("Inventory", "inventory")
    list_display = ["connection", "location"]
    list_select_related = ["connection__heartland", "connection__store", "location"]
    raw_id_fields = ["connection", "location"]


@admin.register(ShippingRoute)
class ShippingRouteAdmin(ReadOnlyAdmin):
    changed_on = ("Order Fulfillment", "fulfilment")
    list_display = ["connection", "rank", "location"]
    list_select_related = ["connection__heartland", "connection__store", "location"]
    raw_id_fields = ["connection", "location"]


@admin.register(Hook)
class HookAdmin(ReadOnlyAdmin):
    changed_on = ("Connection", "connection")
    list_display = ["topic", "system", "connection", "state", "received", "rejected", "last_received_at", "checked_at"]
    list_select_related = ["connection__heartland", "connection__store"]
    list_filter = ["system", "state"]
    search_fields = ["topic", "external_id"]
    exclude = ["secret", "path_token", "sealed_token"]
    raw_id_fields = ["connection"]


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    list_display = ["name", "hint", "merchant", "made_by", "created_at", "expires_at", "revoked_at", "last_used_at"]
    list_select_related = ["merchant", "made_by"]
    raw_id_fields = ["merchant", "made_by"]
    exclude = ["digest"]


@admin.register(ApiAnswer)
class ApiAnswerAdmin(ReadOnlyAdmin):
    list_display = ["pk", "token", "status", "at"]
    list_select_related = ["token"]
    raw_id_fields = ["token"]
    exclude = ["key", "digest", "body"]


@admin.register(PaymentAddress)
class PaymentAddressAdmin(ReadOnlyAdmin):
    list_display = ["heartland", "made_at", "called_at"]
    list_select_related = ["heartland"]
    raw_id_fields = ["heartland"]
    exclude = ["path_token"]


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(ReadOnlyAdmin):
    list_display = ["host", "merchant", "is_active", "failures", "failing_since", "problem"]
    list_select_related = ["merchant"]
    raw_id_fields = ["merchant"]
    exclude = ["address", "secret"]


@admin.register(WebhookMessage)
class WebhookMessageAdmin(ReadOnlyAdmin):
    list_display = ["message_id", "event", "state", "attempts", "created_at", "delivered_at"]
    list_filter = ["event", "state"]
    raw_id_fields = ["endpoint"]
    exclude = ["body"]


@admin.register(WebhookAttempt)
class WebhookAttemptAdmin(ReadOnlyAdmin):
    list_display = ["message_id", "at", "status", "ms", "problem"]
    raw_id_fields = ["message"]

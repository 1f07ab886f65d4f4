"""Money in the platform admin: payments, payouts, gift cards, points and closed days; nothing is changed there."""

from django.contrib import admin

from connections.admin_pages import ReadOnlyAdmin
from syncjobs.models import (
    AccountName,
    CardMovement,
    CardSettings,
    CardTotal,
    ClosedDocument,
    DayClose,
    GiftCard,
    LoyaltySettings,
    OrderPoints,
    OwnPaymentWrite,
    PaymentCall,
    PayoutEntry,
    PayoutFile,
    PayoutLayout,
    PayoutWord,
    PointsAccount,
    PointsMovement,
    PointsSide,
    SalesPayment,
)

CONNECTION = ["connection__heartland", "connection__store"]


@admin.register(SalesPayment)
class SalesPaymentAdmin(ReadOnlyAdmin):
    list_display = ["payment_id", "external_id", "connection"]
    list_select_related = CONNECTION
    search_fields = ["=payment_id", "=external_id"]
    raw_id_fields = ["connection"]


@admin.register(OwnPaymentWrite)
class OwnPaymentWriteAdmin(ReadOnlyAdmin):
    list_display = ["operation", "amount", "at", "heartland"]
    list_select_related = ["heartland"]
    raw_id_fields = ["heartland"]


@admin.register(PaymentCall)
class PaymentCallAdmin(ReadOnlyAdmin):
    list_display = ["payment_id", "operation", "amount", "state", "asked", "began_at", "connection"]
    list_select_related = CONNECTION
    list_filter = ["operation", "state"]
    search_fields = ["=payment_id", "=external_id"]
    raw_id_fields = ["connection"]


@admin.register(LoyaltySettings)
class LoyaltySettingsAdmin(ReadOnlyAdmin):
    changed_on = ("Loyalty points", "loyalty")
    list_display = ["connection", "is_on", "points", "amount", "months"]
    list_select_related = CONNECTION
    raw_id_fields = ["connection"]


@admin.register(PointsAccount)
class PointsAccountAdmin(ReadOnlyAdmin):
    list_display = ["customer_id", "balance", "known", "begun", "heartland"]
    list_select_related = ["heartland__merchant"]
    search_fields = ["=customer_id"]
    raw_id_fields = ["heartland"]


@admin.register(PointsSide)
class PointsSideAdmin(ReadOnlyAdmin):
    list_display = ["external_id", "known", "begun", "tier", "connection"]
    list_select_related = CONNECTION
    search_fields = ["=external_id"]
    raw_id_fields = ["connection", "account"]


@admin.register(PointsMovement)
class PointsMovementAdmin(ReadOnlyAdmin):
    list_display = ["account", "points", "why", "order", "on", "expires_on"]
    list_select_related = ["account"]
    list_filter = ["why"]
    search_fields = ["=order", "=account__customer_id"]
    raw_id_fields = ["account", "side", "by"]


@admin.register(OrderPoints)
class OrderPointsAdmin(ReadOnlyAdmin):
    list_display = ["external_id", "buyer", "earned", "spent", "is_paid", "connection"]
    list_select_related = CONNECTION
    search_fields = ["=external_id", "=buyer"]
    raw_id_fields = ["connection"]


@admin.register(PayoutLayout)
class PayoutLayoutAdmin(ReadOnlyAdmin):
    changed_on = ("Payouts", "payouts")
    list_display = ["name", "connection"]
    list_select_related = CONNECTION
    raw_id_fields = ["connection"]


@admin.register(PayoutFile)
class PayoutFileAdmin(ReadOnlyAdmin):
    list_display = ["name", "layout", "rows_new", "rows_known", "at", "connection"]
    list_select_related = CONNECTION
    raw_id_fields = ["connection", "by"]


@admin.register(PayoutEntry)
class PayoutEntryAdmin(ReadOnlyAdmin):
    list_display = ["gateway_id", "kind", "gross", "fee", "payout", "how", "order_id", "connection"]
    list_select_related = CONNECTION
    list_filter = ["kind", "how"]
    search_fields = ["=gateway_id", "=reference", "=payout", "=order_id"]
    raw_id_fields = ["connection", "file", "by"]
    exclude = ["text"]


@admin.register(PayoutWord)
class PayoutWordAdmin(ReadOnlyAdmin):
    list_display = ["payout", "meaning", "amount", "at", "connection"]
    list_select_related = CONNECTION
    raw_id_fields = ["connection", "by"]


@admin.register(CardSettings)
class CardSettingsAdmin(ReadOnlyAdmin):
    changed_on = ("Gift cards", "cards")
    list_display = ["connection", "follows", "sharing", "reserve", "till_asks"]
    list_select_related = CONNECTION
    raw_id_fields = ["connection"]


@admin.register(GiftCard)
class GiftCardAdmin(ReadOnlyAdmin):
    """Numbers open money: nobody reads them here."""

    list_display = [
        "id",
        "last_signs",
        "account_id",
        "connection",
        "balance",
        "is_good",
        "expires_on",
        "till_holds",
        "store_holds",
    ]
    list_select_related = CONNECTION
    list_filter = ["is_good"]
    search_fields = ["last_signs", "=account_id"]
    exclude = ["number", "digest"]
    raw_id_fields = ["connection"]


@admin.register(CardMovement)
class CardMovementAdmin(ReadOnlyAdmin):
    list_display = ["at", "card", "kind", "place", "delta", "document"]
    list_select_related = ["card"]
    list_filter = ["kind", "place"]
    raw_id_fields = ["card", "by"]


@admin.register(CardTotal)
class CardTotalAdmin(ReadOnlyAdmin):
    list_display = ["day", "connection", "cards", "worth", "credit", "shared", "overdrawn", "differing", "difference"]
    list_select_related = CONNECTION
    raw_id_fields = ["connection"]


@admin.register(DayClose)
class DayCloseAdmin(ReadOnlyAdmin):
    list_display = ["day", "connection", "made_at", "open_points", "digest"]
    list_select_related = CONNECTION
    list_filter = ["day"]
    search_fields = ["digest"]
    exclude = ["lines", "by"]
    raw_id_fields = ["connection"]


@admin.register(ClosedDocument)
class ClosedDocumentAdmin(ReadOnlyAdmin):
    list_display = ["document", "amounts", "connection"]
    list_select_related = CONNECTION
    search_fields = ["=document"]
    raw_id_fields = ["connection"]


@admin.register(AccountName)
class AccountNameAdmin(ReadOnlyAdmin):
    changed_on = ("Books", "books_accounts")
    list_display = ["account", "code", "name", "tax_rate", "connection"]
    list_select_related = CONNECTION
    raw_id_fields = ["connection"]

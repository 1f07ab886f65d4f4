"""The order settings as one form, put together from its rooms."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from connections.heartland_lists import Choices, customer_number, item_number
from connections.models import Connection, OrderSettings
from connections.preferences import ORDER_NAMES, order_settings, version
from connections.store_kinds import profile_of
from syncjobs.pages.form_fields import choice_list
from syncjobs.pages.fulfilment.distribution_form import DistributionForm
from syncjobs.pages.fulfilment.exceptions_form import TEXT_FIELDS, ExceptionsForm
from syncjobs.pages.fulfilment.refunds_form import RefundsForm
from syncjobs.pages.fulfilment.shipments_form import ShipmentsForm
from syncjobs.pages.fulfilment.which_orders_form import WhichOrdersForm
from syncjobs.stores.opening import statuses_of

PLAIN_FIELDS = (  # of OrderSettings, shown and stored as they are
    "eligible_statuses",
    "held_statuses",
    "booked_status",
    "part_shipped_status",
    "source_location",
    "payment_type_id",
    "books_other_payments",
    "shipping_method_id",
    "order_prefix",
    "sales_rep",
    "takes_unpaid",
    "shipping",
    "ship_from",
    "guest_policy",
    "tidies_names",
    "comment_field",
    "checkout_field",
    "staff_notes_field",
    "pickup_field",
    "gift_message_field",
    "customisation",
    "line_note_field",
    "number_field",
    "source_field",
    "sends_shipments",
    "notifies_shopper",
    "tracking_field",
    "carrier_field",
    "shipped_status",
    "tells_pickup_ready",
    "charges_at_shipment",
    "promise_days",
    "till_returns",
    "settle_hours",
    "refused_status",
    "refused_mail_subject",
    "refused_mail_text",
    "books_refunds",
    "restocks_refunds",
)
BACK = ("booked_status", "part_shipped_status")  # a page without them changes nothing
STORE, PREFIX = "{store}", "{prefix}"  # in texts: what the store's kind is called, and how it begins its numbers


class OrderSettingsForm(ExceptionsForm, RefundsForm, ShipmentsForm, DistributionForm, WhichOrdersForm):
    """How orders come to Heartland. Answers checked values of OrderSettings in `changes()`."""

    def __init__(self, data: Mapping[str, Any] | None = None, *, connection: Connection, choices: Choices) -> None:
        self.connection, self.account = connection, connection.heartland
        self.row = order_settings(connection)
        self.statuses = statuses_of(connection.store)
        self.zone = ZoneInfo(connection.merchant.time_zone)
        self.version = version(self.row, ORDER_NAMES)
        self.items: dict[str, str] = {}
        super().__init__(data, initial=self._initial())
        offered = {
            "payment_type_id": (choices.payment_types, self.row.payment_type_id),
            "shipping_method_id": (choices.shipping_methods, self.row.shipping_method_id),
            "line_note_field": (choices.line_fields, self.row.line_note_field),
            "number_field": (choices.order_fields, self.row.number_field),
            "source_field": (choices.order_fields, self.row.source_field),
            "tracking_field": (choices.invoice_fields, self.row.tracking_field),
            "carrier_field": (choices.invoice_fields, self.row.carrier_field),
        }
        marks = {self.row.number_field, self.row.source_field} - {""}
        texts = [(key, name) for key, name in choices.order_fields if key not in marks]
        offered |= {name: (texts, getattr(self.row, name)) for name in TEXT_FIELDS}
        for name, (rows, current) in offered.items():
            self.fields[name].choices = choice_list(rows, current)  # type: ignore[attr-defined]
        places = self.account.locations.filter(is_active=True)
        self.fields["source_location"].queryset = places  # type: ignore[attr-defined]
        self._offer_places()
        self._offer_statuses()
        self._name_store()

    def _name_store(self) -> None:
        """Labels and help call the store's kind by its name."""
        profile = profile_of(self.connection.store)
        for field in self.fields.values():
            field.label = field.label and str(field.label).replace(STORE, profile.name)
            field.help_text = str(field.help_text).replace(STORE, profile.name).replace(PREFIX, profile.order_prefix)

    def _initial(self) -> dict[str, Any]:
        row = self.row
        start = row.history_start_at
        return {name: getattr(row, name) for name in PLAIN_FIELDS} | {
            "currency": self.account.currency,
            "history_start_on": start.astimezone(self.zone).date() if start else None,
            "guest_customer_id": customer_number(self.account, row.guest_customer_id),
            "gift_wrap_item": item_number(self.account, row.gift_wrap_item_id),
            "fee_item": item_number(self.account, row.fee_item_id),
            "gift_card_item": item_number(self.account, row.gift_card_item_id),
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["shipping"] = data.get("shipping") or self.row.shipping
        data["till_returns"] = data.get("till_returns") or self.row.till_returns
        for name in ("settle_hours", "promise_days"):
            if data.get(name) is None:
                data[name] = getattr(self.row, name)
        if twice := set(data.get("eligible_statuses", ())) & set(data.get("held_statuses", ())):
            names = ", ".join(status.name for key, status in self.statuses.items() if key in twice)
            self.add_error("held_statuses", f"{names}: either taken or held, not both.")
        self._check_shipping(data)
        self._check_guests(data)
        if data.get("customisation") == OrderSettings.Customisation.NOTE and not data.get("line_note_field"):
            self.add_error("line_note_field", "Choose the order-line field that takes the shopper's wish.")
        location = data.get("source_location")
        if location and location != self.row.source_location and not location.station_id:
            self.add_error("source_location", f"{location.name} has no station yet: the set-up assistant makes one.")
        for name in ("gift_wrap_item", "fee_item", "gift_card_item"):
            self._resolve_item(name, str(data.get(name) or "").strip())
        self._check_identity(data)
        self._check_texts(data)
        self._check_charging(data)
        return data

    def changes(self) -> dict[str, Any]:
        """Values for OrderSettings by field name."""
        data = {name: value for name, value in self.cleaned_data.items() if not name.startswith(("rank-", "areas-"))}
        start: date | None = data.pop("history_start_on")
        data.pop("currency")
        data.pop("gift_wrap_item")
        data.pop("fee_item")
        data.pop("gift_card_item")
        return data | {
            "eligible_statuses": self._statuses(self.row.eligible_statuses, data["eligible_statuses"]),
            **{name: getattr(self.row, name) for name in BACK if name not in self.data},
            "held_statuses": self._statuses(self.row.held_statuses, data["held_statuses"]),
            "history_start_at": self._start(start),
            "guest_customer_id": self.guest_id,
            "gift_wrap_item_id": self.items["gift_wrap_item"],
            "fee_item_id": self.items["fee_item"],
            "gift_card_item_id": self.items["gift_card_item"],
        }

    def currency_given(self) -> str:
        """Of the account, and so of every store on it."""
        return str(self.cleaned_data["currency"]).upper()

"""Which orders come, and where they go: statuses both ways, location, payment, numbers."""

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from connections.models import Connection, Location, OrderSettings
from connections.prefixes import prefix_problem
from mappings.core.canonical.statuses import LEFT, Statuses, StatusMeaning, settable
from syncjobs.pages.form_fields import NOT_CHOSEN, LocationChoice


class WhichOrdersForm(forms.Form):
    """The part of the order settings that says which orders are brought, and as what."""

    connection: Connection
    row: OrderSettings
    statuses: Statuses  # of the store
    zone: ZoneInfo

    eligible_statuses = forms.MultipleChoiceField(label="Statuses", required=False)
    held_statuses = forms.MultipleChoiceField(label="Statuses held for you", required=False)
    history_start_on = forms.DateField(
        label="Take orders placed from",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Older orders are skipped with that reason. Empty: no limit.",
    )
    takes_unpaid = forms.BooleanField(
        label="Bring orders whose money is not taken yet",
        required=False,
        help_text="On: they come at once, with a payment that is still to come; it is completed when {store} says "
        "that the money was taken. Off: they are skipped with that reason until then. Unknown is not paid: where "
        "{store} does not say, the payment methods below and then its transactions decide.",
    )
    booked_status = forms.ChoiceField(
        label="When it is booked, the order is",
        required=False,
        help_text="Only an order that waits to be packed. Written with its number: no further call.",
    )
    part_shipped_status = forms.ChoiceField(
        label="When part of it has left, the order is",
        required=False,
    )
    shipped_status = forms.ChoiceField(
        label="When all has left, the order is",
        help_text="An order that the shopper collects needs no tracking number: what an invoice of it says is chosen "
        "below.",
    )
    source_location = LocationChoice(
        label="Book orders through location",
        queryset=Location.objects.none(),
        required=False,
        empty_label=NOT_CHOSEN[1],
        help_text="A location of its own, such as “Website”, keeps web and store sales apart in reports.",
    )
    currency = forms.RegexField(
        r"(?i)^[a-z]{3}$",
        label="Currency that Heartland keeps",
        help_text="Three letters, such as USD; Heartland does not tell us. Orders paid in another one are held.",
        error_messages={"invalid": "Give the currency by its three letters, such as USD."},
    )
    payment_type_id = forms.ChoiceField(label="Book payments as", required=False)
    books_other_payments = forms.BooleanField(
        label="Also payment methods without a row of their own",
        required=False,
        help_text="On: whatever has no row among the payment methods below is booked as this type. Off: orders paid by "
        "such a method wait until you have mapped it.",
    )
    shipping_method_id = forms.ChoiceField(
        label="Shipping method when none is mapped",
        required=False,
        help_text="Not chosen: orders with an unmapped method wait for you.",
    )
    order_prefix = forms.CharField(
        label="Order number prefix",
        required=False,
        max_length=10,
        help_text="{prefix} makes web order 10457 sales order {prefix}10457. "
        "Each store of a Heartland account has its own.",
    )
    sales_rep = forms.CharField(label="Sales rep", required=False, max_length=40)
    number_field = forms.ChoiceField(
        label="Order field for the web order number", required=False, help_text="Makes it searchable in Heartland."
    )
    source_field = forms.ChoiceField(
        label="Order field for the store",
        required=False,
        help_text="With the web order number it marks a sales order as this store's. Without both fields only what we "
        "remember tells which sales orders are ours, and one that we lost sight of is held for you.",
    )

    def _offer_statuses(self) -> None:
        """The store's own statuses, each where its meaning fits."""
        names = {key: status.name for key, status in self.statuses.items()}

        def meaning(*meanings: StatusMeaning) -> list[tuple[str, str]]:
            return [(key, names[key]) for key in settable(self.statuses, *meanings)]

        offered = {
            "eligible_statuses": list(names.items()),
            "held_statuses": list(names.items()),
            "booked_status": [("", "left as it is"), *meaning(StatusMeaning.PACKED)],
            "part_shipped_status": [("", "as the store sets it"), *meaning(StatusMeaning.PART_SHIPPED)],
            "refused_status": [("", "left as it is"), *meaning(StatusMeaning.CHECK, StatusMeaning.UNPAID)],
            "shipped_status": meaning(*LEFT) or [("", "as the store sets it")],
        }
        self.fields["shipped_status"].required = bool(meaning(*LEFT))
        for name, rows in offered.items():
            self.fields[name].choices = rows  # type: ignore[attr-defined]

    def _check_identity(self, data: dict[str, Any]) -> None:
        """What tells this store's sales orders from others: a prefix and a mark of their own."""
        if problem := prefix_problem(self.connection, str(data.get("order_prefix", ""))):
            self.add_error("order_prefix", problem)
        if data.get("number_field") and data["number_field"] == data.get("source_field"):
            self.add_error("source_field", "The web order number stands in this field: choose another one.")

    def _statuses(self, before: list[str], chosen: list[str]) -> list[str]:
        """The same choice in another order is no change."""
        return before if sorted(before) == sorted(chosen) else [key for key in self.statuses if key in chosen]

    def _start(self, day: date | None) -> datetime | None:
        """Midnight of the day; the day that is shown already keeps its hour, so that saving moves nothing."""
        if day == self.initial["history_start_on"]:
            return self.row.history_start_at
        return datetime.combine(day, time.min, self.zone) if day else None

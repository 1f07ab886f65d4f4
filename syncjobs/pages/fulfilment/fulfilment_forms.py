"""Forms of the Order Fulfillment tab."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from connections.heartland_lists import Choices, customer_chosen, customer_number, item_by_number, item_number
from connections.models import Connection, Location, OrderSettings
from connections.preferences import ORDER_NAMES, Turn, counted_locations, order_settings, version
from connections.prefixes import prefix_problem
from connections.store_kinds import profile_of
from errors.failures import SyncFailure
from mappings.core.canonical.order import Source
from mappings.core.canonical.statuses import LEFT, StatusMeaning, settable
from mappings.core.rules.nearness import areas_of
from mappings.core.rules.shopper_mail import LABELS, unknown_labels
from syncjobs.pages.form_fields import NOT_CHOSEN, LocationChoice, choice_list
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
    "refused_status",
    "refused_mail_subject",
    "refused_mail_text",
)
NAMED = 5  # locations that a sentence names
POSTCODE_REGION = 3  # signs of a postcode that tell a region in most countries
BACK = ("booked_status", "part_shipped_status")  # a page without them changes nothing
STORE, PREFIX = "{store}", "{prefix}"  # in texts: what the store's kind is called, and how it begins its numbers
TEXT_FIELDS = [f"{source}_field" for source in Source]  # what people write beside the goods


class OrderSettingsForm(forms.Form):
    """How orders come to Heartland. Answers checked values of OrderSettings in `changes()`."""

    eligible_statuses = forms.MultipleChoiceField(label="Statuses", required=False)
    held_statuses = forms.MultipleChoiceField(label="Statuses held for you", required=False)
    history_start_on = forms.DateField(
        label="Take orders placed from",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Older orders are skipped with that reason. Empty: no limit.",
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
    takes_unpaid = forms.BooleanField(
        label="Bring orders whose money is not taken yet",
        required=False,
        help_text="On: they come at once, with a payment that is still to come; it is completed when {store} says "
        "that the money was taken. Off: they are skipped with that reason until then. Unknown is not paid: where "
        "{store} does not say, the payment methods below and then its transactions decide.",
    )
    shipping = forms.ChoiceField(
        label="Who ships", choices=OrderSettings.Shipping.choices, widget=forms.RadioSelect, required=False
    )
    ship_from = LocationChoice(
        label="Location that ships", queryset=Location.objects.none(), required=False, empty_label=NOT_CHOSEN[1]
    )
    guest_policy = forms.ChoiceField(label="Guests", choices=OrderSettings.GuestPolicy.choices)
    guest_customer_id = forms.CharField(
        label="Customer # for guests",
        required=False,
        max_length=40,
        help_text="As Heartland shows it at the customer, such as CASH; the id at the end of the customer's address in "
        "Heartland will do as well. Only with “one customer”.",
    )
    tidies_names = forms.BooleanField(
        label="Tidy names typed in one case",
        required=False,
        help_text="JOHN and john arrive as John, O'BRIEN as O'Brien. Names in mixed case go as they were typed.",
    )
    comment_field = forms.ChoiceField(label="Order field for the order comment", required=False)
    checkout_field = forms.ChoiceField(
        label="Order field for checkout fields",
        required=False,
        help_text="Takes every checkout field that has no row of its own below, each with its name.",
    )
    staff_notes_field = forms.ChoiceField(label="Order field for staff notes", required=False)
    pickup_field = forms.ChoiceField(
        label="Order field for the pickup location", required=False, help_text="Where and when the shopper collects."
    )
    gift_message_field = forms.ChoiceField(
        label="Order field for gift messages",
        required=False,
        help_text="A message also stands in the line's field, where one is chosen for the shopper's wish.",
    )
    customisation = forms.ChoiceField(
        label="Customised products",
        choices=OrderSettings.Customisation.choices,
        help_text="Engraving, monogram, file: what a shopper asked for beside the variant.",
    )
    line_note_field = forms.ChoiceField(label="Line field for the shopper's wish", required=False)
    gift_wrap_item = forms.CharField(
        label="Item # for gift wrapping",
        required=False,
        max_length=80,
        help_text="Wrapping becomes a line of this item. Empty: orders with wrapping wait for you.",
    )
    fee_item = forms.CharField(
        label="Item # for fees and handling",
        required=False,
        max_length=80,
        help_text="Checkout fees become a line of this item. Empty: orders with fees wait for you.",
    )
    number_field = forms.ChoiceField(
        label="Order field for the web order number", required=False, help_text="Makes it searchable in Heartland."
    )
    source_field = forms.ChoiceField(
        label="Order field for the store",
        required=False,
        help_text="With the web order number it marks a sales order as this store's. Without both fields only what we "
        "remember tells which sales orders are ours, and one that we lost sight of is held for you.",
    )

    sends_shipments = forms.BooleanField(
        label="Tell the store what Heartland shipped",
        required=False,
        help_text="A completed invoice becomes a shipment: its lines, carrier and tracking numbers.",
    )
    notifies_shopper = forms.BooleanField(
        label="{store} mails the shopper",
        required=False,
        help_text="On: a shipment waits until its tracking number is there. Off: it is made at once and the number "
        "follows. {store} alone decides whether it mails: nothing that we send can keep a shipment silent. So with "
        "Off, switch the shipment e-mail off in {store} too, or shoppers get one without a number.",
    )
    tracking_field = forms.ChoiceField(
        label="Invoice field with the tracking number",
        required=False,
        help_text="Several numbers are separated by commas. Not chosen: shipments have no number, and never wait.",
    )
    carrier_field = forms.ChoiceField(label="Invoice field with the carrier", required=False)
    tells_pickup_ready = forms.BooleanField(
        label="An invoice of a pickup order says: ready",
        required=False,
        help_text="On: when all of it is invoiced, {store} is told that it waits to be collected, and tells the "
        "shopper. Off: it was collected then, and the shopper is told nothing.",
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

    charges_at_shipment = forms.BooleanField(
        label="Charge as goods leave",
        required=False,
        help_text="On: what the shopper's bank promised is taken in {store} for each completed invoice, before the "
        "shipment is told. Refused money holds the shipment. Off: {store} takes it by itself.",
    )
    refused_status = forms.ChoiceField(label="When the payment is refused, the order is", required=False)
    refused_mail_subject = forms.CharField(
        label="Subject of the mail to the shopper",
        required=False,
        max_length=150,
        help_text="Empty: the shopper is not mailed.",
    )
    refused_mail_text = forms.CharField(
        label="Text of the mail to the shopper",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="Sent once for each refusal. Filled in: "
        + ", ".join(f"{{{name}}} {words}" for name, words in LABELS.items())
        + ".",
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, connection: Connection, choices: Choices) -> None:
        self.connection, self.account = connection, connection.heartland
        self.row = order_settings(connection)
        self.statuses = statuses_of(connection.store)
        self.zone = ZoneInfo(connection.merchant.time_zone)
        self.version = version(self.row, ORDER_NAMES)
        self.items: dict[str, str] = {}
        super().__init__(data, initial=self._initial())
        places = self.account.locations.filter(is_active=True)
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
        for name in ("source_location", "ship_from"):
            self.fields[name].queryset = places  # type: ignore[attr-defined]
        routes = {route.location_id: route for route in connection.shipping_routes.all()}
        for place in places:
            self.fields[f"rank-{place.pk}"] = forms.IntegerField(
                label=place.name,
                required=False,
                min_value=1,
                max_value=999,
                initial=routes[place.pk].rank if place.pk in routes else None,
            )
            self.fields[f"areas-{place.pk}"] = forms.CharField(
                label=f"{place.name} is near",
                required=False,
                max_length=300,
                initial=routes[place.pk].areas if place.pk in routes else own_areas(place),
            )
        self._offer_statuses()
        self._name_store()
        self.distribution_refusal = several_fulfil(connection)
        self.distribution_warning = "" if self.distribution_refusal else others_fulfil(connection)

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

    def _name_store(self) -> None:
        """Labels and help call the store's kind by its name."""
        profile = profile_of(self.connection.store)
        for field in self.fields.values():
            field.label = field.label and str(field.label).replace(STORE, profile.name)
            field.help_text = str(field.help_text).replace(STORE, profile.name).replace(PREFIX, profile.order_prefix)

    @property
    def area_fields(self) -> list[forms.BoundField]:
        """One for each location: what it is near to, when the nearest ships."""
        return [self[name] for name in self.fields if name.startswith("areas-")]

    @property
    def rank_fields(self) -> list[forms.BoundField]:
        """One for each location: its turn when several ship."""
        return [self[name] for name in self.fields if name.startswith("rank-")]

    def _initial(self) -> dict[str, Any]:
        row = self.row
        start = row.history_start_at
        return {name: getattr(row, name) for name in PLAIN_FIELDS} | {
            "currency": self.account.currency,
            "history_start_on": start.astimezone(self.zone).date() if start else None,
            "guest_customer_id": customer_number(self.account, row.guest_customer_id),
            "gift_wrap_item": item_number(self.account, row.gift_wrap_item_id),
            "fee_item": item_number(self.account, row.fee_item_id),
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["shipping"] = data.get("shipping") or self.row.shipping
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
        for name in ("gift_wrap_item", "fee_item"):
            self._resolve_item(name, str(data.get(name) or "").strip())
        self._check_identity(data)
        self._check_texts(data)
        self._check_charging(data)
        return data

    def _check_charging(self, data: dict[str, Any]) -> None:
        """Goods that leave are known of by their shipments alone; a mail has a subject and a text."""
        if data.get("charges_at_shipment") and not data.get("sends_shipments"):
            self.add_error("charges_at_shipment", "Tell the store what Heartland shipped: money is taken with that.")
        subject, text = (str(data.get(f"refused_mail_{part}") or "") for part in ("subject", "text"))
        if bool(subject.strip()) != bool(text.strip()):
            self.add_error(
                "refused_mail_text" if subject.strip() else "refused_mail_subject", "A mail has a subject and a text."
            )
        for name, written in (("refused_mail_subject", subject), ("refused_mail_text", text)):
            if unknown := unknown_labels(written):
                self.add_error(name, f"Nothing fills in {{{unknown[0]}}}.")

    def _check_identity(self, data: dict[str, Any]) -> None:
        """What tells this store's sales orders from others: a prefix and a mark of their own."""
        if problem := prefix_problem(self.connection, str(data.get("order_prefix", ""))):
            self.add_error("order_prefix", problem)
        if data.get("number_field") and data["number_field"] == data.get("source_field"):
            self.add_error("source_field", "The web order number stands in this field: choose another one.")

    def _check_texts(self, data: dict[str, Any]) -> None:
        """The fields that tell whose a sales order is take nothing else."""
        marks = {data.get("number_field"), data.get("source_field")} - {"", None}
        for name in TEXT_FIELDS:
            if data.get(name) in marks:
                self.add_error(name, "The web order number or the tag stands in this field: choose another one.")

    def _check_guests(self, data: dict[str, Any]) -> None:
        """Turn the Customer # into the customer's id: guests' orders depend on it, so Heartland is asked."""
        number = str(data.get("guest_customer_id") or "").strip()
        is_used = data.get("guest_policy") != OrderSettings.GuestPolicy.MATCH
        self.guest_id = self.row.guest_customer_id if number else ""
        if is_used and not number:
            self.add_error("guest_customer_id", "Name the Heartland customer that guests' orders go to.")
        elif is_used or number != self.initial["guest_customer_id"]:
            self.guest_id, problem = customer_chosen(self.account, number) if number else ("", "")
            if problem:
                self.add_error("guest_customer_id", problem)

    def _check_shipping(self, data: dict[str, Any]) -> None:
        """One location must be chosen and able to; several need their turns."""
        kinds, kind, place = OrderSettings.Shipping, data["shipping"], data.get("ship_from")
        several = {kinds.PRIORITY, kinds.NEAREST}
        if kind in several and not any(data.get(field.name) for field in self.rank_fields):
            self.add_error("shipping", "Number the locations that ship: 1 is asked first.")
        if kind in {kinds.STAFF, *several}:
            return
        if self.distribution_refusal:
            self.add_error("shipping", self.distribution_refusal)
        elif not place:
            self.add_error("ship_from", "Choose the location that ships before orders distribute themselves.")
        elif kind != kinds.ONE and not place.station_id:
            self.add_error("ship_from", f"{place.name} has no station in Heartland, and an invoice needs one.")

    def routes(self) -> dict[Location, Turn]:
        """Locations that ship, with their turn and what they are near to."""
        given = self.cleaned_data
        return {
            place: Turn(rank=rank, areas=", ".join(areas_of(given.get(f"areas-{place.pk}", ""))))
            for place in self.fields["ship_from"].queryset  # type: ignore[attr-defined]
            if (rank := given.get(f"rank-{place.pk}"))
        }

    def _resolve_item(self, name: str, number: str) -> None:
        """Turn an Item # into its id; unchanged numbers cost no call."""
        before = str(getattr(self.row, f"{name}_id"))
        if number == self.initial[name]:
            self.items[name] = before
            return
        if not number:
            self.items[name] = ""
            return
        try:
            found = item_by_number(self.account, number)
        except SyncFailure as failure:
            self.add_error(name, f"Heartland could not be asked: {failure.summary}")
            return
        if found is None:
            self.add_error(name, f"Heartland has no active item with Item # {number} (upper and lower case count).")
            return
        self.items[name] = found[0]

    def changes(self) -> dict[str, Any]:
        """Values for OrderSettings by field name."""
        data = {name: value for name, value in self.cleaned_data.items() if not name.startswith(("rank-", "areas-"))}
        start: date | None = data.pop("history_start_on")
        data.pop("currency")
        data.pop("gift_wrap_item")
        data.pop("fee_item")
        return data | {
            "eligible_statuses": self._statuses(self.row.eligible_statuses, data["eligible_statuses"]),
            **{name: getattr(self.row, name) for name in BACK if name not in self.data},
            "held_statuses": self._statuses(self.row.held_statuses, data["held_statuses"]),
            "history_start_at": self._start(start),
            "guest_customer_id": self.guest_id,
            "gift_wrap_item_id": self.items["gift_wrap_item"],
            "fee_item_id": self.items["fee_item"],
        }

    def currency_given(self) -> str:
        """Of the account, and so of every store on it."""
        return str(self.cleaned_data["currency"]).upper()

    def _statuses(self, before: list[str], chosen: list[str]) -> list[str]:
        """The same choice in another order is no change."""
        return before if sorted(before) == sorted(chosen) else [key for key in self.statuses if key in chosen]

    def _start(self, day: date | None) -> datetime | None:
        """Midnight of the day; the day that is shown already keeps its hour, so that saving moves nothing."""
        if day == self.initial["history_start_on"]:
            return self.row.history_start_at
        return datetime.combine(day, time.min, self.zone) if day else None


def several_fulfil(connection: Connection) -> str:
    """Why orders may not distribute themselves; empty when at most one location's stock is sold online."""
    count = counted_locations(connection)
    if count <= 1:
        return ""
    return (
        f"{count} locations sell online, so one of them cannot ship everything: let staff distribute, or several "
        "locations ship by their turn, or let a single location count on the Inventory tab."
    )


def others_fulfil(connection: Connection) -> str:
    """What to mind before one location ships everything: which others could; empty where none could."""
    source = order_settings(connection).source_location
    places = connection.heartland.locations.filter(is_active=True).order_by("name")
    names = [place.name for place in places if place != source]
    if len(names) < 2:
        return ""
    shown = ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")
    return (
        f"{len(names)} locations can ship: {shown}. When one of them ships everything, it is also asked for what only "
        "another one has; several can ship by their turn, or by how near they are."
    )


def own_areas(place: Location) -> str:
    """What a location is near to at least, as its address in Heartland tells: a proposal."""
    return ", ".join(areas_of(f"{place.state}, {place.postal_code[:POSTCODE_REGION]}"))

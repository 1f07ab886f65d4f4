"""What is not an ordinary line of an ordinary order: guests, wrapping, fees, wishes, and what people write."""

from typing import Any

from django import forms

from connections.heartland_lists import customer_chosen, item_by_number
from connections.models import HeartlandAccount, OrderSettings
from errors.failures import SyncFailure
from mappings.core.canonical.order import Source

TEXT_FIELDS = [f"{source}_field" for source in Source]  # what people write beside the goods


class ExceptionsForm(forms.Form):
    """The part of the order settings for what would else hold an order."""

    account: HeartlandAccount
    row: OrderSettings
    items: dict[str, str]  # ids by field, as they were found
    guest_id: str

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
    gift_card_item = forms.CharField(
        label="Item # for gift cards that are sold",
        required=False,
        max_length=80,
        help_text="A sold card becomes a line of this item: count it as no revenue in Heartland. Empty: such orders "
        "wait for you.",
    )

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

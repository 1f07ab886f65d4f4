"""What the store is told of what left, and the money that is taken with it."""

from typing import Any

from django import forms

from connections.models import OrderSettings
from mappings.core.rules.shopper_mail import LABELS, unknown_labels


class ShipmentsForm(forms.Form):
    """The part of the order settings that says what becomes of Heartland's invoices."""

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
    charges_at_shipment = forms.BooleanField(
        label="Charge as goods leave",
        required=False,
        help_text="On: what the shopper's bank promised is taken in {store} for each completed invoice, before the "
        "shipment is told. Refused money holds the shipment. Off: {store} takes it by itself.",
    )
    promise_days = forms.IntegerField(
        label="Days that a bank's promise holds",
        required=False,
        min_value=1,
        max_value=60,
        help_text="Card payments that are authorised and not charged run out, most after 7 days. You are alerted a "
        "day before.",
    )
    till_returns = forms.ChoiceField(
        label="What a return at the till becomes in {store}",
        choices=OrderSettings.TillReturns.choices,
        required=False,
        help_text="Of goods that a web order's invoice sold. Money that stands under the payment types of web orders "
        "goes back by {store}; cash and gift cards were given at the till, and are only noted there.",
    )
    settle_hours = forms.IntegerField(
        label="Hours until a payment has settled",
        required=False,
        min_value=0,
        max_value=240,
        help_text="Until then most providers can only take back all of a payment: a part of it waits.",
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

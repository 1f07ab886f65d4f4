"""What becomes of money that the store gives back."""

from django import forms


class RefundsForm(forms.Form):
    """The part of the order settings about refunds."""

    books_refunds = forms.BooleanField(
        label="Book refunds by themselves",
        required=False,
        help_text="On: an order that has not left is booked anew without what {store} gave back; what has left comes "
        "back by a return of its invoice. Off: each refund shows what it will become, and waits for your look.",
    )
    restocks_refunds = forms.BooleanField(
        label="Refunded pieces go back into stock",
        required=False,
        help_text="Of returns that we make: the pieces count as there again at the location that shipped them. Off: "
        "only the money is booked.",
    )

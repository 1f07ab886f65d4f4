"""Whose data is asked for."""

from django import forms


class ShopperForm(forms.Form):
    """Whose data is meant."""

    email = forms.EmailField(label="The shopper's e-mail address", max_length=254)

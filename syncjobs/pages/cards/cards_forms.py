"""How gift cards of a store are kept in step with the tills'."""

from decimal import Decimal

from django import forms

from syncjobs.models import CardSettings


class CardSettingsForm(forms.Form):
    follows = forms.BooleanField(required=False)
    sharing = forms.ChoiceField(choices=list(CardSettings.SHARINGS.items()))
    reserve = forms.DecimalField(min_value=Decimal(0), max_digits=8, decimal_places=2)
    email = forms.EmailField(required=False)
    credit_field = forms.SlugField(required=False, max_length=80)
    till_asks = forms.BooleanField(required=False)

    @property
    def said(self) -> str:
        """What is wrong, each field in words."""
        return " ".join(f"{name.capitalize()}: {one}" for name, errors in self.errors.items() for one in errors)

"""What the Order Fulfillment tab asks for a backfill."""

import re
from typing import Any

from django import forms

BACKFILL_LIMIT = 500
DIGITS = re.compile(r"[0-9]{1,18}")
OTHER_NUMBER = re.compile(r"[0-9A-Za-z_./-]{1,50}")


class BackfillForm(forms.Form):
    """Orders to fetch now: by their numbers, or by the dates they were placed."""

    ids = forms.CharField(
        label="Order numbers",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "placeholder": "10457 10458\n10459"}),
        help_text=f"Up to {BACKFILL_LIMIT}, separated by blanks, commas or new lines.",
    )
    placed_from = forms.DateField(label="Placed from", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    placed_to = forms.DateField(
        label="Placed to (this day included)", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, *args: Any, numbers_repeat: bool = False, **options: Any) -> None:
        """`numbers_repeat`: a number is no id, and may hold more than digits."""
        super().__init__(*args, **options)
        self.sign = OTHER_NUMBER if numbers_repeat else DIGITS

    def clean_ids(self) -> list[str]:
        """Distinct order numbers as typed, in their order."""
        words = str(self.cleaned_data["ids"]).replace(",", " ").replace(";", " ").split()
        numbers = list(dict.fromkeys(word.lstrip("#") for word in words))
        wrong = [word for word in numbers if not self.sign.fullmatch(word)]
        if wrong:
            raise forms.ValidationError(f"Not an order number: {', '.join(wrong[:5])}. Nothing was started.")
        if len(numbers) > BACKFILL_LIMIT:
            raise forms.ValidationError(f"{len(numbers)} numbers are too many: give at most {BACKFILL_LIMIT} at once.")
        return numbers

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("placed_from"), data.get("placed_to")
        if self.errors:
            return data
        if bool(data.get("ids")) == bool(first or last):
            raise forms.ValidationError("Give either order numbers or dates.")
        if not data.get("ids") and not (first and last):
            raise forms.ValidationError("Give both dates.")
        if first and last and first > last:
            raise forms.ValidationError("The first day comes after the last.")
        return data

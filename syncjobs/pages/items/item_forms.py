"""Forms of the Items Information tab."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from connections.models import ItemSettings
from mappings.core.canonical.product import Field
from mappings.core.rules.item_filter import Operator
from mappings.core.rules.product_changes import LABELS

CONDITIONS = 5  # of the item filter; all must hold
OPERATORS = {
    Operator.IS: "is",
    Operator.IS_NOT: "is not",
    Operator.CONTAINS: "contains",
    Operator.AT_LEAST: "is at least",
    Operator.AT_MOST: "is at most",
}


class ItemSettingsForm(forms.ModelForm):  # type: ignore[type-arg]
    """What of the items moves, and how. Of a pull, only what says something about it."""

    moved_fields = forms.MultipleChoiceField(
        label="Fields that move",
        choices=[(field.value, LABELS[field]) for field in Field],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="A field that is off is never changed. New products always get a title and a price.",
    )
    PUSH_ONLY = ("includes_imageless", "shows_new", "archived")

    class Meta:
        model = ItemSettings
        fields = (
            "updates",
            "includes_imageless",
            "shows_new",
            "follows",
            "moved_fields",
            "blanks_overwrite",
            "original_is_regular",
            "sells_free",
            "option_keys",
            "brand_key",
            "category_key",
            "barcode_key",
            "archived",
        )
        labels = {
            "updates": "Update what is there already",
            "includes_imageless": "Also items without pictures",
            "shows_new": "Show new products to shoppers at once",
            "follows": "Go on by itself whenever something changes",
            "blanks_overwrite": "Blanks overwrite",
            "original_is_regular": "Heartland's original price is the regular price, and its price the sale price",
            "sells_free": "Also what has the price 0",
            "option_keys": "Fields that tell a grid's items apart",
            "brand_key": "Field that holds the brand",
            "category_key": "Field that holds the category",
            "barcode_key": "Field that holds the barcode",
            "archived": "When an item is switched off in Heartland",
        }
        help_texts = {
            "updates": "Off: only new ones are made. On: what was typed on the other side is overwritten.",
            "blanks_overwrite": "Off: an empty field leaves the other side's value as it is.",
            "original_is_regular": "Off: the original price is the MSRP, and a sale is the store's own.",
            "sells_free": "Off: an item without a price, or with 0, waits in the preview.",
            "option_keys": "Keys of Heartland custom fields by comma, in the order that shoppers see: size, color."
            " Empty: the fewest that tell them apart; where several would do, the preview asks.",
        }

    def __init__(self, settings: ItemSettings, data: Any = None) -> None:
        super().__init__(data, instance=settings, auto_id="items_%s")
        if settings.mode != ItemSettings.Mode.PUSH:
            for name in self.PUSH_ONLY:
                del self.fields[name]


class ConditionForm(forms.Form):
    """One condition on Heartland's items; one without a field is none."""

    field = forms.CharField(
        label="Field", max_length=60, required=False, widget=forms.TextInput(attrs={"list": "item-keys"})
    )
    operator = forms.ChoiceField(label="Comparison", choices=list(OPERATORS.items()))
    value = forms.CharField(label="Value", max_length=120, required=False)


Conditions = forms.formset_factory(ConditionForm, extra=1, max_num=CONDITIONS, validate_max=True)


def conditions_form(settings: ItemSettings, data: Any = None) -> Any:
    """The filter's rows, and one more to fill in."""
    return Conditions(data, initial=None if data else settings.filters, prefix="filter")


def conditions_given(rows: Any) -> list[dict[str, str]]:
    """The rows that name a field, as ItemSettings keeps them."""
    given = [row.cleaned_data for row in rows if row.cleaned_data.get("field")]
    return [{name: str(data[name]).strip() for name in ("field", "operator", "value")} for data in given]


def conditions_words(rows: Sequence[Mapping[str, str]]) -> str:
    """`price is at least 5; sold_on_web is yes`."""
    told = (f"{row['field']} {OPERATORS[Operator(row['operator'])]} {row['value']}" for row in rows)
    return "; ".join(told) or "no condition"

"""Forms of the Inventory tab: the store's rule, and an item's or a category's own."""

from typing import Any

from django import forms

from connections.clients import heartland_setup_client
from connections.models import Connection, InventorySettings, Location
from connections.preferences import version
from errors.failures import Rejected, SyncFailure
from mappings.models import StockRule
from syncjobs.pages.form_fields import NOT_CHOSEN, LocationChoice


class StockRuleForm(forms.ModelForm):  # type: ignore[type-arg]
    """What of the stock may be sold online."""

    class Meta:
        model = InventorySettings
        fields = (
            "counting",
            "safety_units",
            "safety_percent",
            "last_units",
            "fast_moves",
            "fast_units",
            "blind_minutes",
            "blind_units",
            "night_from",
            "night_to",
        )
        widgets = dict.fromkeys(("night_from", "night_to"), forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
        labels = {
            "counting": "What counts",
            "safety_units": "Keep back, pieces",
            "safety_percent": "Keep back, percent",
            "last_units": "Sell none below",
            "fast_moves": "Fast: moves a day",
            "fast_units": "Then keep back besides, pieces",
            "blind_minutes": "Without news, minutes",
            "blind_units": "Then sell none at or below",
            "night_from": "Night begins",
            "night_to": "Night ends",
        }
        help_texts = {
            "safety_units": "Of each item, for the shop floor.",
            "safety_percent": "Of what counts, rounded up. The larger of both is kept back.",
            "fast_moves": "An item that sells, returns or moves so often on a day is a fast one. 0: none is.",
            "fast_units": "Of fast items, until a day with fewer moves.",
            "blind_minutes": "After so long without Heartland's stock the last pieces go off sale. 0: never.",
            "blind_units": "Pieces. They are offered again as soon as Heartland answers.",
            "night_from": "Daily checks, and runs that you put off, wait for it. Empty: they work at once.",
            "last_units": "When fewer pieces are left than this, none is offered online. 0: never.",
        }

    def __init__(self, data: Any = None, *, instance: InventorySettings) -> None:
        self.version = version(instance, self.Meta.fields)
        super().__init__(data, instance=instance)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if bool(data.get("night_from")) != bool(data.get("night_to")):
            self.add_error("night_to", "Give both, its beginning and its end, or neither.")
        return data


class ItemRuleForm(forms.ModelForm):  # type: ignore[type-arg]
    """What is kept back of one SKU, of all items with a value in a field of Heartland, or at one location.

    Both are looked for before anything is saved: a rule for what does not exist would be followed by nothing.
    """

    location = LocationChoice(
        label="Or one location",
        queryset=Location.objects.none(),
        required=False,
        empty_label=NOT_CHOSEN[1],
        help_text="What is kept back there of every item, before the locations are added up.",
    )

    class Meta:
        model = StockRule
        fields = ("field", "value", "location", "safety_units", "safety_percent", "last_units")
        labels = {
            "field": "Heartland item field",
            "value": "Value, or SKU",
            "safety_units": "Keep back, pieces",
            "safety_percent": "Keep back, percent",
            "last_units": "Sell none below",
        }
        help_texts = {
            "field": "Its key, such as department. Empty: the rule is for one SKU.",
            "value": "Written exactly as it is there.",
        }
        widgets = {"field": forms.TextInput(attrs={"list": "item-keys"})}

    def __init__(self, *args: Any, connection: Connection, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.connection = connection
        self.besides = ""  # what is to be said with a rule that was saved
        self.fields["value"].required = False
        places = connection.heartland.locations.filter(is_active=True)
        self.fields["location"].queryset = places  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        field, value = str(data.get("field") or "").strip(), str(data.get("value") or "").strip()
        if place := data.get("location"):
            if field or value:
                self.add_error("location", "Name either one location, or items: not both in one rule.")
            return data | {"field": "", "value": place.external_id}
        if not value:
            self.add_error("value", "Name the SKU, the value of the field, or a location.")
        elif field and not self.errors:
            self._look_for_field(field, value)
        elif not self.errors:
            self._look_for_sku(value)
        return data | {"field": field, "value": value}

    def _look_for_field(self, field: str, value: str) -> None:
        """Ask Heartland for one page of the category."""
        try:
            items = heartland_setup_client(self.connection.heartland).iter_items(only=["id"], custom=(field, value))
            if next(items, None) is None:
                self.besides = f" No item of Heartland has {value} in {field} yet."
        except Rejected as refusal:
            self.add_error("field", f"Heartland has no item field with the key {field}: {refusal.summary}")
        except SyncFailure as failure:
            self.add_error("field", f"Heartland could not be asked for this field: {failure.summary}")

    def _look_for_sku(self, sku: str) -> None:
        """Stock is only sent for linked SKUs."""
        links = self.connection.links.filter(kind="item")
        if links.filter(source_id=sku).exists():
            return
        alike = links.filter(source_id__iexact=sku).values_list("source_id", flat=True).first()
        hint = f" Do you mean {alike}?" if alike else " Link it on the Items Information tab first."
        self.add_error("value", f"No linked item has the SKU {sku}.{hint}")

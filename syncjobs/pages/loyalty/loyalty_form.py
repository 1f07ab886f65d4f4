"""The rules of loyalty as people set them."""

from collections.abc import Iterator
from typing import Any

from django import forms

from connections.store_kinds import profile_of
from syncjobs.models import LoyaltySettings
from syncjobs.pages.form_fields import choice_list
from syncjobs.pages.loyalty.loyalty_lists import Offered, Pairs

TIERS = 5
LARGEST = 1_000_000_000


def in_use(row: LoyaltySettings, known: set[str]) -> Pairs:
    """Groups that the rules name and the store did not tell of."""
    named = dict.fromkeys([row.base_group, *(str(tier["group"]) for tier in row.tiers)])
    return [(one, f"{one} (as chosen before)") for one in named if one and one not in known]


class LoyaltyForm(forms.ModelForm):  # type: ignore[type-arg]
    """Which fields show points, what earns them, and what they bring."""

    heartland_field = forms.ChoiceField(label="Customer field in Heartland", required=False)
    store_field = forms.ChoiceField(label="Field in {store}", required=False)
    base_group = forms.ChoiceField(
        label="Group below the first tier", required=False, help_text="Not chosen: the group is left as it is then."
    )
    categories = forms.CharField(
        label="Categories that earn",
        required=False,
        max_length=500,
        help_text="As Heartland’s items say them, by comma. Empty: everything but gift cards earns.",
    )

    class Meta:
        model = LoyaltySettings
        fields = (
            *("is_on", "heartland_field", "store_field", "opening", "points", "amount", "categories", "coupon_prefix"),
            *("worth", "months", "base_group", "tiers_fall"),
        )
        labels = {
            "is_on": "Keep points alike on both sides",
            "opening": "Where both have numbers at first",
            "points": "Points",
            "amount": "For each whole",
            "coupon_prefix": "Coupons paid with points begin with",
            "worth": "Points taken off for 1.00",
            "months": "Months until points expire",
            "tiers_fall": "A tier is lost when less is earned",
        }
        help_texts = {
            "is_on": "What either side adds or takes off is carried to the other; neither number is ever overwritten.",
            "points": "Of goods paid, order by order, without tax, shipping, gift cards and what points paid. 0: "
            "orders earn nothing here, as something else counts them.",
            "coupon_prefix": "Such a coupon earns nothing and counts as points spent. Empty: no coupon does.",
            "worth": "0: whoever gives the coupon takes the points off.",
            "months": "They expire at the end of a month, the oldest first. 0: never.",
            "tiers_fall": "Off: it is kept, and only a person takes it away in the store.",
        }

    def __init__(self, data: Any = None, *, instance: LoyaltySettings, heartland: Pairs, offered: Offered) -> None:
        self.tiers = {str(number): tier for number, tier in enumerate(instance.tiers, 1)}
        initial = {"categories": ", ".join(instance.categories)}
        super().__init__(data, instance=instance, initial=initial)
        groups = offered.groups + in_use(instance, {key for key, _ in offered.groups})
        lists = {"heartland_field": heartland, "store_field": offered.fields, "base_group": groups}
        for name, rows in lists.items():
            self.fields[name].choices = choice_list(rows, getattr(instance, name))  # type: ignore[attr-defined]
        self.fields["store_field"].label = f"Field in {profile_of(instance.connection.store).name}"
        for number in map(str, range(1, TIERS + 1)):
            had = self.tiers.get(number, {"name": "", "earned": None, "group": ""})
            self.fields |= {
                f"name-{number}": forms.CharField(
                    label=f"Tier {number}", required=False, max_length=60, initial=had["name"]
                ),
                f"earned-{number}": forms.IntegerField(
                    label="From points earned in 12 months", required=False, min_value=1, max_value=LARGEST,
                    initial=had["earned"],
                ),
                f"group-{number}": forms.ChoiceField(
                    label="Customer group", required=False, choices=choice_list(groups, had["group"]),
                    initial=had["group"],
                ),
            }  # fmt: skip

    def part(self, *names: str) -> list[forms.BoundField]:
        return [self[name] for name in names]

    @property
    def sides(self) -> list[forms.BoundField]:
        return self.part("is_on", "heartland_field", "store_field", "opening")

    @property
    def earning(self) -> list[forms.BoundField]:
        return self.part("points", "amount", "categories", "coupon_prefix", "worth", "months")

    @property
    def tier_rows(self) -> Iterator[list[forms.BoundField]]:
        return (self.part(f"name-{one}", f"earned-{one}", f"group-{one}") for one in range(1, TIERS + 1))

    def clean_categories(self) -> list[str]:
        return list(dict.fromkeys(filter(None, map(str.strip, self.cleaned_data["categories"].split(",")))))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name in ("heartland_field", "store_field"):
            if data.get("is_on") and not data.get(name):
                self.add_error(name, "Choose the field that shows the points.")
        data["tiers"] = self._tiers(data)
        return data

    def _tiers(self, data: dict[str, Any]) -> list[dict[str, Any]]:
        """The tiers that are named, the lowest first."""
        found = []
        for one in range(1, TIERS + 1):
            name, earned = str(data.get(f"name-{one}") or "").strip(), data.get(f"earned-{one}")
            if bool(name) != bool(earned):
                self.add_error(f"earned-{one}" if name else f"name-{one}", "A tier has a name and a number of points.")
            elif name:
                found.append({"name": name, "earned": earned, "group": data.get(f"group-{one}") or ""})
        for kind in ("name", "earned"):
            if len({one[kind] for one in found}) < len(found):
                self.add_error(None, "Two tiers have the same name, or begin at the same number of points.")
                break
        return sorted(found, key=lambda one: int(one["earned"]))

"""Forms of the alerts' page."""

from typing import Any

from django import forms

from errors.models import AlertChannel, AlertKind

TOLD = [(str(kind), kind.label) for kind in AlertKind]
TO_CHANNELS = [(value, label) for value, label in TOLD if value != AlertKind.CHANNEL]


class ClockInput(forms.TimeInput):
    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class RuleForm(forms.Form):
    """One rule."""

    is_on = forms.BooleanField(label="Tell people", required=False)
    threshold = forms.DecimalField(label="From", min_value=0, max_value=9_999_999, max_digits=9, decimal_places=2)
    escalate_minutes = forms.IntegerField(
        label="Tell once more after, in minutes", min_value=5, max_value=43_200, required=False
    )


class QuietForm(forms.Form):
    """Hours in which nothing is sent."""

    quiet_from = forms.TimeField(label="Quiet from", required=False, widget=ClockInput)
    quiet_until = forms.TimeField(label="Quiet until", required=False, widget=ClockInput)

    def clean(self) -> dict[str, Any]:
        wish = super().clean() or {}
        if bool(wish.get("quiet_from")) != bool(wish.get("quiet_until")) and not self.errors:
            self.add_error("quiet_until", "Quiet hours need both times, or none.")
        return wish


class MineForm(QuietForm):
    """What a person wants to hear."""

    by_mail = forms.BooleanField(label="Mail me", required=False)
    kinds = forms.MultipleChoiceField(
        label="Of these", choices=TOLD, required=False, widget=forms.CheckboxSelectMultiple
    )
    digest = forms.BooleanField(label="Mail me a summary every morning at 8:00", required=False)
    field_order = ("by_mail", "kinds", "quiet_from", "quiet_until", "digest")


class ChannelForm(QuietForm):
    """A new channel."""

    kind = forms.ChoiceField(label="Where", choices=AlertChannel.Kind.choices, widget=forms.RadioSelect)
    name = forms.CharField(label="Name", max_length=60, help_text="Such as #web-orders.")
    address = forms.CharField(
        label="Address",
        max_length=1000,
        help_text="The webhook's address, as Slack, Teams or your system gives it. It is encrypted at once.",
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
    )
    kinds = forms.MultipleChoiceField(
        label="Tell it of",
        choices=TO_CHANNELS,
        initial=[value for value, _ in TO_CHANNELS],
        widget=forms.CheckboxSelectMultiple,
    )
    field_order = ("kind", "name", "address", "kinds", "quiet_from", "quiet_until")

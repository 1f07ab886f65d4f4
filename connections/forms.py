"""Forms about systems and their connection."""

from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from django import forms

from connections.connectors.hosts import HostRefused
from connections.heartland_access import heartland_base_url
from connections.models import AccessState, Connection, HeartlandAccount, Merchant, User


class HeartlandTokenForm(forms.Form):
    """A pasted Heartland API token with the address it belongs to."""

    base_url = forms.CharField(
        label="Heartland address",
        max_length=300,
        help_text="As in your browser when you use Heartland, such as https://acme.retail.heartland.us",
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )
    token = forms.CharField(
        label="API token",
        max_length=400,
        help_text="In Heartland: Settings → API tokens. It is encrypted at once and never shown again.",
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    def clean_base_url(self) -> str:
        """The API base behind the typed address."""
        try:
            return heartland_base_url(str(self.cleaned_data["base_url"]))
        except HostRefused as refusal:
            raise forms.ValidationError(refusal.summary) from refusal

    def clean_token(self) -> str:
        token = str(self.cleaned_data["token"]).strip()
        if not token.isascii() or not token.isprintable() or " " in token:
            raise forms.ValidationError("This does not look like a token: it has blanks or odd characters.")
        return token


class AddressForm(forms.Form):
    """Another address for a person. Whether somebody has it already is not told."""

    new_email = forms.EmailField(label="New e-mail", widget=forms.EmailInput(attrs={"autocomplete": "email"}))

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        self.person = person
        super().__init__(*args, **kwargs)

    def clean_new_email(self) -> str:
        wish = str(self.cleaned_data["new_email"]).lower()
        if wish == self.person.email.lower():
            raise forms.ValidationError("This is your address already.")
        return wish


class MerchantForm(forms.Form):
    """The merchant's time zone. `shown` is the one that the page was drawn with."""

    time_zone = forms.ChoiceField(
        label="Time zone",
        choices=lambda: [(name, name.replace("_", " ")) for name in sorted(available_timezones()) if "/" in name],
        help_text="Orders, sales and proofs are counted by its days. Best is the zone of your stores.",
    )
    shown = forms.CharField(max_length=60, widget=forms.HiddenInput)


class AccountChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A Heartland account, named with its address."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} ({urlsplit(obj.base_url).netloc})"


class PairForm(forms.Form):
    """Which Heartland account a store's orders go to."""

    heartland = AccountChoice(
        label="Heartland account",
        queryset=HeartlandAccount.objects.none(),
        to_field_name="public_id",
        empty_label=None,
        help_text="One Heartland account can hold several stores.",
    )

    def __init__(self, *args: Any, merchant: Merchant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        accounts = HeartlandAccount.objects.filter(merchant=merchant, state=AccessState.CONNECTED)
        self.fields["heartland"].queryset = accounts.order_by("name")  # type: ignore[attr-defined]


class ClaimForm(forms.Form):
    """Which of the person's merchants a newly installed store belongs to."""

    merchant = forms.ModelChoiceField(
        label="Merchant", queryset=Merchant.objects.none(), to_field_name="public_id", empty_label=None
    )

    def __init__(self, *args: Any, merchants: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["merchant"].queryset = merchants  # type: ignore[attr-defined]
        self.only = ""  # the one there is: nobody has to choose it
        if len(merchants) == 1:
            self.only = str(merchants[0])
            self.fields["merchant"].widget = forms.HiddenInput()
            self.initial["merchant"] = merchants[0].public_id


class DisconnectForm(forms.Form):
    """The store's name typed as a confirmation."""

    confirmation = forms.CharField(label="Type the store's name to confirm", max_length=120, strip=True)

    def __init__(self, *args: Any, connection: Connection, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.expected = str(connection.store)

    def clean_confirmation(self) -> str:
        typed = str(self.cleaned_data["confirmation"])
        if typed.casefold() != self.expected.casefold():
            raise forms.ValidationError(f"Type “{self.expected}” to disconnect it. Nothing was changed.")
        return typed


class RetentionForm(forms.Form):
    """For how many days texts are kept."""

    days = forms.IntegerField(
        label="Days",
        min_value=3,
        max_value=3650,
        help_text="At least 3: a message that comes twice is told by what is kept of the first.",
    )
    shown = forms.IntegerField(widget=forms.HiddenInput)

"""What a person types to connect a Magento shop, by the way that they go."""

from typing import Any

from django import forms

from connections.connect.magento.clients import SIGNED
from connections.connect.magento.connecting import address_checked
from connections.connect.magento.websites import Website
from connections.connectors.hosts import HostRefused

LONGEST_SECRET = 64
UNSEEN = "It is encrypted at once and never shown again."


def _secret(label: str, help_text: str = "", longest: int = LONGEST_SECRET) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": "off"})
    return forms.CharField(label=label, max_length=longest, help_text=help_text, widget=widget)


def _url(label: str, help_text: str, *, required: bool = True) -> forms.CharField:
    widget = forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"})
    return forms.CharField(label=label, max_length=300, help_text=help_text, required=required, widget=widget)


class AddressForm(forms.Form):
    """Where the shop is; whether it is another address than the store had, is asked where one is connected again."""

    address = _url("Shop address", "As your shoppers type it, such as https://www.example.com, without /admin")
    has_moved = forms.BooleanField(
        label="The shop has moved to this address",
        help_text="Tick it only if it is the same shop with the same orders under a new address.",
        required=False,
    )

    def __init__(self, *args: Any, is_again: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_again:
            del self.fields["has_moved"]

    def clean_address(self) -> str:
        """The address without what stands for its API."""
        try:
            return address_checked(str(self.cleaned_data["address"]))
        except HostRefused as refusal:
            raise forms.ValidationError(refusal.summary) from refusal

    def clean(self) -> dict[str, Any]:
        """No secret holds blanks or signs that copying may bring along."""
        given = super().clean() or self.cleaned_data
        for name, field in self.fields.items():
            if isinstance(field.widget, forms.PasswordInput) and (text := given.get(name)):
                given[name] = text.strip()
                if not given[name].isascii() or not given[name].isprintable() or " " in given[name]:
                    self.add_error(name, "This does not look right: it has blanks or odd characters.")
        return given


class SigningForm(AddressForm):
    """For the ways that sign each call."""

    field_order = ("address", *SIGNED, "signing_url", "has_moved")
    signing_url = _url(
        "Signing address",
        "Leave it empty. Only if Magento refuses our signature: the base URL as Magento itself sees it behind a proxy, "
        "such as http://www.example.com",
        required=False,
    )

    def clean_signing_url(self) -> str:
        """It is signed with and never called, so that it may be any."""
        text = str(self.cleaned_data["signing_url"]).strip().rstrip("/")
        if text and not text.startswith(("https://", "http://")):
            raise forms.ValidationError("The address must begin with https:// or http://.")
        return text


class ValuesForm(SigningForm):
    """The four values of an integration."""

    consumer_key = _secret("Consumer key")
    consumer_secret = _secret("Consumer secret")
    token = _secret("Access token")
    token_secret = _secret("Access token secret", "All four are encrypted at once and never shown again.")


class TokenForm(AddressForm):
    """An access token alone."""

    token = _secret("Access token", UNSEEN)


class CloudForm(AddressForm):
    """A project's credentials at Adobe."""

    client_id = forms.CharField(
        label="Client ID", max_length=100, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    client_secret = _secret("Client secret", UNSEEN, 200)
    organization = forms.CharField(
        label="Organization ID",
        max_length=100,
        help_text="It ends in @AdobeOrg.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        address = self.fields["address"]
        address.label = "REST endpoint"
        address.help_text = "From the instance's details, such as https://na1.api.commerce.adobe.com/AbCdEf123"


class ConfirmForm(forms.Form):
    """What Magento opened our page with, and the person's word on two addresses."""

    oauth_consumer_key = forms.CharField(max_length=LONGEST_SECRET, widget=forms.HiddenInput)
    success_call_back = forms.CharField(max_length=1000, required=False, widget=forms.HiddenInput)
    is_elsewhere_fine = forms.BooleanField(label="Both addresses are of the same shop, mine", required=False)


class WebsiteForm(forms.Form):
    """Which website of the installation the store sells from."""

    website = forms.ChoiceField(label="Website", widget=forms.RadioSelect)

    def __init__(self, *args: Any, websites: tuple[Website, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(one.code, f"{one.name} ({one.code})") for one in websites]
        self.fields["website"].choices = choices  # type: ignore[attr-defined]
        self.initial.setdefault("website", choices[0][0] if choices else "")

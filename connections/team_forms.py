"""Forms about a merchant's people."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password

from connections.models import Invitation, Role, User
from connections.permissions import MEANINGS
from connections.signin.passwords import OwnWordsValidator

ROLES = [(str(role), f"{role.label}: {MEANINGS[role]}") for role in Role]


class InviteForm(forms.Form):
    """Whom to invite, and as what."""

    email = forms.EmailField(
        label="E-mail", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    )
    role = forms.ChoiceField(label="Role", choices=ROLES, initial=Role.STAFF, widget=forms.RadioSelect)


class RoleForm(forms.Form):
    """Another role for somebody. `shown` is the one that the page was drawn with."""

    role = forms.ChoiceField(choices=Role.choices)
    shown = forms.CharField(max_length=10, widget=forms.HiddenInput)


class JoinForm(forms.Form):
    """An account for an invited address that has none."""

    first_name = forms.CharField(
        label="First name", max_length=150, widget=forms.TextInput(attrs={"autocomplete": "given-name"})
    )
    last_name = forms.CharField(
        label="Last name",
        max_length=150,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    password = forms.CharField(
        label="Password",
        max_length=128,
        strip=False,
        help_text="At least 10 signs; a sentence of your own is best.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, invitation: Invitation, **kwargs: Any) -> None:
        self.invitation = invitation
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        """The rules for passwords, with the person's and the merchant's words."""
        wish = super().clean() or {}
        if password := wish.get("password"):
            names = {"first_name": wish.get("first_name", ""), "last_name": wish.get("last_name", "")}
            person = User(email=self.invitation.email, **names)
            try:
                validate_password(password, person)
                OwnWordsValidator(joins=self.invitation.merchant).validate(password, person)
            except forms.ValidationError as refused:
                self.add_error("password", refused)
        return wish

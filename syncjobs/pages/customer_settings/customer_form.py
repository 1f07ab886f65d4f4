"""The form of how customers are kept alike: a row a field of a person, with whose word counts and what a blank does."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from mappings.core.canonical.customer import CustomerField
from mappings.core.rules.customer_fields import DEFAULTS, NEVER_BLANK, Blank, Owner
from syncjobs.flows.customers.customer_context import rules_of
from syncjobs.models import CustomerSettings

LABELS = {
    CustomerField.FIRST_NAME: "First name",
    CustomerField.LAST_NAME: "Last name",
    CustomerField.EMAIL: "E-mail address",
    CustomerField.PHONE: "Phone",
    CustomerField.COMPANY: "Company",
    CustomerField.GROUP: "Customer group",
    CustomerField.CONSENT: "Consent to marketing mails",
    CustomerField.TAX_EXEMPT: "Tax exemption",
}
OWNERS = {
    Owner.LATER: "Both ways: the later change",
    Owner.STORE: "The store → Heartland",
    Owner.HEARTLAND: "Heartland → the store",
    Owner.NOBODY: "Leave it alone",
}
BLANKS = {Blank.KEEP: "keeps the other side's value", Blank.CLEAR: "clears the other side's value"}
LONGEST_KEY, LONGEST_TABLE, LONGEST_WORD = 80, 4_000, 80


class CustomerSettingsForm(forms.Form):
    """Everything but the switch of each field, which stands in `rows`."""

    is_on = forms.BooleanField(label="Keep customers alike on both sides", required=False)
    creates_in_heartland = forms.BooleanField(
        label="Make a customer in Heartland for an account that nobody there has", required=False
    )
    creates_in_store = forms.BooleanField(
        label="Make an account in the store for a new customer of Heartland’s with an e-mail address",
        required=False,
        help_text="The store may mail whoever gets one. Nobody gets one in the place of an account that was deleted.",
    )
    company_field = forms.SlugField(
        label="Heartland field for the company", required=False, max_length=LONGEST_KEY,
        help_text="The key of a custom field of customers. Empty: the company is not carried.",
    )  # fmt: skip
    group_field = forms.SlugField(
        label="Heartland field for the customer group", required=False, max_length=LONGEST_KEY,
        help_text="Empty: the group is not carried.",
    )  # fmt: skip
    tax_exempt_field = forms.SlugField(
        label="Heartland field for a tax exemption", required=False, max_length=LONGEST_KEY,
        help_text="Empty: it is not carried.",
    )  # fmt: skip
    groups = forms.CharField(
        label="Customer groups", required=False, max_length=LONGEST_TABLE, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="One a line: the group's number in the store = what Heartland's field says. Example: 2 = Wholesale",
    )  # fmt: skip
    own_phones = forms.CharField(
        label="Your shop's own phone numbers", required=False, max_length=300,
        help_text="With commas between. Staff type them where a customer gave none: they tell nobody apart.",
    )  # fmt: skip

    def __init__(
        self,
        settings: CustomerSettings,
        data: Mapping[str, Any] | None = None,
        groups: Sequence[tuple[str, str]] = (),
    ) -> None:
        """`groups`: the store's as read lately, (key, name): each gets a field in place of the one for all."""
        self.settings = settings
        super().__init__(data, initial=initial_of(settings))
        self.group_names = dict(groups) | dict.fromkeys(settings.groups, "not in the store any more") | dict(groups)
        if groups:
            del self.fields["groups"]
            for key, word in self.group_names.items():
                self.fields[f"word-{key}"] = forms.CharField(
                    label=f"{word} ({key})", required=False, max_length=LONGEST_WORD, initial=settings.groups.get(key),
                )  # fmt: skip
        for name in CustomerField:
            self.fields[f"owner_{name}"] = forms.ChoiceField(label="Direction", choices=list(OWNERS.items()))
            if name not in NEVER_BLANK:
                self.fields[f"blank_{name}"] = forms.ChoiceField(label="A blank", choices=list(BLANKS.items()))

    @property
    def rows(self) -> list[tuple[str, forms.BoundField, forms.BoundField | None]]:
        """A field's name, its direction and what a blank does."""
        return [
            (LABELS[name], self[f"owner_{name}"], None if name in NEVER_BLANK else self[f"blank_{name}"])
            for name in CustomerField
        ]

    @property
    def plain(self) -> list[forms.BoundField]:
        """The others."""
        return [self[name] for name in self.base_fields if name in self.fields]

    @property
    def words(self) -> list[forms.BoundField]:
        """What Heartland's field says of each group of the store."""
        return [self[name] for name in self.fields if name.startswith("word-")]

    def clean_groups(self) -> dict[str, str]:
        table: dict[str, str] = {}
        for line in filter(None, map(str.strip, self.cleaned_data["groups"].splitlines())):
            key, _, word = (part.strip() for part in line.partition("="))
            if not (key.isascii() and key.isdigit() and word):
                raise forms.ValidationError(f"“{line[:40]}” is not a number, =, and a word.")
            table[key] = word
        return table

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if "groups" not in self.fields:
            words = {key: given.get(f"word-{key}", "") for key in self.group_names}
            given["groups"] = {key: word for key, word in words.items() if word}
        return given

    @property
    def changes(self) -> dict[str, Any]:
        """What is to be stored, once it is valid."""
        given = self.cleaned_data
        rules = {
            str(name): {"owner": given[f"owner_{name}"], "blank": given.get(f"blank_{name}", Blank.KEEP.value)}
            for name in CustomerField
        }
        usual = {str(name): {"owner": rule.owner.value, "blank": rule.blank.value} for name, rule in DEFAULTS.items()}
        chosen = {name: rule for name, rule in rules.items() if rule != usual[name]}
        return {name: given[name] for name in self.base_fields} | {"rules": chosen}


def initial_of(settings: CustomerSettings) -> dict[str, Any]:
    plain = {name: getattr(settings, name) for name in CustomerSettingsForm.base_fields}
    shown = {"groups": "\n".join(f"{key} = {word}" for key, word in settings.groups.items())}
    rules = rules_of(settings)
    owners = {f"owner_{name}": rule.owner.value for name, rule in rules.items()}
    blanks = {f"blank_{name}": rule.blank.value for name, rule in rules.items() if name not in NEVER_BLANK}
    return plain | shown | owners | blanks

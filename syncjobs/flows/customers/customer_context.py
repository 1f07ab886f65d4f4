"""What the steps of the customer flow hand on to each other."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from ipaas.masking import NAME, STREET
from ipaas.types import JSON
from mappings.core.canonical.customer import Customer, CustomerField
from mappings.core.heartland.customer_values import Keys, customer_from_heartland
from mappings.core.rules.customer_fields import DEFAULTS, Blank, FieldRule, Owner
from mappings.core.rules.people_named import names_of, streets_of
from syncjobs.flows.customers.customer_memory import Memory
from syncjobs.flows.settling import SettlingContext
from syncjobs.models import CustomerIdentity, CustomerSettings


@dataclass(kw_only=True)
class CustomerContext(SettlingContext):
    """One run for one account. `external_id` is its id in the store."""

    settings: CustomerSettings = field(init=False)  # these from `read` on
    account: Customer = field(init=False)
    identity: CustomerIdentity = field(init=False)
    customer: Customer = field(init=False)  # Heartland's, from `match` on
    row: JSON = field(init=False)  # … as Heartland wrote it

    @cached_property
    def memory(self) -> Memory:
        return Memory.read(self.identity.said)

    @cached_property
    def keys(self) -> Keys:
        kept = self.settings
        return Keys(company=kept.company_field, group=kept.group_field, tax_exempt=kept.tax_exempt_field)

    @cached_property
    def rules(self) -> Mapping[CustomerField, FieldRule]:
        return rules_of(self.settings)

    def heartland_customer(self, row: JSON, addresses: list[JSON]) -> Customer:
        """Whom it names, no later word of Heartland's repeats."""
        customer = customer_from_heartland(row, addresses, self.keys)
        self.heartland.redactor.conceal(NAME, [*names_of(customer), *names_of(self.account)])
        self.heartland.redactor.conceal(STREET, [*streets_of(customer), *streets_of(self.account)])
        return customer

    def group_key(self, word: str) -> str:
        """The store's key of a group that Heartland names; "" where the table does not hold it."""
        return next((key for key, one in self.settings.groups.items() if one.casefold() == word.casefold()), "")


def rules_of(settings: CustomerSettings) -> dict[CustomerField, FieldRule]:
    """By field, as the merchant chose or as it is from the start."""
    return {
        name: FieldRule(owner=Owner(chosen["owner"]), blank=Blank(chosen["blank"]))
        if (chosen := settings.rules.get(name))
        else rule
        for name, rule in DEFAULTS.items()
    }


def in_words(account: Customer, groups: Mapping[str, str]) -> Customer:
    """The account with its group as Heartland's field says it; one that the table does not hold is left out."""
    values = dict(account.values)
    values.pop(CustomerField.GROUP, None)
    if word := groups.get(account.said(CustomerField.GROUP)):
        values[CustomerField.GROUP] = word
    return replace(account, values=values)

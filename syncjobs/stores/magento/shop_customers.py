"""Customer accounts of Magento behind the port (its notes §17)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache

from connections.connectors.magento import MagentoClient
from connections.connectors.magento.customers import CUSTOMERS_PER_PAGE
from connections.models import Store
from ipaas.masking import NAME, STREET
from ipaas.types import JSON
from mappings.core.canonical.customer import Customer, CustomerField
from mappings.core.canonical.order import Address
from mappings.core.magento.shop_accounts import TEXTS, account_body, account_from_magento, address_body
from mappings.core.rules.customer_fields import Values
from mappings.core.rules.people_named import names_of, streets_of
from syncjobs.stores.port import AccountWrite


class MagentoCustomers:
    """Fulfils `port.Customers`."""

    accounts_at_once = CUSTOMERS_PER_PAGE

    def __init__(self, client: MagentoClient, store: Store) -> None:
        self._client = client
        self._website_id: int | None = store.facts.get("website_id")
        self._regions = cache(self._regions_read)

    def account(self, account_id: str) -> Customer | None:
        row = self._client.customer_read(account_id)
        return None if row is None else self._read(row)

    def accounts(self, account_ids: Sequence[str]) -> list[Customer]:
        return [self._read(row) for row in self._client.customers_by_id(account_ids)]

    def changed_since(self, moment: datetime) -> Iterator[Customer]:
        return (
            account_from_magento(row, website_id=self._website_id) for row in self._client.customers_changed(moment)
        )

    def of_email(self, email: str) -> list[Customer]:
        return [self._read(row) for row in self._client.customers_of_email(email)]

    def create(self, values: Values) -> str:
        body = {TEXTS[name]: value for name, value in values.items() if name in TEXTS}
        return str(self._client.customer_create({**body, "website_id": self._website_id})["id"])

    def write(self, account: Customer, wanted: AccountWrite) -> Customer:
        phone = wanted.values.get(CustomerField.PHONE) or account.said(CustomerField.PHONE)
        changes = {one: self._address(found, phone) for one, found in wanted.address_changes.items()}
        added = [self._address(one, phone) for one in wanted.address_adds]
        body = account_body(account.raw, wanted.values, changes, [one for one in added if one["telephone"]])
        return self._read(self._client.customer_update(account.id, body))

    def groups(self) -> Mapping[str, str]:
        return {str(row["id"]): str(row.get("code") or row["id"]) for row in self._client.customer_groups()}

    def _address(self, address: Address, phone: str) -> JSON:
        return address_body(address, phone=phone, region_id=self._regions(address.country).get(address.state))

    def _regions_read(self, country: str) -> Mapping[str, int]:
        """Ids of a country's regions by code: one call, where an address is to be written."""
        listed = self._client.country_read(country).get("available_regions") or () if country else ()
        return {str(one["code"]): int(one["id"]) for one in listed}

    def _read(self, row: JSON) -> Customer:
        account = account_from_magento(row, website_id=self._website_id)
        self._client.redactor.conceal(NAME, names_of(account))
        self._client.redactor.conceal(STREET, streets_of(account))
        return account

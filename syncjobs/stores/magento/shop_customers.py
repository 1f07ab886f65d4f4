"""Customer accounts of Magento behind the port (its notes §17)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache

from connections.connectors.magento import MagentoClient
from connections.connectors.magento.customers import CUSTOMERS_PER_PAGE
from connections.models import Store
from errors.failures import TransientFailure
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
        if "addresses" not in body:
            return self._read(self._client.customer_update(account.id, body))
        self._see_unchanged(account)
        after = self._read(self._client.customer_update(account.id, body))
        _see_complete(after, body["addresses"])
        return after

    def _see_unchanged(self, account: Customer) -> None:
        """Look right before a list is sent that becomes the whole book: what the shopper added since would be deleted.

        One call. Who adds one in the moment between this answer and our list still loses it: no call of the shop's
        prevents that, and none tells afterwards what was there. Raises TransientFailure.
        """
        now = self._client.customer_read(account.id)
        if now is None or _book(now) != _book(account.raw):
            raise TransientFailure(f"The addresses of account {account.id} changed just now: it is read anew.")

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


def _book(row: JSON) -> dict[str, JSON]:
    return {str(one["id"]): one for one in row.get("addresses") or ()}


def _see_complete(after: Customer, sent: Sequence[JSON]) -> None:
    """See that all that was sent is there: who sends a list of their own at once deletes ours. Raises TransientFailure.

    Nothing is remembered of the write then, so that the next look carries over again what the book lacks.
    """
    kept = {str(one["id"]) for one in sent if "id" in one}
    there = {one.id for one in after.addresses}
    if kept - there or len(there) < len(sent):
        raise TransientFailure(f"Account {after.id} lacks an address that it was told just now: it is read anew.")

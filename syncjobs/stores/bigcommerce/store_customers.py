"""Customer accounts of BigCommerce behind the port (its note, §22)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from connections.connectors.bigcommerce import BigCommerceClient
from connections.connectors.bigcommerce.base import ROWS_PER_PAGE
from connections.connectors.bigcommerce.customers import MOST_ADDRESSES
from ipaas.masking import NAME, STREET
from ipaas.types import JSON
from mappings.core.bigcommerce.store_accounts import account_body, account_from_bigcommerce, address_entry, kept_address
from mappings.core.canonical.customer import Customer
from mappings.core.rules.customer_fields import Values
from mappings.core.rules.people_named import names_of, streets_of
from syncjobs.stores.port import AccountWrite

SILENT = {"trigger_account_created_notification": False}  # a person at a till asked for no mail


class BigCommerceCustomers:
    """Fulfils `port.Customers`."""

    accounts_at_once = ROWS_PER_PAGE

    def __init__(self, client: BigCommerceClient) -> None:
        self._client = client

    def account(self, account_id: str) -> Customer | None:
        return next(iter(self.accounts([account_id])), None)

    def accounts(self, account_ids: Sequence[str]) -> list[Customer]:
        rows = self._client.customers_with_addresses(account_ids)
        return [self._read(row) for row in rows if str(row.get("id")) in account_ids]

    def changed_since(self, moment: datetime) -> Iterator[Customer]:
        return map(account_from_bigcommerce, self._client.customers_changed(moment))

    def of_email(self, email: str) -> list[Customer]:
        return [self._read(row) for row in self._client.customers_of_email(email)]

    def create(self, values: Values) -> str:
        return str(self._client.customer_create({**account_body(values), **SILENT})["id"])

    def write(self, account: Customer, wanted: AccountWrite) -> Customer:
        then = account
        if wanted.values:
            then = self._read(self._client.customer_update(account.id, **account_body(wanted.values)))
        book = {one.id: one for one in account.addresses}
        changes = [{"id": int(one), **address_entry(found)} for one, found in wanted.address_changes.items()]
        added = [{"customer_id": int(account.id), **address_entry(one)} for one in wanted.address_adds]
        for write, bodies in (
            (self._client.customer_addresses_update, changes),
            (self._client.customer_addresses_create, added),
        ):
            for first in range(0, len(bodies), MOST_ADDRESSES):
                rows = write(bodies[first : first + MOST_ADDRESSES])
                book |= {one.id: one for one in map(kept_address, rows)}
        return replace(then, addresses=tuple(book.values()))

    def groups(self) -> Mapping[str, str]:
        return {str(row["id"]): str(row.get("name") or row["id"]) for row in self._client.customer_groups()}

    def _read(self, row: JSON) -> Customer:
        account = account_from_bigcommerce(row)
        self._client.redactor.conceal(NAME, names_of(account))
        self._client.redactor.conceal(STREET, streets_of(account))
        return account

"""Loyalty points at Magento: an attribute of accounts that the shop's people added. Its notes §17."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from connections.connectors.magento import MagentoClient
from ipaas.types import JSON
from mappings.core.canonical.json_fields import Row
from syncjobs.stores.port import Member, PointsField

TYPED = ("text", "")  # inputs of attributes that may hold a number; one without an input is set by code alone
GUESTS = "0"


class MagentoLoyalty:
    """Fulfils `port.Loyalty`. A field's key is the code of its attribute."""

    def __init__(self, client: MagentoClient) -> None:
        self._client = client

    def fields(self) -> list[PointsField]:
        rows = (Row(row, "Attribute of accounts") for row in self._client.account_attributes())
        return [
            PointsField(key=row.text("attribute_code"), name=row.text("frontend_label") or row.text("attribute_code"))
            for row in rows
            if row.text("attribute_code") and row.text("frontend_input") in TYPED
        ]

    def groups(self) -> Mapping[str, str]:
        rows = self._client.customer_groups()
        return {str(row["id"]): str(row.get("code") or row["id"]) for row in rows if str(row["id"]) != GUESTS}

    def member(self, account_id: str, field: str) -> Member | None:
        found = self._client.customer_read(account_id)
        return None if found is None else _member(found, field)

    def members(self, field: str, *, since: datetime) -> Iterator[Member]:
        return (_member(row, field) for row in self._client.customers_changed(since))

    def points_write(self, account_id: str, field: str, points: int) -> None:
        values = [{"attribute_code": field, "value": str(points)}]
        self._client.customer_update(account_id, {"custom_attributes": values})

    def group_write(self, account_id: str, group: str) -> None:
        self._client.customer_update(account_id, {"group_id": int(group)})


def _member(account: JSON, field: str) -> Member:
    row = Row(account, f"Account {account.get('id')}")
    held = (
        one.text("value") for one in row.rows("custom_attributes", "attribute") if one.text("attribute_code") == field
    )
    return Member(id=row.identifier("id"), points=next(held, ""), group=row.text("group_id"))

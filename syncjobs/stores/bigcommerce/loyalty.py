"""Loyalty points at BigCommerce: an attribute of customers, which apps of any maker read. Its notes §22."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from connections.connectors.bigcommerce import BigCommerceClient
from mappings.core.canonical.json_fields import Row
from syncjobs.stores.port import Member, PointsField


class BigCommerceLoyalty:
    """Fulfils `port.Loyalty`. A field's key is the id of its attribute."""

    def __init__(self, client: BigCommerceClient) -> None:
        self._client = client

    def fields(self) -> list[PointsField]:
        rows = (Row(row, f"Attribute {row.get('id')}") for row in self._client.customer_attributes())
        return [PointsField(key=row.identifier("id"), name=row.text("name")) for row in rows if row.identifier("id")]

    def groups(self) -> Mapping[str, str]:
        return {str(row["id"]): str(row.get("name") or row["id"]) for row in self._client.customer_groups()}

    def member(self, account_id: str, field: str) -> Member | None:
        found = self._client.customer_with_attributes(account_id)
        if found is None:
            return None
        row = Row(found, f"Account {account_id}")
        held = (one.text("attribute_value") for one in row.rows("attributes", "attribute") if _is(one.data, field))
        return Member(id=account_id, points=next(held, ""), group=row.identifier("customer_group_id"))

    def members(self, field: str, *, since: datetime) -> Iterator[Member]:
        """All with points: nothing promises that a change of them moves the account's own time."""
        for value in self._client.attribute_values(field):
            row = Row(value, f"Attribute {field}")
            yield Member(id=row.identifier("customer_id"), points=row.text("attribute_value"))

    def points_write(self, account_id: str, field: str, points: int) -> None:
        self._client.attribute_value_set(account_id, field, str(points))

    def group_write(self, account_id: str, group: str) -> None:
        self._client.customer_update(account_id, customer_group_id=int(group))


def _is(attribute: Mapping[str, Any], field: str) -> bool:
    return str(attribute.get("attribute_id")) == field

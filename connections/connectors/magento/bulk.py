"""Writes that the shop takes into its queue and works off later (notes §16)."""

from collections.abc import Sequence

from connections.connectors.http import segment
from connections.connectors.magento.base import BULK_MODE, MagentoBase
from connections.connectors.magento.criteria import Sort
from connections.connectors.magento.rights import BULK, SOURCE_ITEMS
from connections.connectors.needs import needs
from errors.failures import ContractBroken
from ipaas.types import JSON

OPEN, COMPLETE = 4, 1  # of an operation's status


class BulkCalls(MagentoBase):
    """What goes by the queue."""

    @needs(SOURCE_ITEMS)
    def source_items_queue(self, chunks: Sequence[Sequence[JSON]]) -> str:
        """Queue quantities, a list for each operation; answers the id under which their state is asked for.

        Taken is not done: what stands in the queue may be worked off at any later time, or never. Raises Rejected.
        """
        body = [{"sourceItems": list(chunk)} for chunk in chunks]
        answer = self._send("POST", self._v1("/inventory/source-items", mode=BULK_MODE), body=body)
        uuid = self._object(answer, "number of the bulk").get("bulk_uuid")
        if not isinstance(uuid, str):
            raise ContractBroken("Magento queued quantities without saying under which number.")
        return uuid

    @needs(BULK)
    def bulk_states(self, uuid: str) -> list[int]:
        """The status of each operation: COMPLETE, 2 or 3 failed, OPEN, 5 rejected. It may lag behind what is done."""
        rows = self._read(f"/bulk/{segment(uuid)}/status", "state of the bulk").get("operations_list")
        if not isinstance(rows, list):
            raise ContractBroken("Magento answered without the operations of the bulk.")
        return [int(row.get("status") or OPEN) for row in rows]

    @needs(BULK)
    def may_see_bulks(self) -> None:
        """Raises PermissionMissing where we may queue and not see what became of it."""
        self._page("/bulk", "bulks", sort=[Sort(field="id")], page_size=1)

"""The HTTP client of Shelf: one method a question. In the product it would be connections/connectors/shelf/."""

from collections.abc import Mapping, Sequence
from typing import Any

from connections.connectors.http import JSONClient, Problem, segment
from connections.connectors.needs import Need, needs
from ipaas.types import JSON, CallObserver, System

SHELF = System("shelf")
STOCK = Need(scope="stock", words="Read and set stock")
ROWS_PER_PAGE, MOST_COUNTS = 500, 1_000


class ShelfClient(JSONClient):
    """Calls one Shelf. Each may raise what `JSONClient` raises."""

    name = "Shelf"

    def __init__(self, base_url: str, token: str, observer: CallObserver, *, public_only: bool = False) -> None:
        super().__init__(base_url, {"Authorization": f"Bearer {token}"}, SHELF, observer, public_only=public_only)

    @needs()
    def about(self) -> JSON:
        """`{name, domain, currency, rights: [scope]}`."""
        return self._object(self._send("GET", "/about"), "description")

    @needs(STOCK)
    def places(self) -> list[JSON]:
        """All of `{code, title}`."""
        return list(self._object(self._send("GET", "/places"), "places")["places"])

    @needs(STOCK)
    def stock(self, place: str, *, page: int = 1, skus: Sequence[str] = ()) -> JSON:
        """A page of `{total, rows: [{sku, count}]}`, all or those of some SKUs. Raises NotFound without the place."""
        params = [("page", str(page)), ("most", str(ROWS_PER_PAGE)), *(("sku", sku) for sku in skus)]
        return self._object(self._send("GET", f"/places/{segment(place)}/stock", params=params), "stock")

    @needs(STOCK)
    def stock_set(self, place: str, counts: Mapping[str, int]) -> None:
        """Set counts by SKU, at most MOST_COUNTS: all or none. Rejected names each bad SKU in `fields`, and why."""
        self._send("PUT", f"/places/{segment(place)}/stock", body={"counts": dict(counts)})

    @needs(STOCK)
    def counted(self, sku: str) -> None:
        """Have stock kept of a SKU."""
        self._send("PUT", f"/items/{segment(sku)}", body={"counted": True})

    def _problem(self, data: Any) -> Problem:
        return Problem(message=str(data["message"]), fields=data.get("skus", {}))

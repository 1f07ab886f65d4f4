"""Shelf under the contract suite: registered while the suite runs, and for nobody else."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import pytest

from connections import store_kinds
from connections.models import Store
from syncjobs.stores import opening
from tests import factories
from tests.sandbox.conftest import Running
from tests.stores.shelf import kind, sandbox
from tests.stores.under_test import PAGES, WRITE, StoreUnderTest


class ShelfUnderTest(StoreUnderTest):
    kind = "shelf"
    place = "shop-floor"
    offers = frozenset({"levels"})
    calls: ClassVar = {WRITE: ("PUT", "/places/[a-z-]+/stock"), PAGES: ("GET", "/places/[a-z-]+/stock")}

    def started(self) -> Running:
        return Running(sandbox.create())

    @contextmanager
    def registered(self) -> Iterator[None]:
        store_kinds.register(kind.KIND)
        opening.register(self.kind, kind.opens, kind.opens_patiently)
        yield
        del store_kinds.KINDS[self.kind], opening.OPENERS[self.kind]

    def row(self) -> Store:
        made = factories.store(factories.merchant(), "pine", kind=self.kind, api_base=self.sandbox.base)
        made.credential = factories.credential(sandbox.TOKEN)
        return made

    def throttled(self, seconds: int) -> dict[str, Any]:
        return {"status": 429, "headers": {"Retry-After": str(seconds)}, "body": {"message": "Slowly!"}}

    def pages_of(self, monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
        for module in ("client", "levels"):
            monkeypatch.setattr(f"tests.stores.shelf.{module}.ROWS_PER_PAGE", rows)

    def held(self, place: str) -> dict[str, int]:
        return {row["sku"]: int(row["count"]) for row in self.sandbox.rows("stock") if row["place"] == place}

    def place_open(self, name: str) -> str:
        self._office("POST", "/places", {"code": name.lower(), "title": name})
        return name.lower()

    def place_close(self, place: str) -> None:
        self._office("DELETE", f"/places/{place}", None)

    def sku_rename(self, sku: str, new: str) -> None:
        self._office("PUT", f"/items/{sku}", {"sku": new})

    def count_stop(self, sku: str) -> None:
        self._office("PUT", f"/items/{sku}", {"counted": False})

    def _office(self, method: str, path: str, body: object) -> None:
        self.sandbox.write(method, path, body, {"Authorization": f"Bearer {sandbox.TOKEN}"})

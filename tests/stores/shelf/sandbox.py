"""A faithful Shelf over HTTP: no part of the 150 lines, since a sandbox is as large as the system it stands in for."""

from typing import Any

from ipaas.sandbox import catalog
from ipaas.sandbox.core.app import App
from ipaas.sandbox.core.service import Service
from ipaas.sandbox.core.web import ApiError, Reply, Request, Route, Router, json_reply

TOKEN = "key-to-the-shelf"
routes: Router["Shelf"] = Router()


class Shelf(Service):
    """Items that are counted or not, places, and counts by both."""

    name = "shelf"
    title = "Shelf"
    keeps_seed = True

    def open_tables(self) -> None:
        self.items = self.database.table("items", index=["sku"])
        self.places = self.database.table("places", index=["code"])
        self.stock = self.database.table("stock", index=["place", "sku"])

    def seed_rows(self) -> None:
        self.places.insert({"code": "shop-floor", "title": "Shop floor"})
        for product, variant in catalog.variants(self.seed):
            if product.tracks_inventory:
                self.items.insert({"sku": variant.sku, "counted": True})
                self.stock.insert({"place": "shop-floor", "sku": variant.sku, "count": sum(variant.stock.values())})

    def before(self, request: Request, route: Route[Any]) -> Reply | None:
        if request.headers.get("Authorization") == f"Bearer {TOKEN}":
            return None
        return json_reply({"message": "Who is there?"}, 401)

    def place(self, code: str) -> None:
        if not self.places.find(code=code):
            raise ApiError(404, {"message": "There is no such place."})


@routes.route("GET", "/about")
def about(shelf: Shelf, request: Request) -> Reply:
    return json_reply({"name": "Pine Shelf", "domain": "shelf.example", "currency": "USD", "rights": ["stock"]})


@routes.route("GET", "/places")
def places(shelf: Shelf, request: Request) -> Reply:
    return json_reply({"places": [{"code": row["code"], "title": row["title"]} for row in shelf.places.all()]})


@routes.route("GET", "/places/<code>/stock")
def stock(shelf: Shelf, request: Request, code: str) -> Reply:
    """Sorted by SKU; `page` from 1 on, `most` rows of it, `sku` as often as wished."""
    shelf.place(code)
    wanted = request.args.getlist("sku")
    rows = [row for row in shelf.stock.find(place=code) if row["sku"] in wanted or not wanted]
    found = [{"sku": row["sku"], "count": row["count"]} for row in sorted(rows, key=lambda row: str(row["sku"]))]
    most = int(request.args["most"])
    start = (int(request.args["page"]) - 1) * most
    return json_reply({"total": len(found), "rows": found[start : start + most]})


@routes.route("PUT", "/places/<code>/stock")
def stock_set(shelf: Shelf, request: Request, code: str) -> Reply:
    """`{"counts": {sku: count}}`: all or none."""
    shelf.place(code)
    counts = request.json_object()["counts"]
    if wrong := {sku: why for sku in counts if (why := _wrong(shelf, sku))}:
        raise ApiError(422, {"message": "Some SKUs cannot be counted.", "skus": wrong})
    for sku, count in counts.items():
        known = shelf.stock.find(place=code, sku=sku)
        for row in known or [shelf.stock.insert({"place": code, "sku": sku})]:
            shelf.stock.update(row["id"], count=count)
    return json_reply({})


def _wrong(shelf: Shelf, sku: str) -> str:
    item = shelf.items.first(sku=sku)
    return "unknown" if item is None else "" if item["counted"] else "not counted"


@routes.route("PUT", "/items/<sku>")
def item(shelf: Shelf, request: Request, sku: str) -> Reply:
    """`{"counted": true}`, or `{"sku": …}` to rename one."""
    row, changes = shelf.items.first(sku=sku), request.json_object()
    if row is None:
        raise ApiError(404, {"message": "There is no such item."})
    shelf.items.update(row["id"], changes)
    for level in shelf.stock.find(sku=sku):
        shelf.stock.update(level["id"], sku=changes.get("sku", sku))
    return json_reply({})


@routes.route("POST", "/places")
def place_open(shelf: Shelf, request: Request) -> Reply:
    """`{"code", "title"}`."""
    shelf.places.insert(request.json_object())
    return json_reply({}, 201)


@routes.route("DELETE", "/places/<code>")
def place_close(shelf: Shelf, request: Request, code: str) -> Reply:
    shelf.place(code)
    for row in shelf.places.find(code=code):
        shelf.places.delete(row["id"])
    return json_reply({})


def create() -> App[Shelf]:
    return App(Shelf(), routes)

"""Locations, stations (§7) and vendors (§5.2)."""

from typing import Any

from ipaas.sandbox.core.tables import Row
from ipaas.sandbox.core.web import Reply, Request, Router
from ipaas.sandbox.heartland.errors import Problems
from ipaas.sandbox.heartland.fields import ID, READ, STAMPS, Field, Resource, flag, text, whole
from ipaas.sandbox.heartland.inputs import exists
from ipaas.sandbox.heartland.replies import changed, created, record_reply, render
from ipaas.sandbox.heartland.routes import add_create, add_list, add_read, add_update
from ipaas.sandbox.heartland.service import Heartland

routes: Router[Heartland] = Router()

STATIONS = Resource(
    table="stations",
    path="/stations",
    fields={
        **ID,
        "uuid": text(**READ),
        "name": text(),
        "location_id": whole(),
        "active": flag(True),
    },
)


def _stations(service: Heartland, row: Row) -> list[dict[str, Any]]:
    return [render(service, STATIONS, one) for one in service.table("stations").find(location_id=row["id"])]


LOCATIONS = Resource(
    table="locations",
    path="/locations",
    fields={
        **ID,
        "public_id": text(),
        "name": text(),
        "active": flag(True),
        "timezone": text("UTC"),
        "line_1": text(),
        "line_2": text(),
        "city": text(),
        "state": text(),
        "postal_code": text(),
        "country": text(),
        **STAMPS,
    },
    search=("name", "public_id"),
    includes={"stations": _stations},
    plain=frozenset(("active",)),
)

VENDORS = Resource(
    table="vendors",
    path="/purchasing/vendors",
    fields={
        **ID,
        "public_id": text(),
        "name": text(),
        "active": flag(True),
        "address": Field("object", write=False, filter=False),
        **STAMPS,
    },
    search=("name", "public_id"),
)


def _enabled(service: Heartland, request: Request) -> list[Row] | None:
    allowed = service.allowed_locations(request)
    return None if allowed is None else [row for row in service.table("locations").all() if row["id"] in allowed]


def check_station(service: Heartland, row: Row, problems: Problems) -> None:
    """A station has a name and a location."""
    problems.need("name", row.get("name"))
    exists(service, "locations", row, "location_id", problems, need=True)


def check_vendor(service: Heartland, row: Row, problems: Problems) -> None:
    """A vendor has a name."""
    problems.need("name", row.get("name"))


add_list(routes, LOCATIONS, _enabled)


@routes.route("GET", "/api/locations/<int:row_id>")
def location_read(service: Heartland, request: Request, row_id: int) -> Reply:
    """One location the token's user is enabled for."""
    row = service.one("locations", row_id, "Location")
    service.check_location(request, row_id)
    return record_reply(service, request, LOCATIONS, row)


add_list(routes, STATIONS)
add_read(routes, STATIONS)
add_create(routes, STATIONS, check_station, needs="location.manage")
add_update(routes, STATIONS, check_station, needs="location.manage")
add_list(routes, VENDORS)
add_read(routes, VENDORS)
add_create(routes, VENDORS, check_vendor, needs="purchasing.manage")
add_update(routes, VENDORS, check_vendor, needs="purchasing.manage")

ADDRESS_FIELDS = ("type", "line_1", "line_2", "city", "state", "country", "postal_code")


def _set_address(service: Heartland, request: Request, vendor_id: int) -> Row:
    before = service.one("vendors", vendor_id, "Vendor").get("address") or {}
    body = request.json_object()
    address = {**before, **{name: body[name] for name in ADDRESS_FIELDS if name in body}}
    return service.table("vendors").update(vendor_id, address=address, updated_at=service.stamp())


@routes.route("POST", "/api/purchasing/vendors/<int:vendor_id>/address", needs="purchasing.manage")
def vendor_address_create(service: Heartland, request: Request, vendor_id: int) -> Reply:
    """Give a vendor its address."""
    row = _set_address(service, request, vendor_id)
    return created(service, request, VENDORS, row, path=f"/purchasing/vendors/{vendor_id}/address")


@routes.route("PUT", "/api/purchasing/vendors/<int:vendor_id>/address", needs="purchasing.manage")
def vendor_address_update(service: Heartland, request: Request, vendor_id: int) -> Reply:
    """Change it."""
    return changed(service, VENDORS, _set_address(service, request, vendor_id))

"""Endpoints known from one SDK only (mark S): they exist when the switch `strict_paths` is off."""

from ipaas.sandbox.core.web import Reply, Request, Router
from ipaas.sandbox.heartland.inputs import fill
from ipaas.sandbox.heartland.order_model import ORDERS, recalculate
from ipaas.sandbox.heartland.orders import edit_line
from ipaas.sandbox.heartland.replies import changed
from ipaas.sandbox.heartland.service import Heartland
from ipaas.sandbox.heartland.totals import cents

routes: Router[Heartland] = Router()


@routes.route("POST", "/api/sales/orders/<int:order_id>/shipping", needs="sales.order.manage")
def shipping(service: Heartland, request: Request, order_id: int) -> Reply:
    """Set shipping method and charge of an order."""
    service.need_lenient()
    before = service.one("orders", order_id, "Order")
    problems = service.problems()
    wish = {k: v for k, v in request.json_object().items() if k in ("shipping_method_id", "shipping_charge")}
    changes = fill(service, ORDERS, wish, problems, before)
    problems.check()
    if "shipping_charge" in changes:
        changes["shipping_charge"] = cents(changes["shipping_charge"])
    service.table("orders").update(order_id, changes)
    return changed(service, ORDERS, recalculate(service, order_id))


@routes.route(
    "PUT", "/api/sales/orders/<int:order_id>/lines/<int:line_id>/distributions", needs="sales.order.distribute"
)
def distributions(service: Heartland, request: Request, order_id: int, line_id: int) -> Reply:
    """Distribute a line."""
    service.need_lenient()
    order, line = service.one("orders", order_id, "Order"), service.one("order_lines", line_id, "Line")
    place = request.json_object().get("ship_from_location_id")
    edit_line(service, order, line, {"ship_from_location_id": place})
    return changed(service, ORDERS, service.one("orders", order_id))

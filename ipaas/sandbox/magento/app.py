"""The Magento sandbox as a WSGI application."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from werkzeug.exceptions import NotFound

from ipaas.sandbox.core.app import App
from ipaas.sandbox.core.web import Request, Route, Router
from ipaas.sandbox.magento import (
    bulk_api,
    control,
    directory_api,
    eventing_api,
    goods_control,
    handshake,
    installation_control,
    pages,
    store_api,
    tax_api,
    token_api,
)
from ipaas.sandbox.magento.dispatch import serve
from ipaas.sandbox.magento.goods import (
    attribute_api,
    attribute_set_api,
    bulk_price_api,
    bundle_options,
    category_api,
    configurable_api,
    custom_options,
    media_gallery,
    product_api,
)
from ipaas.sandbox.magento.inventory import legacy_stock_api, salable_api, source_api, source_item_api, stock_api
from ipaas.sandbox.magento.people import account_attributes, credit_api, customers_api, groups_api, merging
from ipaas.sandbox.magento.profiles import DEFAULT, PROFILES
from ipaas.sandbox.magento.routing import Table, read_address
from ipaas.sandbox.magento.sales import creditmemos_api, invoices_api, orders_api, shipments_api, transactions_api
from ipaas.sandbox.magento.schema_document import SEGMENTS, schema_route
from ipaas.sandbox.magento.service import Magento
from ipaas.sandbox.magento.shop import shop_control

INVENTORY = "/V1/inventory/"
PARTS = (  # modules with `routes`, the REST routes that they declare
    store_api,
    directory_api,
    token_api,
    tax_api,
    product_api,
    media_gallery,
    custom_options,
    bulk_price_api,
    attribute_api,
    attribute_set_api,
    configurable_api,
    bundle_options,
    category_api,
    source_item_api,
    source_api,
    stock_api,
    salable_api,
    legacy_stock_api,
    bulk_api,
    orders_api,
    invoices_api,
    shipments_api,
    creditmemos_api,
    transactions_api,
    account_attributes,
    customers_api,
    groups_api,
    credit_api,
    eventing_api,
)
PAGES = (  # modules with `router`: whatever is not under /rest
    control,
    installation_control,
    goods_control,
    handshake,
    pages,
    shop_control,
    merging,
)


class MagentoApp(App[Magento]):
    """The installation: REST by its own table of routes, everything else as in any sandbox."""

    def __init__(self, service: Magento, router: Router[Magento], rest: Table) -> None:
        super().__init__(service, router)
        self._rest = rest
        self._schema = schema_route(rest.endpoints)

    def match(self, request: Request) -> tuple[Route[Magento], Mapping[str, Any]]:
        """The route of a request and what its handler takes. Raises `NotFound`."""
        state = self.service.state
        address = read_address(request, (row["code"] for row in state.store_views.all()))
        if address is None:
            return super().match(request)
        if request.method == "GET" and address.segments == SEGMENTS:
            return self._schema, {"address": address, "values": {}}
        found = self._rest.match(request.method, address, state.profile)
        if found is None or self._is_missing(found[0]):
            raise NotFound
        route, values = found
        return route, {"address": address, "values": values}

    def _is_missing(self, route: Route[Magento]) -> bool:
        """Whether a route belongs to modules that the merchant switched off (§15.3)."""
        return route.path.startswith(INVENTORY) and not self.service.switches["inventory_modules"]


def build_app(data_dir: Path | None = None, seed: int = 1, scale: int = 0) -> MagentoApp:
    """The app of one installation, not yet started."""
    router: Router[Magento] = Router()
    for page in PAGES:
        router.include(page.router)
    rest = Table((one for part in PARTS for one in part.routes.endpoints), serve)
    service = Magento(data_dir, seed=seed, scale=scale)
    service.endpoints = {(one.method, one.path): one for one in rest.endpoints}
    return MagentoApp(service, router, rest)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Edition and version on the command line."""
    parser.add_argument("--profile", choices=tuple(PROFILES), default=DEFAULT, help="edition and version to play")


def create(options: argparse.Namespace) -> App[Any]:
    """The app the command line asks for."""
    if options.profile != DEFAULT:
        options.switch.append(f'profile="{options.profile}"')
    return build_app(options.data, options.seed, options.scale)

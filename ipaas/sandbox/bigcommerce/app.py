"""The BigCommerce sandbox as a WSGI application."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ipaas.sandbox.bigcommerce import control, oauth, pages
from ipaas.sandbox.bigcommerce.api import (
    custom_fields,
    customer_forms,
    hook_events,
    metafields,
    order_settings,
    price_lists,
    v2_catalog,
    v2_countries,
    v2_coupons,
    v2_customers,
    v2_orders,
    v2_store,
    v3_catalog,
    v3_checkouts,
    v3_customers,
    v3_inventory,
    v3_orders,
    v3_products,
    v3_store,
)
from ipaas.sandbox.bigcommerce.service import BigCommerce
from ipaas.sandbox.core.app import App
from ipaas.sandbox.core.web import Router

PARTS = (
    v2_orders,
    v2_store,
    v2_coupons,
    v2_customers,
    v2_catalog,
    v2_countries,
    v3_orders,
    order_settings,
    v3_products,
    v3_catalog,
    custom_fields,
    v3_inventory,
    v3_customers,
    customer_forms,
    price_lists,
    v3_checkouts,
    v3_store,
    metafields,
    hook_events,
    oauth,
    control,
    pages,
)
SETTINGS = (
    "auth_callback",
    "load_callback",
    "uninstall_callback",
    "remove_user_callback",
    "client_id",
    "client_secret",
)


def build_app(
    data_dir: Path | None = None,
    seed: int = 1,
    scale: int = 0,
    options: Mapping[str, str] | None = None,
    store_hash: str = "",
) -> App[BigCommerce]:
    """The app of one store, not yet started. `options` are fields of the app registration."""
    router: Router[BigCommerce] = Router()
    for part in PARTS:
        router.include(part.router)
    service = BigCommerce(data_dir, seed=seed, scale=scale, app_settings=dict(options or {}), store_hash=store_hash)
    service.control_routes = [route for route in router.routes if route.path.startswith("/_sim/")]
    return App(service, router)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The app registration and the stores on the command line."""
    parser.add_argument("--store-hash", default="", help="of this store, instead of the seed's")
    parser.add_argument(
        "--also", action="append", default=[], type=store_at, metavar="HASH=PORT", help="another store on this host"
    )
    for name in SETTINGS:
        parser.add_argument(f"--{name.replace('_', '-')}", metavar="URL" if name.endswith("callback") else "TEXT")


def store_at(text: str) -> tuple[str, int]:
    """`HASH=PORT` of the command line."""
    name, _, port = text.partition("=")
    return name, int(port)


def create(options: argparse.Namespace) -> App[Any]:
    """The app the command line asks for."""
    wanted = {name: value for name in SETTINGS if (value := getattr(options, name)) is not None}
    return build_app(options.data, options.seed, options.scale, wanted, options.store_hash)

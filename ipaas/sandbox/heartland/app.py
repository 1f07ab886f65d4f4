"""The Heartland service put together."""

import argparse

from ipaas.sandbox.core.app import App
from ipaas.sandbox.core.web import Router
from ipaas.sandbox.heartland import (
    adjustments,
    auth,
    back_office,
    counts,
    custom_fields,
    customers,
    desk,
    gift_cards,
    invoices,
    items,
    misc,
    orders,
    payment_types,
    payments,
    places,
    purchasing,
    reporting,
    sdk_paths,
    seed,
    staff_api,
    tickets,
    values,
    webhooks,
)
from ipaas.sandbox.heartland.service import Heartland

TOPICS = (
    auth, items, custom_fields, places, values, adjustments, counts, purchasing, customers, orders, payments,
    payment_types, invoices, tickets, gift_cards, misc, webhooks, reporting, back_office, sdk_paths, staff_api, desk,
)  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What only Heartland has on the command line."""
    parser.add_argument("--redirect-uri", default="", help="registered redirect URI of the OAuth client")
    parser.add_argument("--tenant-host", default="", help="what /api/system/host answers; the request's host without")


def create(options: argparse.Namespace) -> App[Heartland]:
    """The service behind its routes."""
    router: Router[Heartland] = Router()
    for topic in TOPICS:
        router.include(topic.routes)
    service = Heartland(options.data, seed=options.seed, scale=options.scale)
    service.seeder, service.preparer = seed.seed, seed.prepare
    service.chores = (counts.apply_due,)
    service.redirect_uri, service.host = options.redirect_uri, options.tenant_host
    return App(service, router)

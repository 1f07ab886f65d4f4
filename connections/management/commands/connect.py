"""`manage.py connect heartland|bigcommerce|magento`: connect systems from a script, without a browser."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from connections.connect.bigcommerce.install import store_connect
from connections.connect.magento.connecting import installation_of
from connections.connect.magento.connecting import store_connect as magento_connect
from connections.headless import merchant_named, pairs_set_up
from connections.models import AccessState, HeartlandAccount, Merchant, Store
from connections.services import heartland_connect
from errors.failures import ConfigurationFailure, SyncFailure
from ipaas.types import JSON


class Command(BaseCommand):
    help = (
        "Connect Heartland, a BigCommerce store or a Magento shop for a merchant (made when it is new). As soon as a "
        "merchant has one Heartland account and a store, the two are paired, set up and switched on."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        systems = parser.add_subparsers(dest="system", required=True)
        heartland = systems.add_parser("heartland", help="connect a Heartland account with an API token")
        heartland.add_argument("--base-url", required=True, help="such as https://acme.retail.heartland.us")
        heartland.add_argument("--token", required=True)
        bigcommerce = systems.add_parser("bigcommerce", help="connect a store with a store-level API account")
        bigcommerce.add_argument("--store-hash", required=True)
        bigcommerce.add_argument("--access-token", required=True)
        bigcommerce.add_argument("--client-id", default="")
        bigcommerce.add_argument("--client-secret", default="", help="verifies the signatures of webhooks")
        bigcommerce.add_argument("--api-base", default="", help="API address; BigCommerce's own by default")
        magento = systems.add_parser("magento", help="connect a shop with the values of an integration, or a token")
        magento.add_argument("--address", required=True, help="such as https://www.example.com")
        magento.add_argument("--website", default="", help="code of the one to sell from; needed where it has several")
        magento.add_argument("--consumer-key", default="", help="with the next three: each call is signed")
        magento.add_argument("--consumer-secret", default="")
        magento.add_argument("--access-token", default="", help="alone it is sent as bearer, if the shop allows that")
        magento.add_argument("--access-token-secret", default="")
        magento.add_argument("--signing-address", default="", help="as the shop sees itself behind a proxy")
        magento.add_argument("--client-id", default="", help="with the next two: Adobe Commerce as a Cloud Service")
        magento.add_argument("--client-secret", default="")
        magento.add_argument("--organization", default="")
        for system in (heartland, bigcommerce, magento):
            system.add_argument("--merchant", required=True, help="name or public id")
            system.add_argument("--currency", default="", help="what Heartland keeps; the store's own when not said")
            system.add_argument(
                "--shipping-method", default="", help="Heartland's name for methods that are not mapped; else they wait"
            )
            system.add_argument(
                "--other-payments",
                action="store_true",
                help="book those that are not mapped too; else they wait",
            )
            system.add_argument("--keep-waiting", action="store_true", help="do not set up and switch on yet")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            merchant = merchant_named(options["merchant"])
            connected = self._connected(merchant, options)
            report = [] if options["keep_waiting"] else self._pairs(merchant, options)
        except SyncFailure as failure:
            raise CommandError(failure.summary) from failure
        about = {"merchant": str(merchant.public_id), "connected": str(connected.public_id), "pairs": report}
        self.stdout.write(json.dumps(about, indent=2))

    def _pairs(self, merchant: Merchant, options: dict[str, Any]) -> list[JSON]:
        return pairs_set_up(
            merchant,
            currency=options["currency"].upper(),
            shipping_method=options["shipping_method"],
            books_other_payments=options["other_payments"] or None,
        )

    def _connected(self, merchant: Any, options: dict[str, Any]) -> HeartlandAccount | Store:
        if options["system"] == "heartland":
            return heartland_connect(merchant=merchant, base_url=options["base_url"], token=options["token"])
        if options["system"] == "magento":
            return self._magento(merchant, options)
        return store_connect(
            merchant=merchant,
            store_hash=options["store_hash"],
            access_token=options["access_token"],
            client_id=options["client_id"],
            client_secret=options["client_secret"],
            api_base=options["api_base"],
        )

    def _magento(self, merchant: Merchant, options: dict[str, Any]) -> Store:
        names = {"token": "access_token", "token_secret": "access_token_secret"}
        names |= {one: one for one in ("consumer_key", "consumer_secret", "client_id", "client_secret", "organization")}
        store = magento_connect(
            merchant=merchant,
            address=options["address"],
            secrets={ours: options[theirs] for ours, theirs in names.items() if options[theirs]},
            signing_url=options["signing_address"],
            website=options["website"],
        )
        if store.state == AccessState.UNCLAIMED:
            there = ", ".join(one.code for one in installation_of(store).websites)
            raise ConfigurationFailure(f"This Magento has several websites: name one with --website ({there}).")
        return store

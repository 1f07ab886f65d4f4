"""App configuration."""

from typing import TYPE_CHECKING

from django.apps import AppConfig

if TYPE_CHECKING:
    from syncjobs.bulk.run_walk import Walk
    from syncjobs.intake.hook_entry import Application


class SyncjobsConfig(AppConfig):
    name = "syncjobs"

    def ready(self) -> None:
        """Hand to inner rooms what outer ones add: kinds of stores, flows by name, walks by the kind of their run."""
        from connections import first_look, glance, hooks, store_kinds
        from mappings.core.bigcommerce.product_limits import LIMITS
        from mappings.core.bigcommerce.statuses import STATUSES
        from mappings.core.magento.product_limits import LIMITS as MAGENTO_LIMITS
        from mappings.core.magento.statuses import STATUSES as MAGENTO_STATUSES
        from syncjobs import flows
        from syncjobs.bulk import run_retry as bulk
        from syncjobs.bulk import runs
        from syncjobs.callbacks import senders
        from syncjobs.catalogue import apply_products, undo_pull, undo_push
        from syncjobs.catalogue import product_retry as catalogue
        from syncjobs.catalogue import walk_catalogues as walks
        from syncjobs.intake.customer_feeds import topics_wanted
        from syncjobs.intake.first_look import first_look_ask
        from syncjobs.pages.dashboard import store_glance
        from syncjobs.pos.heartland.heartland_hooks import HEARTLAND
        from syncjobs.stock import full_sync, undo_sync
        from syncjobs.stock import stock_retry as stock
        from syncjobs.stores import opening
        from syncjobs.stores.bigcommerce import store as bigcommerce
        from syncjobs.stores.bigcommerce.bigcommerce_hooks import BIGCOMMERCE as BIGCOMMERCE_HOOKS
        from syncjobs.stores.magento import store as magento
        from syncjobs.stores.magento.magento_hooks import MAGENTO as MAGENTO_HOOKS

        store_kinds.register(bigcommerce.BIGCOMMERCE)
        opening.register(bigcommerce.PROFILE.kind, bigcommerce.opens, bigcommerce.opens_patiently, LIMITS, STATUSES)
        store_kinds.register(magento.MAGENTO)
        opening.register(magento.PROFILE.kind, magento.opens, magento.opens_patiently, MAGENTO_LIMITS, MAGENTO_STATUSES)
        senders.register(HEARTLAND, BIGCOMMERCE_HOOKS, MAGENTO_HOOKS)
        flows.register(bulk.FEED, bulk.RUN, catalogue.ITEMS, stock.STOCK)
        first_look.register(first_look_ask)
        hooks.register(topics_wanted)
        glance.register(store_glance.glance)
        undoing: dict[str, type[Walk]] = {**undo_push.WALKS, **undo_pull.WALKS, **undo_sync.WALKS}
        runs.register({**apply_products.WALKS, **walks.WALKS, **full_sync.WALKS, **undoing})

    def hook_entry(self, pages: "Application") -> "Application":
        """The web server's application: callbacks come straight in, everything else goes on to `pages`."""
        from syncjobs.intake.hook_entry import HookEntry

        return HookEntry(pages)

"""App configuration."""

from django.apps import AppConfig


class SyncjobsConfig(AppConfig):
    name = "syncjobs"

    def ready(self) -> None:
        """Hand to the engines what rooms above them add: flows by their name, walks by the kind of their run."""
        from syncjobs import flows
        from syncjobs.bulk import ask_again as bulk
        from syncjobs.bulk import runs
        from syncjobs.catalogue import applying
        from syncjobs.catalogue import ask_again as catalogue
        from syncjobs.catalogue import walk as walks
        from syncjobs.stock import ask_again as stock
        from syncjobs.stock import full

        flows.register(bulk.FEED, bulk.RUN, catalogue.ITEMS, stock.STOCK)
        runs.register({**applying.WALKS, **walks.WALKS, **full.WALKS})

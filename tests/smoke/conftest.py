"""The same connected pair as the flow tests, on whichever database this run uses."""

from tests.flows.conftest import heartland_server, open_store, pair

__all__ = ["heartland_server", "open_store", "pair"]

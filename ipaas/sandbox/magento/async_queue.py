"""Asynchronous and bulk calls: taken into the queue, worked off by the consumer (apis/magento.md §16)."""

from __future__ import annotations

from ipaas.sandbox.magento.errors import Refused
from ipaas.sandbox.magento.frame import Asked
from ipaas.sandbox.magento.routing import Endpoint
from ipaas.sandbox.magento.state import Row, State

NO_QUEUE = "Specified request cannot be processed."


def enqueue(state: State, endpoint: Endpoint, asked: Asked, *, is_bulk: bool) -> Row:
    """The 202 answer for a call that was queued; `asked.body` is one body, or in bulk a list of them."""
    raise Refused(400, NO_QUEUE)

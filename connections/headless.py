"""Connecting without a browser: what the assistant does with its own suggestions."""

from uuid import UUID

from connections.hooks import hooks_arm
from connections.models import AccessState, Connection, HeartlandAccount, Merchant, Store
from connections.services import connection_create
from connections.setup import Choices, setup_apply
from errors.failures import SyncFailure
from ipaas.types import JSON

CONNECTED = AccessState.CONNECTED


def merchant_named(text: str) -> Merchant:
    """The merchant with this public id or name; a new one when no name fits."""
    try:
        known = Merchant.objects.filter(public_id=UUID(text)).first()
    except ValueError:
        known = Merchant.objects.filter(name=text).order_by("pk").first()
    return known or Merchant.objects.create(name=text)


def pairs_set_up(merchant: Merchant) -> list[JSON]:
    """Pair every store that has no connection with the merchant's Heartland account, set up and switch on.

    With several accounts nothing is guessed: pairing is left to a person. Answers what happened, per store.
    """
    accounts = list(HeartlandAccount.objects.filter(merchant=merchant, state=CONNECTED)[:2])
    if len(accounts) != 1:
        return []
    stores = Store.objects.filter(merchant=merchant, state=CONNECTED)
    return [_pair_set_up(accounts[0], store) for store in stores.order_by("pk")]


def _pair_set_up(account: HeartlandAccount, store: Store) -> JSON:
    connection = connection_create(heartland=account, store=store, actor=None)
    about: JSON = {"store": store.store_hash, "connection": str(connection.public_id), "done": [], "problems": []}
    if connection.state == Connection.State.SETTING_UP:
        try:
            about["done"] = setup_apply(connection, Choices(acknowledges_mastery=True), actor=None)
        except SyncFailure as failure:
            about["problems"].append(failure.summary)
    about["problems"] += hooks_arm(connection).problems
    about["state"] = connection.state
    return about

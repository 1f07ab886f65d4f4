"""Connecting without a browser: what the assistant does with its own suggestions and what the caller chose."""

from uuid import UUID

from django.db import transaction

from connections.audit import audit
from connections.hooks import hooks_arm
from connections.models import AccessState, Connection, HeartlandAccount, Merchant, Store
from connections.services import connection_create
from connections.setup import Choices, setup_apply
from connections.setup_findings import setup_find
from errors.failures import ConfigurationFailure, SyncFailure
from ipaas.types import JSON

CONNECTED = AccessState.CONNECTED


def merchant_named(text: str) -> Merchant:
    """The merchant with this public id or name; a new one when no name fits."""
    try:
        known = Merchant.objects.filter(public_id=UUID(text)).first()
    except ValueError:
        known = Merchant.objects.filter(name=text).order_by("pk").first()
    if known:
        return known
    with transaction.atomic():
        merchant = Merchant.objects.create(name=text)
        audit(merchant=merchant, actor=None, action="merchant.added", subject=merchant)
    return merchant


def pairs_set_up(
    merchant: Merchant, *, currency: str = "", shipping_method: str = "", books_other_payments: bool | None = None
) -> list[JSON]:
    """Pair every store that has no connection with the merchant's Heartland account, set up and switch on.

    `currency` is what Heartland keeps, the store's own when not said. `shipping_method` is the name of its method for
    whatever is not mapped: without one such orders wait, as do those of unmapped payment methods unless
    `books_other_payments`.

    With several accounts nothing is guessed: pairing is left to a person. Answers what happened, per store.
    """
    accounts = list(HeartlandAccount.objects.filter(merchant=merchant, state=CONNECTED)[:2])
    if len(accounts) != 1:
        return []
    stores = Store.objects.filter(merchant=merchant, state=CONNECTED)
    return [
        _pair_set_up(accounts[0], store, currency, shipping_method, books_other_payments)
        for store in stores.order_by("pk")
    ]


def _pair_set_up(
    account: HeartlandAccount, store: Store, currency: str, shipping_method: str, books_other_payments: bool | None
) -> JSON:
    connection = connection_create(heartland=account, store=store, actor=None)
    about: JSON = {"store": store.store_hash, "connection": str(connection.public_id), "done": [], "problems": []}
    if connection.state == Connection.State.SETTING_UP:
        try:
            choices = Choices(
                acknowledges_mastery=True,
                currency=currency or store.currency,
                books_other_payments=books_other_payments,
                shipping_method_id=_method_named(connection, shipping_method) if shipping_method else None,
            )
            about["done"] = setup_apply(connection, choices, actor=None)
        except SyncFailure as failure:
            about["problems"].append(failure.summary)
    about["problems"] += hooks_arm(connection).problems
    about["state"] = connection.state
    return about


def _method_named(connection: Connection, name: str) -> str:
    """The id of Heartland's shipping method with this name. Raises ConfigurationFailure."""
    for method in setup_find(connection).shipping_methods:
        if method.name.casefold() == name.casefold():
            return method.id
    raise ConfigurationFailure(f"Heartland has no shipping method “{name}”.")

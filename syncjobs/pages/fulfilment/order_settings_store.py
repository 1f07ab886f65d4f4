"""Storing checked order settings: of the page's form, whoever filled it in."""

from django.db import transaction

from connections import preferences
from connections.models import Connection, OrderSettings, User
from connections.services.accounts import account_currency_save
from syncjobs.pages.fulfilment.fulfilment_forms import OrderSettingsForm


@transaction.atomic
def order_settings_store(
    *, connection: Connection, form: OrderSettingsForm, actor: User, shown: str
) -> tuple[list[str], bool]:
    """Names of the settings that changed, and whether the locations that ship did. `shown` is the version changed.

    Raises SavedMeanwhile.
    """
    preferences.settings_check(OrderSettings, connection, preferences.ORDER_NAMES, shown)
    changed = preferences.order_settings_save(connection=connection, changes=form.changes(), actor=actor)
    if account_currency_save(account=connection.heartland, currency=form.currency_given(), actor=actor):
        changed.append("currency")
    return changed, preferences.shipping_routes_save(connection=connection, routes=form.routes(), actor=actor)

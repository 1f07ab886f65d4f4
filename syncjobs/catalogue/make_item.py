"""A SKU's item made in Heartland at once, by a person, whatever the direction that was chosen."""

from dataclasses import replace

from connections import clients
from connections.audit import audit
from connections.models import Connection, ItemSettings, User
from errors.failures import ConfigurationFailure
from mappings.core.rules.product_changes import NEW_VARIANT
from mappings.models import CatalogueSku, Side
from syncjobs.bulk.run_start import is_running
from syncjobs.catalogue import to_heartland
from syncjobs.catalogue.choices import item_settings
from syncjobs.catalogue.compare_products import planned
from syncjobs.catalogue.planning import Verdict
from syncjobs.catalogue.read_catalogues import store_refresh
from syncjobs.catalogue.write_context import WriteContext
from syncjobs.stores.opening import store_of_patience


def item_make(*, connection: Connection, sku: str, actor: User) -> int:
    """Make what Heartland lacks of the SKU's product, and link it; answers how many items. Raises SyncFailure."""
    if is_running(connection, "items"):
        raise ConfigurationFailure("A run over the items goes on: wait for its end, or stop it.")
    row = CatalogueSku.objects.filter(connection=connection, side=Side.STORE, sku=sku).select_related("product").first()
    if row is None:
        raise ConfigurationFailure(f"No check has seen the SKU “{sku}” in the store: check all items first.")
    key = row.product.external_id
    store = store_of_patience(connection.store).catalogue
    store_refresh(connection, store, [key])
    settings = item_settings(connection)
    settings.mode, settings.updates = ItemSettings.Mode.PULL, True  # for this look only: nothing is saved
    plan = next(iter(planned(connection, settings, [key])), None)
    if plan is None or plan.verdict not in (Verdict.CREATE, Verdict.UPDATE):
        reason = plan.reason if plan else ""
        raise ConfigurationFailure(reason or f"There is nothing to make for “{sku}”.")
    plan = replace(plan, changes=[change for change in plan.changes if change.field == NEW_VARIANT])
    context = WriteContext(
        connection=connection,
        settings=settings,
        heartland=clients.heartland_setup_client(connection.heartland),
        store=store,
        still_ours=lambda: None,
    )
    to_heartland.write(context, [plan])
    if key in context.refused:
        raise ConfigurationFailure(context.refused[key])
    audit(merchant=connection.merchant, actor=actor, action="item.made", subject=sku, items=len(plan.changes))
    return len(plan.changes)

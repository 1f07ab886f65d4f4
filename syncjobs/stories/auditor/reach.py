"""How the auditor of a story reaches the world that it judges: our pages as the owner, the stores by their controls."""

from collections.abc import Sequence

from connections.models import Connection
from syncjobs.stories.auditor.audit import Audit, audit
from syncjobs.stories.auditor.read_systems import Shop
from syncjobs.stories.demo.sim import Sandbox
from syncjobs.stories.demo.story import logged_in
from syncjobs.stories.demo.world import World
from syncjobs.stories.shops.shop_kinds import side_of


def shops_of(world: World) -> list[Shop]:
    """Every connected store; orders from now on are those that are judged."""
    rows = Connection.objects.select_related("store", "order_settings").order_by("pk")
    return [_shop(row, world.url(name)) for row, name in zip(rows, world.stores, strict=False)]


def _shop(connection: Connection, control: str) -> Shop:
    settings = connection.order_settings
    return Shop(
        kind=connection.store.kind,
        control=control,
        hash=connection.store.store_hash,
        page_id=str(connection.public_id),
        number_field=settings.number_field,
        store_field=settings.source_field,
        since=side_of(connection.store.kind, control).newest() + 1,
    )


def audited(world: World, shops: Sequence[Shop], skus: Sequence[str] = ()) -> Audit:
    """The owner logs in, and every page that claims something is compared with both systems."""
    owner = logged_in(world)
    return audit(lambda path: owner.open(f"{world.url('web')}{path}"), Sandbox(world.url("heartland")), shops, skus)

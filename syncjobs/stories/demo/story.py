"""The measured story: a merchant connects through the pages, shoppers order, everything is waited for and judged."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from connections.models import Connection, OrderSettings, Store
from ipaas.types import JSON
from syncjobs.models import Record, SyncJob
from syncjobs.stories.demo.demo_people import LOGINS, PASSWORD
from syncjobs.stories.demo.report import FINAL, FLOW, Report, judge
from syncjobs.stories.demo.sim import Sandbox
from syncjobs.stories.demo.visitor import Visitor
from syncjobs.stories.demo.world import KINDS, World
from syncjobs.stories.shops.shop_kinds import side_of
from syncjobs.stories.shops.shop_side import ShopSide

RECIPES_AT_ONCE = 20
SHIPPED_AS = "Ground"  # whatever has no row of its own: the owner's choice
LOOK_SECONDS = 0.2


@dataclass(frozen=True, kw_only=True)
class Deliveries:
    """How the sandbox treats webhooks (see its `/_sim/deliveries/controls`)."""

    copies: int = 1
    drop: float = 0.0
    order: str = "fifo"  # lifo reverses
    batch_seconds: float = 0.0

    @property
    def are_lossy(self) -> bool:
        return self.drop > 0


def logged_in(world: World) -> Visitor:
    """The owner in front of our pages."""
    owner = Visitor(world.url("web"))
    owner.open("/accounts/login/")
    owner.submit("Log in", login=LOGINS[0].email, password=PASSWORD)
    return owner


def connect(world: World) -> None:
    """Log in as the owner, authorise Heartland, add each website, pair it, finish its set-up: all by HTTP."""
    owner = logged_in(world)
    owner.open("/settings/integrations/heartland/")
    owner.submit("Connect Heartland")
    owner.submit("Allow")
    for side in sides_of(world):
        side.join(owner, world.url("web"), uses_token=world.uses_token)
        begin(world, owner)


def sides_of(world: World) -> list[ShopSide]:
    """The world's stores, in the order in which stories connect them."""
    return [side_of(KINDS[name], world.url(name)) for name in world.stores]


def begin(world: World, owner: Visitor) -> None:
    """From a store that was added to a connection that runs."""
    if not Connection.objects.filter(store=Store.objects.latest("pk")).exists():  # else it was paired unasked
        owner.submit("Pair")
    owner.open(f"/stores/{Connection.objects.latest('pk').public_id}/setup/")
    method = method_named(world, SHIPPED_AS)
    owner.submit("Create these and let orders flow", mastery="on", other_payments="book", shipping_method=method)


def method_named(world: World, name: str) -> str:
    """Heartland's id of a shipping method."""
    return next(
        str(row["id"]) for row in Sandbox(world.url("heartland")).rows("shipping_methods") if row["name"] == name
    )


def shop(store: ShopSide, recipes: Sequence[JSON], deliveries: Deliveries) -> dict[int, str]:
    """Let shoppers place these orders; answers what each did, by web order id."""
    store.sandbox.put("/_sim/deliveries/controls", vars(deliveries))
    placed: dict[int, str] = {}
    for start in range(0, len(recipes), RECIPES_AT_ONCE):
        batch = recipes[start : start + RECIPES_AT_ONCE]
        placed |= {web_id: recipe["kind"] for web_id, recipe in zip(store.buy(batch), batch, strict=True)}
    return placed


def wait_for_all(placed: Sequence[int], *, seconds: float, told: Callable[[str], None]) -> None:
    """Return when every order has its disposition and nothing is on its way, or when time is up."""
    wanted = [str(web_id) for web_id in placed]
    deadline, before = time.monotonic() + seconds, -1
    while time.monotonic() < deadline:
        done = Record.objects.filter(flow=FLOW, external_id__in=wanted, disposition__in=FINAL).count()
        if done != before:
            told(f"{done} of {len(wanted)} orders have their disposition")
            before = done
        if done == len(wanted) and is_quiet():
            return
        time.sleep(LOOK_SECONDS)


def is_quiet() -> bool:
    """True when no job of the order flow waits or runs."""
    return not SyncJob.objects.filter(flow=FLOW, status__in=["pending", "running"]).exists()


def verdict(world: World, placed: dict[int, str]) -> Report:
    side = sides_of(world)[0]
    prefix = OrderSettings.objects.get(connection__store__kind=side.kind).order_prefix
    return judge(placed, Sandbox(world.url("heartland")), side, prefix)

"""The measured story of two stores on one Heartland account: equal order numbers, one stock, people at both ends."""

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone

from connections.models import Connection, InventorySettings
from ipaas.types import JSON
from syncjobs.catalogue.walk_catalogues import CHECK as ITEMS_CHECK
from syncjobs.engine.cursors import POLLS, feed_expedite
from syncjobs.models import Cursor, Run, SyncJob
from syncjobs.stock.check_levels import CHECK as STOCK_CHECK
from syncjobs.stock.follow_locations import SYNC
from syncjobs.stories.auditor.claims import claims_of, of_kind
from syncjobs.stories.auditor.reach import audited, shops_of
from syncjobs.stories.auditor.read_systems import Shop
from syncjobs.stories.demo.begin_run import run_when_free
from syncjobs.stories.demo.sim import Sandbox
from syncjobs.stories.demo.story import logged_in
from syncjobs.stories.demo.town_acts import ACTS
from syncjobs.stories.demo.town_contest import Contest
from syncjobs.stories.demo.town_report import TownReport, judged
from syncjobs.stories.demo.townspeople import Townspeople
from syncjobs.stories.demo.world import World

LOOK_SECONDS = 0.5
SETTLE_SECONDS, SETTLED_SECONDS = 2, 4  # the sandbox shows a write at once
NEWS = set(POLLS) - {Cursor.HELD}  # feeds that read the outside
STRANGERS = 3  # sales orders of the shop's own under each kind of numbers that web orders are about to take
SKUS = ("DOG-LEAD", "HP-TEE-RED-XS", "LGT-LANT")
CONTESTED, PIECES = SKUS[1], 9  # the last ones


@dataclass
class TownStory:
    """One world, its people, and what was done so far."""

    world: World
    told: Callable[[str], None]
    seconds: float  # longest wait after each part
    seed: int
    placed: list[tuple[int, int]] = field(default_factory=list)  # store, web order
    acts: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    strangers: list[JSON] = field(default_factory=list)
    oversold: dict[str, int] = field(default_factory=dict)  # of the contested pieces

    def __post_init__(self) -> None:
        self.heartland = Sandbox(self.world.url("heartland"))
        self.chance = random.Random(self.seed)  # noqa: S311 (a script, no secret)
        self.owner = logged_in(self.world)
        rows = Connection.objects.select_related("merchant", "heartland", "store", "order_settings")
        self.connections = list(rows.order_by("pk"))
        self.shops = shops_of(self.world)
        self.people = Townspeople(self.heartland, self.shops)

    def play(self, orders: int) -> TownReport:
        """The whole story; answers its judgement."""
        self.furnish()
        self.makes_strangers()
        self.shoppers(orders)
        self.quiet("orders are taken in")
        self.people_act()
        self.quiet("what people did is heard of")
        self.people_choose()
        self.quiet("choices are carried out")
        self.contest()
        self.by_hand()
        self.prove()
        self.quiet("proofs' repairs")
        self.prove()
        return self.judged()

    # --- what is done --------------------------------------------------------------------------------

    def furnish(self) -> None:
        """All locations count, all items are linked, stock follows."""
        for connection in self.connections:
            InventorySettings.objects.update_or_create(connection=connection, defaults={"counts_all_locations": True})
            for kind in (ITEMS_CHECK, SYNC):
                self.finished(connection, kind)

    def finished(self, connection: Connection, kind: str) -> None:
        """A run by the workers, from its start to its end."""
        began = time.monotonic()
        run = run_when_free(connection, kind, self.seconds)
        while run.state == Run.State.RUNNING and time.monotonic() - began < self.seconds:
            time.sleep(LOOK_SECONDS)
            run.refresh_from_db()
        self.told(f"{connection.store}: {kind}, {run.state}")
        if run.state != Run.State.DONE:
            self.problems.append(f"Not in time ({kind} of {connection.store}): {run.sentence}")

    def makes_strangers(self) -> None:
        """The shop's own sales orders stand where the next web orders would."""
        for connection, store in zip(self.connections, self.people.stores, strict=True):
            numbers = dict.fromkeys([*store.upcoming(STRANGERS), *self.people.stores[0].upcoming(STRANGERS)])
            for place, number in enumerate(numbers):
                wish = f"{connection.order_settings.order_prefix}{number}"
                self.strangers.append(self.people.makes_sales_order(wish, SKUS[place % len(SKUS)]))

    def shoppers(self, orders: int) -> None:
        """Both stores sell at once, under the same numbers; some buyers leave no contact, some pay in euros."""
        wishes = [store.wishes(orders, self.seed) for store in self.people.stores]
        for number in range(orders):
            store = number % len(self.shops)
            if number % 11 == 5:
                web_id = self.people.buys_by_phone(store, SKUS[number % len(SKUS)], currency="EUR")
            elif number % 11 == 8:
                web_id = self.people.buys_by_phone(
                    store, SKUS[number % len(SKUS)], contact={"last_name": f"Nobody{number}"}
                )
            else:
                wish = self.people.stores[store].numbered(wishes[store][number], str(self.people.stores[0].newest()))
                web_id = self.people.buys(store, wish)
            self.placed.append((store, web_id))
        self.told(f"{len(self.placed)} orders placed")

    def people_act(self) -> None:
        """Each order that Heartland holds meets one act; meanwhile the shops sell."""
        names, shares = list(ACTS), [share for share, _ in ACTS.values()]
        for store, web_id in self.placed:
            if not self.people.sales_orders(store, web_id):
                continue
            (name,) = self.chance.choices(names, shares)
            done = ACTS[name][1](self.people, store, web_id, self.pause)
            self.acts[name if done else f"{name} (refused)"] += 1
        for sku in SKUS:
            self.people.counts(sku, self.chance.choice([-1, 3]))

    def pause(self) -> None:
        """Sometimes long enough for what was done to be heard of."""
        time.sleep(self.chance.choice([0.0, 2 * LOOK_SECONDS]))

    def people_choose(self) -> None:
        """Staff decide on the pages: half of the orders as the store has them, half as Heartland does."""
        for shop in self.shops:
            for order in sorted(self.waiting(shop)):
                self.owner.open(f"{self.world.url('web')}/stores/{shop.page_id}/orders/{order}/")
                buttons = [
                    one for one in ("Accept the store's order", "Keep Heartland's order") if self.owner.has_button(one)
                ]
                if buttons:
                    choice = self.chance.choice(buttons)
                    self.owner.submit(choice)
                    self.acts[f"chosen: {choice}"] += 1

    def waiting(self, shop: Shop) -> set[str]:
        page = self.owner.open(f"{self.world.url('web')}/orders/?state=held&store={shop.page_id}")
        return {claim["order"] for claim in of_kind(claims_of(page), "listed")}

    def contest(self) -> None:
        """Till and stores sell the last pieces at once; later each store is asked for more than there is."""
        contest = Contest(people=self.people, sku=CONTESTED)
        self.people.counts(CONTESTED, PIECES - max(contest.shown()))
        self.quiet("the last pieces are counted")
        contest.rush()
        began = time.monotonic()
        while max(contest.shown()) > max(contest.left, 0) and time.monotonic() - began < self.seconds:
            time.sleep(LOOK_SECONDS)
        propagation_seconds = time.monotonic() - began
        self.quiet("the last pieces are sold")
        contest.late()
        self.quiet("late sales are taken in")
        self.oversold = {"offered": contest.offered, **contest.oversold(propagation_seconds)}
        self.told(f"{CONTESTED}: {self.oversold}, known everywhere after {propagation_seconds:.1f} s")

    def by_hand(self) -> None:
        """The owner of each store types a number; the check has to find it, once what we wrote has settled."""
        time.sleep(SETTLED_SECONDS)
        for store, connection in enumerate(self.connections):
            self.people.types_stock(store, SKUS[0], 77)
            self.finished(connection, STOCK_CHECK)
        self.quiet("the check's repairs")
        for connection in self.connections:
            self.finished(connection, STOCK_CHECK)

    def prove(self) -> None:
        for shop in self.shops:
            self.owner.open(f"{self.world.url('web')}/stores/{shop.page_id}/proof/")
            self.owner.submit("Prove today so far")

    # --- waiting -------------------------------------------------------------------------------------

    def quiet(self, what: str) -> None:
        """Until every feed was read since now and nothing waits, twice; or time is up. The hour's sweep is due, too."""
        deadline, before = time.monotonic() + self.seconds, -1
        for _ in range(2):
            since = timezone.now()
            for connection in self.connections:
                feed_expedite(connection.pk, Cursor.ORDER_SWEEP, since)
            while (left := self.left(since)) and time.monotonic() < deadline:
                if len(left) != before:
                    self.told(f"{what}: {left[0]} and {len(left) - 1} more")
                    before = len(left)
                time.sleep(LOOK_SECONDS)
            self.problems += [f"Not in time ({what}): {one}" for one in left]

    def left(self, since: datetime) -> list[str]:
        """Feeds not read since, and jobs that wait."""
        unread = Cursor.objects.filter(connection__in=self.connections, feed__in=NEWS).exclude(succeeded_at__gt=since)
        jobs = SyncJob.objects.filter(status__in=[SyncJob.Status.PENDING, SyncJob.Status.RUNNING])
        return [*map(str, jobs), *map(str, unread)]

    # --- the judgement -------------------------------------------------------------------------------

    def judged(self) -> TownReport:
        found = audited(self.world, self.shops, SKUS)
        rows = {row["id"]: row for row in self.heartland.rows("orders")}
        prefixes = [connection.order_settings.order_prefix for connection in self.connections]
        verdicts = judged(found, self.strangers, rows, prefixes)
        return TownReport(
            orders=len(self.placed),
            stores=len(self.shops),
            acts=dict(sorted(self.acts.items())),
            dispositions={
                pages.shop.hash: dict(Counter(claim["disposition"] for claim in pages.listed.values()))
                for pages in found.ours.stores
            },
            lost=len(verdicts.lost),
            doubled=len(verdicts.doubled),
            adopted_foreign=len(verdicts.adopted),
            wrong_store=len(verdicts.misplaced),
            oversold=self.oversold,
            cent_differences=len(verdicts.cents),
            disagreements=len(found.disagreements),
            not_in_time=len(self.problems),
            problems=[
                *self.problems, *verdicts.lost, *verdicts.doubled, *verdicts.adopted, *verdicts.misplaced,
                *verdicts.cents, *found.disagreements,
            ],
        )  # fmt: skip

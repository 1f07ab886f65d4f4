"""Where scenarios play: the running world, its shoppers, and what is found afterwards."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import requests
from django.db import connections

from ipaas.queue import DATABASE_AWAY
from ipaas.supervisor import FIRST_PAUSE_SECONDS, Supervisor
from ipaas.types import JSON
from syncjobs.models import Attempt, Record
from syncjobs.stories.auditor.reach import audited, shops_of
from syncjobs.stories.auditor.read_systems import Shop
from syncjobs.stories.demo import story
from syncjobs.stories.demo.report import FINAL, FLOW
from syncjobs.stories.demo.sim import Sandbox
from syncjobs.stories.demo.world import World
from syncjobs.stories.shops.shop_kinds import side_of
from syncjobs.stories.shops.shop_side import ShopSide
from syncjobs.stories.soak.money_deeds import Business

KINDS = 50  # of recipes: every kind once
PATIENCE_SECONDS = 90.0  # for every order to have its disposition; recovery takes a few, the machine may be busy
CANNOT_HAVE = {HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.BAD_REQUEST}  # not for sale; nothing there to ship
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How one order ended, for comparing stories: nothing in it differs between two runs of the same shoppers."""

    kind: str
    disposition: str
    code: str
    store_total: str
    heartland_total: str


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a scenario left behind. It is clean when nothing is lost, doubled, or off by a cent."""

    scenario: str
    seed: int
    orders: int
    dispositions: Mapping[str, int]
    lost: int
    doubled: int
    cent_differences: int
    disagreements: int  # of our pages with both systems, by the auditor
    problems: Sequence[str]
    pause_seconds: float | None  # the longest time without a finished attempt, from the disturbance on
    restarts: Mapping[str, int]  # by the supervisor, of each process
    seconds: float
    notes: JSON = field(default_factory=dict)
    endings: Sequence[Ending] = ()

    @property
    def is_clean(self) -> bool:
        return self.lost == self.doubled == self.cent_differences == self.disagreements == 0

    def as_json(self) -> JSON:
        return asdict(self)


@dataclass
class Stage:
    """The world with everything that scenarios need of it."""

    world: World
    supervisor: Supervisor
    fail_point: Path  # the file that arms one, see ipaas.failpoints
    seed: int
    heartland: Sandbox = field(init=False)
    store: ShopSide = field(init=False)
    shops: list[Shop] = field(init=False)
    business: Business | None = None  # once money is moved
    twins: Counter[str] = field(init=False)  # people and addresses that Heartland held several times from the start

    def __post_init__(self) -> None:
        self.heartland = Sandbox(self.world.url("heartland"))
        self.store = story.sides_of(self.world)[0]
        self.twins = people_held(self.heartland)
        self.shops = shops_of(self.world)

    def deliver(self, **controls: Any) -> None:
        """How webhooks travel from now on; without arguments as they should."""
        calm = {**vars(story.Deliveries()), "paused": False}
        self.store.sandbox.put("/_sim/deliveries/controls", {**calm, **controls})

    def forgive(self) -> None:
        """Whoever dies next is started again at once, however often that was."""
        for running in self.supervisor.running.values():
            running.pause = FIRST_PAUSE_SECONDS

    def recipes(self, rng: Random, count: int) -> list[JSON]:
        """What `count` shoppers do: a random choice of all kinds."""
        every = self.store.wishes(KINDS, rng.randrange(10**6))
        chosen = [recipe for _ in range(count // KINDS) for recipe in every]
        return chosen + rng.sample(every, count % KINDS)

    @contextmanager
    def shoppers(self, recipes: Sequence[JSON], *, gap: float) -> "Iterator[Future[dict[int, str]]]":
        """Shoppers who order one after another meanwhile; the orders placed are known at the end."""
        with ThreadPoolExecutor(1) as pool:
            yield pool.submit(place, self.store.kind, self.store.sandbox.base, recipes, gap)

    def wait(self, placed: Sequence[int], *, seconds: float = PATIENCE_SECONDS) -> bool:
        """Return when every order has its disposition and nothing is on its way, or when time is up."""
        wanted = [str(web_id) for web_id in placed]
        return eventually(lambda: self._is_over(wanted), seconds)

    def _is_over(self, wanted: Sequence[str]) -> bool:
        done = Record.objects.filter(flow=FLOW, external_id__in=wanted, disposition__in=FINAL).count()
        return done == len(wanted) and story.is_quiet()

    def finding(
        self, scenario: str, placed: dict[int, str], began: float, since: datetime | None = None, **notes: Any
    ) -> Finding:
        """Judge the orders by what Heartland holds; `since` is when something was disturbed."""
        report = patiently(lambda: story.verdict(self.world, placed))
        codes = patiently(
            lambda: dict(Record.objects.filter(flow=FLOW, external_id__in=placed).values_list("external_id", "code"))
        )
        disagreements = patiently(lambda: audited(self.world, self.shops).disagreements)
        twins = sorted((people_held(self.heartland) - self.twins).elements())
        return Finding(
            scenario=scenario,
            seed=self.seed,
            orders=len(placed),
            dispositions=report.dispositions,
            lost=report.lost,
            doubled=report.doubled + len(twins),
            cent_differences=report.cent_differences,
            disagreements=len(disagreements),
            problems=[*report.problems, *disagreements, *(f"Heartland holds {twin} once too often" for twin in twins)],
            pause_seconds=pause(list(placed), since) if since else None,
            restarts={name: running.restarts for name, running in self.supervisor.running.items()},
            seconds=round(time.monotonic() - began, 1),
            notes=notes,
            endings=[
                Ending(
                    kind=row.kind,
                    disposition=row.disposition,
                    code=codes.get(str(row.web_id), ""),
                    store_total=row.store_total,
                    heartland_total=row.heartland_total,
                )
                for row in report.orders
            ],
        )


def place(kind: str, url: str, recipes: Sequence[JSON], gap: float) -> dict[int, str]:
    """Place one order after another with a session of its own; what each shopper did, by web order id."""
    store = side_of(kind, url)
    placed: dict[int, str] = {}
    for recipe in recipes:
        web_id, kind = ordered(store, [recipe, *recipes])
        placed[web_id] = kind
        time.sleep(gap)
    return placed


def ordered(store: ShopSide, wishes: Sequence[JSON]) -> tuple[int, str]:
    """The first of the wishes that the store still has: a shopper before an empty shelf takes something else."""
    for number, recipe in enumerate(wishes, start=1):
        try:
            (web_id,) = store.buy([recipe])
        except requests.HTTPError as refused:
            if refused.response.status_code not in CANNOT_HAVE or number == len(wishes):
                raise
        else:
            return web_id, recipe["kind"]
    raise AssertionError("unreachable: the last refusal is raised")


def people_held(heartland: Sandbox) -> Counter[str]:
    """Living customers by e-mail and addresses by customer and content, each counted from the second on."""
    alive = [row for row in heartland.rows("customers") if row["active"] and row.get("email")]
    customers = Counter(f"customer {row['email'].lower()}" for row in alive)
    told = ("customer_id", "line_1", "line_2", "city", "state", "postal_code", "phone", "first_name", "last_name")
    addresses = Counter(
        f"address {json.dumps([row.get(name) for name in told])}" for row in heartland.rows("addresses")
    )
    return Counter({name: count - 1 for name, count in (customers + addresses).items() if count > 1})


def pause(placed: Sequence[int], since: datetime) -> float:
    """The longest time without a finished attempt from `since` until the last one ended, in seconds."""
    attempts = patiently(
        lambda: list(
            Attempt.objects.filter(job__flow=FLOW, job__external_id__in=[str(one) for one in placed])
            .exclude(outcome__in=Attempt.INTERRUPTED)
            .values_list("began_at", "duration_ms")
        )
    )
    return longest_gap(since, [began_at + timedelta(milliseconds=ms) for began_at, ms in attempts])


def longest_gap(since: datetime, moments: Sequence[datetime]) -> float:
    """The longest time between two neighbours of `since` and the later moments, in seconds."""
    later = [since, *sorted(moment for moment in moments if moment > since)]
    gaps = [(after - before) / timedelta(seconds=1) for before, after in pairwise(later)]
    return round(max(gaps, default=0.0), 3)


def eventually(is_so: Callable[[], bool], seconds: float, *, look: float = 0.1) -> bool:
    """Ask until it is so, or until time is up. A database that is away means: not yet."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if is_so():
                return True
        except DATABASE_AWAY:
            connections.close_all()
        time.sleep(look)
    return False


def patiently(read: Callable[[], T]) -> T:
    """Read from a database that may just have been restarted."""
    answers: list[T] = []

    def try_it() -> bool:
        answers.append(read())
        return True

    eventually(try_it, PATIENCE_SECONDS)
    return answers[0]

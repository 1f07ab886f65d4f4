"""Real clusters on a real database, and kill -9: work goes on by itself; nothing is lost, nothing doubled."""

import os
import random
import signal
import time
from collections.abc import Iterator
from itertools import pairwise
from multiprocessing import get_context

import psutil
import psycopg
import pytest

from ipaas import processes
from syncjobs.management.commands import qworker
from syncjobs.models import ServiceClass
from tests.engine.world import World, eventually

pytestmark = pytest.mark.processes
SEED = int(os.environ.get("KILL_SEED", "0")) or random.randrange(1, 10**6)
PATIENCE = 90.0  # seconds; recovery takes a few, the machine may be busy


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("world"))
    yield world
    world.close()


@pytest.fixture
def world(made: World) -> Iterator[World]:
    yield made
    made.begin_anew()


@pytest.fixture
def seeded() -> random.Random:
    print(f"KILL_SEED={SEED}")  # noqa: T201 (shown with a failure)
    return random.Random(SEED)


def orders(count: int) -> list[str]:
    return [f"{number:04d}" for number in range(count)]


def all_written(world: World, stores: list[str], expected: list[str]) -> bool:
    return all(len(world.effects(store)) >= len(expected) for store in stores)


def assert_exactly_once_in_order(world: World, stores: list[str], expected: list[str]) -> None:
    assert eventually(lambda: all_written(world, stores, expected), PATIENCE), {
        store: len(world.effects(store)) for store in stores
    }
    assert eventually(lambda: world.state()["leased"] == 0, PATIENCE)
    state = world.state()
    print(state)  # noqa: T201
    twice_dead = {one for one, deaths in state["deaths"].items() if deaths > 1}  # these rest, others overtake them
    for store in stores:
        effects = world.effects(store)
        assert sorted(effects) == expected
        assert [one for one in effects if one not in twice_dead] == [one for one in expected if one not in twice_dead]
    assert eventually(lambda: set(world.state()["jobs"]) == {"done"}, PATIENCE), world.state()
    assert world.state()["records"] == {"booked": len(stores) * len(expected)}


@pytest.mark.sampled(3)
@pytest.mark.parametrize("part", ["idle", "busy", "sentinel", "main", "all"])
def test_work_goes_on_when_a_process_is_killed(world: World, seeded: random.Random, part: str) -> None:
    expected, stores = orders(60), []
    world.supervisor.add(world.cluster("now", TOY_SECONDS="0.02"))
    for _ in range(1 if part == "idle" else 3):  # with one lane, one of two workers is idle
        stores.append(world.connect(expected))
    killed = 0
    while killed < 2 and not all_written(world, stores, expected):
        time.sleep(seeded.uniform(0.1, 0.5))
        killed += world.kill("now", part, seeded)
        eventually(lambda: len(world.workers("now")) == 2, 30)
    assert killed
    assert_exactly_once_in_order(world, stores, expected)


def test_an_idle_cluster_that_was_killed_takes_new_work_within_seconds(world: World, seeded: random.Random) -> None:
    world.supervisor.add(world.cluster("now"))
    assert world.kill("now", "idle", seeded)
    store = world.connect(["1"])
    assert eventually(lambda: world.effects(store) == ["1"], PATIENCE)


def test_two_clusters_share_the_work_and_survive_each_other(world: World, seeded: random.Random) -> None:
    expected = orders(80)
    for name in ("one", "two"):
        world.supervisor.add(world.cluster(name, TOY_SECONDS="0.02"))
    stores = [world.connect(expected) for _ in range(4)]
    for _ in range(4):
        time.sleep(seeded.uniform(0.2, 0.8))
        world.kill(seeded.choice(["one", "two"]), seeded.choice(["idle", "busy", "sentinel", "main", "all"]), seeded)
    assert_exactly_once_in_order(world, stores, expected)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_work_goes_on_when_the_database_server_ends(
    world: World, seeded: random.Random, number: signal.Signals
) -> None:
    expected = orders(80)
    world.supervisor.add(world.cluster("now", TOY_SECONDS="0.02"))
    stores = [world.connect(expected) for _ in range(2)]
    for _ in range(2):
        time.sleep(seeded.uniform(0.3, 0.8))
        assert eventually(lambda: world.end_database(number), PATIENCE)
    assert_exactly_once_in_order(world, stores, expected)
    assert world.state()["deaths"] == {} or number == signal.SIGKILL


def test_a_poison_record_is_isolated_and_the_rest_flows(world: World) -> None:
    world.supervisor.add(world.cluster("now"))
    store = world.connect(["0001", "poison", "0002", "0003"])
    assert eventually(lambda: world.state()["jobs"] == {"done": 3, "dead": 1}, PATIENCE), world.state()
    assert sorted(world.effects(store)) == ["0001", "0002", "0003"]
    assert world.state()["deaths"]["poison"] == 3


def test_a_record_that_hangs_is_cut_off_and_isolated(world: World) -> None:
    world.supervisor.add(world.cluster("now", TOY_TIMEOUT="2"))
    store = world.connect(["0001", "hangs", "0002"])
    assert eventually(lambda: world.state()["jobs"] == {"done": 2, "dead": 1}, PATIENCE), world.state()
    assert sorted(world.effects(store)) == ["0001", "0002"]
    assert world.supervisor.running["now"].restarts == 0  # a time-out is no sudden death: the cluster goes on


def test_recycled_workers_are_replaced(world: World) -> None:
    world.supervisor.add(world.cluster("now", TOY_RECYCLE="2"))
    stores = [world.connect([str(number)]) for number in range(10)]
    assert eventually(lambda: all(world.effects(store) for store in stores), PATIENCE)
    assert world.supervisor.running["now"].restarts == 0
    assert eventually(lambda: len(world.workers("now")) == 2, 10)


def test_two_stores_of_one_heartland_take_turns_in_writing(world: World) -> None:
    expected = orders(20)
    world.supervisor.add(world.cluster("now", TOY_STAY="0.2", HEARTLAND_CALLS_PER_SECOND="10000"))
    stores = [world.connect(expected)]
    stores.append(world.connect(expected, beside=world.pairs[0]))
    assert_exactly_once_in_order(world, stores, expected)
    stays = [line.split() for line in (world.toys / "stays.txt").read_text().splitlines()]
    ours = sorted((float(began), float(ended), store) for store, began, ended in stays if store in stores)
    assert all(earlier[1] <= later[0] for earlier, later in pairwise(ours))  # never both at once
    assert sum(earlier[2] != later[2] for earlier, later in pairwise(ours)) > 3  # and neither waits much over a second


@pytest.mark.sampled(4)
@pytest.mark.parametrize(
    "place",
    ["lane.taken", "job.claimed", "toy.look", "toy.write", "toy.end", "job.recording", "job.recorded", "lane.released"],
)
def test_a_worker_that_ends_between_two_steps_leaves_nothing_behind(world: World, place: str) -> None:
    expected = orders(6)
    store = world.connect(expected)
    world.supervisor.add(world.armed("armed", f"{place}:1" if place.startswith("lane") else f"{place}:3"))
    assert eventually(lambda: world.supervisor.running["armed"].restarts > 0, PATIENCE)
    world.supervisor.add(world.cluster("sound"))
    assert_exactly_once_in_order(world, [store], expected)


def test_a_cluster_told_to_stop_finishes_its_job_and_gives_the_lane_back(world: World) -> None:
    world.supervisor.add(world.cluster("now", TOY_SECONDS="0.3"))
    store = world.connect(orders(40))
    assert eventually(lambda: len(world.effects(store)) > 1, PATIENCE)
    main = world.forget("now")
    family = psutil.Process(main.pid).children(recursive=True)
    began = time.monotonic()
    main.terminate()
    assert main.wait(10) == 0
    assert time.monotonic() - began < 10
    assert [process for process in family if process.is_running()] == []
    state = world.state()
    assert (state["leased"], state["deaths"], state["jobs"].get("running", 0)) == (0, {}, 0)
    assert state["jobs"]["done"] == len(world.effects(store))


def test_of_clusters_under_one_process_each_is_replaced_by_itself(world: World, seeded: random.Random) -> None:
    world.supervisor.add(world.together("all"))
    main = psutil.Process(world.supervisor.pid("all"))
    before = main.children()
    seeded.choice(before[0].children()).kill()  # a worker of urgent work, whose cluster ends with it
    store = world.connect(["1"])
    assert eventually(lambda: world.effects(store) == ["1"], PATIENCE)
    assert eventually(lambda: len(world.descendants("all")) == 7, 10)
    assert {one.pid for one in before[1:]} < {one.pid for one in main.children()}
    assert world.supervisor.running["all"].restarts == 0
    family, main_process = world.descendants("all"), world.forget("all")
    main_process.terminate()
    assert main_process.wait(15) == 0
    assert psutil.wait_procs(family, 5)[1] == []


def test_what_one_of_several_clusters_had_claimed_its_successor_takes_over(world: World) -> None:
    """A token that died with its worker is put anew at once, not when it counts as lost after five minutes."""
    world.supervisor.add(world.together("all"))
    workers = psutil.Process(world.supervisor.pid("all")).children()[0].children()
    for worker in workers:
        worker.suspend()
    store = world.connect(["1"])
    with psycopg.connect(world.server.url) as database:
        claim = "UPDATE django_q_ormq SET lock = now() + interval '5 minutes' WHERE key = 'ipaas'"
        assert database.execute(claim).rowcount >= 1
    for worker in workers:
        worker.kill()
    assert eventually(lambda: world.effects(store) == ["1"], PATIENCE)
    assert world.supervisor.running["all"].restarts == 0


def test_a_cluster_that_ends_slowly_is_replaced_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """What tells of its end closes before it has ended: on a busy machine that is a while."""
    begun: list[bool] = []

    class Slow:
        def __init__(self, service_class: ServiceClass, *, takes_over: bool = False) -> None:
            begun.append(takes_over)
            self.stop = processes.Flag()
            self.process = get_context("fork").Process(target=ending, args=(os.getpid() if takes_over else 0,))
            self.process.start()

    def ending(told: int) -> None:
        if told:
            os.kill(told, signal.SIGTERM)
        os.closerange(3, 1024)
        time.sleep(0.2)
        os._exit(0)

    monkeypatch.setattr(qworker, "Cluster", Slow)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        assert qworker.run([ServiceClass.NOW, ServiceClass.SOON]) == 0
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    assert begun[:3] == [False, False, True]


def test_nothing_outlives_a_killed_main_process(world: World) -> None:
    world.supervisor.add(world.cluster("now"))
    main = world.forget("now")
    of_main = psutil.Process(main.pid)
    assert eventually(lambda: len(of_main.children(recursive=True)) == 3, 10)  # the sentinel and two workers
    family = of_main.children(recursive=True)
    main.kill()
    main.wait()
    gone, alive = psutil.wait_procs(family, 5)
    assert (len(gone), alive) == (3, [])


def test_an_idle_cluster_wakes_at_once(world: World) -> None:
    """No figure is asserted but the absence of polling: half a second would be a poll."""
    world.supervisor.add(world.cluster("now"))
    pair = world.ask("connect")
    times = {}
    for number in range(20):
        time.sleep(0.05)
        times[f"w{number}"] = world.ask("enqueue", connection=pair["id"], ids=[f"w{number}"])
    assert eventually(lambda: len(world.effects(pair["store"])) == 20, PATIENCE)
    looks = dict(line.split() for line in (world.toys / "looks.txt").read_text().splitlines())
    waits = sorted(float(looks[one]) - began for one, began in times.items())
    print(f"wake-up ms: p50 {waits[10] * 1000:.1f}, p95 {waits[18] * 1000:.1f}")  # noqa: T201
    assert waits[10] < 0.5

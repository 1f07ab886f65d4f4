"""ARCHITECTURE.md tells which kind of store offers what, as the port and the kinds say it themselves."""

import inspect
from collections.abc import Sequence
from pathlib import Path

import pytest

from connections.store_kinds import profiles
from ipaas.types import NoObserver
from syncjobs.stores import port
from syncjobs.stores.opening import store_of
from tests import factories

DOCUMENT = Path(__file__).parents[2] / "ARCHITECTURE.md"
YES, NO = "yes", "–"
pytestmark = pytest.mark.django_db


def capability_table(stores: Sequence[port.Store]) -> str:
    """A row for each capability of the port, with what it is, and a column for each store."""
    capabilities = {name: kind for name, kind in inspect.get_annotations(port.Store).items() if name != "profile"}
    rows = [
        ["Capability", "Protocol", "What it is", *(store.profile.name for store in stores)],
        ["---"] * (3 + len(stores)),
        *(
            [f"`{name}`", f"`{kind.__name__}`", first_sentence(kind), *(told(name in vars(store)) for store in stores)]
            for name, kind in capabilities.items()
        ),
        ["webhooks", "", "A store without them is polled.", *(told(bool(store.profile.topics)) for store in stores)],
    ]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in rows)


def first_sentence(kind: type) -> str:
    return (inspect.getdoc(kind) or "").split(". ")[0].splitlines()[0].removesuffix(".") + "."


def told(is_offered: bool) -> str:
    return YES if is_offered else NO


def opened() -> list[port.Store]:
    """A store of each kind, of which nothing is asked."""
    merchant = factories.merchant()
    return [store_of(factories.store(merchant, kind=profile.kind), NoObserver()) for profile in profiles()]


def test_the_table_of_capabilities_is_what_the_kinds_offer() -> None:
    table = capability_table(opened())
    assert table in DOCUMENT.read_text(), f"the table is to be\n\n{table}"


def test_a_capability_that_a_kind_lacks_is_told() -> None:
    first, second = opened()
    del vars(second)["order_lists"]
    lines = [line for line in capability_table([first, second]).splitlines() if line.startswith("| `order_lists`")]
    assert [line.endswith(f"| {YES} | {NO} |") for line in lines] == [True]

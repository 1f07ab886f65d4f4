"""The contract suite asks every capability of the port, of every kind that offers it."""

import inspect
from pathlib import Path

import pytest

from connections.store_kinds import profiles
from ipaas.types import NoObserver
from syncjobs.stores import port
from syncjobs.stores.opening import store_of
from tests import factories
from tests.stores.contract.conftest import KINDS

CONTRACT = Path(__file__).parent / "contract"
HOOKS = "hooks"  # no part of the port: of stores that call us
WITH = {"accounts": "orders", "payments": "orders"}  # asked in the file of another
CAPABILITIES = set(inspect.get_annotations(port.Store)) - {"profile"}
pytestmark = pytest.mark.django_db


def test_every_capability_has_its_file() -> None:
    files = {path.stem.removeprefix("test_") for path in CONTRACT.glob("test_*.py")}
    assert files == {WITH.get(one, one) for one in CAPABILITIES} | {HOOKS}


def test_every_kind_is_asked_for_all_that_it_offers() -> None:
    said = {kind.kind: kind.offers for kind in KINDS}
    merchant = factories.merchant()
    for profile in profiles():
        store = store_of(factories.store(merchant, kind=profile.kind), NoObserver())
        offered = CAPABILITIES & vars(store).keys() | ({HOOKS} if profile.topics else set())
        assert said[profile.kind] | WITH.keys() == offered | WITH.keys(), profile.kind

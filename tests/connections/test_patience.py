"""Set-up work waits out short throttling by itself; everything else leaves waiting to the ledger."""

import pytest

from connections import patience, services
from connections.models import Merchant
from errors.failures import Throttled
from tests.connections.conftest import HEARTLAND_TOKEN, sim

pytestmark = pytest.mark.django_db


@pytest.fixture
def naps(heartland_url: str, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Sleeping moves the sandbox's clock instead; answers how long each nap was."""
    taken: list[float] = []

    def nap(seconds: float) -> None:
        taken.append(seconds)
        sim(heartland_url, "POST", "clock/advance", {"seconds": seconds})

    monkeypatch.setattr(patience, "sleep", nap)
    return taken


def test_connecting_waits_as_told(merchant: Merchant, heartland_url: str, naps: list[float]) -> None:
    sim(heartland_url, "PUT", "switches", {"rate_limit": True, "rate_per_second": 2.0, "rate_burst": 3.0})
    account = services.heartland_connect(merchant=merchant, base_url=heartland_url, token=HEARTLAND_TOKEN)
    assert account.abilities["View inventory transactions"] is True
    assert 6 <= len(naps) <= 16
    assert set(naps) == {1.0}


def test_a_long_wait_is_the_persons(merchant: Merchant, heartland_url: str, naps: list[float]) -> None:
    headers = {"Retry-After": "60"}
    sim(heartland_url, "POST", "faults", {"path": "/api/.*", "status": 429, "times": 9, "headers": headers})
    with pytest.raises(Throttled):
        services.heartland_connect(merchant=merchant, base_url=heartland_url, token=HEARTLAND_TOKEN)
    assert naps == []


def test_patience_ends(merchant: Merchant, heartland_url: str, naps: list[float]) -> None:
    headers = {"Retry-After": "3"}
    sim(heartland_url, "POST", "faults", {"path": "/api/.*", "status": 429, "times": 99, "headers": headers})
    with pytest.raises(Throttled):
        services.heartland_connect(merchant=merchant, base_url=heartland_url, token=HEARTLAND_TOKEN)
    assert naps == [3.0] * 6

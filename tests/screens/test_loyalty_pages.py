"""The loyalty page and the page of an account's points, in all roles."""

from typing import Any

import pytest

from connections.models import AuditEntry, OrderSettings, Role
from syncjobs.models import LoyaltySettings, Record, SyncJob
from tests import factories
from tests.screens.conftest import Shop

RULES = {
    "is_on": "on", "heartland_field": "points", "store_field": "7", "opening": "sum", "points": "2", "amount": "1.00",
    "categories": "Dogs, Cats", "coupon_prefix": "PTS-", "worth": "10", "months": "12", "tiers_fall": "on",
    "name-1": "Gold", "earned-1": "1000", "group-1": "2", "name-2": "Silver", "earned-2": "500", "group-2": "",
}  # fmt: skip


@pytest.fixture
def known(shop: Shop) -> Shop:
    """Somebody has points, and what both sides offer was read."""
    factories.points(shop.connection)
    return shop


def saved(shop: Shop, role: Role, **other: Any) -> int:
    client = shop.client(role)
    version = client.get(shop.at("loyalty/")).context["version"]
    wish = {name: value for name, value in (RULES | other).items() if value is not None}
    return int(client.post(shop.at("loyalty/"), {"version": version, **wish}).status_code)


def test_rules_are_saved_by_who_may_and_the_flow_of_orders_learns_of_it(known: Shop) -> None:
    counts = OrderSettings.objects.filter(connection=known.connection).values_list("counts_points", flat=True)
    assert [saved(known, role) for role in (Role.VIEWER, Role.OPS)] == [403, 403]
    assert (saved(known, Role.STAFF), list(counts.all())) == (302, [True])
    row = LoyaltySettings.objects.get()
    assert (row.categories, [one["name"] for one in row.tiers]) == (["Dogs", "Cats"], ["Silver", "Gold"])
    assert AuditEntry.objects.filter(action="loyalty.saved").count() == 1
    assert (saved(known, Role.OWNER, is_on=None), list(counts.all())) == (302, [False])


def test_nothing_is_saved_over_what_somebody_else_saved(known: Shop) -> None:
    client = known.client()
    for version in ("", "of-long-ago"):
        client.post(known.at("loyalty/"), {"version": version, **RULES})
    assert LoyaltySettings.objects.get().points == 1


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("heartland_field", "", "Choose the field that shows the points."),
        ("earned-1", "", "A tier has a name and a number of points."),
        ("earned-1", "500", "Two tiers have the same name"),
        ("amount", "0", "0.01"),
    ],
)
def test_rules_that_cannot_be_are_refused_in_words(known: Shop, field: str, value: str, words: str) -> None:
    client = known.client()
    version = client.get(known.at("loyalty/")).context["version"]
    answer = client.post(known.at("loyalty/"), {"version": version, **RULES, field: value})
    assert (answer.status_code, words in answer.content.decode()) == (400, True)
    assert LoyaltySettings.objects.get().points == 1


def test_an_account_shows_every_movement_and_asks_who_may_answer(known: Shop) -> None:
    viewer = known.client(Role.VIEWER).get(known.at("loyalty/77/")).content.decode()
    assert all(words in viewer for words in ("180 points, Gold", "-200", "spent on an order", "Order 10457"))
    assert "Somebody who changes links" in viewer
    assert 'name="choice"' not in viewer
    client, record = known.client(Role.OPS), Record.objects.get(flow="points")
    mark = client.get(known.at("loyalty/77/")).context["mark"]
    for wrong in ({"mark": "", "choice": "lost"}, {"mark": "other", "choice": "lost"}, {"mark": mark, "choice": "sum"}):
        client.post(known.at("loyalty/77/say/"), wrong)
    record.refresh_from_db()
    assert "answer" not in record.facts
    answer = client.post(known.at("loyalty/77/say/"), {"mark": mark, "choice": "lost"}, follow=True)
    assert "Kept: our number had not arrived." in answer.content.decode()
    record.refresh_from_db()
    assert record.facts["answer"] == {"choice": "lost", "about": "BigCommerce:90:180:190"}
    assert SyncJob.objects.filter(flow="points", external_id="77", status="pending").count() == 1


def test_a_stranger_finds_no_points(known: Shop, rival: Shop) -> None:
    for path in ("loyalty/", "loyalty/77/"):
        assert rival.client().get(known.at(path)).status_code == 404

"""A token that is taken back, and one right of it that is missing: who waits, for what, and who goes on (M33)."""

from collections.abc import Sequence
from datetime import timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from connections import services
from connections.connectors.magento import MagentoClient
from connections.connectors.needs import gathered
from connections.models import AccessState
from errors.models import Issue, SyncError
from syncjobs.engine.enqueueing import jobs_enqueue
from syncjobs.engine.lanes import lane_run
from syncjobs.engine.rechecking import held_recheck
from syncjobs.engine.sweeping import polls_start
from syncjobs.models import Cursor, Lane, SyncJob
from tests import factories
from tests.flows.magento.conftest import Pair, line

SHIP = "Magento_Sales::ship"
MISSING = "In Magento the permission Sales > Operations > Orders > Actions > Ship is missing."


def rights(pair: Pair, resources: Sequence[str]) -> None:
    """The merchant ticks these for our integration, and no others."""
    state = pair.shop.app.service.state
    for row in state.integrations.all():
        state.integrations.update(row["id"], resources=list(resources))


def all_rights() -> set[str]:
    return {need.scope for need in gathered(MagentoClient)}


def held_again(pair: Pair, at: timedelta) -> int | None:
    """A round over what is held, and what it queued worked."""
    now = timezone.now() + at
    polls_start(now)
    Cursor.objects.filter(feed=Cursor.HELD).update(due_at=now)
    count = held_recheck(connection=pair.connection, now=now)
    pair.settle(at=at)
    return count


def test_m33_without_one_right_only_what_needs_it_waits_and_goes_on_by_itself_when_it_is_given(pair: Pair) -> None:
    booked = [pair.book(line("DOG-LEAD", "20.00", 2)) for _ in range(2)]
    rights(pair, sorted(all_rights() - {SHIP}))
    invoices = [pair.invoice(order_id) for order_id in booked]
    pair.follow_invoices()
    assert [pair.record(one, "shipments").code for one in invoices] == ["permission_missing"] * 2
    (issue,) = Issue.objects.filter(connection=pair.connection, is_open=True)
    assert (issue.title, issue.errors.open().count()) == (MISSING, 2)
    assert "Allow it there" in issue.fix
    third = pair.book(line("DOG-LEAD", "20.00"))  # orders go on
    pair.connection.store.refresh_from_db()
    assert (pair.connection.store.state, pair.record(third).disposition) == (AccessState.CONNECTED, "booked")
    assert held_again(pair, timedelta(minutes=10)) == 2
    assert [pair.shipments(one) for one in booked] == [[], []]
    rights(pair, sorted(all_rights()))
    assert held_again(pair, timedelta(minutes=30)) == 2
    assert [len(pair.shipments(one)) for one in booked] == [1, 1]
    assert [pair.record(one, "shipments").disposition for one in invoices] == ["booked"] * 2
    assert not Issue.objects.filter(connection=pair.connection, is_open=True).exists()
    assert held_again(pair, timedelta(hours=2)) == 0


def test_m33_a_page_of_the_order_says_which_right_is_missing_and_does_not_ask_to_reconnect(pair: Pair) -> None:
    order_id = pair.book(line("DOG-LEAD", "20.00", 2))
    rights(pair, sorted(all_rights() - {SHIP}))
    pair.invoice(order_id)
    pair.follow_invoices()
    client = Client()
    client.force_login(factories.member(pair.connection.merchant))
    page = client.get(reverse("order", args=[pair.connection.public_id, order_id])).content.decode()
    assert MISSING.replace(">", "&gt;") in page
    assert "econnect" not in page


def test_a_token_that_is_taken_back_in_mid_run_stops_all_at_the_first_and_loses_nothing(pair: Pair) -> None:
    ids = [pair.place(line("DOG-LEAD", "20.00")) for _ in range(5)]
    (number,) = [row["id"] for row in pair.magento.get("/_sim/integrations")]
    now = timezone.now()
    jobs_enqueue(connection=pair.connection, flow="orders", external_ids=ids, cause="poll", now=now)
    assert pair.run(ids[0]) == "done"
    pair.magento.post(f"/_sim/integrations/{number}/revoke", {})
    pair.magento.delete("/_sim/calls")
    for _ in range(3):
        for lane in Lane.objects.all():
            lane_run(lane_id=lane.pk, now=timezone.now())
    counts = pair.magento.get("/_sim/calls")["counts"]
    refused = sum(count for call, count in counts.items() if "/V1/" in call)
    assert 1 <= refused <= 8  # the list, the order, whether we live, once more: and never again for each order
    pair.connection.store.refresh_from_db()
    assert pair.connection.store.state == AccessState.REVOKED
    assert SyncJob.objects.filter(status=SyncJob.Status.PENDING, flow="orders").count() == 4
    assert not SyncError.objects.open().filter(state="dead").exists()
    assert len(pair.sales_orders()) == 1
    pair.magento.post(f"/_sim/integrations/{number}/restore", {})
    assert services.store_check(store=pair.connection.store).is_ok
    pair.connection.store.refresh_from_db()
    assert pair.connection.store.state == AccessState.CONNECTED
    pair.settle(at=timedelta(minutes=1))
    assert [pair.record(one).disposition for one in ids] == ["booked"] * 5
    assert len(pair.sales_orders()) == 5

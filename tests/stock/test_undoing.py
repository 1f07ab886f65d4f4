"""A full sync undone: numbers go back where nobody changed them since, and stock follows no more by itself."""

from datetime import timedelta

import pytest
from django.utils import timezone

from connections.models import InventorySettings
from errors.failures import ConfigurationFailure
from ipaas import failpoints
from mappings.models import StockLevel
from syncjobs.bulk.runs import run_start
from syncjobs.bulk.undoing_runs import STOCK_UNDO
from syncjobs.models import Cursor, Run
from syncjobs.stock import stock_problems
from tests.bulk import run_whole, work
from tests.flows.test_worklist import dying_at
from tests.stock.conftest import Shelf
from tests.stock.test_full import levels_set


def undo(shelf: Shelf, run: Run) -> Run:
    return run_whole(shelf.pair.connection, STOCK_UNDO, of=run.pk)


def synced(shelf: Shelf) -> tuple[dict[str, int], Run]:
    """What the store showed, and the sync that wrote over it."""
    shelf.sync(kind="stock_preview")  # the levels are known, and nothing is written
    before = shelf.web()
    run = shelf.sync()
    assert shelf.web() != before
    return before, run


def test_every_number_goes_back_and_what_was_changed_since_is_named(shelf: Shelf) -> None:
    before, run = synced(shelf)
    moved = next(row.subject for row in run.changes.filter(kind="update").order_by("pk"))
    levels_set(shelf, {moved: 777})
    StockLevel.objects.update(pushed_at=timezone.now() - timedelta(minutes=10))  # the store shows what it was told
    undone = undo(shelf, run)
    assert shelf.web() == before | {moved: 777}
    assert undone.sentence == (
        f"Put {run.changes.count() - 1} numbers back; 1 left as it is, as listed. "
        "Stock does not follow by itself now: start a sync to go on."
    )
    (left,) = undone.changes.filter(kind="conflict")
    assert (left.subject, left.reason) == (
        moved,
        "The store shows 777 by now. It was changed since: it is left as it is.",
    )
    assert not InventorySettings.objects.get().follows
    again = shelf.sync()
    assert again.changes.count() == run.changes.count()
    assert shelf.web() == shelf.expected()
    assert InventorySettings.objects.get().follows


def test_it_is_undone_once_and_within_a_day(shelf: Shelf) -> None:
    _, run = synced(shelf)

    def refused() -> str:
        with pytest.raises(ConfigurationFailure) as refusal:
            run_start(
                connection=shelf.pair.connection, actor=None, kind=STOCK_UNDO, now=timezone.now(),
                parameters={"of": run.pk},
            )  # fmt: skip
        return refusal.value.summary

    Run.objects.filter(pk=run.pk).update(finished_at=timezone.now() - timedelta(hours=25))
    assert refused() == "Nothing was undone: it is more than a day ago."
    Run.objects.filter(pk=run.pk).update(finished_at=timezone.now() - timedelta(hours=23))
    undo(shelf, run)
    assert refused() == "Nothing was undone: it was undone already."
    assert shelf.sync(kind="stock_preview").state == Run.State.DONE


@pytest.mark.parametrize("has_said_so", [False, True])
def test_a_worker_killed_after_the_store_took_it_goes_on(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, *, has_said_so: bool
) -> None:
    """Before it noted what was put back, or after: all of it is listed and counted, once."""
    before, run = synced(shelf)
    if has_said_so:
        monkeypatch.setattr(stock_problems, "note", lambda *_: dying_at("now")("now"))
    else:
        monkeypatch.setattr(failpoints, "passing", dying_at("stock.sent"))
    with pytest.raises(KeyboardInterrupt):
        undo(shelf, run)
    monkeypatch.undo()
    Cursor.objects.update(lease_until=None, lease_owner="")
    StockLevel.objects.update(pushed_at=timezone.now() - timedelta(hours=1))
    done = work(Run.objects.get(kind=STOCK_UNDO))
    assert (done.state, shelf.web()) == (Run.State.DONE, before)
    wrote = [("update", *row) for row in run.changes.order_by("subject").values_list("subject", "after", "before")]
    listed = done.changes.order_by("subject").values_list("kind", "subject", "before", "after")
    assert list(listed) == wrote
    assert done.sentence.startswith(f"Put {len(wrote)} numbers back. ")

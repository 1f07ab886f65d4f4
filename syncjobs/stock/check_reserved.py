"""What the store reserves against what its open orders hold: one that stays behind keeps pieces off sale for ever."""

from collections.abc import Sequence
from datetime import datetime

from connections.models import Connection
from connections.store_kinds import profile_of
from errors.failures import ConfigurationFailure, Violation
from errors.issues.record_errors import error_record
from errors.models import SyncError
from ipaas.counts import many
from syncjobs.engine.stalls import FEEDS, RESERVED, look_moves
from syncjobs.models import Run, RunChange
from syncjobs.stores.level_port import ReservationGap

COUNT = "reserved_otherwise"  # in a run's result
NAMED = 5


def change_of_gap(run: Run, gap: ReservationGap) -> RunChange:
    """What a person sees of one: what the store reserves, and what its orders hold."""
    return RunChange(
        run=run,
        kind=RunChange.Kind.DIFFERENT,
        subject=gap.sku,
        before=str(gap.reserved),
        after=str(gap.ordered),
        weight=abs(gap.reserved - gap.ordered),
        reason=f"The store reserves {gap.reserved} for open orders, and these hold {gap.ordered}.",
    )


def gaps_settle(connection: Connection, run: Run, now: datetime) -> None:
    """An issue where the run found any, until a later one finds none."""
    count = run.result.get(COUNT, 0)
    if not count:
        look_moves(connection, RESERVED, now)
        return
    skus = list(run.changes.filter(reason__startswith="The store reserves").order_by("subject")[:NAMED])
    store, whose = profile_of(connection.store).name, _listed([one.subject for one in skus], count)
    cause = Violation(
        code=COUNT,
        sentence=f"{store} reserves other pieces than its open orders hold: it sells too few or too many.",
        fix=f"In {store}, have the reservations of {whose} put right, then retry.",
        fix_page="store",
    )
    error_record(
        connection=connection,
        flow=FEEDS,
        external_id=RESERVED,
        label="Reservations of open orders",
        failure=ConfigurationFailure(f"{many(count, 'SKU')}: {cause.sentence}", violations=(cause,)),
        state=SyncError.State.HELD,
        now=now,
        attempts=1,
    )


def _listed(skus: Sequence[str], count: int) -> str:
    others = f" and {count - len(skus)} more" if count > len(skus) else ""
    return f"{', '.join(skus)}{others}"

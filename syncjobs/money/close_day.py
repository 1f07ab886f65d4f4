"""Closing a day: what stands in the books is sealed in a chain, and what changes later is posted on the next day.

All closes of a store together always hold what is so now of the days they cover, and none of them ever changes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import transaction

from connections.audit import audit
from connections.models import Connection, User
from errors.failures import ConfigurationFailure
from ipaas.chains import digest_of, follows, says_the_same
from ipaas.types import JSON
from mappings.core.rules.journal import Account, Postings, change, sums_of
from mappings.core.rules.journal_layouts import Entry
from syncjobs.models import ClosedDocument, DayClose
from syncjobs.money.day_documents import documents_of
from syncjobs.money.day_figures import day_figures
from syncjobs.money.day_span import Document, Span
from syncjobs.money.import_payouts import currency_of
from syncjobs.money.match_entries import entries_match
from syncjobs.money.open_points import counts_of, points_between

AT_ONCE = 500


@dataclass(frozen=True, kw_only=True)
class Posted:
    """What one document brings to a close."""

    document: str
    day: date  # another than the close's: what changed since that day was closed
    amounts: Postings

    def stored(self) -> list[object]:
        return [self.document, self.day.isoformat(), {account: f"{one:.2f}" for account, one in self.amounts.items()}]

    @classmethod
    def read(cls, line: Sequence[object]) -> "Posted":
        document, day, amounts = line
        return cls(
            document=str(document),
            day=date.fromisoformat(str(day)),
            amounts={Account(name): Decimal(one) for name, one in dict(amounts).items()},  # type: ignore[call-overload]
        )


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A day as it would be closed now."""

    day: date
    currency: str
    lines: tuple[Posted, ...]
    figures: JSON
    open_points: dict[str, int]

    @property
    def is_green(self) -> bool:
        return not any(self.open_points.values())

    @property
    def totals(self) -> Postings:
        return sums_of(line.amounts for line in self.lines)

    @property
    def shown(self) -> str:
        """What a person closes: another state is another draft."""
        lines = [line.stored() for line in self.lines]
        return digest_of([self.day.isoformat(), lines, self.figures, self.open_points])[:16]


def last_close(connection: Connection) -> DayClose | None:
    return DayClose.objects.filter(connection=connection).order_by("-day").first()


def next_day(connection: Connection) -> date | None:
    """The day that is closed next; None while none was, and any past one may be the first."""
    last = last_close(connection)
    return last.day + timedelta(days=1) if last else None


def draft_of(connection: Connection, day: date, now: datetime) -> Draft:
    """What closing the day would seal."""
    last = last_close(connection)
    first = DayClose.objects.filter(connection=connection).order_by("day").values_list("day", flat=True).first()
    span = Span(
        connection=connection,
        currency=currency_of(connection),
        first=min(first or day, day),
        last=day,
        since=last.made_at if last else None,
    )
    lines = posted(connection, list(documents_of(span)))
    before = balances_of(last)
    figures = day_figures(span) | {
        "balances": {account: f"{one:.2f}" for account, one in sums_of([before, *(x.amounts for x in lines)]).items()}
    }
    points = points_between(connection, day, day, now)
    return Draft(day=day, currency=span.currency, lines=lines, figures=figures, open_points=dict(counts_of(points)))


def posted(connection: Connection, documents: Sequence[Document]) -> tuple[Posted, ...]:
    """What of the documents no close holds yet."""
    known = closed_amounts(connection, [one.id for one in documents])
    moved = ((one, change(one.postings, known.get(one.id, {}))) for one in documents)
    return tuple(Posted(document=one.id, day=one.day, amounts=amounts) for one, amounts in moved if amounts)


def closed_amounts(connection: Connection, documents: Sequence[str]) -> dict[str, Postings]:
    """What all closes together hold of these documents."""
    found: dict[str, Postings] = {}
    for start in range(0, len(documents), AT_ONCE):
        some = documents[start : start + AT_ONCE]
        rows = ClosedDocument.objects.filter(connection=connection, document__in=some)
        found |= {row.document: read_amounts(row.amounts) for row in rows}
    return found


def read_amounts(stored: Mapping[str, str]) -> Postings:
    return {Account(name): Decimal(one) for name, one in stored.items()}


def balances_of(last: DayClose | None) -> Postings:
    """What each account stands at after the newest close, from the first one on."""
    return read_amounts(last.figures.get("balances", {})) if last else {}


def day_close(
    *, connection: Connection, day: date, shown: str | None, note: str, actor: User | None, now: datetime
) -> DayClose:
    """Close a day that is over. `shown` is the draft that the person saw; None closes it as it is.

    Raises ConfigurationFailure: in words why it cannot be closed, or that it is another by now.
    """
    if day >= now.astimezone(ZoneInfo(connection.merchant.time_zone)).date():
        raise ConfigurationFailure(f"{day:%B} {day.day} is not over yet.")
    entries_match(connection)
    with transaction.atomic():
        Connection.objects.select_for_update(of=("self",)).get(pk=connection.pk)  # the chain grows at one end only
        wanted = next_day(connection)
        if wanted and day != wanted:
            raise ConfigurationFailure(f"Days are closed one after the other: {wanted:%B} {wanted.day} is the next.")
        draft = draft_of(connection, day, now)
        if shown is not None and draft.shown != shown:
            raise ConfigurationFailure("The day is another by now: look at it once more.")
        if not draft.is_green and not note.strip():
            raise ConfigurationFailure("Something of the day is open: say in the note why it is closed all the same.")
        last = last_close(connection)
        made = DayClose(
            connection=connection, day=day, made_at=now, by=actor, note=note.strip()[:300], currency=draft.currency,
            open_points=draft.open_points, figures=draft.figures, lines=[line.stored() for line in draft.lines],
            previous=last.digest if last else "",
        )  # fmt: skip
        made.digest = seal_of(made)
        made.save(force_insert=True)
        keep_closed(connection, draft.lines)
        audit(
            merchant=connection.merchant, actor=actor, action="day.closed", subject=connection, day=day.isoformat(),
            documents=len(draft.lines), open=sum(draft.open_points.values()), note=made.note, seal=made.digest,
        )  # fmt: skip
    return made


def keep_closed(connection: Connection, lines: Sequence[Posted]) -> None:
    """What the closes hold of each document from now on."""
    known = closed_amounts(connection, [line.document for line in lines])
    rows = []
    for line in lines:
        sums = sums_of([known.get(line.document, {}), line.amounts])
        amounts = {account: f"{one:.2f}" for account, one in sums.items()}
        rows.append(ClosedDocument(connection=connection, document=line.document, amounts=amounts))
    ClosedDocument.objects.bulk_create(
        rows, AT_ONCE, update_conflicts=True, unique_fields=["connection", "document"], update_fields=["amounts"]
    )


def seal_of(close: DayClose) -> str:
    """SHA-256 over the close before and everything this one says."""
    said = [close.day.isoformat(), close.made_at.isoformat(), close.by_id, close.note, close.currency]
    store = close.connection.store.store_hash
    return digest_of([close.previous, store, *said, close.open_points, close.figures, close.lines])


def closes_verify(connection: Connection) -> tuple[int, str]:
    """How many closes stand unbroken, and what is wrong with the next one; "" when all stand."""
    count, previous = 0, ""
    for close in DayClose.objects.filter(connection=connection).order_by("day").iterator(50):
        what = f"The close of {close.day}"
        problem = follows(close.previous, previous, what) or says_the_same(close.digest, seal_of(close), what)
        if problem:
            return count, problem
        previous, count = close.digest, count + 1
    return count, ""


def entries_of(close: DayClose) -> list[Entry]:
    """The close as journal entries: the day's own, and what changed of days that were closed before."""
    lines = [Posted.read(line) for line in close.lines]
    own = sums_of(line.amounts for line in lines if line.day == close.day)
    later = sums_of(line.amounts for line in lines if line.day != close.day)
    number = f"TB{close.connection_id}-{close.day:%Y%m%d}"
    store = str(close.connection.store)
    found = []
    if own:
        memo = f"{store}, {close.day.isoformat()}"
        found.append(Entry(number=number, day=close.day, memo=memo, currency=close.currency, amounts=own))
    if later:
        memo = f"{store}, changes of days closed before {close.day.isoformat()}"
        found.append(Entry(number=f"{number}-A", day=close.day, memo=memo, currency=close.currency, amounts=later))
    return found

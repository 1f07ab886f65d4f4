"""A gateway's file taken in: every row once, however often and in however many files it comes."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, Sum
from django.db.models.functions import Coalesce

from connections.audit import audit
from connections.models import Connection, User
from ipaas.digests import content_digest
from mappings.core.canonical.order import ZERO
from mappings.core.canonical.payout import PayoutRow
from mappings.core.rules.payout_formats import COMMON, Layout
from mappings.core.rules.read_payouts import Refused, layout_of, payouts_read
from mappings.core.rules.tables import ListRefused
from syncjobs.models import PayoutEntry, PayoutFile, PayoutLayout
from syncjobs.money.match_entries import entries_match

MOST_REFUSED = 200  # refused rows that are kept with a file
COLUMNS = {  # fields of a Layout, as people know them
    "gross": "Amount, before fees",
    "happened": "Date or moment",
    "id": "The row's own id",
    "kind": "Kind: sale, refund, fee …",
    "reference": "Id of the payment",
    "fee": "Fee",
    "net": "Amount, after fees",
    "currency": "Currency",
    "available": "Date at the bank",
    "payout": "Payout",
    "text": "Description",
    "status": "State: settled, declined …",
}
SETTLED, UNSIGNED = "settled", "refunds_are_positive"  # what else is kept of a layout
MORE = {SETTLED: "Words of the state with which money moved", UNSIGNED: "Refunds stand without a minus"}


def payouts_import(*, connection: Connection, name: str, text: str, actor: User | None, now: datetime) -> PayoutFile:
    """Take a file in and match what is new. Raises ListRefused, and then nothing was kept."""
    reading = payouts_read(text, layout_of(text, layouts_of(connection)), ZoneInfo(connection.merchant.time_zone))
    rows, foreign = in_currency(reading.rows, currency_of(connection))
    left_out = [(one.line, one.why) for one in (*reading.refused, *foreign)]
    if not rows:
        why = f" {left_out[0][1]}" if left_out else ""
        raise ListRefused(f"No row of the file can be read.{why}")
    identities = identities_of(rows)
    with transaction.atomic():
        file = PayoutFile.objects.create(
            connection=connection, name=name[:120], layout=reading.layout, by=actor, at=now
        )
        refused = left_out + changed(connection, identities)
        entries = [_entry(file, row, *identity) for identity, row in identities.items()]
        PayoutEntry.objects.bulk_create(entries, batch_size=1000, ignore_conflicts=True)
        file.rows_new = PayoutEntry.objects.filter(file=file).count()
        file.rows_known = len(entries) - file.rows_new
        file.refused = refused[:MOST_REFUSED]
        file.save(update_fields=["rows_new", "rows_known", "refused"])
        audit(
            merchant=connection.merchant, actor=actor, action="payouts.imported", subject=connection, file=file.name,
            new=file.rows_new, known=file.rows_known, refused=len(refused),
        )  # fmt: skip
    entries_match(connection)
    return file


def currency_of(connection: Connection) -> str:
    """The one currency that payouts of this store are kept in; "" while nobody said."""
    return str(connection.heartland.currency or connection.store.currency)


def in_currency(rows: Sequence[PayoutRow], currency: str) -> tuple[list[PayoutRow], list[Refused]]:
    """Rows of this currency, and those of others, which sums must not hold together."""
    wanted = currency or next((row.currency for row in rows if row.currency), "")
    others = [row for row in rows if row.currency and row.currency != wanted]
    refused = [
        Refused(line=row.line, why=f"Its currency is {row.currency}, and this store's is {wanted}.") for row in others
    ]
    return [row for row in rows if not row.currency or row.currency == wanted], refused


def layouts_of(connection: Connection) -> list[Layout]:
    """The merchant's own layouts, by name."""
    made = PayoutLayout.objects.filter(connection=connection).order_by("name")
    return [layout_kept(one) for one in made]


def layout_kept(kept: PayoutLayout) -> Layout:
    columns = {name: heading for name, heading in kept.columns.items() if name not in MORE}
    words = str(kept.columns.get(SETTLED, "")).split(",")
    return Layout(
        name=kept.name,
        words=COMMON,
        settled=frozenset(word.strip().casefold() for word in words if word.strip()),
        refunds_are_positive=bool(kept.columns.get(UNSIGNED)),
        **columns,
    )


def layout_keep(*, connection: Connection, name: str, columns: dict[str, str], actor: User | None) -> PayoutLayout:
    """Keep which column holds what. Raises ListRefused where amount or date are not named."""
    given = {name: columns.get(name, "").strip() for name in (*COLUMNS, *MORE)}
    named = {name: value for name, value in given.items() if value}
    if not name.strip():
        raise ListRefused("Give the layout a name.")
    if "gross" not in named or "happened" not in named:
        raise ListRefused("Say at least which column holds the amount, and which the date.")
    if ("status" in named) != (SETTLED in named):
        raise ListRefused("Say both: which column holds the state, and the words with which money moved.")
    with transaction.atomic():
        kept, _ = PayoutLayout.objects.update_or_create(
            connection=connection, name=name.strip()[:60], defaults={"columns": named}
        )
        audit(
            merchant=connection.merchant,
            actor=actor,
            action="payouts.layout_kept",
            subject=connection,
            layout=kept.name,
        )
    return kept


Identity = tuple[str, int]


def identities_of(rows: Sequence[PayoutRow]) -> dict[Identity, PayoutRow]:
    """What tells each row from all others: the gateway's id, else its content and its place among equal ones."""
    seen: Counter[str] = Counter()
    found: dict[Identity, PayoutRow] = {}
    for row in rows:
        if row.id:
            found.setdefault((f"id:{row.kind}:{content_digest('payout row', row.id)}", 0), row)
            continue
        name = f"like:{content_digest('payout row', _content(row))}"
        found[(name, seen[name])] = row
        seen[name] += 1
    return found


def changed(connection: Connection, identities: dict[Identity, PayoutRow]) -> list[tuple[int, str]]:
    """Rows that are known by their id with other amounts: what was taken in stands, and the difference is said."""
    by_id = {name: row for (name, _), row in identities.items() if row.id}
    known = PayoutEntry.objects.filter(connection=connection, identity__in=by_id)
    told = []
    parts = known.annotate(others=Coalesce(Sum("parts__gross"), ZERO), kept=Coalesce(Sum("parts__fee"), ZERO))
    for name, gross, fee in parts.values_list("identity", F("gross") + F("others"), F("fee") + F("kept")):
        row = by_id[name]
        if (gross, fee) != (row.gross, row.fee):
            before, now = _money(gross, fee), _money(row.gross, row.fee)
            told.append((row.line, f"{row.id} is known with {before}, and this file says {now}."))
    return told


def _money(gross: Decimal, fee: Decimal) -> str:
    return f"{gross} less {fee}"


def _content(row: PayoutRow) -> str:
    money = (row.gross, row.fee, row.currency)
    return repr((row.kind, row.reference, money, row.happened_at, row.available_on, row.payout, row.text))


def _entry(file: PayoutFile, row: PayoutRow, identity: str, place: int) -> PayoutEntry:
    fields = asdict(row)
    return PayoutEntry(
        connection_id=file.connection_id, file=file, identity=identity, place=place, gateway_id=fields.pop("id")[:120],
        reference=fields.pop("reference")[:120], payout=fields.pop("payout")[:120],
        currency=fields.pop("currency")[:3], **fields,
    )  # fmt: skip

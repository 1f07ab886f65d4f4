"""What people say of a gateway's rows and payouts: whose a row is, that it is several orders' or none's, what lacks.

Each can be taken back. What was closed meanwhile stands, and the next close brings the change.
"""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from connections.audit import audit
from connections.models import Connection, User
from errors.failures import ConfigurationFailure
from mappings.core.canonical.order import ZERO
from mappings.core.rules.match_payouts import How
from mappings.core.rules.money import cents
from syncjobs.flows.orders import ORDERS
from syncjobs.models import ClosedDocument, PayoutEntry, PayoutWord, Record
from syncjobs.money.match_entries import entries_match

MONEY = ("gross", "fee", "net")


def entry_settle(*, entry: PayoutEntry, number: str, note: str, actor: User) -> None:
    """A person says which order a row is of, or, without a number, that it is none's and why. Raises
    ConfigurationFailure.
    """
    order = order_numbered(entry.connection, number) if number else ""
    if not number and not note:
        raise ConfigurationFailure("Say why the row belongs to no order.")
    with transaction.atomic():
        _settled(entry, how=How.PERSON, order_id=order, candidates=[], note=note[:300], by=actor)
        audit(
            merchant=entry.connection.merchant, actor=actor, action="payouts.settled", subject=entry.connection,
            row=entry.gateway_id or entry.pk, amount=str(entry.gross), order=order or "none", note=note[:300],
        )  # fmt: skip


def entry_split(*, entry: PayoutEntry, number: str, amount: Decimal, note: str, actor: User) -> PayoutEntry:
    """A person says that a part of a row is of an order: that part is a row of its own, and the rest waits on.

    The fee goes along in proportion, so that both come to what the gateway told. Raises ConfigurationFailure.
    """
    order = order_numbered(entry.connection, number)
    part = amount.copy_sign(entry.gross)
    if not ZERO < amount < abs(entry.gross):
        raise ConfigurationFailure(f"A part is more than nothing and less than the whole, {abs(entry.gross)}.")
    with transaction.atomic():
        row = PayoutEntry.objects.select_for_update().get(pk=entry.pk)
        if row.shown != entry.shown:
            raise ConfigurationFailure("The row is another by now: look at it once more.")
        fee = cents(row.fee * part / row.gross)
        own = {name: getattr(row, name) for name in COPIED}
        made = PayoutEntry(
            **own, connection_id=row.connection_id, part_of=row, identity=f"part:{row.pk}", place=next_place(row),
            gross=part, fee=fee, net=part - fee, how=How.PERSON, order_id=order, matched_at=timezone.now(),
            note=note[:300], by=actor,
        )  # fmt: skip
        made.save(force_insert=True)
        _moved(row, made, -1)
        audit(
            merchant=row.connection.merchant, actor=actor, action="payouts.split", subject=row.connection,
            row=row.gateway_id or row.pk, part=str(part), rest=str(row.gross), order=order, note=note[:300],
        )  # fmt: skip
    return made


COPIED = (
    "file_id", "line", "gateway_id", "kind", "reference", "currency", "happened_at", "available_on", "payout", "text",
)  # fmt: skip


def next_place(row: PayoutEntry) -> int:
    last = row.parts.aggregate(last=Max("place"))["last"]
    return 0 if last is None else int(last) + 1


def entry_unsettle(*, entry: PayoutEntry, actor: User) -> None:
    """Take back what a person said; it is matched anew by what both sides tell. A part goes back to its row."""
    with transaction.atomic():
        audit(
            merchant=entry.connection.merchant, actor=actor, action="payouts.unsettled", subject=entry.connection,
            row=entry.gateway_id or entry.pk, amount=str(entry.gross),
        )  # fmt: skip
        whole = entry.part_of
        if whole is not None:
            _moved(whole, entry, 1)
            put_away(entry)
        _settled(whole or entry, how=How.NONE_FITS, order_id="", candidates=[], note="", by=None)
    entries_match(entry.connection)


def put_away(part: PayoutEntry) -> None:
    """A part that is none any more: gone, or a row of nothing where a close holds it, so that the next takes it off."""
    if not ClosedDocument.objects.filter(connection_id=part.connection_id, document=f"row:{part.pk}").exists():
        part.delete()
        return
    _settled(part, how="", order_id="", candidates=[], note="", by=None, **dict.fromkeys(MONEY, ZERO))


def payout_explain(
    *, connection: Connection, payout: str, meaning: str, amount: Decimal, note: str, actor: User, now: datetime
) -> PayoutWord:
    """A person says what a payout's difference is; the sum is said with it, so that another is asked about anew."""
    with transaction.atomic():
        word = PayoutWord.objects.create(
            connection=connection, payout=payout, meaning=meaning, amount=amount, note=note[:300], by=actor, at=now
        )
        audit(
            merchant=connection.merchant, actor=actor, action="payouts.explained", subject=connection, payout=payout,
            meaning=str(word.get_meaning_display()), amount=str(amount), note=note[:300],
        )  # fmt: skip
    return word


def word_take_back(*, word: PayoutWord, actor: User, now: datetime) -> bool:
    """What was said of a payout counts no more; False where somebody took it back before."""
    with transaction.atomic():
        if not PayoutWord.objects.filter(pk=word.pk, taken_back_at=None).update(taken_back_at=now):
            return False
        audit(
            merchant=word.connection.merchant, actor=actor, action="payouts.unexplained", subject=word.connection,
            payout=word.payout, meaning=str(word.get_meaning_display()), amount=str(word.amount),
        )  # fmt: skip
    return True


def order_numbered(connection: Connection, number: str) -> str:
    """The store's id of an order that people call so. Raises ConfigurationFailure."""
    orders = Record.objects.filter(connection=connection, flow=ORDERS.name)
    record = orders.filter(external_id=number).first() or orders.filter(number=number).first()
    if record is None:
        raise ConfigurationFailure(f"This store has no order {number} here: see its number on the Orders page.")
    return record.external_id


def _moved(row: PayoutEntry, part: PayoutEntry, sign: int) -> None:
    _settled(row, **{name: getattr(row, name) + sign * getattr(part, name) for name in MONEY})


def _settled(entry: PayoutEntry, **changes: object) -> None:
    for name, value in {**changes, "matched_at": timezone.now()}.items():
        setattr(entry, name, value)
    entry.save(update_fields=[*changes, "matched_at"])

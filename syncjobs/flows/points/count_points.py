"""The ledger of points: what moved on either side, by orders and by time becomes movements, each once.

All of it happens in one transaction that holds the person's row: two runs never count the same.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings as django_settings
from django.db import transaction
from django.db.models import F, Sum

from connections.audit import audit
from connections.models import User
from errors.failures import ConfigurationFailure, Violation, held
from mappings.core.rules.loyalty import Cause, Movement, Untold, earned_lately, expiring, last_day, moved, tier_of
from syncjobs.flows.points.join_points import account_held, movements_move
from syncjobs.flows.points.points_context import PointsContext
from syncjobs.flows.settling import Settling
from syncjobs.models import (
    CustomerIdentity,
    LoyaltySettings,
    OrderPoints,
    PointsAccount,
    PointsMovement,
    PointsSide,
    Record,
)

OF_ORDERS = (Cause.EARNED, Cause.SPENT)
ANSWERS = {  # what a person says of what nobody can tell → what it means
    "arrived": "our number had arrived before the field changed",
    "lost": "our number had not arrived",
    "heartland": "Heartland’s number counts",
    "store": "the store’s number counts",
    "sum": "both are added up",
}


@dataclass
class Ledger:
    """The movements of one person, under the lock of their row."""

    context: PointsContext
    account: PointsAccount
    side: PointsSide

    def move(self, points: int, why: Cause, key: str, **more: Any) -> None:
        """Write down a movement where anything moves. `key` names the cause; how many of it there were is added."""
        if not points:
            return
        count = PointsMovement.objects.filter(account=self.account, key__startswith=f"{key}#").count()
        on: date = more.pop("on", self.context.today)
        expires_on = last_day(on, self.context.settings.months) if points > 0 else None
        movement = PointsMovement.objects.create(
            account=self.account, side=self.side, why=why, key=f"{key}#{count + 1}", points=points, on=on,
            expires_on=expires_on, at=self.context.now, **more,
        )  # fmt: skip
        PointsAccount.objects.filter(pk=self.account.pk).update(balance=F("balance") + points)
        self.account.balance += points
        self.context.decide(f"{points:+d}: {movement.words}.")

    @property
    def is_new(self) -> bool:
        """Nothing was ever counted here."""
        return self.account.known is None and not PointsMovement.objects.filter(account=self.account).exists()


def count(context: PointsContext) -> None:
    """Bring the ledger up to date. Raises a hold where a person has to say what happened; then nothing is counted."""
    with transaction.atomic():
        context.account, context.side = locked(context)
        ledger = Ledger(context, context.account, context.side)
        open_or_follow(ledger)
        follow_orders(ledger)
        expire(ledger)
        follow_tier(ledger)
    shown = {"points": context.account.balance, "tier": context.side.tier, "customer_id": context.customer_id}
    context.learn(label=f"Points of account {context.external_id}", facts=shown)


def locked(context: PointsContext) -> tuple[PointsAccount, PointsSide]:
    """The person's row, held, and that of the store's account, which may have been somebody else's before."""
    account = account_held(context.connection.heartland, context.customer_id)
    side, _ = PointsSide.objects.get_or_create(
        connection=context.connection, external_id=context.external_id, defaults={"account": account}
    )
    if side.account_id != account.pk:
        joined(side, account)
        account.refresh_from_db()
        side.refresh_from_db()
    return account, side


def joined(side: PointsSide, account: PointsAccount) -> None:
    """The account is another customer's now. Where nobody else is left behind, the points come along."""
    before = PointsAccount.objects.select_for_update().get(pk=side.account_id)
    if before.sides.count() == 1:
        movements_move(before, account)
        side.account = account
        side.save(update_fields=["account"])
        before.delete()
    else:
        side.account, side.known, side.begun, side.begun_at = account, None, None, None
        side.save(update_fields=["account", "known", "begun", "begun_at"])


def open_or_follow(ledger: Ledger) -> None:
    """Changes of both fields since we knew them; at first, what each held before."""
    context, account, side = ledger.context, ledger.account, ledger.side
    for row, shown in ((account, context.in_heartland), (side, context.in_store)):
        wait_for_lost_write(context, row, shown)
    if ledger.is_new:
        begin(ledger)
    else:
        if account.known is None and account.begun is None:
            join_in(ledger, context.in_heartland or 0, "opening")
        else:
            change = said(ledger, moved(context.in_heartland, account.known, account.begun), account, "Heartland")
            before = account.known if account.begun is None else None
            ledger.move(change, Cause.TILL, "till", before=before, after=context.in_heartland)
        if side.known is None and side.begun is None:
            join_in(ledger, context.in_store or 0, f"opening:{side.pk}")
        else:
            change = said(ledger, moved(context.in_store, side.known, side.begun), side, context.store_name)
            before = side.known if side.begun is None else None
            ledger.move(change, Cause.STORE, f"store:{side.pk}", before=before, after=context.in_store)
    for one, shown in ((account, context.in_heartland), (side, context.in_store)):
        one.known, one.begun, one.begun_at, one.seen_at = (0 if shown is None else shown), None, None, context.now
        one.save(update_fields=["known", "begun", "begun_at", "seen_at"])


def wait_for_lost_write(context: PointsContext, row: PointsAccount | PointsSide, shown: int | None) -> None:
    """Raise while a write without an answer may still become visible."""
    if row.begun is None or row.begun_at is None or shown == row.begun:
        return
    left = timedelta(seconds=django_settings.SETTLE_SECONDS) - (context.now - row.begun_at)
    if left > timedelta():
        sentence = "An answer was lost: looking again before points are written twice"
        raise Settling(sentence, retry_after=left.total_seconds())


def begin(ledger: Ledger) -> None:
    """Both sides had numbers of their own: equal ones are one balance, of others the merchant's rule or a person."""
    ours, theirs = ledger.context.in_heartland or 0, ledger.context.in_store or 0
    if ours and theirs and ours != theirs:
        ledger.move(opening(ledger, ours, theirs), Cause.OPENING, "opening")
    else:
        ledger.move(ours or theirs, Cause.OPENING, "opening")


def join_in(ledger: Ledger, shown: int, key: str) -> None:
    """A field that is new to us of somebody whose points are counted already: its number joins by the same rule."""
    balance = ledger.account.balance
    if shown and shown != balance:
        ledger.move(opening(ledger, balance, shown) - balance, Cause.OPENING, key)


def opening(ledger: Ledger, ours: int, theirs: int) -> int:
    """The balance that two numbers make."""
    how, about = ledger.context.settings.opening, f"{ours}:{theirs}"
    if how == LoyaltySettings.Opening.ASK:
        how = answer(ledger, about)
    known = {"heartland": ours, "store": theirs, "sum": ours + theirs}
    if how not in known:
        raise held(
            question(
                ledger,
                f"Account {ledger.side.external_id} had {theirs} points in the store and {ours} in Heartland before "
                "both were joined: somebody has to say which counts.",
                ["heartland", "store", "sum"],
                about=about,
            )
        )
    return known[how]


def said(ledger: Ledger, change: int | Untold, row: PointsAccount | PointsSide, system: str) -> int:
    """What moved there; where our lost write leaves two answers, the one that a person gave. Raises a hold."""
    if not isinstance(change, Untold):
        return change
    shown = (row.known or 0) + change.if_lost
    about = f"{system}:{row.known}:{row.begun}:{shown}"
    chosen = answer(ledger, about)
    if chosen in {"arrived", "lost"}:
        return change.if_arrived if chosen == "arrived" else change.if_lost
    raise held(
        question(
            ledger,
            f"{system} shows {shown} points. Our {row.begun} for the {row.known or 0} before got no answer: "
            f"{change.if_arrived:+d} moved there where it had arrived, {change.if_lost:+d} where it had not.",
            ["arrived", "lost"],
            about=about,
        )
    )


def question(ledger: Ledger, sentence: str, choices: list[str], *, about: str) -> Violation:
    """Ask a person; what is asked is kept, so that an answer is about exactly this."""
    ledger.context.learn(facts={**ledger.context.record.facts, "asks": choices, "about": about})
    return Violation(
        code="points_differ",
        sentence=sentence,
        field="points",
        value=ledger.side.external_id,
        fix="Say which it was, on the page of this account's points.",
        fix_page=f"points/{ledger.side.external_id}",
    )


def answer(ledger: Ledger, about: str) -> str:
    """What a person said of exactly this; "" while nobody did."""
    told = ledger.context.record.facts.get("answer") or {}
    return str(told["choice"]) if told.get("about") == about else ""


def follow_orders(ledger: Ledger) -> None:
    """Bring what orders moved to what they are worth now: those that Heartland holds, and that were paid for once."""
    context, buyers = ledger.context, accounts_of(ledger)
    rows = OrderPoints.objects.filter(connection=context.connection, buyer__in=buyers).order_by("placed_at")
    worths = {row.external_id: row for row in rows}
    give_away(ledger, buyers)
    if not worths:
        return
    orders = Record.objects.filter(connection=context.connection, flow="orders", external_id__in=worths)
    states = {one.external_id: one for one in orders.only("external_id", "disposition", "booked_at")}
    counted: Counter[tuple[str, str]] = Counter()
    for order, why, points in PointsMovement.objects.filter(
        account=ledger.account, order__in=[order_key(context, one) for one in worths]
    ).values_list("order", "why", "points"):
        counted[order, why] += points
    for external_id, row in worths.items():
        record, key = states.get(external_id), order_key(context, external_id)
        has_moved = any(counted[key, why] for why in OF_ORDERS)
        if record is None or record.booked_at is None or not (row.is_paid or has_moved):
            continue
        is_off = record.disposition == Record.Disposition.CANCELLED
        for why, wanted in ((Cause.SPENT, -row.spent), (Cause.EARNED, row.earned)):
            change = (0 if is_off else wanted) - counted[key, why]
            on = row.placed_at.astimezone(context.zone).date() if not has_moved else context.today
            ledger.move(change, why, f"{why}:{key}", order=key, on=on)


def accounts_of(ledger: Ledger) -> set[str]:
    """The store's accounts of this person, those that were merged into them too."""
    connection = ledger.context.connection
    sides = PointsSide.objects.filter(connection=connection, account=ledger.account)
    living = {ledger.context.external_id, *sides.values_list("external_id", flat=True)}
    merged = CustomerIdentity.objects.filter(connection=connection, merged_into__in=living)
    return living | set(merged.values_list("account_id", flat=True))


def give_away(ledger: Ledger, buyers: set[str]) -> None:
    """Take back what orders moved here that the store calls somebody else's by now: there they count."""
    context = ledger.context
    mine, beginning = PointsMovement.objects.filter(account=ledger.account), order_key(context, "")
    moved_by = mine.filter(why__in=OF_ORDERS, order__startswith=beginning).values_list("order", flat=True).distinct()
    ids = [one.removeprefix(beginning) for one in moved_by]
    others = OrderPoints.objects.filter(connection=context.connection, external_id__in=ids).exclude(buyer__in=buyers)
    for external_id in others.values_list("external_id", flat=True):
        key = order_key(context, external_id)
        for why in OF_ORDERS:
            counted = mine.filter(order=key, why=why).aggregate(sum=Sum("points"))["sum"] or 0
            ledger.move(-counted, why, f"{why}:{key}", order=key)


def order_key(context: PointsContext, external_id: str) -> str:
    return f"{context.connection.pk}:{external_id}"


def expire(ledger: Ledger) -> None:
    """Take off what is left of points whose last day is over."""
    for day, points in expiring(movements_of(ledger.account), ledger.context.today).items():
        ledger.move(-points, Cause.EXPIRED, f"expired:{day}")


def movements_of(account: PointsAccount) -> list[Movement]:
    """In the order in which they were counted."""
    rows = PointsMovement.objects.filter(account=account).order_by("at", "pk")
    return [
        Movement(points=one.points, cause=Cause(one.why), on=one.on, order=one.order, expires_on=one.expires_on)
        for one in rows
    ]


def follow_tier(ledger: Ledger) -> None:
    """The tier that was earned within twelve months; what was spent takes nothing off it."""
    context, side = ledger.context, ledger.side
    if not context.settings.tiers:
        return
    earned = earned_lately(movements_of(ledger.account), context.today)
    falls, before = context.settings.tiers_fall, side.tier
    tier = tier_of(earned, context.settings.levels, before=before, falls=falls)
    if (name := tier.name if tier else "") == before:
        return
    side.tier, side.is_group_due = name, True
    side.save(update_fields=["tier", "is_group_due"])
    context.decide(f"{earned} points earned in twelve months: {name or 'no tier'}.")
    audit(
        merchant=context.connection.merchant, actor=None, action="loyalty.tier_changed", subject=context.connection,
        account=context.external_id, before=before or "none", after=name or "none", earned=earned,
    )  # fmt: skip


def points_answer(*, record: Record, choice: str, actor: User) -> None:
    """A person says what nobody can tell. Raises ConfigurationFailure where that is not asked any more."""
    with transaction.atomic():
        row = Record.objects.select_for_update().get(pk=record.pk)
        if choice not in row.facts.get("asks", []) or row.facts.get("about") != record.facts.get("about"):
            raise ConfigurationFailure("This is not asked any more: look at the page again.")
        row.facts = row.facts | {"answer": {"choice": choice, "about": row.facts["about"]}}
        row.save(update_fields=["facts"])
        audit(
            merchant=row.connection.merchant, actor=actor, action="loyalty.answered", subject=row.connection,
            account=row.external_id, choice=ANSWERS[choice],
        )  # fmt: skip

"""Showing the balance on both sides: begun before it is written, known once it is seen there."""

from collections.abc import Callable

from errors.failures import TransientFailure
from ipaas import failpoints
from syncjobs.flows.base import Outcome
from syncjobs.flows.points.points_context import NAME, PointsContext
from syncjobs.flows.points.read_points import points_of
from syncjobs.models import PointsAccount, PointsSide, Record


def write(context: PointsContext) -> Outcome:
    """One call for each field that shows another number, one for another tier's group; ends the run."""
    balance, settings = context.account.balance, context.settings

    def in_heartland() -> None:
        custom = {settings.heartland_field: str(balance)}
        context.heartland.customer_update(context.customer_id, custom=custom)

    def in_store() -> None:
        context.store.loyalty.points_write(context.external_id, settings.store_field, balance)

    show(context, context.account, context.in_heartland, in_heartland, lambda: seen_in_heartland(context))
    show(context, context.side, context.in_store, in_store, lambda: seen_in_store(context))
    write_group(context)
    others = PointsSide.objects.filter(connection=context.connection, account=context.account).exclude(known=balance)
    context.others += [(NAME, one) for one in others.values_list("external_id", flat=True)]
    tier = f", {context.side.tier}" if context.side.tier else ""
    return Outcome(disposition=Record.Disposition.BOOKED, sentence=f"{balance} points on both sides{tier}.")


def show(
    context: PointsContext,
    row: PointsAccount | PointsSide,
    shown: int | None,
    writes: Callable[[], None],
    looks: Callable[[], int | None],
) -> None:
    """Have one field show the balance. After a lost answer it is looked at at once: what others did since is theirs."""
    balance = context.account.balance
    if shown == balance:
        return
    row.begun, row.begun_at = balance, context.now
    row.save(update_fields=["begun", "begun_at"])
    failpoints.passing("points.begun")
    try:
        writes()
    except TransientFailure:
        if looks() != balance:
            raise
    failpoints.passing("points.written")
    row.known, row.begun, row.begun_at = balance, None, None
    row.save(update_fields=["known", "begun", "begun_at"])


def seen_in_heartland(context: PointsContext) -> int | None:
    customer = context.heartland.customer_read(context.customer_id)
    shown = (customer.get("custom") or {}).get(context.settings.heartland_field)
    return points_of(str(shown or ""), "Heartland's field")


def seen_in_store(context: PointsContext) -> int | None:
    member = context.store.loyalty.member(context.external_id, context.settings.store_field)
    return points_of(member.points if member else "", f"{context.store_name}'s field")


def write_group(context: PointsContext) -> None:
    """Move the account to the group of its tier, once after the tier changed.

    A group that is no tier's, and not that of everybody below, was given for another reason: it stays.
    """
    side, settings = context.side, context.settings
    if not side.is_group_due:
        return
    groups = {one.name: one.group for one in settings.levels}
    wanted = groups.get(side.tier, settings.base_group)
    if wanted and wanted != context.group:
        if context.group in {*groups.values(), settings.base_group, ""}:
            context.store.loyalty.group_write(context.external_id, wanted)
            context.decide(f"The account is in the group of {side.tier or 'everybody'} now.")
        else:
            context.decide(f"The store's group {context.group} is no tier's: it stays.")
    side.is_group_due = False
    side.save(update_fields=["is_group_due"])

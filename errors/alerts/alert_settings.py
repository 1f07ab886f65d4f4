"""What people set of alerts: rules and channels for the merchant, each an entry of the trail; and for themselves."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import transaction
from django.urls import reverse

from connections.audit import audit
from connections.models import Merchant, User
from errors.alerts.alert_rules import rules_of
from errors.alerts.alert_words import Content
from errors.alerts.outbox import Target, message_put
from errors.alerts.quiet_hours import DIGEST_AT
from errors.alerts.sending import address_checked, new_secret
from errors.alerts.targets import subscription_of
from errors.failures import ConfigurationFailure
from errors.models import AlertChannel, AlertKind, AlertMessage, AlertNotice, AlertRule, AlertSubscription

MOST_CHANNELS = 20


class TooManyChannels(ConfigurationFailure):
    """A merchant has as many channels as it may."""

    code = "too_many_channels"


@transaction.atomic
def rule_save(
    *,
    merchant: Merchant,
    kind: AlertKind,
    is_on: bool,
    threshold: Decimal,
    escalate_minutes: int | None,
    actor: User,
) -> bool:
    """Save a rule; answers whether that changed anything."""
    Merchant.objects.select_for_update(no_key=True).get(pk=merchant.pk)
    before = rules_of(merchant)[kind]
    wanted = {"is_on": is_on, "threshold": threshold, "escalate_minutes": escalate_minutes}
    changes = {
        name: {"was": _plain(getattr(before, name)), "is": _plain(value)}
        for name, value in wanted.items()
        if getattr(before, name) != value
    }
    if not changes:
        return False
    AlertRule.objects.update_or_create(merchant=merchant, kind=kind, defaults=wanted)
    audit(merchant=merchant, actor=actor, action="alerts.rule_changed", subject=kind.label, **changes)
    return True


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Decimal) else value


@transaction.atomic
def channel_add(
    *,
    merchant: Merchant,
    kind: str,
    name: str,
    address: str,
    kinds: Sequence[str],
    quiet_from: time | None,
    quiet_until: time | None,
    actor: User,
) -> AlertChannel:
    """Add a channel; a webhook gets a secret to sign by. Raises AddressRefused or TooManyChannels."""
    kept = address_checked(kind, address)
    Merchant.objects.select_for_update(no_key=True).get(pk=merchant.pk)
    if AlertChannel.objects.filter(merchant=merchant).count() >= MOST_CHANNELS:
        raise TooManyChannels(f"{MOST_CHANNELS} channels are the most: remove one first.")
    channel = AlertChannel.objects.create(
        merchant=merchant,
        kind=kind,
        name=name,
        address=kept,
        secret=new_secret() if kind == AlertChannel.Kind.WEBHOOK else "",
        kinds=sorted(kinds),
        quiet_from=quiet_from,
        quiet_until=quiet_until,
    )
    audit(merchant=merchant, actor=actor, action="alerts.channel_added", subject=name, kind=kind, told_of=channel.kinds)
    return channel


@transaction.atomic
def channel_switch(*, channel: AlertChannel, is_on: bool, actor: User) -> bool:
    """Let a channel hear alerts or not; what waited for it is not told later. Answers whether that changed anything."""
    changed = AlertChannel.objects.filter(pk=channel.pk, is_on=not is_on)
    if not changed.update(is_on=is_on, failing_since=None, failure=""):
        return False
    if not is_on:
        AlertNotice.objects.filter(channel=channel, message=None).delete()
    action = "alerts.channel_switched_on" if is_on else "alerts.channel_switched_off"
    audit(merchant=channel.merchant, actor=actor, action=action, subject=channel.name)
    return True


@transaction.atomic
def channel_remove(*, channel: AlertChannel, actor: User) -> None:
    """Forget a channel with its address and secret."""
    deleted, _ = AlertChannel.objects.filter(pk=channel.pk).delete()
    if deleted:
        audit(merchant=channel.merchant, actor=actor, action="alerts.channel_removed", subject=channel.name)


@transaction.atomic
def channel_test(*, channel: AlertChannel, actor: User, now: datetime) -> AlertMessage:
    """Put a test message on its way, as any other goes."""
    words = Content(
        title=f"{channel.merchant}: a test",
        lines=[f"This is a test of Tillbridge's alerts, sent by {actor.get_full_name() or actor.email}."],
        path=reverse("alerts", args=[channel.merchant.public_id]),
        alerts=[],
    )
    target = Target(channel=channel.pk, person=None)
    return message_put(channel.merchant, target, AlertMessage.Reason.TEST, words, now)


def subscription_save(
    *,
    merchant: Merchant,
    person: User,
    by_mail: bool,
    kinds: Sequence[str],
    quiet_from: time | None,
    quiet_until: time | None,
    digest: bool,
    now: datetime,
) -> None:
    """Keep what a person wants to hear. A digest begins with the next eight o'clock."""
    row, _ = AlertSubscription.objects.get_or_create(merchant=merchant, person=person)
    local = now.astimezone(ZoneInfo(merchant.time_zone))
    if digest and not row.digest:
        is_over = local.time() >= DIGEST_AT
        row.digest_on = local.date() if is_over else local.date() - timedelta(days=1)
    row.by_mail, row.kinds, row.digest = by_mail, sorted(kinds), digest
    row.quiet_from, row.quiet_until = quiet_from, quiet_until
    row.save(update_fields=["by_mail", "kinds", "quiet_from", "quiet_until", "digest", "digest_on"])


def alerts_seen(*, merchant: Merchant, person: User, now: datetime) -> None:
    """Nothing that was told until now is unread any more."""
    row = subscription_of(merchant, person)
    row.seen_at = now
    if row.pk is None:
        row.save()
    else:
        row.save(update_fields=["seen_at"])

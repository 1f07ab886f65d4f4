"""What the alerts' page lists: what is so now, what was, rules with what they would have told, and channels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from connections.models import Merchant
from errors.alerts.alert_rules import WATCHED, Watched, rules_of
from errors.alerts.alert_words import impact
from errors.alerts.sending import shown
from errors.models import Alert, AlertChannel, AlertKind, AlertMessage, AlertRule
from syncjobs.pages.alerts.alert_forms import RuleForm

WEEK = timedelta(days=7)
RECENT = 30


@dataclass(frozen=True, kw_only=True)
class AlertRow:
    """An incident that people were told of."""

    alert: Alert
    impact: str
    is_unread: bool


@dataclass(frozen=True, kw_only=True)
class RuleRow:
    """A rule with its form and what it would have told."""

    rule: AlertRule
    watched: Watched
    form: RuleForm
    fired: int  # times in the last week at `tried`
    tried: Decimal


@dataclass(frozen=True, kw_only=True)
class ChannelRow:
    """A channel with what came of its newest message."""

    channel: AlertChannel
    host: str
    newest: AlertMessage | None


def alert_rows(merchant: Merchant, seen_at: datetime | None, now: datetime) -> tuple[list[AlertRow], list[AlertRow]]:
    """Those that are open, the newest first, and the last that are over."""
    told = Alert.objects.filter(merchant=merchant, told_at__isnull=False).select_related("connection__store")
    rows = [*told.filter(closed_at=None).order_by("-told_at", "-pk")[:200]]
    past = [*told.filter(closed_at__isnull=False).order_by("-told_at", "-pk")[:RECENT]]

    def row(alert: Alert) -> AlertRow:
        is_unread = bool(alert.told_at and (seen_at is None or alert.told_at > seen_at))
        return AlertRow(alert=alert, impact=impact(alert, now), is_unread=is_unread)

    return [row(one) for one in rows], [row(one) for one in past]


def fired(merchant: Merchant, kind: AlertKind, threshold: Decimal, now: datetime) -> int:
    """How often a rule with this threshold would have told people in the last seven days, by what was written down."""
    began = Alert.objects.filter(merchant=merchant, kind=kind, opened_at__gt=now - WEEK)
    return began.filter(peak__gte=threshold).count()


def watched_since(merchant: Merchant, now: datetime) -> datetime:
    """From when on there is something to count: the merchant's beginning, a week at most."""
    return max(merchant.created_at, now - WEEK)


def rule_rows(
    merchant: Merchant, tried: Mapping[str, Decimal], forms: Mapping[str, RuleForm], now: datetime
) -> list[RuleRow]:
    """Every rule; `tried` holds thresholds that somebody wants to know of before saving, `forms` refused ones."""
    rows = []
    for kind, rule in rules_of(merchant).items():
        threshold = tried.get(kind, rule.threshold)
        initial = {
            "is_on": rule.is_on,
            "threshold": f"{threshold.normalize():f}",
            "escalate_minutes": rule.escalate_minutes,
        }
        form = forms.get(kind) or RuleForm(initial=initial, auto_id=f"{kind}-%s")
        count = fired(merchant, kind, threshold, now)
        rows.append(RuleRow(rule=rule, watched=WATCHED[kind], form=form, fired=count, tried=threshold))
    return rows


def channel_rows(merchant: Merchant) -> list[ChannelRow]:
    rows: Sequence[AlertChannel] = list(AlertChannel.objects.filter(merchant=merchant).order_by("name", "pk"))
    newest = {
        one.channel_id: one
        for one in AlertMessage.objects.filter(channel__in=rows).order_by("channel", "-created_at").distinct("channel")
    }
    return [ChannelRow(channel=one, host=shown(one), newest=newest.get(one.pk)) for one in rows]

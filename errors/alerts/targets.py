"""Who hears of what: channels of the merchant, and its people by mail."""

from collections.abc import Set as AbstractSet

from connections.models import Membership, Merchant, User
from errors.alerts.alert_rules import MAILED, MAILED_TO
from errors.models import AlertChannel, AlertKind, AlertSubscription


def subscription_of(merchant: Merchant, person: User) -> AlertSubscription:
    """What the person chose; until then, unsaved, what their role suggests."""
    row = AlertSubscription.objects.filter(merchant=merchant, person=person).first()
    if row is not None:
        return row
    role = Membership.objects.filter(merchant=merchant, user=person).values_list("role", flat=True).first()
    return AlertSubscription(merchant=merchant, person=person, by_mail=role in MAILED_TO, kinds=MAILED)


def targets_of(merchant: Merchant, kind: AlertKind) -> tuple[AbstractSet[int], AbstractSet[int]]:
    """Ids of the channels and of the people that are told of a kind. A channel hears nothing of channels that fail."""
    channels = AlertChannel.objects.filter(merchant=merchant, is_on=True)
    heard = set() if kind == AlertKind.CHANNEL else {row.pk for row in channels if kind in row.kinds}
    chosen = {row.person_id: row for row in AlertSubscription.objects.filter(merchant=merchant)}
    people = {
        member.user_id
        for member in Membership.objects.filter(merchant=merchant, user__is_active=True)
        if _is_mailed(chosen.get(member.user_id), member.role, kind)
    }
    return heard, people


def _is_mailed(chosen: AlertSubscription | None, role: str, kind: AlertKind) -> bool:
    """By what the person chose; until then by the role."""
    if chosen is None:
        return role in MAILED_TO and kind in MAILED
    return chosen.by_mail and kind in chosen.kinds

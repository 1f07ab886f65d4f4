"""Support access: staff ask with a reason, an owner gives it for some hours, all of the merchant see it."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from connections.audit import audit
from connections.models import Merchant, SupportGrant, User
from errors.failures import ConfigurationFailure
from ipaas.cards import mask

ONE_LOOK = timedelta(minutes=10)


class NotOpen(ConfigurationFailure):
    """The grant ended meanwhile, or was given already."""

    code = "support_not_open"


@transaction.atomic
def support_ask(*, merchant: Merchant, staff: User, reason: str, now: datetime) -> SupportGrant:
    """Ask a merchant's owners to let a member of staff look; asking again while it is open says nothing new."""
    Merchant.objects.select_for_update().get(pk=merchant.pk)
    SupportGrant.objects.filter(merchant=merchant, staff=staff, until__lte=now, ended_at=None).update(ended_at=now)
    grant, is_new = SupportGrant.objects.get_or_create(
        merchant=merchant, staff=staff, ended_at=None, defaults={"reason": mask(reason)[:300], "asked_at": now}
    )
    if is_new:
        audit(merchant=merchant, actor=staff, action="support.asked", subject=staff, reason=grant.reason)
    return grant


@transaction.atomic
def support_give(*, grant: SupportGrant, actor: User, hours: int, now: datetime) -> None:
    """Let the member of staff look, and nothing else, until so many hours from now. Raises NotOpen."""
    until = now + timedelta(hours=max(1, min(hours, settings.SUPPORT_HOURS)))
    waiting = SupportGrant.objects.filter(pk=grant.pk, given_at=None, ended_at=None)
    if not waiting.update(given_by=actor, given_at=now, until=until):
        raise NotOpen("This request was answered already.")
    audit(merchant=grant.merchant, actor=actor, action="support.given", subject=grant.staff, until=until.isoformat())


@transaction.atomic
def support_end(*, grant: SupportGrant, actor: User, now: datetime) -> None:
    """Refuse what was asked for, or end what was given, from the next request on."""
    if SupportGrant.objects.filter(pk=grant.pk, ended_at=None).update(ended_at=now):
        action = "support.ended" if grant.given_at else "support.refused"
        audit(merchant=grant.merchant, actor=actor, action=action, subject=grant.staff)


def support_looked(*, staff: User, page: str, now: datetime) -> None:
    """Note a page that staff saw while a merchant lets them look; parts of it refresh themselves and are no news."""
    for grant in SupportGrant.objects.live(now).filter(staff=staff).select_related("merchant"):
        noted = grant.merchant.audit_entries.filter(actor=staff, action="support.looked", subject=page)
        if not noted.filter(at__gt=max(now - ONE_LOOK, grant.given_at or now)).exists():
            audit(merchant=grant.merchant, actor=staff, action="support.looked", subject=page)

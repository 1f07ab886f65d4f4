"""Invitations of people to a merchant: sent, sent again, withdrawn, accepted once.

Whoever invites learns nothing of the address: it is answered alike whether somebody here has it or nobody. Only who
opens the mail sees whether to log in or to choose a password.
"""

import secrets
from datetime import datetime

from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from connections.audit import audit, audit_person
from connections.models import Invitation, Membership, Merchant, Role, User
from connections.models.invitations import LASTS
from connections.notices import absolute, mail
from connections.permissions import MEANINGS
from connections.services.people import membership_set
from connections.signin.person_of_address import person_of
from errors.failures import ConfigurationFailure

SALT = "connections.invitation"


class IsMember(ConfigurationFailure):
    """Who is invited belongs to the merchant already."""

    code = "is_member"


class InvitationVoid(ConfigurationFailure):
    """The link was used, withdrawn, replaced by a newer one, or is too old."""

    code = "invitation_void"


class NotTheirs(ConfigurationFailure):
    """Somebody else than the invited person is logged in, or has the address by now."""

    code = "invitation_not_theirs"


def invitation_send(*, merchant: Merchant, email: str, role: Role, actor: User, now: datetime) -> Invitation:
    """Mail a link that lets its reader in for a week; one sent before to the same address is void.

    Raises IsMember. `mailed_at` of the answer is None where the mail server did not take the mail.
    """
    email = email.strip().lower()
    with transaction.atomic():
        Merchant.objects.select_for_update().get(pk=merchant.pk)
        if Membership.objects.filter(merchant=merchant, user__email__iexact=email).exists():
            raise IsMember(f"{email} belongs to {merchant} already: change the role in the list.")
        row, is_new = Invitation.objects.update_or_create(
            merchant=merchant,
            email=email,
            defaults={
                "role": role, "nonce": secrets.token_urlsafe(24), "invited_by": actor, "invited_at": now,
                "expires_at": now + LASTS, "mailed_at": None,
            },
        )  # fmt: skip
        action = "member.invited" if is_new else "member.invited_again"
        audit(merchant=merchant, actor=actor, action=action, subject=email, role=str(role))
    if _mail(row):
        row.mailed_at = now
        Invitation.objects.filter(pk=row.pk, nonce=row.nonce).update(mailed_at=now)
    return row


@transaction.atomic
def invitation_withdraw(*, invitation: Invitation, actor: User | None) -> bool:
    """Make the link void; answers whether it still was one."""
    deleted, _ = Invitation.objects.filter(pk=invitation.pk).delete()
    if deleted:
        audit(merchant=invitation.merchant, actor=actor, action="member.invitation_withdrawn", subject=invitation.email)
    return bool(deleted)


def invitation_seen(*, token: str) -> Invitation | None:
    """The invitation that a link belongs to, if the link still works."""
    return _opened(token, lock=False)


@transaction.atomic
def invitation_accept(*, token: str, person: User) -> Membership:
    """Let the person in at whom the invitation is addressed. Raises InvitationVoid or NotTheirs."""
    invitation = _opened(token, lock=True)
    if invitation is None:
        raise InvitationVoid("This invitation no longer works.")
    if person.email.lower() != invitation.email or not person.is_active:
        raise NotTheirs("This invitation is addressed to somebody else.")
    return _let_in(invitation, person)


@transaction.atomic
def invitation_accept_new(*, token: str, first_name: str, last_name: str, password: str) -> Membership:
    """Make an account for an address that has none, and let it in: the link in the mail has proven the address.

    Raises InvitationVoid, or NotTheirs where somebody has the address by now.
    """
    invitation = _opened(token, lock=True)
    if invitation is None:
        raise InvitationVoid("This invitation no longer works.")
    if person_of(invitation.email):
        raise NotTheirs("Somebody has this address here by now: log in with it.")
    person = User(email=invitation.email, username=invitation.email, first_name=first_name, last_name=last_name)
    person.set_password(password)
    person.save()
    audit_person(actor=person, action="person.joined", subject=person)
    return _let_in(invitation, person)


def _let_in(invitation: Invitation, person: User) -> Membership:
    """Once: the row goes with it. A role that the person got meanwhile stays."""
    merchant = invitation.merchant
    invitation.delete()
    known = Membership.objects.filter(merchant=merchant, user=person).first()
    return known or membership_set(merchant=merchant, person=person, role=Role(invitation.role), actor=person)


def _opened(token: str, *, lock: bool) -> Invitation | None:
    try:
        nonce = signing.loads(token, salt=SALT, max_age=LASTS)
    except signing.BadSignature:
        return None
    rows = Invitation.objects.select_for_update(of=("self",)) if lock else Invitation.objects.all()
    return rows.select_related("merchant", "invited_by").filter(nonce=nonce, expires_at__gt=timezone.now()).first()


def _mail(row: Invitation) -> bool:
    token = signing.dumps(row.nonce, salt=SALT)
    return mail(
        row.email,
        f"You are invited to {row.merchant} on Tillbridge",
        "mail/invitation.txt",
        row=row,
        meaning=MEANINGS[Role(row.role)],
        url=absolute(reverse("team_join", args=[token])),
    )

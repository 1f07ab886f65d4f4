"""People, their roles at merchants, and what platform staff write: each change with what was and what is."""

import getpass
from collections.abc import Mapping
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.db import transaction

from connections.audit import audit, audit_person
from connections.models import Invitation, Membership, Merchant, Role, User
from connections.notices import account_notice
from connections.services.address import address_change_cancel
from connections.services.sessions import sessions_end
from connections.signin.reset import reset_mail
from errors.failures import ConfigurationFailure

Changes = Mapping[str, Any]  # field → {"was": …, "is": …}


class LastOwner(ConfigurationFailure):
    """A merchant without an owner could neither connect nor disconnect anything."""

    code = "last_owner"


@transaction.atomic
def membership_set(*, merchant: Merchant, person: User, role: Role, actor: User | None) -> Membership:
    """Let a person in at a merchant, or give them another role. Raises LastOwner."""
    _lock(merchant)
    row, is_new = Membership.objects.get_or_create(user=person, merchant=merchant, defaults={"role": role})
    if not is_new and row.role == role:
        return row
    was = None if is_new else row.role
    if was == Role.OWNER:
        _keep_an_owner(row)
        _invitations_void(row, actor)
    row.role = role
    row.save(update_fields=["role"])
    action = "member.added" if is_new else "member.role_changed"
    audit(merchant=merchant, actor=actor, action=action, subject=person, role={"was": was, "is": str(role)})
    if actor:
        _tell(person.email, f"Your role at {merchant} is now: {role.label}.")
    return row


@transaction.atomic
def membership_remove(*, membership: Membership, actor: User | None) -> None:
    """Take a person's way in away; from their next request on nothing of the merchant is there. Raises LastOwner."""
    merchant = membership.merchant
    _lock(merchant)
    row = Membership.objects.filter(pk=membership.pk).select_related("user").first()
    if row is None:
        return
    if row.role == Role.OWNER:
        _keep_an_owner(row)
    person, was = row.user, row.role
    _invitations_void(row, actor)
    row.delete()
    audit(merchant=merchant, actor=actor, action="member.removed", subject=person, role={"was": was, "is": None})
    if actor:
        _tell(person.email, f"You no longer belong to {merchant}.")


def member_sessions_end(*, membership: Membership, actor: User) -> int:
    """End every session of a merchant's person; answers how many. They may log in again."""
    count = sessions_end(person=membership.user)
    audit(
        merchant=membership.merchant,
        actor=actor,
        action="member.sessions_ended",
        subject=membership.user,
        sessions=count,
    )
    if count:
        _tell(membership.user.email, f"An owner of {membership.merchant} ended your sessions. Log in again.")
    return count


def _invitations_void(leaving: Membership, actor: User | None) -> None:
    """Nobody comes in any more by the word of who may no longer invite."""
    for row in Invitation.objects.filter(merchant=leaving.merchant, invited_by=leaving.user).order_by("pk"):
        row.delete()
        audit(merchant=leaving.merchant, actor=actor, action="member.invitation_withdrawn", subject=row.email)


def _lock(merchant: Merchant) -> None:
    """Changes of a merchant's people wait for each other: two at once cannot take the last two owners."""
    Merchant.objects.select_for_update().get(pk=merchant.pk)


def _keep_an_owner(leaving: Membership) -> None:
    others = Membership.objects.filter(merchant=leaving.merchant, role=Role.OWNER, user__is_active=True)
    if not others.exclude(pk=leaving.pk).exists():
        raise LastOwner(f"{leaving.user} is the last owner of {leaving.merchant}: make somebody else owner first.")


def _keep_owners(leaving: User) -> None:
    """Every merchant of theirs has another owner who can log in. Raises LastOwner."""
    owned = Membership.objects.filter(user=leaving, role=Role.OWNER).select_related("merchant")
    for row in owned.order_by("merchant"):
        _lock(row.merchant)
        _keep_an_owner(row)


@transaction.atomic
def person_add(*, person: User, changes: Changes, actor: User) -> None:
    """Add a person without a password: a link to set one is mailed to them."""
    person.email = person.username = person.email.lower()
    person.set_unusable_password()
    person.save()
    audit_person(actor=actor, action="person.added", subject=person, **dict(changes))
    transaction.on_commit(lambda: reset_mail(person, person.email))


@transaction.atomic
def person_change(*, person: User, changes: Changes, actor: User) -> None:
    """Save what staff wrote about a person's account: noted, told to the person, and their sessions end.

    Raises LastOwner when somebody who is switched off leaves a merchant without an owner.
    """
    if not changes:
        return
    if not person.is_active:
        _keep_owners(person)
    person.save()
    audit_person(actor=actor, action="person.changed", subject=person, **dict(changes))
    if "email" in changes:
        address_change_cancel(person=person)
    sessions_end(person=person)
    words = ", ".join(sorted(changes)).replace("_", " ")
    for email in sorted({person.email, str(changes.get("email", {}).get("was", person.email))}):
        _tell(email, f"Our support changed: {words}.")


def password_link_mail(*, person: User, actor: User) -> None:
    """Mail a person the link by which they set a new password."""
    audit_person(actor=actor, action="person.password_link_mailed", subject=person)
    reset_mail(person, person.email)


@transaction.atomic
def factors_remove(*, person: User, actor: User) -> None:
    """Take second factors from a person who lost them; whoever asks for one has it set up anew."""
    Authenticator.objects.filter(user=person).delete()
    sessions_end(person=person)
    audit_person(actor=actor, action="person.factors_removed_by_support", subject=person)
    _tell(person.email, "Our support removed your second factors.")


def password_set(*, person: User) -> None:
    """Note that somebody on the server set a person's password, and tell the person."""
    address_change_cancel(person=person)
    audit_person(actor=None, action="person.password_set_by_command", subject=person, by=getpass.getuser())
    _tell(person.email, "Your password was set anew by whoever runs our servers.")


def superuser_made(*, person: User) -> None:
    """Note that somebody on the server made a person who may do everything."""
    audit_person(actor=None, action="person.superuser_made_by_command", subject=person, by=getpass.getuser())


def sessions_end_for(*, person: User, actor: User) -> None:
    """End a person's sessions from outside."""
    sessions_end(person=person)
    audit_person(actor=actor, action="person.sessions_ended_by_support", subject=person)


@transaction.atomic
def second_factor_demand(*, merchant: Merchant, is_needed: bool, actor: User) -> bool:
    """Let nobody see the merchant without a second factor, or let them again; answers whether that changed anything."""
    changed = Merchant.objects.filter(pk=merchant.pk, needs_second_factor=not is_needed)
    if not changed.update(needs_second_factor=is_needed):
        return False
    audit(
        merchant=merchant,
        actor=actor,
        action="merchant.second_factor",
        subject=merchant,
        second_factor={"was": not is_needed, "is": is_needed},
    )
    return True


def _tell(email: str, what: str) -> None:
    transaction.on_commit(lambda: account_notice(None, email, what))


def merchant_saved(*, merchant: Merchant, changes: Changes, actor: User | None, is_new: bool) -> None:
    """Note what was written about a merchant."""
    if changes or is_new:
        action = "merchant.added" if is_new else "merchant.changed"
        audit(merchant=merchant, actor=actor, action=action, subject=merchant, **dict(changes))


def group_saved(*, group: Group, changes: Changes, actor: User | None, verb: str) -> None:
    """Note what was written about a group of staff, whose members get its rights."""
    audit_person(actor=actor, action=f"group.{verb}", subject=group, **dict(changes))

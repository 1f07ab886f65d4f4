"""People, their roles at merchants, and what platform staff write: each change with what was and what is."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction

from connections.audit import audit, audit_person
from connections.models import Membership, Merchant, Role, User
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
    row.role = role
    row.save(update_fields=["role"])
    action = "member.added" if is_new else "member.role_changed"
    audit(merchant=merchant, actor=actor, action=action, subject=person, role={"was": was, "is": str(role)})
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
    row.delete()
    audit(merchant=merchant, actor=actor, action="member.removed", subject=person, role={"was": was, "is": None})


def _lock(merchant: Merchant) -> None:
    """Changes of a merchant's people wait for each other: two at once cannot take the last two owners."""
    Merchant.objects.select_for_update().get(pk=merchant.pk)


def _keep_an_owner(leaving: Membership) -> None:
    others = Membership.objects.filter(merchant=leaving.merchant, role=Role.OWNER, user__is_active=True)
    if not others.exclude(pk=leaving.pk).exists():
        raise LastOwner(f"{leaving.user} is the last owner of {leaving.merchant}: make somebody else owner first.")


def person_saved(*, person: User, changes: Changes, actor: User | None, is_new: bool) -> None:
    """Note what staff wrote about a person's account."""
    if changes or is_new:
        audit_person(
            actor=actor, action="person.added" if is_new else "person.changed", subject=person, **dict(changes)
        )


def password_set(*, person: User, actor: User | None) -> None:
    """Note that staff gave a person another password."""
    audit_person(actor=actor, action="person.password_set", subject=person)


def merchant_saved(*, merchant: Merchant, changes: Changes, actor: User | None, is_new: bool) -> None:
    """Note what was written about a merchant."""
    if changes or is_new:
        action = "merchant.added" if is_new else "merchant.changed"
        audit(merchant=merchant, actor=actor, action=action, subject=merchant, **dict(changes))


def group_saved(*, group: Group, changes: Changes, actor: User | None, verb: str) -> None:
    """Note what was written about a group of staff, whose members get its rights."""
    audit_person(actor=actor, action=f"group.{verb}", subject=group, **dict(changes))

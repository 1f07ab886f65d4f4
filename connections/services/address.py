"""The one address of a person, and how it changes: both the former and the new one say yes, or nothing happens."""

import secrets
from enum import StrEnum

from django.core import signing
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from connections.audit import audit_person
from connections.models import AddressChange, User
from connections.notices import absolute, account_notice, mail
from connections.services.sessions import sessions_end

SALT = "connections.address"
SECONDS = 24 * 3600  # a link works


class Answer(StrEnum):
    """What a link did."""

    VOID = "void"  # forged, too old, used, or of a change that was taken back
    HALF = "half"  # the other address still has to say yes
    DONE = "done"
    TAKEN = "taken"  # somebody else came to have the address meanwhile


def address_change_ask(*, person: User, new_email: str) -> None:
    """Mail a link to both addresses; a wish before this one is void.

    An address that somebody else has gets a mail without a link: it looks the same to whoever asked.
    """
    new_email = new_email.strip().lower()
    change, _ = AddressChange.objects.update_or_create(
        person=person,
        defaults={
            "new_email": new_email,
            "nonce": secrets.token_urlsafe(24),
            "asked_at": timezone.now(),
            "old_said_yes_at": None,
            "new_said_yes_at": None,
        },
    )
    audit_person(actor=person, action="person.address_change_asked", subject=person)
    old, new = (absolute(reverse("account_address_confirm", args=[_token(change, side)])) for side in ("old", "new"))
    mail(person.email, "Confirm the new address of your Tillbridge account", "mail/address_old.txt",
         new_email=new_email, url=old)  # fmt: skip
    template = "mail/address_taken.txt" if _is_taken(new_email, person) else "mail/address_new.txt"
    mail(new_email, "Confirm the new address of your Tillbridge account", template, url=new)


def address_change_cancel(*, person: User) -> bool:
    """Take the wish back; answers whether there was one."""
    deleted, _ = AddressChange.objects.filter(person=person).delete()
    return bool(deleted)


def address_change_seen(*, token: str) -> AddressChange | None:
    """The change that a link belongs to, if the link still works."""
    change, side = _opened(token)
    return None if change is None or _said_yes(change, side) else change


def address_change_confirm(*, token: str) -> Answer:
    """One address says yes. With the second one the address changes, and every session of the person ends."""
    try:
        with transaction.atomic():
            answer, former, person = _confirm(token)
    except IntegrityError:
        return Answer.TAKEN
    if answer == Answer.DONE and person:
        sessions_end(person=person)
        for email in (former, person.email):
            account_notice(None, email, f"Its address was changed from {former} to {person.email}.")
    return answer


def _confirm(token: str) -> tuple[Answer, str, User | None]:
    change, side = _opened(token, lock=True)
    if change is None or _said_yes(change, side):
        return Answer.VOID, "", None
    setattr(change, f"{side}_said_yes_at", timezone.now())
    change.save(update_fields=[f"{side}_said_yes_at"])
    if not (change.old_said_yes_at and change.new_said_yes_at):
        return Answer.HALF, "", None
    person = User.objects.select_for_update().get(pk=change.person_id)
    if _is_taken(change.new_email, person):
        change.delete()
        return Answer.TAKEN, "", None
    former = person.email
    if person.username == former:
        person.username = change.new_email
    person.email = change.new_email
    person.save(update_fields=["email", "username"])
    change.delete()
    audit_person(actor=person, action="person.address_changed", subject=person)
    return Answer.DONE, former, person


def _is_taken(email: str, person: User) -> bool:
    return User.objects.filter(email__iexact=email).exclude(pk=person.pk).exists()


def _token(change: AddressChange, side: str) -> str:
    return signing.dumps({"nonce": change.nonce, "side": side}, salt=SALT)


def _opened(token: str, *, lock: bool = False) -> tuple[AddressChange | None, str]:
    try:
        said = signing.loads(token, salt=SALT, max_age=SECONDS)
    except signing.BadSignature:
        return None, ""
    rows = AddressChange.objects.select_for_update() if lock else AddressChange.objects.all()
    return rows.filter(nonce=said["nonce"]).first(), said["side"]


def _said_yes(change: AddressChange, side: str) -> bool:
    return bool(change.old_said_yes_at if side == "old" else change.new_said_yes_at)

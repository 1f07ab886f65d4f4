"""The audit trail's chains: what a digest covers, and whether a chain stands. Writing is `connections.audit`."""

from collections.abc import Iterator
from typing import Any

from django.db import transaction

from connections.models import AuditEntry, AuditHead, Merchant
from ipaas.chains import digest_of, follows, says_the_same

PLATFORM = "platform"  # the chain of what concerns no merchant
ROWS_AT_ONCE = 500


def chain_of(merchant: Merchant | None) -> str:
    return str(merchant.public_id) if merchant else PLATFORM


def digest(entry: Any, chain: str) -> str:
    """Over the entry before, the chain and all that the entry says. `entry` may be a migration's model."""
    return digest_of(
        [
            entry.previous, chain, entry.number, entry.at.isoformat(), entry.actor_id, entry.person_id, entry.action,
            entry.subject, entry.detail,
        ]
    )  # fmt: skip


@transaction.atomic
def seal(entries: Any, heads: Any, chain: str) -> int:
    """Put entries without a digest at the end of their chain, oldest first; answers how many.

    The version before wrote them, which runs on while this one is installed. `entries` is a queryset over the chain,
    `heads` a manager; both may be a migration's.
    """
    head, _ = heads.select_for_update().get_or_create(chain=chain)
    before = head.count
    for entry in entries.filter(number=None).order_by("pk").iterator(ROWS_AT_ONCE):
        entry.number, entry.previous = head.count + 1, head.digest
        entry.digest = digest(entry, chain)
        entry.save(update_fields=["number", "previous", "digest"])
        head.count, head.digest = entry.number, entry.digest
    head.save(update_fields=["count", "digest"])
    return int(head.count - before)


def chains() -> Iterator[Merchant | None]:
    """Every chain there may be: the platform's, then each merchant's."""
    yield None
    yield from Merchant.objects.order_by("pk")


def trail_verify(merchant: Merchant | None) -> tuple[int, str]:
    """How many entries of a chain stand from its beginning, and what is wrong with the next one; "" when all stand."""
    chain, count, previous = chain_of(merchant), 0, ""
    for entry in AuditEntry.objects.filter(merchant=merchant).order_by("number", "pk").iterator(ROWS_AT_ONCE):
        if problem := _problem(entry, chain, count + 1, previous):
            return count, problem
        count, previous = count + 1, entry.digest
    head = AuditHead.objects.filter(chain=chain).first() or AuditHead(count=0, digest="")
    if (head.count, head.digest) != (count, previous):
        return (
            count,
            f"The trail ends with entry {count}, and {head.count} were written: its end is not the one we kept.",
        )
    return count, ""


def _problem(entry: AuditEntry, chain: str, number: int, previous: str) -> str:
    what = f"Entry {entry.number} ({entry.action}, {entry.at:%Y-%m-%d %H:%M} UTC)"
    if entry.number is None:
        return (
            f"Row {entry.pk} ({entry.action}, {entry.at:%Y-%m-%d %H:%M} UTC) bears no digest: put in past the product."
        )
    if entry.number != number:
        return f"Entry {number} is missing: {what} comes next."
    return follows(entry.previous, previous, what) or says_the_same(entry.digest, digest(entry, chain), what)


def head_is_known(head: str) -> bool:
    """Whether an entry still bears a head that was printed before, as `number:digest`."""
    number, _, end = head.partition(":")
    return number.isdigit() and AuditEntry.objects.filter(number=int(number), digest=end).exists()

"""`manage.py verify_trail`: recompute every chain of the audit trail; exit status 1 when one is broken."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from connections.audit import audit_person
from connections.models import AuditEntry, AuditHead, Merchant
from connections.trail import chain_of, chains, head_is_known, seal, trail_verify


class Command(BaseCommand):
    help = (
        "Verify the audit trail of every merchant and of the platform: name the first entry that was changed, taken "
        "out or put in. Keep the printed heads elsewhere, and give them next time: then not even the end can be cut."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--known", nargs="*", default=[], metavar="NUMBER:DIGEST", help="heads printed before")
        parser.add_argument("--seal", action="store_true", help="first chain what the version before this one wrote")

    def handle(self, *args: Any, **options: Any) -> None:
        is_broken = False
        for merchant in chains():
            if options["seal"]:
                self._seal(merchant)
            count, problem = trail_verify(merchant)
            words = "entry stands" if count == 1 else "entries stand"
            head = AuditHead.objects.filter(chain=chain_of(merchant)).first()
            end = f"Head {head.count}:{head.digest}" if head and not problem else problem
            self.stdout.write(f"{merchant or 'The platform'}: {count} {words}. {end}".rstrip())
            is_broken |= bool(problem)
        for head in options["known"]:
            if not head_is_known(head):
                self.stdout.write(f"No entry is {head}: what stood there was replaced or cut off.")
                is_broken = True
        sys.exit(int(is_broken))

    def _seal(self, merchant: Merchant | None) -> None:
        late = seal(AuditEntry.objects.filter(merchant=merchant), AuditHead.objects, chain_of(merchant))
        if late:
            audit_person(actor=None, action="trail.sealed", subject=merchant or "The platform", entries=late)

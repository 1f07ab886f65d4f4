"""`manage.py verify_proofs`: recompute every hash chain of proofs; exit status 1 when one is broken."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from connections.models import Connection
from syncjobs.proof.prove_day import chain_verify


class Command(BaseCommand):
    help = "Verify the proofs of every store: each follows the one before and says what it said when it was made."

    def handle(self, *args: Any, **options: Any) -> None:
        is_broken = False
        for connection in Connection.objects.select_related("store").order_by("pk"):
            count, problem = chain_verify(connection)
            words = "proof stands" if count == 1 else "proofs stand"
            self.stdout.write(f"{connection.store}: {count} {words}. {problem}".rstrip())
            is_broken |= bool(problem)
        sys.exit(int(is_broken))

"""`manage.py credential_rotate`: encrypt every stored secret under the first key of CREDENTIAL_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from connections.audit import audit_person
from connections.services import credentials_rotate

UNREADABLE = "{column}: {count} fit no key of CREDENTIAL_KEYS (rows {rows}): put the former key back and run this again"
NAMED = 10  # rows of each column


class Command(BaseCommand):
    help = "Encrypt every stored secret under the first key of CREDENTIAL_KEYS. Safe to run while the product works."

    def handle(self, *args: Any, **options: Any) -> None:
        done = credentials_rotate()
        counts = {column: rotation.moved for column, rotation in done.items()}
        audit_person(actor=None, action="credentials.rotated", subject="Every stored secret", **counts)
        for column, count in sorted(counts.items()):
            self.stdout.write(f"{column}: {count}")
        if problems := [
            UNREADABLE.format(column=column, count=len(held), rows=", ".join(map(str, held[:NAMED])))
            for column, rotation in sorted(done.items())
            if (held := rotation.unreadable)
        ]:
            raise CommandError("\n".join(problems))
        self.stdout.write(
            "Some moved: run this again once every server runs with the new key first."
            if any(counts.values())
            else "Nothing is left to move: former keys can be taken out of CREDENTIAL_KEYS."
        )

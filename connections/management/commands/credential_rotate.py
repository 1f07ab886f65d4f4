"""`manage.py credential_rotate`: encrypt every stored secret under the first key of CREDENTIAL_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from connections.audit import audit_person
from connections.crypto import UnreadableSecret
from connections.services import credentials_rotate


class Command(BaseCommand):
    help = "Encrypt every stored secret under the first key of CREDENTIAL_KEYS. Safe to run while the product works."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            counts = credentials_rotate()
        except UnreadableSecret as exc:
            raise CommandError(str(exc)) from exc
        audit_person(actor=None, action="credentials.rotated", subject="Every stored secret", **counts)
        for field, count in sorted(counts.items()):
            self.stdout.write(f"{field}: {count}")
        self.stdout.write(
            "Done. Former keys can be taken out of CREDENTIAL_KEYS once every server runs with the new one."
        )

"""`manage.py credential_key`: a fresh key for CREDENTIAL_KEYS."""

from typing import Any

from cryptography.fernet import Fernet
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Print a new key for CREDENTIAL_KEYS. Put it first in the list, then run credential_rotate."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(Fernet.generate_key().decode())

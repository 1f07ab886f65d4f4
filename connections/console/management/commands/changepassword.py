"""`manage.py changepassword`, as Django has it, and in the trail."""

import getpass
from typing import Any

from django.contrib.auth.management.commands import changepassword
from django.db import transaction

from connections.models import User
from connections.services.people import password_set


class Command(changepassword.Command):
    """Notes whose password it set, and tells them."""

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> str | None:
        said: str | None = super().handle(*args, **options)
        password_set(person=User.objects.get(email=options["username"] or getpass.getuser()))
        return said

"""`manage.py createsuperuser`, as Django has it, and in the trail."""

from typing import Any

from django.contrib.auth.management.commands import createsuperuser
from django.db import transaction
from django.db.models import Max

from connections.models import User
from connections.services.people import superuser_made


class Command(createsuperuser.Command):
    """Notes whom it made."""

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        last = User.objects.aggregate(last=Max("pk"))["last"] or 0
        super().handle(*args, **options)
        for person in User.objects.filter(pk__gt=last, is_superuser=True):
            superuser_made(person=person)

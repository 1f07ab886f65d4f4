"""`manage.py schedules`: write the list of scheduled tasks to the database. Workers do it too when they start."""

from typing import Any

from django.core.management.base import BaseCommand

from syncjobs.engine.schedules import SCHEDULES, schedules_write


class Command(BaseCommand):
    help = "Write the schedules; may be run as often as you like."

    def handle(self, *args: Any, **options: Any) -> None:
        changed = schedules_write()
        self.stdout.write(f"{len(SCHEDULES)} schedules, {changed} changed.")

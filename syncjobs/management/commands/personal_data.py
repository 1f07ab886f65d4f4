"""`manage.py personal_data --email E export|erase`: what is kept of a shopper, at every merchant or at one."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from connections.models import Merchant
from syncjobs.pages.personal.personal_data import personal_erase, personal_export


class Command(BaseCommand):
    help = "Export what is kept of a shopper as JSON, or erase it. Both stand in the trail, by digest."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["export", "erase"])
        parser.add_argument("--email", required=True, help="the shopper's address")
        parser.add_argument("--merchant", help="name of the one merchant that is meant; else all")

    def handle(self, *args: Any, **options: Any) -> None:
        email = str(options["email"])
        if "@" not in email:
            raise CommandError(f"{email!r} is no e-mail address.")
        merchants = Merchant.objects.order_by("pk")
        if options["merchant"]:
            merchants = merchants.filter(name=options["merchant"])
            if not merchants:
                raise CommandError(f"There is no merchant {options['merchant']!r}.")
        if options["what"] == "export":
            found = [personal_export(merchant=merchant, email=email, actor=None) for merchant in merchants]
            self.stdout.write(json.dumps(found, indent=2, ensure_ascii=False))
            return
        for merchant in merchants:
            counts = personal_erase(merchant=merchant, email=email, actor=None)
            self.stdout.write(
                f"{merchant}: {', '.join(f'{name} {count}' for name, count in counts.items()) or 'nothing'}"
            )

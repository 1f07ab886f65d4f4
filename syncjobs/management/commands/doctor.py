"""`manage.py doctor`: what is wrong with this installation and what to do; exit status 1 when anything is."""

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from syncjobs.engine.doctor.examining import examine


class Command(BaseCommand):
    help = "Say in sentences what is wrong with this installation and what to do; exit status 0 when nothing is."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object with every check")

    def handle(self, *args: Any, **options: Any) -> None:
        findings = list(examine())
        is_well = not any(finding.problems for finding in findings)
        if options["json"]:
            self.stdout.write(json.dumps({"is_well": is_well, "findings": [asdict(one) for one in findings]}, indent=2))
        else:
            for finding in findings:
                name = finding.check.replace("_", " ")
                for problem in finding.problems:
                    self.stdout.write(f"{name}: {problem.says}\n    {problem.do}")
            well = sum(not finding.problems for finding in findings)
            self.stdout.write(f"{well} of {len(findings)} checks found nothing wrong.")
        sys.exit(not is_well)

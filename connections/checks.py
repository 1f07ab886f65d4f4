"""A check for `manage.py check --deploy --database default`: whether the database guards what we say it does."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import connection

from connections.wall import policies, stamps, standing, wall_stands


@register(Tags.database, deploy=True)
def wall_is_built(databases: Sequence[str] | None = None, **kwargs: Any) -> Sequence[CheckMessage]:
    """Pages are drawn behind row-level security on every table that a merchant owns."""
    if not databases or connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        missing = sorted(stamps(policies()).items() - standing(cursor).items())
    if not missing and wall_stands():
        return []
    what = f"It misses {missing[0][0]} and {len(missing) - 1} more tables" if missing else "Pages cannot take its role"
    return [
        Warning(
            f"The wall between merchants does not stand. {what}.",
            hint="Give the database user the role tillbridge_web (deploy/README.md), then run migrate.",
            id="connections.W001",
        )
    ]

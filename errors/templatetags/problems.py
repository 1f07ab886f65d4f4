"""Problems on pages of inner rooms, which do not know them themselves."""

from datetime import timedelta
from typing import Any

from django import template

from connections.models import Connection
from connections.templatetags.tillbridge import elapsed
from errors.issues.issue_lists import unlinked_skus
from ipaas import masking

register = template.Library()


@register.inclusion_tag("errors/_unlinked.html")
def unlinked_items(connection: Connection) -> dict[str, Any]:
    """SKUs without an item that orders wait for."""
    return {"connection": connection, "rows": unlinked_skus(connection)}


@register.filter
def span(length: timedelta) -> str:
    """A length of time in its largest unit: `8 s`, `10 min`."""
    return elapsed(length)


@register.filter
def removed(text: str | None) -> str:
    """What the redactor took out of a text, counted: "1 card number removed"; "" for nothing."""
    return masking.told(text or "")

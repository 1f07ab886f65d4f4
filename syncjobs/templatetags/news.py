"""How news of orders comes, for pages of every room."""

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from connections.models import Connection
from syncjobs.pages.dashboard.orders_news import orders_news as words
from syncjobs.pages.dashboard.orders_news import parts_news

register = template.Library()
LONG = 120  # seconds from which minutes are said


@register.simple_tag
def orders_news(connection: Connection) -> str:
    return words(connection, timezone.now())


register.simple_tag(parts_news)


@register.simple_tag
def countdown(moment: datetime | None) -> SafeString:
    """`in 14 s`, counted down by static/js/shell/countdown.js; what is due is `now`, never in the past."""
    left = max(0.0, (moment - timezone.now()) / timedelta(seconds=1)) if moment else 0.0
    words = "now" if left <= 0 else f"in {left:.0f} s" if left < LONG else f"in {left / 60:.0f} min"
    return format_html('<span data-seconds-left="{}">{}</span>', f"{left:.0f}", words)

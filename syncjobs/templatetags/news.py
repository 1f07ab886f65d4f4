"""How news of orders comes, for pages of every room."""

from django import template
from django.utils import timezone

from connections.models import Connection
from syncjobs.pages.dashboard.orders_news import orders_news as words

register = template.Library()


@register.simple_tag
def orders_news(connection: Connection) -> str:
    return words(connection, timezone.now())

"""Where a hit of a search leads."""

from django import template

from syncjobs.models import InboxEvent
from syncjobs.pages.search.find_items import ItemFound
from syncjobs.pages.search.find_orders import Shopper
from syncjobs.pages.search.search_links import event_url, item_url, shopper_url

register = template.Library()


@register.filter
def item_href(row: ItemFound) -> str:
    return item_url(row)


@register.filter
def shopper_href(row: Shopper) -> str:
    return shopper_url(row)


@register.filter
def event_href(row: InboxEvent) -> str:
    return event_url(row)

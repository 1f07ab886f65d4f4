"""The vocabulary for templates, which all have it without loading it."""

from django import template

from connections.vocabulary import WORDS

register = template.Library()


@register.filter
def word(key: str) -> str:
    """What people call a state, an act or a page: `{{ "retry"|word }}`. Raises KeyError for what has no word."""
    return WORDS[key]

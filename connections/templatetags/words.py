"""The vocabulary for templates, which all have it without loading it."""

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import slugify

from connections.help_pages import GLOSSARY, glossary
from connections.vocabulary import WORDS

register = template.Library()


@register.filter
def word(key: str) -> str:
    """What people call a state, an act or a page: `{{ "retry"|word }}`. Raises KeyError for what has no word."""
    return WORDS[key]


@register.simple_tag
def term(word: str, shown: str = "") -> SafeString:
    """A word that opens its meaning, by touch and keyboard and without a script; once a page for each word.

    `shown` is what stands there, such as a plural. Raises KeyError for what is not in the glossary.
    """
    return format_html(
        '<button type="button" class="term" popovertarget="term-{0}">{4}</button>'
        '<span class="term-meaning" id="term-{0}" popover><b>{1}</b>: {2}. <a href="{3}">Glossary</a></span>',
        slugify(word),
        word,
        glossary()[word],
        reverse("help", args=[GLOSSARY]),
        shown or word,
    )

"""How a count that ends at a thousand is written."""

from django import template

from syncjobs.pages.lists.keyset import count_words

register = template.Library()
register.filter("count", count_words)

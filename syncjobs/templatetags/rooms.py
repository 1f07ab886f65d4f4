"""A room of a settings page: its summary line, and what unfolds below it."""

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from syncjobs.pages.settings_rooms import Room

register = template.Library()


@register.simple_block_tag
def room(content: str, one: Room) -> SafeString:
    """`{% room rooms.special %}…{% endroom %}`: an address that ends in `#special` unfolds it, without a script.

    The block's content is a template's output already, which escaped what it was given.
    """
    return render_to_string("shared/components/room.html", {"room": one, "content": content})

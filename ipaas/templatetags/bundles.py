"""Where the style sheet and the script of every page are."""

from django import template

from ipaas.bundles import bundle

register = template.Library()


@register.simple_tag
def bundle_address(kind: str) -> str:
    """The address of the bundle of `css` or `js`, which changes with its content."""
    return bundle(kind).address

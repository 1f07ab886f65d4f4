"""Components of pages, all of them shown on `/components/`: tabs, chips, drawer, dialog, bars that stick, charts.

Each works without JavaScript: drawer and dialog are the browser's own popovers, a chip is a link, a bar a part of its
form. The scripts in static/js/shell/ add counting, keeping back from leaving, and loading beside the page.
"""

from collections.abc import Sequence
from typing import Any

from django import template
from django.contrib.messages.storage.base import Message
from django.forms import BaseForm
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from connections import charts
from connections.components import FilterChip, StateTab
from connections.components import undo_of as undo_of_message
from connections.help_pages import help_for
from connections.vocabulary import FIX, RETRY

register = template.Library()
register.simple_tag(charts.sparkline)
register.simple_tag(charts.bars)
register.simple_tag(charts.share_bar)
register.simple_tag(charts.time_chart)


@register.inclusion_tag("shared/components/state_tabs.html")
def state_tabs(tabs: Sequence[StateTab], label: str) -> dict[str, Any]:
    """Tabs with counts over a list; `label` names them for screen readers."""
    return {"tabs": tabs, "label": label}


@register.inclusion_tag("shared/components/filter_chips.html")
def filter_chips(chips: Sequence[FilterChip], clear: str) -> dict[str, Any]:
    """The filters that are set, each a link that takes it away; `clear` is the list without any."""
    return {"chips": chips, "clear": clear}


@register.inclusion_tag("shared/components/skeleton.html")
def skeleton(lines: int = 3) -> dict[str, Any]:
    """Grey lines in the place of what is being fetched."""
    return {"lines": range(lines)}


@register.simple_block_tag
def drawer(content: str, name: str, title: str) -> SafeString:
    """A panel at the page's side, opened by `<button type="button" popovertarget="NAME">` (no script needed)."""
    return _rendered("shared/components/drawer.html", content=content, name=name, title=title)


@register.simple_block_tag
def dialog(content: str, name: str, title: str) -> SafeString:
    """A question in the middle, opened by `<button type="button" popovertarget="NAME">`; put its form inside."""
    return _rendered("shared/components/dialog.html", content=content, name=name, title=title)


@register.simple_block_tag
def bulk_bar(content: str, noun: str = "row", matching: int | str = "") -> SafeString:
    """The bar of a form whose rows are ticked by checkboxes named `pick` (or marked `data-pick`): count and buttons.

    Stands inside the form, after its table. `matching`: how many match the list's filters; adds the checkbox
    `all_matching` (value 1), which means all of them instead of the ticked ones.
    """
    return _rendered("shared/components/bulk_bar.html", content=content, noun=noun, matching=matching)


@register.inclusion_tag("shared/components/save_bar.html")
def save_bar(form: BaseForm | None = None, label: str = "Save") -> dict[str, Any]:
    """The last part of a form with `data-guard`: *3 unsaved changes*, *Discard*, and the one button.

    A form that came back with errors counts as unsaved.
    """
    return {"label": label, "is_refused": form is not None and form.is_bound and bool(form.errors)}


@register.inclusion_tag("shared/components/picker_script.html")
def picker_script() -> dict[str, Any]:
    """In `{% block head %}{{ block.super }}` of a page with `<input data-picker="ADDRESS">`: a list that is searched.

    The address answers `{"results": [{"value", "text", "hint"}]}` to `?q=`. Without a script the input has its
    `list=` (a datalist) or takes what is typed. `data-text` says what its value is called, `data-free` takes any value.
    """
    return {}


@register.inclusion_tag("shared/_help_link.html", takes_context=True)
def help_link(context: dict[str, Any]) -> dict[str, Any]:
    """*?* in the bar: the help of this page beside it."""
    match = context["request"].resolver_match
    return {"name": help_for(str(match.url_name) if match else "")}


@register.inclusion_tag("shared/_keys.html")
def keys_help() -> dict[str, Any]:
    """What the keyboard does (static/js/shell/keys.js), and the palette of Ctrl-K."""
    return {"retry": RETRY, "fix": FIX}


@register.filter
def undo_of(message: Message) -> dict[str, Any] | None:
    """Path and fields of a message's *Undo* (`connections.components.undoable`)."""
    return undo_of_message(message)


def _rendered(template_name: str, /, **context: Any) -> SafeString:
    """The block's content is a template's output already, which escaped what it was given."""
    return render_to_string(template_name, context)

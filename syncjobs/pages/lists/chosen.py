"""What a person chose of a list: which columns it shows, and which filters stand under a name."""

from collections.abc import Sequence

from django.contrib import messages

from connections.models import ListView, User
from connections.views.base import PersonRequest

MOST_VIEWS = 30
LONGEST_NAME = 60
MOST_DIGITS = 18


def columns_chosen(person: User, page: str, known: Sequence[str], usual: Sequence[str]) -> list[str]:
    """The columns to show: those that the person chose and that are still there, else the usual ones."""
    chosen = ListView.objects.filter(person=person, page=page, name="").values_list("columns", flat=True).first()
    shown = [key for key in known if key in (chosen or ())]
    return shown or [key for key in known if key in usual]


def columns_choose(person: User, page: str, keys: Sequence[str], known: Sequence[str]) -> None:
    """Keep what the list shows from now on; none of the known ones brings the usual ones back."""
    wanted = [key for key in known if key in keys]
    rows = ListView.objects.filter(person=person, page=page, name="")
    if not wanted:
        rows.delete()
    else:
        ListView.objects.update_or_create(person=person, page=page, name="", defaults={"columns": wanted})


def views_of(person: User, page: str) -> list[ListView]:
    return list(ListView.objects.filter(person=person, page=page).exclude(name=""))


def view_save(person: User, page: str, name: str, query: str) -> str:
    """Keep the filters under a name, in the place of what had it; answers what is wrong with it, "" when nothing is."""
    name = " ".join(name.split())[:LONGEST_NAME]
    if not name:
        return "Give the view a name."
    others = ListView.objects.filter(person=person, page=page).exclude(name__in=["", name])
    if others.count() >= MOST_VIEWS:
        return f"You have {MOST_VIEWS} views: delete one first."
    ListView.objects.update_or_create(person=person, page=page, name=name, defaults={"query": query})
    return ""


def view_delete(person: User, page: str, pk: int) -> bool:
    return ListView.objects.filter(person=person, page=page, pk=pk).exclude(name="").delete()[0] == 1


def keep_view(request: PersonRequest, page: str, query: str) -> None:
    """What the form *Keep as a view* asks for: the filters under a name, or a view deleted; said in a message."""
    if delete := request.POST.get("delete"):
        pk = int(delete) if delete.isascii() and delete.isdigit() and len(delete) < MOST_DIGITS else 0
        if view_delete(request.user, page, pk):
            messages.success(request, "The view is deleted.")
    elif wrong := view_save(request.user, page, request.POST.get("name", ""), query):
        messages.error(request, wrong)
    else:
        messages.success(request, "The view is kept for you.")

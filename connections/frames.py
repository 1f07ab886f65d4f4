"""In which frame an answer in words stands: with the menu for whoever is logged in, else as the log-in pages."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.defaults import server_error


def problem_frame(request: HttpRequest) -> dict[str, str]:
    """Context processor: `problem_frame` is the layout that pages of errors extend (templates/403.html and others)."""
    user = getattr(request, "user", None)  # what breaks before the log-in is looked up has none
    is_known = user is not None and user.is_authenticated
    return {"problem_frame": "shared/problem.html" if is_known else "entrance.html"}


def broken(request: HttpRequest) -> HttpResponse:
    """A page that broke, with the menu; whatever broke it may break the menu too: then without."""
    try:
        return render(request, "500.html", status=500)
    except Exception:
        return server_error(request)

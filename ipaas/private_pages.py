"""Headers of every page: nobody keeps a copy, and no page needs a camera, a microphone or a place."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

PERMISSIONS = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()"


def private_pages(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: pages show merchants' business, so that no browser, proxy or back button may keep them.

    Static files and callbacks are answered before it.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response["Cache-Control"] = "no-store, private"
        response["Permissions-Policy"] = PERMISSIONS
        return response

    return middleware

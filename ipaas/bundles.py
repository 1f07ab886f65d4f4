"""One style sheet, one script and one picture of all icons, put together from the small files of a folder each.

Nobody lists or builds them: a file that is added to the folder is in the bundle. The address names what is in it, so
that browsers keep it for a year and never show an old one.
"""

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse

PREFIX = "/bundle/"
FIRST = ("tokens.css", "base.css")  # they declare the layers; the others follow by name
KEPT = "public, max-age=31536000, immutable"
Respond = Callable[[HttpRequest], HttpResponse]


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """What one address answers; `gzipped` is the same body for browsers that take it."""

    address: str
    content_type: str
    body: bytes
    gzipped: bytes


FOLDERS = {
    "css": ("css", "text/css; charset=utf-8"),
    "js": ("js/shell", "text/javascript; charset=utf-8"),
    "svg": ("vendor/lucide", "image/svg+xml"),
}


def bundle(kind: str) -> Bundle:
    """The bundle of `css`, `js` or `svg` (icons) as its files are now."""
    paths = files(kind)
    return _made(kind, tuple((path, path.stat().st_mtime_ns) for path in paths))


def files(kind: str) -> list[Path]:
    """The files of a bundle in their order."""
    folder = settings.BASE_DIR / "static" / FOLDERS[kind][0]
    place = {name: number for number, name in enumerate(FIRST)}
    return sorted(folder.glob(f"*.{kind}"), key=lambda path: (place.get(path.name, len(FIRST)), path.name))


@lru_cache(maxsize=4)
def _made(kind: str, stamped: tuple[tuple[Path, int], ...]) -> Bundle:
    texts = {path.stem: path.read_bytes() for path, _ in stamped}
    body = sprite(texts) if kind == "svg" else b"\n".join(texts.values())
    mark = sha256(body).hexdigest()[:16]
    return Bundle(
        address=f"{PREFIX}tillbridge.{mark}.{kind}",
        content_type=FOLDERS[kind][1],
        body=body,
        gzipped=gzip.compress(body, mtime=0),
    )


def drawn(icon: bytes) -> bytes:
    """What an icon's file draws: all between its outermost tags."""
    _, _, after_name = icon.partition(b"<svg")
    _, _, inside = after_name.partition(b">")
    return inside.rpartition(b"</svg>")[0]


def sprite(icons: dict[str, bytes]) -> bytes:
    """Every icon as a symbol under its file's name, for `<use href="…#name">`."""
    symbols = [
        b'<symbol id="%s" viewBox="0 0 24 24">%s</symbol>' % (name.encode(), drawn(text).strip())
        for name, text in icons.items()
    ]
    return b'<svg xmlns="http://www.w3.org/2000/svg">%s</svg>' % b"".join(symbols)


def bundles(get_response: Respond) -> Respond:
    """Middleware beside that of the static files: nothing of a person is in a bundle, so no log-in is looked up.

    A page of before a restart gets what is there now, which nobody keeps.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        kind = request.path.rpartition(".")[2]
        is_ours = request.path.startswith(f"{PREFIX}tillbridge.") and kind in FOLDERS
        return _answer(request, bundle(kind)) if is_ours else get_response(request)

    return middleware


def _answer(request: HttpRequest, ours: Bundle) -> HttpResponse:
    if request.method not in {"GET", "HEAD"}:
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
    takes_gzip = "gzip" in request.headers.get("Accept-Encoding", "")
    response = HttpResponse(ours.gzipped if takes_gzip else ours.body, content_type=ours.content_type)
    response["Vary"] = "Accept-Encoding"
    response["Cache-Control"] = KEPT if request.path == ours.address else "no-cache"
    if takes_gzip:
        response["Content-Encoding"] = "gzip"
    return response

"""The WSGI application: match, admit, disturb, lock, handle, commit, answer, count."""

import errno
import logging
import socket
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect

from ipaas.sandbox.core.control import control_router
from ipaas.sandbox.core.faults import Hit
from ipaas.sandbox.core.jsonio import BadJson
from ipaas.sandbox.core.service import Service
from ipaas.sandbox.core.web import ApiError, Disconnect, Reply, Request, Route, Router, redirect

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

S = TypeVar("S", bound=Service)
CONTROL = "/_sim/"
logger = logging.getLogger(__name__)


class App(Generic[S]):
    """One service behind its routes. Paths under `/_sim/` are the control API: never limited, disturbed or counted."""

    def __init__(self, service: S, router: Router[S]) -> None:
        self.service = service
        routes: Router[S] = Router()
        routes.include(control_router())
        routes.include(router)
        self._address = routes.compile().bind("sandbox")

    def start(self) -> None:
        """Let the service begin."""
        self.service.start()

    def stop(self) -> None:
        """Stop sending and close the file."""
        self.service.stop()

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        request = Request(environ)
        try:
            reply = self.answer(request)
        except Disconnect:
            _cut(environ)
        if "X-Sandbox-Truncate" in reply.headers:
            return _truncated(reply, environ, start_response)
        return reply(environ, start_response)

    def answer(self, request: Request) -> Reply:
        """Answer one request. Raises `Disconnect` where the line is to be cut."""
        began = time.perf_counter()
        try:
            route, values = self.match(request)
        except HTTPException as exc:
            reply = self.service.after(request, self._unmatched(request, exc))
            self._noted(request, "unmatched", reply.status_code, began)
            return reply
        if request.path.startswith(CONTROL):
            return self._handle(request, route, values, control=True)
        try:
            reply = self._served(request, route, values)
        except Disconnect:
            self._noted(request, route.pattern, 0, began)
            raise
        self._noted(request, route.pattern, reply.status_code, began)
        return reply

    def match(self, request: Request) -> tuple[Route[S], Mapping[str, Any]]:
        """The route of a request and its path values. Raises werkzeug's `HTTPException` where there is none."""
        return self._address.match(request.path, request.method)

    def _served(self, request: Request, route: Route[S], values: Mapping[str, Any]) -> Reply:
        service = self.service
        refused = service.admit(request, route)
        if refused is not None:
            return service.after(request, refused)
        try:
            hit = self._hit(request)
            if hit is None:
                return service.after(request, self._handle(request, route, values))
            spoiled = hit.before()
            if spoiled is not None:
                return spoiled
            return hit.finish(service.after(request, self._handle(request, route, values)))
        finally:
            service.release(request, route)

    def _hit(self, request: Request) -> Hit | None:
        if self.service.faults.idle:
            return None
        return self.service.faults.match(request.method, request.full_path.rstrip("?"))

    def _handle(self, request: Request, route: Route[S], values: Mapping[str, Any], control: bool = False) -> Reply:
        """Run the handler in a transaction; an exception undoes what it wrote."""
        service = self.service
        try:
            with service.transaction():
                reply = None if control else service.before(request, route)
                if reply is not None or route.locked:
                    return reply or route.handler(service, request, **values)
            return route.handler(service, request, **values)
        except ApiError as exc:
            return exc.reply()
        except BadJson as exc:
            return service.bad_json(request, str(exc))
        except Disconnect:
            raise
        except HTTPException as exc:
            return Reply(exc.description or exc.name, exc.code or 500, mimetype="text/plain")
        except Exception:
            logger.exception("sandbox handler %s broke", route.pattern)
            return Reply("The sandbox itself broke; see its log.", 500, mimetype="text/plain")

    def _unmatched(self, request: Request, exc: HTTPException) -> Reply:
        if isinstance(exc, RequestRedirect):
            return redirect(exc.new_url, 308)
        if isinstance(exc, MethodNotAllowed):
            return self.service.method_not_allowed(request, exc.valid_methods or ())
        if isinstance(exc, NotFound):
            return self.service.not_found(request)
        return Reply(exc.description or exc.name, exc.code or 500, mimetype="text/plain")

    def _noted(self, request: Request, pattern: str, status: int, began: float) -> None:
        ms = (time.perf_counter() - began) * 1000
        at = self.service.clock.now().isoformat()
        path = request.full_path.rstrip("?")
        self.service.calls.note(pattern=pattern, method=request.method, path=path, status=status, ms=ms, at=at)


def _cut(environ: "WSGIEnvironment") -> None:
    """Close the client's connection; the server then finds nobody to answer."""
    line = environ.get("gunicorn.socket") or environ.get("werkzeug.socket")
    if isinstance(line, socket.socket):
        line.shutdown(socket.SHUT_RDWR)
    raise ConnectionResetError(errno.ECONNRESET, "cut by a sandbox fault")


def _truncated(reply: Reply, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterator[bytes]:
    """Promise the whole body, send half of it, cut the line."""
    del reply.headers["X-Sandbox-Truncate"]
    body = reply.get_data()
    start_response(reply.status, reply.get_wsgi_headers(environ).to_wsgi_list())
    yield body[: len(body) // 2]
    _cut(environ)

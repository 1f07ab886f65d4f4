"""The network itself: kept-alive sessions, time and size limits, no redirects, one try. Nothing else opens a socket."""

import os
import re
import socket
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlencode

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError
from urllib3.util.retry import Retry

from connections.connectors.hosts import public_addresses
from connections.connectors.watchdog import watchdog

CONNECT_SECONDS, READ_SECONDS = 5.0, 25.0
TOTAL_SECONDS = 60.0
MAX_ANSWER_BYTES = 64 * 1024 * 1024
CHUNK_BYTES = 256 * 1024
HOSTS_KEPT = 50
BASE_HEADERS = {"User-Agent": "Tillbridge", "Accept-Encoding": "gzip, deflate"}
CONNECTS = 3  # only a connection that was never made may be tried again: nothing was sent on it
ONE_TRY = Retry(
    total=None, connect=CONNECTS - 1, read=0, redirect=0, status=0, other=0, respect_retry_after_header=False
)

QUERY = re.compile(r"[?]\S*")
PLAIN = re.compile(r"https?://[a-z0-9.:-]+(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+")  # nothing to quote, no query, no dots

Params = Sequence[tuple[str, str]]


class NoAnswer(Exception):
    """No complete answer came; the request may or may not have been carried out."""


@dataclass(frozen=True, kw_only=True)
class RawAnswer:
    """What came back, unjudged. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def origin_of(url: str) -> str:
    """Scheme, host and port."""
    return "/".join(url.split("/", 3)[:3])


class _Watched(HTTPConnection):
    """A connection that the watchdog can cut."""

    def _new_conn(self) -> socket.socket:
        connection = super()._new_conn()
        if call := watchdog.current:
            call.hold(connection)
        return connection

    def request(self, *args: Any, **kwargs: Any) -> None:
        if call := watchdog.current:
            call.hold(self.sock)
        super().request(*args, **kwargs)


class _PublicOnly(_Watched):
    """Also connects to checked addresses only: a name that changes its mind between check and call gains nothing."""

    def _new_conn(self) -> socket.socket:
        name = self._dns_host
        addresses = public_addresses(name, self.port or 443)
        try:
            for address in addresses[:-1]:
                self._dns_host = address
                try:
                    return super()._new_conn()
                except HTTPError:
                    continue
            self._dns_host = addresses[-1]
            return super()._new_conn()
        finally:
            self._dns_host = name  # TLS checks the certificate against the name


class _WatchedTLS(_Watched, HTTPSConnection):
    pass


class _PublicOnlyTLS(_PublicOnly, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Watched


class _PoolTLS(HTTPSConnectionPool):
    ConnectionCls = _WatchedTLS


class _PublicPool(HTTPConnectionPool):
    ConnectionCls = _PublicOnly


class _PublicPoolTLS(HTTPSConnectionPool):
    ConnectionCls = _PublicOnlyTLS


class _Adapter(HTTPAdapter):
    """Pools of our own connections, each looked for once: requests would build its key anew for every call."""

    def __init__(self, *, public_only: bool) -> None:
        super().__init__(max_retries=ONE_TRY, pool_connections=HOSTS_KEPT)
        pools = (_PublicPool, _PublicPoolTLS) if public_only else (_Pool, _PoolTLS)
        self.poolmanager.pool_classes_by_scheme = dict(zip(("http", "https"), pools, strict=True))
        self._known: dict[tuple[Any, ...], Any] = {}  # by origin, and what it is to be reached by

    def get_connection_with_tls_context(
        self, request: requests.PreparedRequest, verify: Any, proxies: Any = None, cert: Any = None
    ) -> Any:
        key = (origin_of(request.url or ""), str(verify), str(proxies), str(cert))
        known = self._known.get(key)
        if known is None or known.pool is None:  # closed, as others were called since
            if len(self._known) >= HOSTS_KEPT:
                self._known.clear()
            known = self._known[key] = super().get_connection_with_tls_context(request, verify, proxies, cert)
        return known


class _Line:
    """A session with kept-alive connections, and what the process environment says about proxies per host.

    Where only public addresses may be called there is no proxy: it would resolve the name anew, unchecked.
    """

    def __init__(self, *, public_only: bool) -> None:
        self._session = requests.Session()
        # Sessions serve several tenants: a cookie of one must never reach another.
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = _Adapter(public_only=public_only)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)
        self._session.trust_env = not public_only
        self._environments: dict[str, Any] = {}

    def send(
        self, method: str, url: str, *, headers: Mapping[str, str], params: Params, body: bytes | None, seconds: float
    ) -> requests.Response:
        """Send one request, in so many seconds; the answer's body is still to be read.

        Past the session, which would let a .netrc file replace our headers, keep cookies and look for redirects.
        """
        return self._session.get_adapter(url).send(
            self._prepared(method, url, {**BASE_HEADERS, **headers}, params, body),
            timeout=(min(CONNECT_SECONDS, seconds / CONNECTS), READ_SECONDS),
            **self._environment(url),
        )

    def _prepared(
        self, method: str, url: str, headers: Mapping[str, str], params: Params, body: bytes | None
    ) -> requests.PreparedRequest:
        """What requests makes of it, but for cookies; a plain address is not taken apart and put together for that."""
        if not PLAIN.fullmatch(url):
            return requests.Request(method, url, headers=headers, params=list(params), data=body).prepare()
        prepared = requests.PreparedRequest()
        prepared.method = method
        prepared.url = f"{url}?{urlencode(params)}" if params else url
        prepared.prepare_headers(headers)
        prepared.prepare_body(body, None)
        return prepared

    def _environment(self, url: str) -> Any:
        """Proxies and certificates as the environment wants them; asked once per host, because it is slow."""
        origin = origin_of(url)
        if origin not in self._environments:
            self._environments[origin] = self._session.merge_environment_settings(url, {}, True, None, None)
        return self._environments[origin]


class _Lines(threading.local):
    """The sessions of this thread; a forked process starts its own."""

    def __init__(self) -> None:
        self._process = os.getpid()
        self._by_reach: dict[bool, _Line] = {}

    def get(self, *, public_only: bool) -> _Line:
        if self._process != os.getpid():
            self.__init__()  # type: ignore[misc]
        if public_only not in self._by_reach:
            self._by_reach[public_only] = _Line(public_only=public_only)
        return self._by_reach[public_only]


_lines = _Lines()


def exchange(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    params: Params = (),
    body: bytes | None = None,
    public_only: bool = False,
    total_seconds: float = TOTAL_SECONDS,
    max_bytes: int = MAX_ANSWER_BYTES,
) -> RawAnswer:
    """Send one request and read its whole answer. Raises NoAnswer; the reason names no query and no header."""
    with watchdog.watching(total_seconds) as call:
        try:
            line = _lines.get(public_only=public_only)
            with line.send(method, url, headers=headers, params=params, body=body, seconds=total_seconds) as response:
                content = _content(response, max_bytes)
        except (requests.RequestException, HTTPError, OSError) as exc:
            reason = f"took longer than {total_seconds:g} s" if call.is_cut else _reason(exc)
            # Without the cause: its text repeats the address with its query, which can hold secrets.
            raise NoAnswer(reason) from None
        if call.is_cut:
            raise NoAnswer(f"took longer than {total_seconds:g} s")
    lower = {name.lower(): value for name, value in response.headers.items()}
    return RawAnswer(status=response.status_code, headers=lower, body=content)


def _content(response: requests.Response, max_bytes: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    for part in response.iter_content(CHUNK_BYTES):
        size += len(part)
        if size > max_bytes:
            raise requests.ConnectionError(f"answer larger than {max_bytes} bytes")
        parts.append(part)
    return b"".join(parts)


def _reason(exc: Exception) -> str:
    """The kind of error and its text without any query string."""
    text = QUERY.sub("?…", str(exc))
    return f"{type(exc).__name__}: {text}"[:400]

"""The HTTP layer against a server that misbehaves: every kind of trouble becomes the failure that stands for it."""

import gzip
import json
import socket
import ssl
import time
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests

from connections.connectors import wire
from connections.connectors.http import JSONClient
from errors.failures import (
    ContractBroken,
    CredentialsRejected,
    NotFound,
    PermissionMissing,
    Rejected,
    ServerTrouble,
    SyncFailure,
    Throttled,
    Unreachable,
)
from ipaas.front import CERTIFICATE, KEY, _certify
from ipaas.types import Call, System
from tests.connectors.conftest import BadServer, answering

SECRET = "tok-1234567890"


class Ledger:
    """Notes what it is told; raises `refusal` before a call when it is set, and lets `repeats` calls be repeated."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.repeats = 0
        self.waits: list[float | None] = []
        self.refusal: SyncFailure | None = None

    def before(self, system: System, method: str) -> None:
        if self.refusal:
            raise self.refusal

    def after(self, call: Call) -> None:
        self.calls.append(call)

    def may_repeat(self, system: System, *, tries: int, wait: float | None) -> bool:
        self.waits.append(wait)
        return tries <= self.repeats


class Client(JSONClient):
    name = "Heartland"


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def client(server: BadServer, ledger: Ledger) -> JSONClient:
    return Client(f"{server.url}/api", {"Authorization": f"Bearer {SECRET}"}, System.HEARTLAND, ledger)


def get(client: JSONClient, **options: Any) -> Any:
    return client._send("GET", "/things", **options).data


def test_amounts_are_read_and_written_digit_for_digit(server: BadServer, client: JSONClient) -> None:
    server.will(answering("200 OK", '{"price": 21.60, "tiny": 0.1, "count": 2}'))
    body = {"price": Decimal("21.60"), "sum": Decimal("1E+2"), "count": 2, "name": "Ünï", "none": None, "list": [True]}
    answer = client._send("PUT", "/things", body=body).data
    assert answer == {"price": Decimal("21.60"), "tiny": Decimal("0.1"), "count": 2}
    assert server.requests[0].endswith(
        b'{"price":21.60,"sum":100,"count":2,"name":"\\u00dcn\\u00ef","none":null,"list":[true]}'
    )


def test_a_float_never_leaves(client: JSONClient, server: BadServer) -> None:
    with pytest.raises(TypeError):
        client._send("PUT", "/things", body={"price": 21.6})
    assert server.requests == []


def test_an_empty_answer_is_none(server: BadServer, client: JSONClient) -> None:
    server.will(answering("204 No Content"))
    assert get(client) is None


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        ("401 Unauthorized", CredentialsRejected),
        ("403 Forbidden", PermissionMissing),
        ("404 Not Found", NotFound),
        ("400 Bad Request", Rejected),
        ("409 Conflict", Rejected),
        ("413 Too Large", Rejected),
        ("422 Unprocessable", Rejected),
        ("405 Method Not Allowed", Rejected),
        ("423 Locked", ServerTrouble),
        ("429 Too Many Requests", Throttled),
        ("509 Limit", Throttled),
        ("500 Error", ServerTrouble),
        ("503 Maintenance", ServerTrouble),
        ("507 Plan limit", Rejected),
        ("302 Found", ServerTrouble),
    ],
)
def test_each_status_becomes_its_failure(
    server: BadServer, client: JSONClient, ledger: Ledger, status: str, failure: type[SyncFailure]
) -> None:
    server.will(answering(status, '{"message": "no"}'))
    with pytest.raises(SyncFailure) as caught:
        get(client)
    assert type(caught.value) is failure
    assert [call.status for call in ledger.calls] == [int(status[:3])]
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("header", "seconds"), [("Retry-After: 7", 7.0), ("X-Nothing: 1", None), ("Retry-After: soon", None)]
)
def test_a_throttled_call_says_how_long_to_wait(
    server: BadServer, client: JSONClient, header: str, seconds: float | None
) -> None:
    server.will(answering("429 Too Many", "", header))
    with pytest.raises(Throttled) as caught:
        get(client)
    assert caught.value.retry_after == seconds


def test_a_call_without_effect_is_repeated_while_the_observer_allows(
    server: BadServer, client: JSONClient, ledger: Ledger
) -> None:
    ledger.repeats = 2
    server.will(answering("503 Maintenance", ""), answering("429 Slow", "", "Retry-After: 3"), answering("200 OK", "7"))
    assert get(client) == 7
    assert [call.status for call in ledger.calls] == [503, 429, 200]
    assert ledger.waits == [None, 3.0]


def test_a_write_is_repeated_only_when_it_was_throttled(server: BadServer, client: JSONClient, ledger: Ledger) -> None:
    ledger.repeats = 9
    server.will(answering("429 Slow", ""), answering("503 Maintenance", ""))
    with pytest.raises(ServerTrouble):
        client._send("POST", "/things", body={})
    assert [call.status for call in ledger.calls] == [429, 503]


@pytest.mark.parametrize("body", ["<html>Maintenance</html>", '{"cut": ', '{"x": NaN}', "[" * 100_000])
def test_what_is_not_json_is_trouble_on_their_side(server: BadServer, client: JSONClient, body: str) -> None:
    server.will(answering("200 OK", body))
    with pytest.raises(ServerTrouble):
        get(client)


def test_an_object_was_asked_for(server: BadServer, client: JSONClient) -> None:
    server.will(answering("200 OK", "[1]"), answering("200 OK", ""))
    with pytest.raises(ContractBroken):
        client._object(client._send("GET", "/things"), "thing")
    with pytest.raises(ServerTrouble):
        client._object(client._send("GET", "/things"), "thing")


def test_a_redirect_to_a_foreign_host_gets_nothing(server: BadServer, client: JSONClient) -> None:
    foreign = BadServer()
    server.will(answering("302 Found", "", f"Location: {foreign.url}/steal"))
    with pytest.raises(ServerTrouble):
        get(client)
    assert foreign.requests == []
    foreign.close()


def dropping(connection: socket.socket, request: bytes) -> None:
    connection.shutdown(socket.SHUT_RDWR)


def truncating(connection: socket.socket, request: bytes) -> None:
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"half":')
    connection.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("behaviour", [dropping, truncating])
def test_a_lost_answer_is_unknown_and_not_repeated(
    server: BadServer, client: JSONClient, ledger: Ledger, behaviour: Any
) -> None:
    server.will(behaviour)
    with pytest.raises(Unreachable):
        client._send("POST", "/things", body={})
    assert len(server.requests) == 1
    assert [call.status for call in ledger.calls] == [None]


def test_no_listener_is_unreachable(client: JSONClient, server: BadServer, ledger: Ledger) -> None:
    server.close()
    client._base_url = "http://127.0.0.1:9/api"
    with pytest.raises(Unreachable):
        get(client)
    assert [call.status for call in ledger.calls] == [None]


class TLSServer(BadServer):
    """Speaks TLS, with a certificate that nobody vouches for."""

    def __init__(self, directory: Path) -> None:
        _certify(directory)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(directory / CERTIFICATE, directory / KEY)
        super().__init__()
        self.url = self.url.replace("http://", "https://")

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError):
            super()._serve(self.context.wrap_socket(connection, server_side=True))


def test_a_certificate_that_nobody_vouches_for_gets_no_request(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):  # either would hide what the code asks for
        monkeypatch.delenv(name, raising=False)
    server = TLSServer(tmp_path)
    assert requests.get(server.url, verify=str(tmp_path / CERTIFICATE), timeout=5).status_code == 200
    client = Client(f"{server.url}/api", {"Authorization": f"Bearer {SECRET}"}, System.HEARTLAND, ledger)
    with pytest.raises(Unreachable):
        get(client)
    server.close()
    assert [call.status for call in ledger.calls] == [None]
    assert len(server.requests) == 1  # the one that trusted it


def test_a_certificate_of_another_name_gets_no_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = TLSServer(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / CERTIFICATE))
    assert wire.exchange("GET", server.url, headers={}).status == 200
    with pytest.raises(wire.NoAnswer, match="certificate is not valid for 'localhost'"):
        wire.exchange("GET", server.url.replace("127.0.0.1", "localhost"), headers={})
    server.close()
    assert len(server.requests) == 1


def drip_body(connection: socket.socket, request: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(1000):
        connection.sendall(b" ")
        time.sleep(0.02)


def drip_head(connection: socket.socket, request: bytes) -> None:
    for sign in b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 1000:
        connection.sendall(bytes([sign]))
        time.sleep(0.02)


@pytest.mark.parametrize("behaviour", [drip_body, drip_head])
def test_a_dripping_server_meets_the_total_deadline(server: BadServer, behaviour: Any) -> None:
    server.will(behaviour)
    began = time.monotonic()
    with pytest.raises(wire.NoAnswer, match="took longer than"):
        wire.exchange("GET", server.url, headers={}, total_seconds=0.3)
    assert time.monotonic() - began < 2


def test_an_endless_answer_is_cut_at_the_size_limit(server: BadServer) -> None:
    server.will(answering("200 OK", b"x" * 300_000))
    with pytest.raises(wire.NoAnswer, match="larger than 1000 bytes"):
        wire.exchange("GET", server.url, headers={}, max_bytes=1000)


def test_a_small_answer_that_unpacks_to_a_huge_one_is_cut_too(server: BadServer) -> None:
    server.will(answering("200 OK", gzip.compress(b"0" * 20_000_000), "Content-Encoding: gzip"))
    with pytest.raises(wire.NoAnswer, match="larger than 1000 bytes"):
        wire.exchange("GET", server.url, headers={}, max_bytes=1000)


def test_a_compressed_answer_is_read(server: BadServer, client: JSONClient) -> None:
    server.will(answering("200 OK", gzip.compress(b'{"total": 1.10}'), "Content-Encoding: gzip"))
    assert get(client) == {"total": Decimal("1.10")}
    assert b"Accept-Encoding: gzip" in server.requests[0]


def test_a_netrc_file_never_replaces_our_token(
    server: BadServer, client: JSONClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else")
    monkeypatch.setenv("NETRC", str(netrc))
    get(client)
    assert f"Authorization: Bearer {SECRET}".encode() in server.requests[0]


@pytest.mark.parametrize("path", ["/things", "/v2/orders/10.4", "/a b", "/a/../b", "/ä?x=1", "/a//b", ""])
@pytest.mark.parametrize(("method", "body"), [("GET", None), ("POST", b"{}"), ("PUT", b""), ("DELETE", None)])
def test_a_request_is_prepared_as_requests_would(path: str, method: str, body: bytes | None) -> None:
    url, headers, params = f"http://127.0.0.1:8000{path}", {"X-Auth-Token": SECRET}, [("q", "a b,~ä"), ("q", "2")]
    ours = wire._Line(public_only=False)._prepared(method, url, headers, params, body)
    theirs = requests.Request(method, url, headers=headers, params=params, data=body).prepare()
    assert (ours.method, ours.url, ours.body, dict(ours.headers)) == (
        theirs.method, theirs.url, theirs.body, dict(theirs.headers),
    )  # fmt: skip


def test_a_header_that_breaks_its_line_is_not_sent(server: BadServer) -> None:
    before = len(server.requests)
    with pytest.raises(wire.NoAnswer):
        wire.exchange("GET", f"{server.url}/things", headers={"X-Auth-Token": "a\r\nX-Evil: 1"})
    assert len(server.requests) == before


def test_connections_are_kept_and_cookies_are_not(server: BadServer, client: JSONClient) -> None:
    server.will(answering("200 OK", "{}", "Set-Cookie: session=other-tenant"))
    before = server.connections
    get(client)
    get(client)
    assert server.connections == before + 1
    assert b"other-tenant" not in server.requests[1]


def test_no_text_of_ours_holds_the_secret(server: BadServer, client: JSONClient) -> None:
    server.will(answering("422 Bad", f'{{"message": "{SECRET} is not known: bad token {SECRET}"}}'))
    with pytest.raises(Rejected) as caught:
        get(client, params=[("client_secret", "s3cr3t-in-query")])
    server.will(dropping)
    with pytest.raises(Unreachable) as lost:
        get(client, params=[("client_secret", "s3cr3t-in-query")])
    texts = [repr(client), *(f"{e.value!r} {e.value.detail} {e.value.__cause__!r}" for e in (caught, lost))]
    assert not [text for text in texts if SECRET in text or "s3cr3t" in text]
    assert lost.value.__cause__ is not None
    assert lost.value.__cause__.__cause__ is None


def test_the_ledger_sees_the_call_and_its_limits(server: BadServer, client: JSONClient, ledger: Ledger) -> None:
    server.will(answering("200 OK", "{}", "X-Rate-Limit-Requests-Left: 9", "X-Request-ID: r1", "X-Private: no"))
    get(client, params=[("q", "ann@example.com")])
    (call,) = ledger.calls
    assert (call.method, call.path, call.status, call.request_id) == ("GET", "/things", 200, "r1")
    assert call.headers == {"x-rate-limit-requests-left": "9", "x-request-id": "r1"}


def test_a_call_that_must_wait_is_not_made(server: BadServer, client: JSONClient, ledger: Ledger) -> None:
    ledger.refusal = Throttled("wait", retry_after=3)
    with pytest.raises(Throttled):
        get(client)
    assert (server.requests, ledger.calls) == ([], [])


PEOPLE = {
    "status": 422,
    "code": "invalid_field",
    "message": "Zephyrine Quillfeather is unknown",
    "errors": {"email": ["Zephyrine"], "Zephyrine Quillfeather": 7, "total": "12.50"},
}


@pytest.mark.parametrize("path", ["/api/customers", "/v2/orders/7", "/api/sales/orders"])
def test_an_answer_about_people_keeps_no_text_while_none_of_them_is_known(
    path: str, server: BadServer, client: JSONClient
) -> None:
    server.will(answering("422 Bad", json.dumps(PEOPLE)))
    with pytest.raises(Rejected) as unknown:
        client._send("GET", path)
    left = "[text left out: it may name people]"
    kept = {
        "status": 422, "code": "invalid_field", "message": left,
        "errors": {"email": [left], left: 7, "total": "12.50"},
    }  # fmt: skip
    assert json.loads(unknown.value.detail.partition("\n")[2]) == kept
    server.will(answering("500 Oh", "<b>Zephyrine</b>"))
    with pytest.raises(ServerTrouble) as page:
        client._send("GET", path)
    assert page.value.detail.partition("\n")[2] == left


def test_once_they_are_known_the_text_is_kept_without_them(server: BadServer, client: JSONClient) -> None:
    server.will(answering("422 Bad", json.dumps(PEOPLE)))
    client.redactor.conceal("[name removed]", ["Zephyrine", "Quillfeather"])
    with pytest.raises(Rejected) as known:
        client._send("GET", "/v2/orders/7")
    assert "[name removed] [name removed] is unknown" in known.value.detail
    with pytest.raises(Rejected) as nobody:  # a path that is about no people says what it says
        client._send("GET", "/v2/products")
    assert "is unknown" in nobody.value.detail

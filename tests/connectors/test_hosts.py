"""Addresses that people type, and what they may lead to."""

import socket
from typing import Any

import pytest

from connections.connectors import hosts, wire
from connections.connectors.hosts import HostRefused, base_url_checked, is_public
from connections.connectors.http import JSONClient
from ipaas.types import NoObserver, System
from tests.connectors.conftest import BadServer

PRIVATE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",  # noqa: S104
    "224.0.0.1",
    "240.0.0.1",
    "::1",
    "::",
    "fe80::1%eth0",
    "fd00:ec2::254",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::",
    "2001:db8::1",
    "192.0.0.192",
    "192.88.99.1",
    "::ffff:192.0.0.192",
    "fec0::1",
    "3fff::1",
    "64:ff9b:1::1",
    "5f00::1",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_in_all_their_disguises(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822"])
def test_public_addresses(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "http://acme.example",
        "ftp://acme.example",
        "https://user:pass@acme.example",
        "https://acme.example?x=1",
        "https://acme.example:8443",
        "https://acme.example:port",
        "https://ac me.example",
        "https://127.0.0.1",
        "https://2130706433",
        "https://[::1]",
        "https://localhost",
        "https://" + "a" * 400,
        "https://name.invalid",
    ],
)
def test_refused_addresses(typed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", resolving({"acme.example": ["93.184.216.34"]}))
    with pytest.raises(HostRefused):
        base_url_checked(typed, allow_private=False)


def test_an_accepted_address_loses_its_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", resolving({"acme.example": ["93.184.216.34"]}))
    assert base_url_checked(" https://acme.example/api/ ", allow_private=False) == "https://acme.example/api"
    assert base_url_checked("http://127.0.0.1:8001/api", allow_private=True) == "http://127.0.0.1:8001/api"


def test_one_private_address_among_several_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", resolving({"acme.example": ["93.184.216.34", "10.0.0.1"]}))
    with pytest.raises(HostRefused):
        base_url_checked("https://acme.example", allow_private=False)


def test_a_name_that_turns_private_after_the_check_is_not_called(
    server: BadServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", resolving({"rebound.example": ["127.0.0.1"]}))
    port = server.url.rpartition(":")[2]
    client = JSONClient(f"http://rebound.example:{port}", {}, System.HEARTLAND, NoObserver(), public_only=True)
    with pytest.raises(HostRefused):
        client._send("GET", "/")
    assert server.requests == []


def test_no_proxy_of_the_environment_makes_the_call_for_us(server: BadServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would look the name up itself, and the address that we checked would not be the one called."""
    monkeypatch.setenv("http_proxy", server.url)
    monkeypatch.setattr(socket, "getaddrinfo", resolving({"proxied.example": ["10.0.0.1"]}))
    client = JSONClient("http://proxied.example", {}, System.HEARTLAND, NoObserver(), public_only=True)
    with pytest.raises(HostRefused):
        client._send("GET", "/")
    assert server.requests == []


def test_the_call_goes_to_the_checked_address(server: BadServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosts, "is_public", lambda address: True)
    monkeypatch.setattr(wire, "public_addresses", lambda name, port: ["127.0.0.1"])
    port = server.url.rpartition(":")[2]
    answer = wire.exchange("GET", f"http://name.invalid:{port}/", headers={}, public_only=True)
    assert (answer.status, answer.body) == (200, b"{}")
    assert b"Host: name.invalid" in server.requests[0]


def resolving(names: dict[str, list[str]]) -> Any:
    """A name service that knows these names, and numbers."""

    def look_up(host: str, port: Any, *args: Any, **kwargs: Any) -> list[Any]:
        try:
            addresses = names.get(host) or [socket.inet_ntoa(socket.inet_aton(host))]
        except OSError:
            addresses = {"localhost": ["127.0.0.1"], "::1": ["::1"]}.get(host, [])
        if not addresses:
            raise socket.gaierror("no such name")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    return look_up

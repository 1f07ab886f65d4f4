"""Addresses that people type: which of them we are willing to call (GUARANTEES.md, attack 7)."""

import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

from errors.failures import ConfigurationFailure

NAT64 = IPv6Network("64:ff9b::/96")
# Special blocks that the ipaddress of some Pythons takes for public (IANA's registries of special-purpose addresses):
# protocol assignments with a cloud's metadata server, 6to4 relays, site-local, documentation, local NAT64, segment ids.
SPECIAL = (
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.88.99.0/24"),
    IPv6Network("fec0::/10"),
    IPv6Network("3fff::/20"),
    IPv6Network("64:ff9b:1::/48"),
    IPv6Network("5f00::/16"),
)
MAX_LENGTH = 300


class HostRefused(ConfigurationFailure):
    """An address that we do not call: not https, or it leads into a private network."""

    code = "host_refused"


def base_url_checked(text: str, *, allow_private: bool) -> str:
    """The typed address without trailing slash. Raises HostRefused with what to do about it."""
    text = text.strip().rstrip("/")
    parts = _split(text)
    if parts.scheme != "https" and not (allow_private and parts.scheme == "http"):
        raise HostRefused("The address must begin with https://.")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise HostRefused("The address may hold no user name, question mark or #: only https://host/path.")
    if not allow_private:
        if parts.port not in (None, 443):
            raise HostRefused("The address may not name a port other than 443.")
        public_addresses(parts.hostname or "", 443)
    return text


def _split(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        _ = parts.port  # urlsplit reads the port only when asked
    except ValueError as exc:
        raise HostRefused("This is not a web address.") from exc
    if not parts.hostname or len(text) > MAX_LENGTH or any(sign.isspace() for sign in text):
        raise HostRefused("This is not a web address.")
    return parts


def public_addresses(host: str, port: int) -> list[str]:
    """Every address of `host`, all of them public. Raises HostRefused otherwise, also when it has none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as exc:
        raise HostRefused(f"There is no host named {host}.") from exc
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not addresses or not all(is_public(address) for address in addresses):
        raise HostRefused(f"{host} leads into a private network: give its public address.")
    return addresses


def is_public(address: str) -> bool:
    """Whether an IP address, or the IPv4 address inside it, belongs to the public internet."""
    ip: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        ip = _embedded(ip) or ip
    is_special = any(ip in block for block in SPECIAL if block.version == ip.version)
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified or is_special)


def _embedded(ip: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that a mapped, 6to4 or NAT64 address stands for."""
    if ip in NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour

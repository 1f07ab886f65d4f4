"""Where a request comes from, in words that a person recognises."""

import ipaddress

from allauth.account.adapter import get_adapter
from django.http import HttpRequest

BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)


def address_of(request: HttpRequest) -> str:
    """The client's network address."""
    return str(get_adapter().get_client_ip(request))


def network_of(address: str) -> str:
    """What a subscriber has: one address of version 4, 64 bits of version 6."""
    known = ipaddress.ip_address(address)
    return address if known.version == 4 else str(ipaddress.ip_network(f"{address}/64", strict=False))


def browser_of(user_agent: str) -> str:
    """Roughly which browser on which device: what it says of itself, so nothing to rely on."""
    text = user_agent[:400]
    browser = next((name for sign, name in BROWSERS if sign in text), "Another browser")
    system = next((name for sign, name in SYSTEMS if sign in text), "")
    return f"{browser} on {system}" if system else browser

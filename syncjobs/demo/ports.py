"""Free ports: the usual ones where nobody listens, others where somebody does."""

import socket

USUAL = {"web": 8000, "heartland": 8801, "bigcommerce": 8802}


def choose(*, usual: bool) -> dict[str, int]:
    """A port for each server; `usual` prefers the well-known ones. Held until all are chosen, so that none repeats."""
    held = {name: _bind(port if usual else 0) for name, port in USUAL.items()}
    try:
        return {name: server.getsockname()[1] for name, server in held.items()}
    finally:
        for server in held.values():
            server.close()


def _bind(port: int) -> socket.socket:
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        server.bind(("127.0.0.1", port))
    except OSError:
        server.bind(("127.0.0.1", 0))
    return server

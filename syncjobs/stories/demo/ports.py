"""Free ports: those of the last run, else the usual ones, others where somebody listens there."""

import json
import socket
from pathlib import Path

USUAL = {
    "web": 8000, "heartland": 8801, "bigcommerce": 8802, "second_store": 8803, "magento": 8804, "front": 8443,
}  # fmt: skip
NOTE = "ports.json"  # in the data directory: connected systems are stored with their addresses


def choose(data: Path, *, usual: bool) -> dict[str, int]:
    """A port for each server. Held until all are chosen, so that none repeats."""
    wanted = (USUAL if usual else {}) | former(data)
    held = {name: _bind(wanted.get(name, 0)) for name in USUAL}
    try:
        return {name: server.getsockname()[1] for name, server in held.items()}
    finally:
        for server in held.values():
            server.close()


def note(data: Path, ports: dict[str, int]) -> None:
    """Keep the ports for the next run on this data."""
    (data / NOTE).write_text(json.dumps(ports))


def former(data: Path) -> dict[str, int]:
    """The ports of the last run; empty at the first."""
    note = data / NOTE
    return dict(json.loads(note.read_text())) if note.exists() else {}


def _bind(port: int) -> socket.socket:
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        server.bind(("127.0.0.1", port))
    except OSError:
        server.bind(("127.0.0.1", 0))
    return server

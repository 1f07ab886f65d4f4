"""Heartland behind the port: its client and its mapping, joined."""

from connections import clients
from connections.connectors.heartland import HeartlandClient
from connections.models import Connection
from ipaas.types import CallObserver
from syncjobs.pos import port
from syncjobs.pos.heartland.feeds import HeartlandFeeds
from syncjobs.pos.heartland.ledger import HeartlandStock


class HeartlandPos(port.Pos):
    """Fulfils the port for one connection, whose settings name the fields that hold carrier and tracking."""

    def __init__(self, client: HeartlandClient, connection: Connection) -> None:
        self.stock = HeartlandStock(client)
        self.feeds = HeartlandFeeds(client, connection)


def opened(connection: Connection, observer: CallObserver) -> HeartlandPos:
    return HeartlandPos(clients.heartland_client(connection.heartland, observer=observer), connection)


def opened_patiently(connection: Connection) -> HeartlandPos:
    return HeartlandPos(clients.heartland_setup_client(connection.heartland), connection)

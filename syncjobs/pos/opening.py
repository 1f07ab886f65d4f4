"""Opening a connection's point of sale: the one place that says which it is."""

from connections.models import Connection
from ipaas.types import CallObserver
from syncjobs.pos import port
from syncjobs.pos.heartland import pos as heartland


def pos_of(connection: Connection, observer: CallObserver) -> port.Pos:
    """Each call of it the observer counts. Raises CredentialsRejected when there is no token."""
    return heartland.opened(connection, observer)


def pos_of_patience(connection: Connection) -> port.Pos:
    """The same for a page that a person waits for: it waits out short throttling."""
    return heartland.opened_patiently(connection)

"""Trading an authorization code for a token: its two ordinary failures, in words that help."""

from collections.abc import Callable

from connections.connectors.http import Answer, JSONClient
from errors.failures import CredentialsRejected, Rejected, SyncFailure
from ipaas.types import JSON


class ExchangeClient(JSONClient):
    """Calls the host that hands out tokens."""

    def _traded(self, send: Callable[[], Answer]) -> JSON:
        """The token answer. Raises Rejected for a bad or used code, SyncFailure for a wrong client id or secret."""
        try:
            return self._object(send(), "access token")
        except CredentialsRejected as exc:
            variables = f"{self.name.upper()}_CLIENT_ID and {self.name.upper()}_CLIENT_SECRET"
            summary = f"{self.name} does not accept our app's id or secret: the operator must correct {variables}."
            raise SyncFailure(summary, detail=exc.detail) from exc
        except Rejected as exc:
            summary = f"{self.name} did not accept this authorization; it may be used or too old. Start again."
            raise Rejected(summary, status=exc.status, fields=exc.fields, detail=exc.detail) from exc

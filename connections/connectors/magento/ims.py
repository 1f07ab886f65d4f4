"""Adobe's log-in, which gives tokens for its Commerce as a Cloud Service (notes §2.1; its Server-to-server guide)."""

import time
from typing import Any
from urllib.parse import urlencode

from connections.connectors import wire
from connections.connectors.http import JSONClient
from errors.failures import CredentialsRejected, Rejected
from ipaas.types import CallObserver, System

SCOPES = "openid,AdobeID,email,profile,additional_info.roles,additional_info.projectedProductContext,commerce.accs"
KEPT_SECONDS = 3_600  # of a day that a token is good for: one that was taken back is soon not used any more
SHORTEST_SECONDS = 60

_kept: dict[tuple[str, str, str], tuple[str, float]] = {}  # whose → token, and until when; never outlives the process


class ImsClient(JSONClient):
    """Calls the log-in's token address."""

    name = "Adobe"

    def token(self, client_id: str, client_secret: str) -> str:
        """A token for the credentials of a project, a kept one if there is. Raises CredentialsRejected."""
        whose = (self._base_url, client_id, client_secret)
        token, until = _kept.get(whose, ("", 0.0))
        if time.monotonic() < until:
            return token
        form = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": client_secret,
            "scope": SCOPES,
        }
        try:
            answer = self._object(self._send("POST", "/ims/token/v3", body=form), "access token")
        except (Rejected, CredentialsRejected) as failure:
            summary = "Adobe does not accept this client id or client secret."
            raise CredentialsRejected(summary, detail=failure.detail) from failure
        token = str(answer.get("access_token") or "")
        if not token:
            raise CredentialsRejected("Adobe answered without an access token.")
        lives = answer.get("expires_in")
        seconds = min(float(lives) - SHORTEST_SECONDS, KEPT_SECONDS) if isinstance(lives, int) else SHORTEST_SECONDS
        _kept[whose] = token, time.monotonic() + seconds
        return token

    def _exchange(self, method: str, path: str, params: wire.Params, body: Any) -> wire.RawAnswer:
        return wire.exchange(
            method,
            f"{self._base_url}{path}",
            headers={"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"},
            body=urlencode(body).encode(),
            public_only=self._public_only,
            total_seconds=self.call_seconds,
        )


def ims_client(base_url: str, client_secret: str, observer: CallObserver) -> ImsClient:
    """A client of the log-in."""
    return ImsClient(base_url, {}, System.MAGENTO, observer, secrets=[client_secret])

"""The second half of Save and Activate: our verifier traded for an access token (notes §2.2)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from connections.connectors import wire
from connections.connectors.http import Answer, JSONClient
from connections.connectors.magento.base import SignatureRefused
from connections.connectors.magento.signing import Signed, signature
from errors.failures import ConfigurationFailure, ContractBroken
from ipaas.types import CallObserver, System

PROBLEM = "oauth_problem"
AGAIN = "In Magento, open the integration and press Reauthorize (or Activate): what it sent is good for five minutes."


class _TokenClient(JSONClient):
    """Calls the two token addresses; their answers are forms."""

    name = "Magento"

    def traded(self, path: str, headers: Mapping[str, str]) -> dict[str, str]:
        self._headers = dict(headers)
        answer: dict[str, str] = self._send("POST", path).data
        return answer

    def _judged(self, method: str, path: str, raw: wire.RawAnswer) -> Answer:
        said = dict(parse_qsl(raw.body.decode(errors="replace")))
        if raw.status in (400, 401) and PROBLEM in said:
            self._refused(said[PROBLEM], self._detail(method, path, raw))
        if raw.status >= 300:
            self._fail(method, path, raw)
        return Answer(status=raw.status, headers=raw.headers, data=said)

    def _refused(self, problem: str, detail: str) -> NoReturn:
        if "signature is invalid" in problem.lower():
            raise SignatureRefused("Magento does not accept our signature.", detail=detail)
        raise ConfigurationFailure(
            f"Magento did not hand over its access ({self._masked(problem)}). {AGAIN}", detail=detail
        )


def tokens_exchange(
    address: str,
    *,
    signing_urls: Sequence[str],
    consumer_key: str,
    consumer_secret: str,
    verifier: str,
    observer: CallObserver,
    public_only: bool,
) -> tuple[Signed, str]:
    """Two calls, within 300 s of the activation; answers the secrets, and the address under which they sign.

    The first of `signing_urls` that the shop takes is the right one. Raises SignatureRefused when none is, and
    ConfigurationFailure when the shop refuses for a reason of its own.
    """
    client = _TokenClient(
        address,
        {},
        System.MAGENTO,
        observer,
        public_only=public_only,
        secrets=[consumer_key, consumer_secret, verifier],
    )
    consumer = Signed(consumer_key=consumer_key, consumer_secret=consumer_secret, token="", token_secret="")
    signing_url, asked = _requested(client, consumer, signing_urls)
    given = client.traded(
        "/oauth/token/access", signature(asked, "POST", f"{signing_url}/oauth/token/access", verifier=verifier)
    )
    return _with_token(asked, given), signing_url


def _requested(client: _TokenClient, consumer: Signed, signing_urls: Sequence[str]) -> tuple[str, Signed]:
    refusal: Exception = ConfigurationFailure("There is no address to sign.")
    for signing_url in signing_urls:
        try:
            header = signature(consumer, "POST", f"{signing_url}/oauth/token/request")
            given = client.traded("/oauth/token/request", header)
        except SignatureRefused as failure:
            refusal = failure
            continue
        return signing_url, _with_token(consumer, given)
    raise refusal


def _with_token(signed: Signed, given: Mapping[str, Any]) -> Signed:
    if not given.get("oauth_token") or not given.get("oauth_token_secret"):
        raise ContractBroken("Magento answered without a token.")
    return replace(signed, token=given["oauth_token"], token_secret=given["oauth_token_secret"])

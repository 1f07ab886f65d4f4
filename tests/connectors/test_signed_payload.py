"""App callbacks: every forgery of GUARANTEES.md attack 5 is refused."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest

from connections.connectors.bigcommerce.oauth import CallbackRefused, signed_payload_verify, store_hash_of

pytestmark = pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
SECRET = "sim-client-secret-0001"
CLIENT = "simclientid0001"
NOW = datetime(2026, 1, 1, 0, 5, tzinfo=UTC)
CLAIMS: dict[str, Any] = {
    "aud": CLIENT,
    "iss": "bc",
    "iat": 1767225600,
    "nbf": 1767225595,
    "exp": 1767312000,
    "jti": "7b0f6c1e-2f5d-4b6e-9a77-0d3c1f6a9e21",
    "sub": "stores/a1b2c3d4e5",
    "user": {"id": 501, "email": "staff@example.com", "locale": "en-US"},
    "owner": {"id": 500, "email": "owner@example.com"},
    "url": "/",
    "channel_id": None,
}


def signed(key: str = SECRET, algorithm: str = "HS256", **changes: Any) -> str:
    claims = {name: value for name, value in (CLAIMS | changes).items() if value is not ...}
    return jwt.encode(claims, key, algorithm=algorithm)


def verify(token: str, now: datetime = NOW) -> Any:
    return signed_payload_verify(token, client_secret=SECRET, client_id=CLIENT, now=now)


def test_the_published_vector_is_accepted() -> None:
    part = [json.dumps(value, separators=(",", ":")).encode() for value in ({"alg": "HS256", "typ": "JWT"}, CLAIMS)]
    head = ".".join(base64.urlsafe_b64encode(text).rstrip(b"=").decode() for text in part)
    callback = verify(f"{head}.YvpyKOsSlEljwqbXb6K2v4eYfYbnL1bdrZxcU6-O2hY")
    assert (callback.store_hash, callback.user_id, callback.owner_id, callback.path) == (
        "a1b2c3d4e5",
        "501",
        "500",
        "/",
    )
    assert callback.token_id == "7b0f6c1e-2f5d-4b6e-9a77-0d3c1f6a9e21"
    assert "staff@example.com" not in repr(callback)


def none_token() -> str:
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in ({"alg": "none"}, CLAIMS)
    ]
    return ".".join([*parts, ""])


@pytest.mark.parametrize(
    "token",
    [
        "",
        "not.a.jwt",
        none_token(),
        signed(key="another-secret-of-enough-length"),
        signed(algorithm="HS512"),
        signed(aud="someone-else"),
        signed(aud=[CLIENT + "x"]),
        signed(iss="bd"),
        signed(sub="stores/../other"),
        signed(sub="stores/A1B2"),
        signed(sub=...),
        signed(exp=...),
        signed(nbf=...),
        signed(jti=...),
        signed(user={}),
        signed(exp="tomorrow"),
        signed()[:-2],
    ],
)
def test_forgeries_are_refused(token: str) -> None:
    with pytest.raises(CallbackRefused):
        verify(token)


@pytest.mark.parametrize(
    ("moment", "is_good"),
    [
        (datetime(2025, 12, 31, 23, 58, 0, tzinfo=UTC), False),
        (datetime(2025, 12, 31, 23, 59, 30, tzinfo=UTC), True),
        (datetime(2026, 1, 2, 0, 0, 59, tzinfo=UTC), True),
        (datetime(2026, 1, 2, 0, 1, 0, tzinfo=UTC), False),
    ],
)
def test_its_time_counts_with_a_minute_of_leeway(moment: datetime, is_good: bool) -> None:
    if is_good:
        verify(signed(), moment)
    else:
        with pytest.raises(CallbackRefused):
            verify(signed(), moment)


def test_without_a_secret_of_ours_nothing_is_proven() -> None:
    with pytest.raises(CallbackRefused):
        signed_payload_verify(signed(key="short"), client_secret="short", client_id=CLIENT, now=NOW)


@pytest.mark.parametrize("context", ["", "stores/", "stores/a/b", "store/a1", "stores/a1\n", "x/stores/a1"])
def test_a_context_names_exactly_one_store(context: str) -> None:
    with pytest.raises(CallbackRefused):
        store_hash_of(context)

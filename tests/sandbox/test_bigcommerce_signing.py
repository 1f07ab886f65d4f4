"""The test vectors of the BigCommerce note: §3, §25.4, §25.5."""

from __future__ import annotations

import hashlib
import json

from ipaas.sandbox.bigcommerce.signing import event_hash, jwt_hs256, webhook_signature

SECRET = "sim-client-secret-0001"
BODY = (
    b'{"producer":"stores/a1b2c3d4e5","hash":"6f0c1d5c0f1f4a0f5b1e6f3e7a2b9c8d7e6f5a4b","created_at":1767225600,'
    b'"store_id":"1001234567","scope":"store/order/statusUpdated","data":{"type":"order","id":10432,"status":'
    b'{"previous_status_id":11,"new_status_id":10}}}'
)


def test_the_signed_payload_of_an_app_callback_has_the_note_s_signature() -> None:
    claims = {
        "aud": "simclientid0001",
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
    parts = jwt_hs256(claims, SECRET).split(".")
    assert parts[2] == "YvpyKOsSlEljwqbXb6K2v4eYfYbnL1bdrZxcU6-O2hY"
    assert parts[0] == "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"


def test_a_delivery_has_the_note_s_standard_webhooks_signature() -> None:
    signature = webhook_signature(SECRET, "evt_000001", 1767225600, BODY)
    assert signature == "v1,MZpkxWVaeltzUOV+5pm9OBw8yoOONFkkoOu1FtNruRs="


def test_the_hash_is_sha1_of_the_payload_without_its_hash() -> None:
    payload = json.loads(BODY)
    del payload["hash"]
    text = json.dumps(payload, separators=(",", ":"))
    assert event_hash(payload) == hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
    assert len(event_hash(payload)) == 40

"""What BigCommerce signs: app callbacks (note §3), webhook deliveries (§25.5) and the event hash (§25.4)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

JWT_LIFETIME = 24 * 3600


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def compact_json(data: Any) -> str:
    """JSON without spaces, keys in the order given, text unescaped."""
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False)


def jwt_hs256(claims: dict[str, Any], secret: str) -> str:
    """A signed JWT; the client secret is the key as it stands (§3)."""
    head = _base64url(compact_json({"alg": "HS256", "typ": "JWT"}).encode())
    signed = f"{head}.{_base64url(compact_json(claims).encode())}"
    mac = hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{_base64url(mac)}"


def webhook_signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Standard Webhooks header value over `id.timestamp.body`, key = the bytes of the client secret (§25.5)."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    mac = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(mac).decode()}"


def event_hash(payload: dict[str, Any]) -> str:
    """SHA-1 of the payload without its hash: a duplicate marker, no proof of origin (§25.4)."""
    return hashlib.sha1(compact_json(payload).encode(), usedforsecurity=False).hexdigest()

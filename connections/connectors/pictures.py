"""Fetching a picture from its address, for stores that take pictures as bytes."""

import hashlib
from dataclasses import dataclass

from connections.connectors import wire
from errors.failures import NotFound, Rejected, Unreachable

MOST_BYTES = 8 * 1024 * 1024
KINDS = {b"\xff\xd8\xff": "jpeg", b"\x89PNG\r\n\x1a\n": "png", b"GIF8": "gif"}  # by how a file begins


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture as it was fetched."""

    content: bytes
    kind: str  # jpeg, png or gif

    @property
    def name(self) -> str:
        """Of the same picture always the same: by it a shop is known to have it."""
        return f"{hashlib.sha256(self.content).hexdigest()[:32]}.{'jpg' if self.kind == 'jpeg' else self.kind}"


def picture_read(url: str, *, public_only: bool) -> Picture:
    """One call. Raises Unreachable, NotFound, and Rejected for what is no picture or too large."""
    try:
        answer = wire.exchange("GET", url, headers={"Accept": "image/*"}, public_only=public_only, max_bytes=MOST_BYTES)
    except wire.NoAnswer as exc:
        raise Unreachable("The picture's address gave no complete answer.", detail=str(exc)) from exc
    if answer.status >= 300:
        raise NotFound(f"The picture's address answers {answer.status}.")
    kind = next((kind for begins, kind in KINDS.items() if answer.body.startswith(begins)), "")
    if not kind:
        raise Rejected("The picture is neither a JPEG, a PNG nor a GIF.", status=415)
    return Picture(content=answer.body, kind=kind)

"""Slack and Microsoft Teams by Apprise, which knows their addresses and shapes; what is sent goes by our own wire.

Apprise would post by itself, follow redirects, resolve names unchecked, read files and know 140 more services: of all
that nothing is used. An address is taken only where it has the one form that the vendor hands out.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from apprise.common import NotifyType
from apprise.plugins.slack import NotifySlack
from apprise.plugins.workflows import NotifyWorkflows

Post = Callable[[str, str, Mapping[str, str]], None]
SLACK = re.compile(r"/(?P<a>T[A-Z0-9]{1,20})/(?P<b>B[A-Z0-9]{1,20})/(?P<c>[A-Za-z0-9]{8,40})")


class Slack(NotifySlack):  # type: ignore[misc]
    """An incoming webhook of a Slack channel."""

    post: Post

    def _send(self, url: str, payload: Mapping[str, Any], **_: Any) -> dict[str, bool]:
        self.post(url, json.dumps(payload), {})
        return {"ok": True}


class Teams(NotifyWorkflows):  # type: ignore[misc]
    """A workflow of Microsoft Teams that posts to a channel."""

    post: Post
    address: str

    def send(self, body: str, title: str = "", notify_type: Any = NotifyType.INFO, **_: Any) -> bool:
        query = {
            "api-version": self.api_version, "sp": "/triggers/manual/run", "sv": "1.0", "sig": self.signature,
        }  # fmt: skip
        payload = self.gen_payload(body=body.replace("<at>", "<at >"), title=title, notify_type=notify_type)
        self.post(f"{self.address}?{urlencode(query)}", json.dumps(payload), {})
        return True


def slack(address: str, base: str, post: Post) -> Slack | None:
    """The plugin for an incoming webhook's address; None for any other."""
    found = SLACK.fullmatch(address.removeprefix(base)) if address.startswith(base) else None
    if found is None:
        return None
    chat = Slack(token_a=found["a"], token_b=found["b"], token_c=found["c"], include_image=False, include_footer=False)
    chat.webhook_url, chat.post = base, post
    return chat


def teams(address: str, post: Post) -> Teams | None:
    """The plugin for a workflow's address; None for any other."""
    parsed = NotifyWorkflows.parse_native_url(address)
    if not parsed:
        return None
    chat = Teams(**parsed | {"include_image": False})
    chat.address, chat.post = address.partition("?")[0], post
    return chat

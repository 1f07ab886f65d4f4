"""How one message goes out: mail by Django, chats by Apprise's shapes, webhooks by Standard Webhooks.

All but mail goes through `connectors/wire.py`: to public addresses alone, checked as the connection is made, and no
redirect is followed. Chats are of two kinds only, each to its vendor's hosts.
"""

import base64
import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from smtplib import SMTPException
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from standardwebhooks import Webhook

from connections.connectors import wire
from connections.connectors.hosts import HostRefused, base_url_checked
from connections.models import User
from connections.notices import absolute
from errors.alerts.alert_words import Content
from errors.models import AlertChannel, AlertMessage

SECONDS = 15.0
LARGEST_ANSWER = 64 * 1024
TEAMS_HOSTS = (".logic.azure.com", ".api.powerplatform.com", ".webhook.office.com")
TAKEN = range(HTTPStatus.OK, HTTPStatus.MULTIPLE_CHOICES)
EVENTS = {AlertMessage.Reason.ALERTS: "alerts.changed", AlertMessage.Reason.TEST: "alerts.test"}


class NotSent(Exception):
    """The message was not taken, or nobody knows whether it was; the reason names no secret."""


class AddressRefused(ValueError):
    """A typed address that is none of this kind of channel; the text says what one looks like."""


def new_secret() -> str:
    """What webhooks of a channel are signed with, as Standard Webhooks writes it."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


def address_checked(kind: str, address: str) -> str:
    """A typed address, as it is kept. Raises AddressRefused."""
    if kind == AlertChannel.Kind.WEBHOOK:
        try:
            return base_url_checked(address, allow_private=settings.ALLOW_PRIVATE_HOSTS)
        except HostRefused as refused:
            raise AddressRefused(refused.summary) from refused
    _chat(kind, address.strip())
    return address.strip()


def shown(channel: AlertChannel) -> str:
    """Where a channel leads, without what is secret in its address."""
    return urlsplit(channel.address).hostname or ""


def send(message: AlertMessage, now: datetime) -> None:
    """Send it once, to whom it is addressed. Raises NotSent."""
    words: Content = message.content
    if message.person:
        _mail(message, message.person, words)
    elif message.channel and message.channel.kind == AlertChannel.Kind.WEBHOOK:
        _webhook(message, message.channel, words, now)
    elif message.channel:
        _post_chat(message.channel, words)


def _mail(message: AlertMessage, person: User, words: Content) -> None:
    host = settings.PUBLIC_HOST or "localhost"
    text = render_to_string(
        "mail/alert.txt", {"words": words, "url": absolute(words["path"]), "merchant": message.merchant}
    )
    headers = {"Message-ID": f"<{message.public_id}@{host}>", "Auto-Submitted": "auto-generated"}
    try:
        EmailMessage(words["title"].replace("\n", " "), text, None, [person.email], headers=headers).send()
    except (OSError, SMTPException) as exc:
        raise NotSent(f"The mail server did not take it ({type(exc).__name__}).") from exc


def _webhook(message: AlertMessage, channel: AlertChannel, words: Content, now: datetime) -> None:
    kind = EVENTS[AlertMessage.Reason(message.reason)]
    data = {"merchant": str(message.merchant.public_id), "title": words["title"], "lines": words["lines"]}
    body = json.dumps(
        {
            "type": kind,
            "timestamp": message.created_at.isoformat(),
            "data": data | {"alerts": words["alerts"], "url": absolute(words["path"])},
        }
    )
    msg_id = str(message.public_id)
    headers = {
        "webhook-id": msg_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(channel.secret).sign(msg_id, now, body),
    }
    _post(channel.address, body, headers)


def _post_chat(channel: AlertChannel, words: Content) -> None:
    """A chat's own shape, made by the library; the sending is ours."""
    chat = _chat(channel.kind, channel.address)
    lines = [*words["lines"], absolute(words["path"])]
    if not chat.send(body="\n".join(lines), title=words["title"]):
        raise NotSent("The chat did not take it.")


def _post(url: str, body: str, headers: Mapping[str, str]) -> None:
    try:
        answer = wire.exchange(
            "POST",
            url,
            headers={"Content-Type": "application/json", **headers},
            body=body.encode(),
            public_only=not settings.ALLOW_PRIVATE_HOSTS,
            total_seconds=SECONDS,
            max_bytes=LARGEST_ANSWER,
        )
    except HostRefused as refused:
        raise NotSent(refused.summary) from refused
    except wire.NoAnswer as silent:
        raise NotSent("No answer came.") from silent
    if answer.status not in TAKEN:
        raise NotSent(f"It answered {answer.status}.")


def _chat(kind: str, address: str) -> Any:
    """The library's plugin for an address, sending by our wire. Raises AddressRefused.

    Imported only here: it weighs some megabytes, and most processes send nothing.
    """
    from errors.alerts import chats

    if kind == AlertChannel.Kind.SLACK:
        if slack := chats.slack(address, settings.SLACK_WEBHOOK_BASE, _post):
            return slack
        raise AddressRefused("A Slack webhook looks like https://hooks.slack.com/services/T…/B…/…")
    host = urlsplit(address).hostname or ""
    is_theirs = host.endswith(TEAMS_HOSTS) or settings.ALLOW_PRIVATE_HOSTS
    if is_theirs and (teams := chats.teams(address, _post)):
        return teams
    raise AddressRefused("Make it in Teams: Workflows, “Post to a channel when a webhook request is received”.")

"""A shop whose alerts are heard by a mail server and a web server of the test."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from pytest_django import Settings

from connections.models import Role, User
from errors.alerts.delivery import message_deliver
from errors.alerts.outbox import messages_due
from errors.alerts.sending import new_secret
from errors.models import AlertChannel, AlertKind, AlertSubscription
from syncjobs.alerting.watch import watch
from tests import factories
from tests.alerts.receivers import MailServer, Receiver
from tests.screens.conftest import Shop, open_shop

ALL = [str(kind) for kind in AlertKind]
NOW = factories.NOW


@pytest.fixture(autouse=True)
def _here(settings: Settings) -> None:
    settings.PUBLIC_URL = "http://testserver"
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.ALLOW_PRIVATE_HOSTS = True


@pytest.fixture
def mails(settings: Settings) -> Iterator[MailServer]:
    server = MailServer()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 5
    yield server
    server.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    yield server
    server.close()


@pytest.fixture
def shop(db: None) -> Shop:
    """Nobody is mailed until a test says so."""
    made = open_shop("Harbor & Pine")
    for person in made.people.values():
        AlertSubscription.objects.create(merchant=made.merchant, person=person)
    return made


def owner(shop: Shop) -> User:
    return shop.people[Role.OWNER]


def mailed(shop: Shop, **fields: object) -> AlertSubscription:
    """Let the owner be mailed."""
    row = AlertSubscription.objects.get(merchant=shop.merchant, person=owner(shop))
    for name, value in {"by_mail": True, "kinds": ALL, **fields}.items():
        setattr(row, name, value)
    row.save()
    return row


def webhook(shop: Shop, receiver: Receiver, **fields: object) -> AlertChannel:
    wanted = {"kind": "webhook", "name": "Our system", "address": f"{receiver.url}/hook", "kinds": ALL} | fields
    return AlertChannel.objects.create(merchant=shop.merchant, secret=new_secret(), **wanted)


def minute(now: datetime, minutes: float = 0) -> list[str]:
    """What one minute of the watch brings: it looks, and what is due is delivered."""
    at = now + timedelta(minutes=minutes)
    watch(at)
    return [message_deliver(message_id=pk, now=at) for pk in messages_due(at)]

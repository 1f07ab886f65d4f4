"""Whether alerts arrive: dead channels, servers that refuse, killed workers, and addresses that lead inside."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as database
from pytest_django import Settings
from standardwebhooks import Webhook

from errors.alerts import alert_settings
from errors.alerts.delivery import LEASE, claim, message_again, message_deliver
from errors.alerts.sending import AddressRefused, address_checked
from errors.models import Alert, AlertChannel, AlertMessage
from tests import factories
from tests.alerts.conftest import NOW, mailed, minute, owner, webhook
from tests.alerts.receivers import MailServer, Receiver, text_of
from tests.screens.conftest import Shop, open_shop
from tests.unit.test_imports import ROOT

SLACK = "T0AB12CD3/B0EF45GH6/abcdEFGH1234ijklMNOP5678"
TEAMS = "/workflows/abc123/triggers/manual/paths/invoke?api-version=2016-06-01&sp=%2Ft&sv=1.0&sig=the-signature"


def test_of(channel: AlertChannel, shop: Shop) -> AlertMessage:
    return alert_settings.channel_test(channel=channel, actor=owner(shop), now=NOW)


test_of.__test__ = False  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_a_dead_channel_is_an_alert_itself_and_what_waited_arrives_once_when_it_is_back(
    shop: Shop, mails: MailServer, receiver: Receiver
) -> None:
    channel = webhook(shop, receiver)
    mailed(shop, kinds=["channel"])
    receiver.status = 503
    factories.problem(shop.connection, "1", factories.not_linked("A-1"))
    assert minute(NOW) == ["tried again later"]
    channel.refresh_from_db()
    assert (channel.failing_since, channel.failure) == (NOW, "It answered 503.")
    for at in range(1, 31):
        minute(NOW, at)
        if at == 10:
            factories.problem(shop.connection, "2", factories.not_linked("B-2"))
    assert len(receiver.heard) == 5  # at 0, 1, 3, 7, 15 minutes: ever more seldom
    assert len({one.headers["webhook-id"] for one in receiver.heard}) == 1
    assert len({one.body for one in receiver.heard}) == 1
    told = Alert.objects.get(kind="channel")
    assert told.title == "Webhook “Our system” does not take alerts: It answered 503."
    assert "does not take alerts" in text_of(mails.to(owner(shop).email)[0])
    receiver.status = 204
    for at in range(31, 45):
        minute(NOW, at)
    assert [one.headers["webhook-id"] for one in receiver.heard[5:]].count(receiver.heard[0].headers["webhook-id"]) == 1
    assert len(receiver.heard) == 7  # the first again, then one with what began meanwhile
    assert [one["title"] for one in receiver.heard[6].data["data"]["alerts"]] == [
        "No Heartland item has the Item # “B-2”."
    ]
    channel.refresh_from_db()
    assert (channel.failing_since, channel.failure) == (None, "")
    told.refresh_from_db()
    assert told.closed_at is not None
    assert [text_of(mail).startswith("Over: ") for mail in mails.to(owner(shop).email)] == [False, True]


@pytest.mark.django_db
def test_a_mail_server_that_refuses_is_said_in_the_product_and_nothing_is_lost(
    shop: Shop, mails: MailServer, receiver: Receiver
) -> None:
    mailed(shop, kinds=["failure"])
    mails.refuses = True
    factories.problem(shop.connection, "1", factories.not_linked("A-1"))
    for at in range(3):
        minute(NOW, at)
    assert Alert.objects.get(kind="channel").title == "The mail server does not take alerts"
    page = shop.client().get(f"/alerts/{shop.merchant.public_id}/").content.decode()
    assert "The mail server does not take alerts" in page
    mails.refuses = False
    for at in range(3, 10):
        minute(NOW, at)
    (mail,) = mails.to(owner(shop).email)
    assert str(mail["Message-ID"]).startswith(f"<{AlertMessage.objects.get(person=owner(shop)).public_id}@")
    assert Alert.objects.get(kind="channel").closed_at is not None


@pytest.mark.django_db
def test_after_a_day_it_is_given_up_shown_and_sent_again_by_a_person(shop: Shop, receiver: Receiver) -> None:
    webhook(shop, receiver)
    receiver.status = 500
    factories.problem(shop.connection, "1", factories.not_linked("A-1"))
    for hour in range(26):
        minute(NOW, hour * 60)
    message = AlertMessage.objects.earliest("pk")
    assert message.gave_up_at is not None
    page = shop.client().get(f"/alerts/{shop.merchant.public_id}/").content.decode()
    assert "given up" in page
    receiver.status = 200
    assert message_again(message=message, now=NOW + timedelta(days=2))
    assert message_deliver(message_id=message.pk, now=NOW + timedelta(days=2)) == "sent"
    assert not message_again(message=message, now=NOW + timedelta(days=2))


@pytest.mark.django_db
def test_a_webhook_is_signed_as_others_verify_it(shop: Shop, receiver: Receiver, settings: Settings) -> None:
    from django.utils import timezone

    channel = webhook(shop, receiver)
    message = test_of(channel, shop)
    AlertMessage.objects.update(not_before=NOW)
    assert message_deliver(message_id=message.pk, now=timezone.now()) == "sent"
    (heard,) = receiver.heard
    assert Webhook(channel.secret).verify(heard.body, heard.headers)["type"] == "alerts.test"
    assert heard.headers["webhook-id"] == str(message.public_id)
    stored = AlertChannel.objects.filter(pk=channel.pk).extra(select={"raw": "secret || address"}).values("raw").get()
    assert channel.secret not in stored["raw"]
    assert receiver.url not in stored["raw"]


@pytest.mark.django_db
def test_slack_and_teams_get_their_own_shapes(shop: Shop, receiver: Receiver, settings: Settings) -> None:
    settings.SLACK_WEBHOOK_BASE = f"{receiver.url}/services"
    slack = webhook(shop, receiver, kind="slack", address=f"{receiver.url}/services/{SLACK}")
    teams = webhook(shop, receiver, kind="teams", address=f"{receiver.url}{TEAMS}")
    for channel in (slack, teams):
        assert message_deliver(message_id=test_of(channel, shop).pk, now=NOW) == "sent"
    first, second = receiver.heard
    assert first.path == f"/services/{SLACK}"
    assert (
        first.data["attachments"][0]["title"] == "Harbor & Pine: a test"
        or first.data["attachments"][0]["title"] == "Harbor &amp; Pine: a test"
    )
    assert "This is a test of Tillbridge" in first.body
    assert second.path.startswith("/workflows/abc123/triggers/manual/paths/invoke?")
    assert "sig=the-signature" in second.path
    assert second.data["attachments"][0]["content"]["body"][0]["text"] == "Harbor & Pine: a test"


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("slack", "https://evil.example/services/T0AB12CD3/B0EF45GH6/abcdEFGH1234"),
        ("slack", "https://hooks.slack.com/services/T0AB12CD3/../B0EF45GH6"),
        ("slack", "https://hooks.slack.com/services/T0AB12CD3/B0EF45GH6/abcdEFGH1234?to=x"),
        ("slack", "slack://T0AB12CD3/B0EF45GH6/abcdEFGH1234"),
        ("teams", f"https://evil.example{TEAMS}"),
        ("teams", "https://logic.azure.com.evil.example/workflows/a/triggers/manual/paths/invoke?sig=x"),
        ("teams", "file:///etc/passwd"),
        ("webhook", "http://example.com/x"),
        ("webhook", "https://127.0.0.1/x"),
        ("webhook", "https://localhost/x"),
        ("webhook", "https://169.254.169.254/latest/meta-data"),
        ("webhook", "https://[::1]/x"),
        ("webhook", "https://[::ffff:10.0.0.1]/x"),
        ("webhook", "https://user:word@example.com/x"),
        ("webhook", "json://example.com"),
        ("webhook", "mailto://user:pass@example.com"),
    ],
)
def test_only_addresses_of_the_kind_that_lead_outside_are_taken(kind: str, address: str, settings: Settings) -> None:
    settings.ALLOW_PRIVATE_HOSTS = False
    with pytest.raises(AddressRefused):
        address_checked(kind, address)


def test_the_vendors_addresses_are_taken(settings: Settings) -> None:
    settings.ALLOW_PRIVATE_HOSTS = False
    for kind, address in (
        ("slack", f"https://hooks.slack.com/services/{SLACK}"),
        ("teams", f"https://prod-1.westus.logic.azure.com:443{TEAMS}"),
    ):
        assert address_checked(kind, f" {address} ") == address


@pytest.mark.django_db
def test_a_name_that_turns_inside_and_a_redirect_lead_nowhere(
    shop: Shop, receiver: Receiver, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = Receiver()
    receiver.status, receiver.location = 307, f"{inside.url}/secret"
    channel = webhook(shop, receiver)
    assert message_deliver(message_id=test_of(channel, shop).pk, now=NOW) == "given up"
    channel.refresh_from_db()
    assert channel.failure == "It answered 307."
    assert (len(receiver.heard), inside.heard) == (1, [])
    settings.ALLOW_PRIVATE_HOSTS = False
    monkeypatch.setattr(socket, "getaddrinfo", rebinding(receiver.server.server_address[1]))
    AlertChannel.objects.filter(pk=channel.pk).update()
    channel.address = "https://alerts.example/hook"
    channel.save()
    assert message_deliver(message_id=test_of(channel, shop).pk, now=NOW) == "given up"
    channel.refresh_from_db()
    assert channel.failure == "alerts.example leads into a private network: give its public address."
    assert len(receiver.heard) == 1
    inside.close()


def rebinding(port: int) -> Any:
    """A resolver for which a name that was public when it was typed now leads to this machine."""

    def resolve(host: str, *_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    return resolve


@pytest.mark.django_db
def test_two_workers_send_a_message_once(shop: Shop, receiver: Receiver) -> None:
    message = test_of(webhook(shop, receiver), shop)
    assert [claim(message.pk, NOW), claim(message.pk, NOW)] == [True, False]
    assert message_deliver(message_id=message.pk, now=NOW) == "not due"
    assert receiver.heard == []
    assert message_deliver(message_id=message.pk, now=NOW + LEASE) == "sent"
    assert message_deliver(message_id=message.pk, now=NOW + 2 * LEASE) == "not due"
    assert len(receiver.heard) == 1


WORKER = """
import json, os, django
from django.conf import settings
settings.DATABASES["default"] |= json.loads(os.environ["OF_THE_TEST"])
django.setup()
from datetime import datetime
from errors.alerts.delivery import message_deliver
print(message_deliver(message_id={pk}, now=datetime.fromisoformat("{now}")), flush=True)
"""


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seconds", [0.0, 30.0], ids=["before it is sent", "while it is sent"])
def test_a_killed_worker_loses_nothing_and_doubles_nothing_that_its_id_does_not_tell(
    receiver: Receiver, seconds: float
) -> None:
    shop = open_shop("Harbor & Pine")
    message = test_of(webhook(shop, receiver), shop)
    receiver.seconds = seconds
    if seconds:
        told = {name: database.settings_dict[name] for name in ("NAME", "HOST", "PORT", "USER", "PASSWORD", "OPTIONS")}
        worker = subprocess.Popen(
            [sys.executable, "-c", WORKER.format(pk=message.pk, now=NOW.isoformat())],
            env=os.environ
            | {
                "DJANGO_SETTINGS_MODULE": "ipaas.settings",
                "OF_THE_TEST": json.dumps(told),
                "PUBLIC_URL": "http://testserver",
            },
            cwd=ROOT,
            stdout=subprocess.PIPE,
        )
        patience = time.monotonic() + 60
        while not receiver.heard and time.monotonic() < patience:
            time.sleep(0.05)
        worker.send_signal(signal.SIGKILL)
        assert worker.communicate()[0] == b""
    else:
        assert claim(message.pk, NOW)  # and died
    message.refresh_from_db()
    assert (message.attempts, message.sent_at) == (1, None)
    receiver.seconds = 0
    assert message_deliver(message_id=message.pk, now=NOW + timedelta(seconds=1)) == "not due"
    assert minute(NOW + LEASE) == ["sent"]
    assert minute(NOW + 2 * LEASE) == []
    assert {one.headers["webhook-id"] for one in receiver.heard} == {str(message.public_id)}
    assert len({one.body for one in receiver.heard}) == 1
    assert len(receiver.heard) == (2 if seconds else 1)

"""The alerts' page: who sees what, who changes rules and channels, and what is never shown again."""

import re
from datetime import time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from connections.models import AuditEntry, Role
from connections.permissions import ROLES, Action
from errors.models import Alert, AlertChannel, AlertKind, AlertMessage, AlertRule, AlertSubscription
from ipaas.queue import token_read
from tests import factories
from tests.alerts.receivers import Receiver
from tests.screens.conftest import Shop, open_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def rival(db: None) -> Shop:
    return open_shop("Cove & Cedar")


def at(shop: Shop, path: str = "") -> str:
    return f"/alerts/{shop.merchant.public_id}/{path}"


def proven(shop: Shop, role: Role = Role.OWNER) -> Client:
    return factories.signed_in(shop.people[role], lately=True)


def alert(shop: Shop, title: str = "Heartland does not answer", **fields: Any) -> Alert:
    defaults: dict[str, Any] = {
        "kind": "outage", "key": title[:60], "page": "/orders/", "value": 12, "peak": 12, "records": 12,
        "money": [["USD", "1840.00"]], "opened_at": timezone.now(), "told_at": timezone.now(),
    }  # fmt: skip
    return Alert.objects.create(merchant=shop.merchant, connection=shop.connection, title=title, **(defaults | fields))


NEW = {"kind": "webhook", "name": "Our system", "kinds": ["failure", "outage"]}


def test_the_bell_counts_what_is_unread_until_it_is_marked(shop: Shop, rival: Shop) -> None:
    alert(shop)
    alert(rival, "Another's")
    client = shop.client(Role.VIEWER)
    bell = re.compile(r"Alerts</span><span class=\"shell-count\">(\d+)<")
    found = bell.search(client.get("/orders/").content.decode())
    assert found
    assert found[1] == "1"
    page = client.get(at(shop)).content.decode()
    assert "12 records, $1,840.00" in page
    assert "Mark 1 as read" in page
    assert client.get("/alerts/")["Location"] == at(shop)
    client.post(at(shop, "seen/"))
    assert not bell.search(client.get("/orders/").content.decode())
    alert(shop, "A later one", told_at=timezone.now() + timedelta(seconds=5))
    assert bell.search(client.get("/orders/").content.decode())
    assert bell.search(shop.client(Role.OPS).get("/orders/").content.decode())


def test_what_was_below_its_rule_is_not_listed(shop: Shop) -> None:
    alert(shop, told_at=None)
    assert "Nothing calls for anybody" in shop.client().get(at(shop)).content.decode()


def test_each_person_chooses_for_themselves(shop: Shop) -> None:
    client = shop.client(Role.VIEWER)
    fields = {"by_mail": "on", "kinds": ["outage", "failure"], "quiet_from": "22:00", "quiet_until": "07:00"}
    client.post(at(shop, "mine/"), {**fields, "digest": "on"})
    row = AlertSubscription.objects.get(merchant=shop.merchant, person=shop.people[Role.VIEWER])
    assert (row.by_mail, row.kinds, row.quiet_from, row.quiet_until, row.digest) == (
        True, ["failure", "outage"], time(22), time(7), True,
    )  # fmt: skip
    page = client.post(at(shop, "mine/"), {**fields, "quiet_until": ""}).content.decode()
    assert "Quiet hours need both times" in page
    assert "Select a valid choice" in client.post(at(shop, "mine/"), {"kinds": ["root"]}).content.decode()
    row.refresh_from_db()
    assert row.quiet_until == time(7)


def test_a_rule_is_tried_before_it_is_saved_and_saved_with_an_entry(shop: Shop) -> None:
    for n, peak in enumerate((3, 12, 40)):
        alert(shop, f"a{n}", peak=peak, closed_at=timezone.now())
    client = shop.client(Role.OPS)
    page = " ".join(client.get(at(shop, "?preview=outage&threshold=10")).content.decode().split())
    assert "Would have told <strong>2 times</strong> since" in page
    assert 'name="threshold" value="10"' in page
    assert AlertRule.objects.count() == 0
    client.post(at(shop, "rules/outage/"), {"is_on": "on", "threshold": "10", "escalate_minutes": "90"})
    client.post(at(shop, "rules/outage/"), {"is_on": "on", "threshold": "10", "escalate_minutes": "90"})
    rule = AlertRule.objects.get()
    assert (rule.kind, rule.is_on, rule.threshold, rule.escalate_minutes) == ("outage", True, Decimal(10), 90)
    (entry,) = AuditEntry.objects.filter(merchant=shop.merchant)
    assert (entry.action, entry.subject) == ("alerts.rule_changed", "A system does not answer")
    assert entry.detail == {
        "threshold": {"was": "5", "is": "10"},
        "escalate_minutes": {"was": 60, "is": 90},
    }
    page = client.post(at(shop, "rules/outage/"), {"threshold": "-1"}).content.decode()
    assert "greater than or equal to 0" in page
    assert AlertRule.objects.get().threshold == Decimal(10)


@pytest.mark.parametrize(
    "asked", ["preview=outage&threshold=NaN", "preview=x&threshold=1", "preview=outage", "threshold=1e9"]
)
def test_odd_previews_are_the_page_as_it_is(asked: str, shop: Shop) -> None:
    assert shop.client().get(at(shop, f"?{asked}")).status_code == 200


def test_a_channels_secret_is_shown_once_and_its_address_never(shop: Shop, receiver: Receiver) -> None:
    client = proven(shop)
    page = client.post(at(shop, "channels/"), {**NEW, "address": f"{receiver.url}/a-secret-path"}).content.decode()
    channel = AlertChannel.objects.get()
    assert channel.secret.startswith("whsec_")
    assert channel.secret in page
    later = client.get(at(shop)).content.decode()
    assert "Our system" in later
    for secret in (channel.secret, "a-secret-path"):
        assert secret not in later
        assert secret not in str(list(AuditEntry.objects.values()))
    answer = client.post(at(shop, f"channels/{channel.pk}/test/"))
    assert answer.status_code == 302
    message = AlertMessage.objects.get()
    assert (message.reason, message.channel) == ("test", channel)
    from django_q.models import OrmQ

    tokens = [token_read(row.payload) for row in OrmQ.objects.all()]
    assert [(one.task, one.ids) for one in tokens] == [("deliver_alert", (message.pk,))]
    client.post(at(shop, f"channels/{channel.pk}/switch/"), {"on": "no"})
    channel.refresh_from_db()
    assert channel.is_on is False
    client.post(at(shop, f"channels/{channel.pk}/remove/"))
    assert not AlertChannel.objects.exists()
    acts = AuditEntry.objects.filter(merchant=shop.merchant).order_by("pk").values_list("action", flat=True)
    assert list(acts) == ["alerts.channel_added", "alerts.channel_switched_off", "alerts.channel_removed"]


def test_an_address_that_is_refused_keeps_nothing(shop: Shop, settings: Any) -> None:
    settings.ALLOW_PRIVATE_HOSTS = False
    page = proven(shop).post(at(shop, "channels/"), {**NEW, "address": "https://169.254.169.254/x"}).content.decode()
    assert "leads into a private network" in page
    refused = proven(shop).post(at(shop, "channels/"), {**NEW, "kind": "slack", "address": "https://x.example/y"})
    assert "A Slack webhook looks like" in refused.content.decode()
    assert not AlertChannel.objects.exists()


def test_who_may_not_and_who_is_of_another_merchant_changes_nothing(shop: Shop, rival: Shop) -> None:
    channel = AlertChannel.objects.create(
        merchant=shop.merchant, kind="webhook", name="x", address="https://x.example", secret="whsec_AAAA"
    )
    message = AlertMessage.objects.create(
        merchant=shop.merchant, channel=channel, reason="test", content={}, created_at=timezone.now(),
        not_before=timezone.now(), gave_up_at=timezone.now(),
    )  # fmt: skip
    paths = ["rules/outage/", "channels/", f"messages/{message.pk}/again/"]
    paths += [f"channels/{channel.pk}/{act}/" for act in ("test", "switch", "remove")]
    for role in Role:
        if role not in ROLES[Action.ALERTS]:
            client = proven(shop, role)
            assert [client.post(at(shop, path)).status_code for path in paths] == [403] * len(paths), role
            assert "Add a channel" not in client.get(at(shop)).content.decode()
    theirs = proven(rival)
    everything = [*paths, "mine/", "seen/"]
    assert [theirs.post(at(shop, path)).status_code for path in everything] == [404] * len(everything)
    assert [theirs.post(at(rival, path)).status_code for path in paths[2:]] == [404] * 4
    assert theirs.get(at(shop)).status_code == 404
    unproven = factories.signed_in(shop.people[Role.OWNER])
    assert unproven.post(at(shop, "channels/"), NEW)["Location"].startswith("/accounts/reauthenticate/")
    assert (
        AlertChannel.objects.count(),
        AlertRule.objects.count(),
        AuditEntry.objects.filter(merchant=shop.merchant).count(),
    ) == (1, 0, 0)


def test_every_kind_has_a_rule_on_the_page(shop: Shop) -> None:
    page = shop.client().get(at(shop)).content.decode()
    assert [kind for kind in AlertKind if f'id="rule-{kind}"' not in page] == []

"""What looks by itself whether all is well: the hourly look at webhooks and the nightly preflight."""

from datetime import timedelta

from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ

from connections.models import Hook
from connections.preflight.kept import preflight_known
from syncjobs import tasks
from syncjobs.models import Cursor
from tests import factories
from tests.flows.conftest import Pair


def switch_off(pair: Pair) -> Hook:
    hook = pair.connection.hooks.get(topic="store/order/created")
    pair.bigcommerce.put(f"/_sim/hooks/{hook.external_id}", {"is_active": False})
    return hook


def test_orders_are_asked_for_at_once_when_a_webhook_was_off(pair: Pair, client: Client) -> None:
    tasks.check_hooks(pair.connection.pk)
    later = timezone.now() + timedelta(hours=1)
    Cursor.objects.update_or_create(connection=pair.connection, feed=Cursor.ORDERS, defaults={"due_at": later})
    assert tasks.check_hooks(pair.connection.pk) == "fine"
    assert Cursor.objects.get(feed=Cursor.ORDERS).due_at == later
    hook = switch_off(pair)
    assert tasks.check_hooks(pair.connection.pk) == "fine"
    assert Cursor.objects.get(feed=Cursor.ORDERS).due_at <= timezone.now()
    client.force_login(factories.member(pair.connection.merchant))
    page = client.get(f"/stores/{pair.connection.public_id}/connection/").content.decode()
    assert "switched on again" in page
    assert Hook.objects.get(pk=hook.pk).state == Hook.State.LIVE


def test_the_dashboard_says_that_polling_stands_in(pair: Pair, client: Client) -> None:
    tasks.check_hooks(pair.connection.pk)
    client.force_login(factories.member(pair.connection.merchant))
    assert "live webhooks, polling behind them" in client.get("/").content.decode()
    pair.connection.hooks.filter(topic="store/order/created").update(state=Hook.State.INACTIVE)
    assert "webhooks and fast polling: 1 of the webhooks is not live" in client.get("/").content.decode()


def test_a_block_is_looked_at_again_when_it_ends(pair: Pair) -> None:
    tasks.check_hooks(pair.connection.pk)
    before = OrmQ.objects.count()
    pair.bigcommerce.post("/_sim/domains/block", {"domain": "127.0.0.1", "seconds": 100})
    assert "sends nothing to 127.0.0.1" in tasks.check_hooks(pair.connection.pk)
    assert OrmQ.objects.count() == before + 1
    again = OrmQ.objects.latest("pk")
    assert 100 < (again.lock - timezone.now()).total_seconds() <= 110


def test_the_nightly_check_is_made_once_a_day_and_its_worst_is_said(pair: Pair, client: Client) -> None:
    cache.clear()
    assert tasks.preflights() == "1 begun"
    assert tasks.check_preflight(pair.connection.pk).endswith(" findings")
    assert tasks.preflights() == "0 begun"
    known = preflight_known(pair.connection)
    assert known
    client.force_login(factories.member(pair.connection.merchant))
    settings = pair.connection.order_settings
    settings.payment_type_id = "999"
    settings.save()
    pair.bigcommerce.post("/_sim/orders", {"payment": "authorized", "lines": [{"sku": "DOG-LEAD", "quantity": 1}]})
    tasks.check_preflight(pair.connection.pk)
    page = client.get("/").content.decode()
    assert "The nightly check found what holds orders up" in page
    assert "Heartland has no active payment type for web payments that we know of. And 1 more." in page

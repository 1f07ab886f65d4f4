"""The numbers of the stores of one account: never alike, whoever takes them at once and whatever was there before."""

import importlib
from threading import Barrier, Thread

import pytest
from django.apps import apps
from django.db import close_old_connections, connection, transaction

from connections.models import AuditEntry, Connection, HeartlandAccount, OrderSettings
from connections.prefixes import prefix_claim, prefix_free
from connections.services import connection_create
from errors.failures import ConfigurationFailure
from tests import factories


def stores(count: int) -> tuple[HeartlandAccount, list[Connection]]:
    merchant = factories.merchant()
    account = factories.heartland(merchant)
    made = [factories.store(merchant, f"hash{number}", name=f"Shop {number}") for number in range(count)]
    return account, [connection_create(heartland=account, store=one, actor=None) for one in made]


def prefixes(pairs: list[Connection]) -> list[str]:
    return [OrderSettings.objects.get(connection=one).order_prefix for one in pairs]


@pytest.mark.django_db
def test_each_store_of_an_account_gets_a_prefix_of_its_own() -> None:
    account, pairs = stores(3)
    assert prefixes(pairs) == ["BC-", "BC2-", "BC3-"]
    with transaction.atomic(), pytest.raises(ConfigurationFailure, match=r"“bc-” is taken by Shop 0.*Free is BC4-"):
        prefix_claim(pairs[1], "bc-")
    with transaction.atomic():
        prefix_claim(pairs[0], "BC-")
    other = factories.heartland(factories.merchant("Another"))
    assert (prefix_free(account), prefix_free(other)) == ("BC4-", "BC-")


@pytest.mark.django_db
def test_pairs_that_shared_a_prefix_are_parted_and_the_oldest_keeps_it() -> None:
    _, pairs = stores(4)
    OrderSettings.objects.filter(connection__in=pairs[:3]).update(order_prefix="BC-")
    OrderSettings.objects.filter(connection=pairs[3]).update(order_prefix="BC2-")
    migration = importlib.import_module("connections.migrations.0010_prefixes_apart")
    for _ in range(2):
        migration.part(apps, None)
        assert prefixes(pairs) == ["BC-", "BC3-", "BC4-", "BC2-"]
    entries = AuditEntry.objects.filter(action="order_settings.changed").order_by("pk")
    assert [(entry.subject, entry.detail["order_prefix"]["is"]) for entry in entries] == [
        ("Shop 1", "BC3-"), ("Shop 2", "BC4-"),
    ]  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_a_prefix_at_once_one_is_refused() -> None:
    _, pairs = stores(3)
    ready, refused = Barrier(2), list[str]()

    def take(one: Connection) -> None:
        try:
            ready.wait()
            with transaction.atomic():
                prefix_claim(one, "WEB-")
                OrderSettings.objects.filter(connection=one).update(order_prefix="WEB-")
        except ConfigurationFailure as failure:
            refused.append(failure.summary)
        finally:
            close_old_connections()
            connection.close()

    threads = [Thread(target=take, args=(one,)) for one in pairs[1:]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert "“WEB-” is taken by Shop" in refused[0]
    assert sorted(prefixes(pairs)) in (["BC-", "BC2-", "WEB-"], ["BC-", "BC3-", "WEB-"])

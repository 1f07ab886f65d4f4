"""The numbers of the stores of one account: never alike, whoever takes them at once and whatever was there before."""

import importlib
from threading import Barrier, Thread

import pytest
from django.apps import apps
from django.db import IntegrityError, close_old_connections, connection, transaction

from connections.models import AuditEntry, Connection, HeartlandAccount, OrderSettings
from connections.preferences import order_settings_save
from connections.prefixes import prefix_claim, prefix_free
from connections.services import connection_create
from errors.failures import ConfigurationFailure
from mappings.models import Link
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
    other = factories.heartland(factories.merchant("Another"), "http://127.0.0.2:9/api")
    assert (prefix_free(account, "BC-"), prefix_free(other, "BC-")) == ("BC4-", "BC-")


@pytest.mark.django_db
def test_pairs_that_shared_a_prefix_are_parted_and_the_oldest_keeps_it() -> None:
    _, pairs = stores(4)
    factories.prefix_as_before(pairs[:3], "BC-")
    factories.prefix_as_before(pairs[3:], "BC2-")
    migration = importlib.import_module("connections.migrations.0010_prefixes_apart")
    for _ in range(2):
        migration.part(apps, None)
        assert prefixes(pairs) == ["BC-", "BC3-", "BC4-", "BC2-"]
    entries = AuditEntry.objects.filter(action="order_settings.changed").order_by("pk")
    assert [(entry.subject, entry.detail["order_prefix"]["is"]) for entry in entries] == [
        ("Shop 1", "BC3-"), ("Shop 2", "BC4-"),
    ]  # fmt: skip


@pytest.mark.django_db
def test_merchants_on_one_heartland_get_prefixes_of_their_own_and_are_not_told_of_each_other() -> None:
    account, (first,) = stores(1)
    other = factories.merchant("Another")
    theirs = factories.heartland(other, account.base_url.upper())
    second = connection_create(heartland=theirs, store=factories.store(other, "theirs", name="Theirs"), actor=None)
    assert prefixes([first, second]) == ["BC-", "BC2-"]
    with transaction.atomic(), pytest.raises(ConfigurationFailure) as refusal:
        prefix_claim(second, "bc-")
    assert refusal.value.summary == (
        "The prefix “bc-” is taken by another merchant's store, which books in the same Heartland account. "
        "Free is BC3-, for example."
    )
    with pytest.raises(IntegrityError, match="order_prefix_once"), transaction.atomic():
        OrderSettings.objects.filter(connection=second).update(order_prefix="bc-")
    assert prefixes([first, second]) == ["BC-", "BC2-"]


@pytest.mark.django_db
def test_no_version_of_the_code_saves_an_empty_prefix() -> None:
    _, (pair,) = stores(1)
    with pytest.raises(IntegrityError, match="numbers its orders with a prefix"), transaction.atomic():
        OrderSettings.objects.filter(connection=pair).update(order_prefix="")
    with transaction.atomic(), pytest.raises(ConfigurationFailure, match=r"without a prefix are .* Free is BC2-"):
        prefix_claim(pair, "")


@pytest.mark.django_db
def test_who_shares_a_prefix_keeps_numbering_until_a_person_chooses() -> None:
    account, (first, second, third) = stores(3)
    factories.prefix_as_before([first, second], "WEB-")
    factories.prefix_as_before([third], "")
    migration = importlib.import_module("connections.migrations.0022_prefix_of_a_tenant")
    for _ in range(2):
        migration.claim(apps, None)
        rows = OrderSettings.objects.order_by("pk").values_list("order_prefix", "tenant")
        assert list(rows) == [("WEB-", account.base_url), ("WEB-", ""), ("", account.base_url)]
    OrderSettings.objects.filter(connection=second).update(sales_rep="Web")  # whatever else is saved
    OrderSettings.objects.filter(connection=third).update(sales_rep="Web")
    user = factories.member(first.merchant)
    for pair, prefix in ((first, "WEB-"), (second, "web2-"), (third, "WEB3-")):
        order_settings_save(connection=pair, changes={"order_prefix": prefix}, actor=user)
    rows = OrderSettings.objects.order_by("pk").values_list("order_prefix", "tenant")
    assert list(rows) == [(prefix, account.base_url) for prefix in ("WEB-", "web2-", "WEB3-")]


@pytest.mark.django_db
def test_who_shared_a_prefix_may_keep_it_once_the_other_has_another() -> None:
    account, (first, second) = stores(2)
    factories.prefix_as_before([first, second], "WEB-")
    importlib.import_module("connections.migrations.0022_prefix_of_a_tenant").claim(apps, None)
    user = factories.member(first.merchant)
    with pytest.raises(ConfigurationFailure, match="“WEB-” is taken by Shop 0"):
        order_settings_save(connection=second, changes={"order_prefix": "WEB-"}, actor=user)
    order_settings_save(connection=first, changes={"order_prefix": "ONE-"}, actor=user)
    order_settings_save(connection=second, changes={"order_prefix": "WEB-"}, actor=user)
    assert OrderSettings.objects.get(connection=second).tenant == account.base_url


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_of_another_merchant", [False, True])
def test_of_two_who_take_a_prefix_at_once_one_is_refused(is_of_another_merchant: bool) -> None:
    account, pairs = stores(3)
    if is_of_another_merchant:
        other = factories.merchant("Another")
        theirs = factories.heartland(other, account.base_url)
        pairs[2] = connection_create(heartland=theirs, store=factories.store(other, "theirs"), actor=None)
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
    assert "“WEB-” is taken by " in refused[0]
    assert sorted(prefixes(pairs)) in (["BC-", "BC2-", "WEB-"], ["BC-", "BC3-", "WEB-"], ["BC-", "BC4-", "WEB-"])


@pytest.mark.django_db
def test_former_prefixes_and_fields_of_the_mark_are_kept_by_the_database() -> None:
    _, (pair,) = stores(1)
    rows = OrderSettings.objects.filter(connection=pair)
    rows.update(number_field="number", source_field="source")
    for change in ({"order_prefix": "WEB-"}, {"order_prefix": "BC-"}, {"order_prefix": "NET-"}, {"number_field": ""}):
        rows.update(**change)
    rows.update(former_prefixes=[], former_marks=[])
    row = rows.get()
    assert row.former_prefixes == ["BC-", "WEB-"]
    assert row.former_marks == [{"number_field": "number", "source_field": "source"}]


@pytest.mark.django_db
def test_prefixes_of_the_version_before_are_read_off_the_numbers_of_its_orders() -> None:
    _, pairs = stores(2)
    migration = importlib.import_module("connections.migrations.0029_former_numbering")
    for source_id, label in (
        ("7", "OLD-7"),
        ("8", "OLD-8"),
        ("9", "BC-9"),
        ("10", "BC-10-2"),
        ("11", "A-MUCH-LONGER-11"),
    ):
        Link.objects.create(
            connection=pairs[0], kind=Link.Kind.ORDER, source_id=source_id, target_id=source_id, target_label=label
        )
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE connections_ordersettings DISABLE TRIGGER order_numbering_kept")
        cursor.execute(migration.KNOWN)
        cursor.execute("ALTER TABLE connections_ordersettings ENABLE TRIGGER order_numbering_kept")
    assert [OrderSettings.objects.get(connection=one).former_prefixes for one in pairs] == [["BC-", "OLD-"], []]

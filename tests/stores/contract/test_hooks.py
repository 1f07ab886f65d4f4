"""Callbacks, as any kind of store that sends them has to prove and to name its records."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from connections.models import Hook, Store
from connections.store_kinds import kind_of
from ipaas.types import NoObserver
from syncjobs.callbacks.proving import Refused, odd_is_refused
from syncjobs.callbacks.senders import SENDERS, Callback
from syncjobs.engine.echoes import ECHO_SECONDS
from syncjobs.stores.opening import store_of
from tests.sandbox.bigcommerce_api import Receiver, receiver
from tests.stores.under_test import StoreUnderTest

SECRET = "a-secret-of-ours"


@dataclass(frozen=True, kw_only=True)
class Known:
    """What we know of the address that a callback came to."""

    topic: str
    tenant: str
    secret: str
    client_secret: str


@dataclass(frozen=True, kw_only=True)
class Came:
    """A delivery as it came, and what is known of its address."""

    meta: dict[str, Any]
    raw: bytes
    known: Known


@pytest.fixture
def listener() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


@pytest.fixture
def store(under_test: StoreUnderTest) -> Store:
    return under_test.row()


@pytest.fixture
def names(under_test: StoreUnderTest, store: Store, listener: Receiver) -> dict[str, str]:
    """All of which callbacks tell has happened while we listened: the record that each is to name, by topic."""
    kind = kind_of(store)
    for number, topic in enumerate((*kind.profile.topics, *kind.profile.customer_topics)):
        hook = Hook(system=kind.profile.system, topic=topic, secret=SECRET)
        kind.hooks(store).register(hook, f"{listener.url}/{number}")
    return dict(under_test.happen())


@pytest.fixture
def came(under_test: StoreUnderTest, store: Store, listener: Receiver, names: dict[str, str]) -> list[Came]:
    listener.wait(len(names))
    return arrived(under_test, store, listener)


def arrived(under_test: StoreUnderTest, store: Store, listener: Receiver) -> list[Came]:
    profile = kind_of(store).profile
    topics = (*profile.topics, *profile.customer_topics)
    return [
        Came(
            meta={"HTTP_" + name.upper().replace("-", "_"): value for name, value in headers.items()},
            raw=raw,
            known=Known(
                topic=topics[int(path[1:])],
                tenant=store.store_hash,
                secret=SECRET,
                client_secret=under_test.signed_with(),
            ),
        )
        for headers, raw, path in listener.got
    ]


def read(under_test: StoreUnderTest, one: Came, *, later: timedelta = timedelta()) -> Callback:
    with odd_is_refused():
        return SENDERS[under_test.kind].read(one.meta, one.raw, one.known, timezone.now() + later)


def test_each_topic_is_read_to_its_record(under_test: StoreUnderTest, names: dict[str, str], came: list[Came]) -> None:
    sender = SENDERS[under_test.kind]
    found = [read(under_test, one) for one in came]
    assert set(names.items()) - {(one.topic, one.external_id) for one in found} == set()
    assert set(names) == set(sender.topics)
    assert [one.flow for one in found] == [sender.topics[one.topic].flow for one in found]
    assert {one.system for one in found} == {under_test.kind}


def test_a_repeat_has_the_key_of_its_event_and_no_other(under_test: StoreUnderTest, came: list[Came]) -> None:
    keys = [read(under_test, one).key for one in came]
    assert keys == [read(under_test, one).key for one in came]
    assert len(set(keys)) == len({one.raw for one in came})


def test_what_is_of_another_store_is_refused(under_test: StoreUnderTest, came: list[Came]) -> None:
    for one in came:
        for another in (replace(one.known, secret="another"), replace(one.known, tenant="another")):
            with pytest.raises(Refused):
                read(under_test, replace(one, known=another))


def test_what_was_changed_on_its_way_is_refused_where_it_is_signed(
    under_test: StoreUnderTest, came: list[Came]
) -> None:
    if not under_test.signed_with():
        pytest.skip("its callbacks are not signed")
    for one in came:
        with pytest.raises(Refused):
            read(under_test, replace(one, raw=one.raw + b" "))
        with pytest.raises(Refused):
            read(under_test, one, later=timedelta(hours=1))


def test_what_cannot_be_read_is_refused(under_test: StoreUnderTest, came: list[Came]) -> None:
    for raw in (b"", b"[]", b"{}", b"not json", b'{"data": 7}'):
        with pytest.raises(Refused):
            read(under_test, replace(came[0], raw=raw))


def test_our_own_write_is_known_by_the_time_that_it_left(
    under_test: StoreUnderTest, store: Store, listener: Receiver, came: list[Came]
) -> None:
    sender = SENDERS[under_test.kind]
    if not sender.echoes:
        pytest.skip("it tells of nothing that we write")
    order = next(one.external_id for one in (read(under_test, each) for each in came) if one.topic in sender.echoes)
    wrote = store_of(store, NoObserver()).feedback.number_write(order, "S-1001")
    listener.wait(len(came) + 1)
    echo = read(under_test, arrived(under_test, store, listener)[-1])
    assert echo.may_echo
    assert echo.arose_at
    assert wrote.changed_at
    assert timedelta() <= echo.arose_at - wrote.changed_at <= timedelta(seconds=ECHO_SECONDS)

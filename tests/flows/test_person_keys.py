"""Who a buyer is in Heartland is remembered under keyed digests; older links are found until they have moved."""

import hashlib
import importlib
from typing import Any

import pytest
from django.apps import apps
from django.conf import LazySettings
from django.db import connection as database

from mappings.models import Link
from mappings.person_keys import forms, links_seal, sealed
from tests.flows.conftest import BUYER, Pair

EMAIL = f"email:{BUYER['email']}"


def people() -> list[str]:
    return sorted(Link.objects.filter(kind__in=["customer", "address"]).values_list("source_id", flat=True))


def test_no_link_names_a_person(pair: Pair) -> None:
    pair.book()
    keys = people()
    assert len(keys) == 2
    assert keys[1] == sealed(EMAIL)
    assert [key for key in keys if ":~" not in key] == []
    found = repr(list(Link.objects.values()))
    assert not [value for value in (BUYER["email"], "2515550100", "Ruiz") if value in found]
    for text in (BUYER["email"], EMAIL):
        assert hashlib.sha256(text.encode()).hexdigest()[:24] not in found


@pytest.mark.parametrize("key", ["phone:5125550100:abc", "order:10432:abc", "email:ana@example.com", "100123:f00"])
def test_a_digest_is_told_by_its_key_alone(key: str, settings: LazySettings) -> None:
    settings.PERSONAL_KEYS = ["new", "old"]
    newest, former, plain = forms(key)
    assert (len({newest, former, plain}), plain, sealed(newest)) == (3, key, newest)
    settings.PERSONAL_KEYS = ["old"]
    assert forms(key) == [former, plain]


def test_a_link_of_the_version_before_is_found_and_moves(pair: Pair) -> None:
    pair.book()
    link = Link.objects.get(kind="customer")
    Link.objects.filter(pk=link.pk).update(source_id=EMAIL, fingerprint=hashlib.sha256(b"x").hexdigest())
    customers = len(pair.heartland.rows("customers"))
    pair.book()
    assert Link.objects.get(kind="customer").source_id == sealed(EMAIL)
    assert len(pair.heartland.rows("customers")) == customers


def test_after_a_change_of_keys_links_are_found_and_move_without_a_call_more(
    pair: Pair, settings: LazySettings
) -> None:
    pair.book()
    calls, before = pair.calls(pair.book()), people()
    settings.PERSONAL_KEYS = ["a new one", *settings.PERSONAL_KEYS]
    assert pair.calls(pair.book()) == calls
    assert len(people()) == len(before)
    assert not set(people()) & set(before)
    assert sealed(EMAIL) in people()


def test_migrating_moves_what_stands_and_may_run_again_beside_old_workers(pair: Pair) -> None:
    def link(source_id: str, kind: Link.Kind = Link.Kind.CUSTOMER, target: str = "100123") -> None:
        Link.objects.create(connection=pair.connection, kind=kind, source_id=source_id, target_id=target)

    link(EMAIL)
    link("phone:5125550100:abc")
    link("order:10432:abc")
    link("customer:7")
    link("100123:f00", Link.Kind.ADDRESS)
    link("9", Link.Kind.ORDER)
    migration: Any = importlib.import_module("mappings.migrations.0014_people_by_digest")
    for _ in range(2):
        migration.seal(apps, database.schema_editor())
    kept = set(Link.objects.filter(target_id="100123").values_list("source_id", flat=True))
    plain = {"customer:7", "order:10432:abc", "9"}
    assert kept == plain | {sealed(key) for key in (EMAIL, "phone:5125550100:abc", "100123:f00")}
    link(EMAIL, target="100999")  # an old worker, which did not find it
    assert links_seal(Link.objects) == 1  # the customer of one order; the doubled one went
    assert not Link.objects.filter(target_id="100999").exists()

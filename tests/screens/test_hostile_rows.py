"""Rows that somebody planted in what the web server reads: none becomes code, no page breaks."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.core.signing import JSONSerializer
from django.db import connection
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ, Schedule, Task

from connections.store_lists import Locations, locations_known
from ipaas import queue
from syncjobs import tasks
from tests import factories
from tests.engine import hostile
from tests.screens.conftest import Shop

WRONG = {"login": "lena@harborpine.example", "password": "wrong"}
ODD_JSON = [
    "[" * 100_000 + "]" * 100_000,
    '{"a": 1',
    "NaN",
    "[[1, 2, 3], 4]",
    '"text"',
    "[[null, null]]",
    "x" * 5_000_000,
]


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    assert hostile.bites(tmp_path / "marker")
    return tmp_path / "marker"


@pytest.fixture
def platform(shop: Shop) -> Client:
    admin = factories.user("admin@tillbridge.example", is_staff=True, is_superuser=True)
    return factories.signed_in(admin, factor=True, lately=True)


def execute(statement: str, *values: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


def test_the_cache_is_no_code(shop: Shop, marker: Path) -> None:
    visitor = Client()
    cache.set(f"store-locations:{shop.connection.store_id}", [(1, "Main")])
    visitor.post("/accounts/login/", WRONG)
    assert execute("UPDATE django_cache SET value = %s", hostile.pickle_of(marker)) > 0
    assert visitor.post("/accounts/login/", WRONG).status_code == 200
    assert locations_known(shop.connection.store) is None
    assert not marker.exists()


@pytest.mark.parametrize("text", ODD_JSON, ids=lambda text: str(text)[:10])
def test_an_odd_row_of_the_cache_is_none(shop: Shop, text: str) -> None:
    key = f"store-locations:{shop.connection.store_id}"
    cache.set(key, [("1", "Main")])
    assert locations_known(shop.connection.store) == Locations(rows=[("1", "Main")])
    execute("UPDATE django_cache SET value = %s", text)
    assert locations_known(shop.connection.store) is None


def test_the_cache_keeps_times_and_refuses_what_is_no_json(shop: Shop) -> None:
    assert (cache.add("a", 1, 60), cache.add("a", 2, 60), cache.get("a")) == (True, False, 1)
    execute("UPDATE django_cache SET expires = now() - interval '1 second'")
    assert (cache.get("a"), cache.touch("a"), cache.add("a", 3, None)) == (None, False, True)
    assert (cache.touch("a", 60), cache.get_many(["a", "b"]), cache.delete("a"), cache.delete("a")) == (
        True, {"a": 3}, True, False,
    )  # fmt: skip
    with pytest.raises(TypeError):
        cache.set("a", timezone.now())


def test_more_entries_than_djangos_limit_drive_no_throttle_out(shop: Shop) -> None:
    cache.set("throttle", [1.5], 300)
    for number in range(400):
        cache.set(f"flood-{number}", number, 300)
    assert cache.get("throttle") == [1.5]


def test_a_session_is_no_code(shop: Shop, marker: Path) -> None:
    client = shop.client()
    for value, serializer in (
        (hostile.Evil(marker), hostile.Pickled),
        (hostile.nested(900), JSONSerializer),
    ):
        salt = "django.contrib.sessions.SessionStore"
        data = hostile.signed(value, key=settings.SECRET_KEY, salt=salt, serializer=serializer)
        assert execute("UPDATE django_session SET session_data = %s", data) > 0
        assert client.get("/orders/").status_code == 302
    assert not marker.exists()


def test_the_queue_is_shown_and_never_opened(platform: Client, marker: Path) -> None:
    evil, now = hostile.pickle_of(marker), timezone.now()
    for _, payload in hostile.tokens(settings.SECRET_KEY, marker):
        OrmQ.objects.create(key="ipaas", payload=payload, lock=now)
    queue.token_put("ipaas", "run_lane", 42)
    Schedule.objects.create(name="evil", func="os.system", args=f"'touch {marker}'")
    for number in range(2):
        execute(
            "INSERT INTO django_q_task (id, name, func, args, kwargs, result, started, stopped, success, "
            "attempt_count) VALUES (%s, 'x', 'os.system', %s, %s, %s, now(), now() - interval '400 days', %s, 1)",
            f"{number:032d}", evil, evil, evil, bool(number),
        )  # fmt: skip
    page = platform.get("/admin/django_q/ormq/?all=").content.decode()
    assert (page.count("not ours"), page.count("run_lane 42")) == (30, 1)
    rows = OrmQ.objects.values_list("pk", flat=True)
    assert {platform.get(f"/admin/django_q/ormq/{pk}/change/").status_code for pk in rows} == {200}
    gone = [platform.get(f"/admin/django_q/{name}/").status_code for name in ("task", "success", "failure")]
    assert gone == [404, 404, 404]
    assert "evil" in platform.get("/admin/django_q/schedule/").content.decode()
    pages = (
        "ormq/add/",
        "schedule/add/",
        f"ormq/{rows[0]}/delete/",
        f"schedule/{Schedule.objects.latest('pk').pk}/delete/",
    )
    assert [platform.post(f"/admin/django_q/{page}", {"post": "yes"}).status_code for page in pages] == [403] * 4
    assert platform.get("/admin/").status_code == 200
    assert {str(row.result)[:8] for row in Task.objects.all()} == {evil[:8]}  # whoever reads it, reads text
    tasks.retention()
    assert Task.objects.count() == 0
    assert not marker.exists()


def test_our_own_columns_are_no_code(shop: Shop, platform: Client, marker: Path) -> None:
    factories.order(shop.connection, "10457", at=factories.NOW)
    factories.event(shop.connection, "10457")
    evil = hostile.pickle_of(marker)
    execute("UPDATE syncjobs_inboxevent SET body = %s", evil)
    execute("UPDATE connections_hook SET secret = %s", evil)
    execute("UPDATE syncjobs_record SET facts = %s::jsonb", '{"a": ' + "[" * 500 + "]" * 500 + "}")
    for path in ("/", "/orders/", shop.at("orders/10457/"), shop.at("errors/")):
        assert shop.client().get(path).status_code == 200, path
    assert platform.get("/admin/syncjobs/record/").status_code == 200
    assert not marker.exists()


def test_django_q2s_own_cluster_takes_none_of_our_tokens(shop: Shop) -> None:
    from django_q.signing import SignedPackage

    from ipaas.no_pickle import NeverRead

    with pytest.raises(NeverRead):
        SignedPackage.loads(hostile.old_token(settings.SECRET_KEY, "syncjobs.tasks.sweep"))
    call_command("check")

"""Speaks for a test with the database of its world: one JSON request per line in, one JSON answer per line out."""

import json
import os
import sys
import time
from collections import Counter
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.engine.toysettings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection as database  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

from connections.models import Connection  # noqa: E402
from ipaas.queue import DATABASE_AWAY  # noqa: E402
from syncjobs import engine  # noqa: E402
from syncjobs.models import Attempt, Lane, Record, SyncJob  # noqa: E402
from tests import factories  # noqa: E402


def migrate() -> str:
    call_command("migrate", verbosity=0)
    return "migrated"


def connect(beside: int | None = None) -> dict[str, Any]:
    """A new connection; with `beside`, another store on the same Heartland account."""
    made = factories.connection(Connection.objects.get(pk=beside).merchant if beside else factories.merchant())
    return {"id": made.pk, "store": made.store.store_hash}


def enqueue(connection: int, ids: list[str], one_by_one: bool = False) -> float:
    """Answers the time just before."""
    wish = {"connection": Connection.objects.get(pk=connection), "flow": "toy", "cause": "webhook"}
    began = time.time()
    for part in [[one] for one in ids] if one_by_one else [ids]:
        engine.jobs_enqueue(external_ids=part, now=timezone.now(), **wish)  # type: ignore[arg-type]
    return began


def callback(connection: int, external_id: str) -> str:
    """A callback of the store comes in, as its web server takes it."""
    pair = Connection.objects.get(pk=connection)
    hook = factories.hook(pair, "store/order/updated")
    said = {"producer": f"stores/{pair.store.store_hash}", "scope": hook.topic, "data": {"id": int(external_id)}}
    given = {"X-Tillbridge-Secret": "hook-secret-value"}
    client, address = Client(SERVER_NAME="127.0.0.1"), f"/hooks/bigcommerce/{hook.token}"
    answer = client.post(address, json.dumps(said), "application/json", headers=given)
    return str(answer.status_code)


def state(connections: list[int]) -> dict[str, Any]:
    """What the ledger holds of these connections."""
    jobs = SyncJob.objects.filter(connection__in=connections)
    records = Record.objects.filter(connection__in=connections)
    attempts = Attempt.objects.filter(job__connection__in=connections)
    return {
        "jobs": Counter(jobs.values_list("status", flat=True)),
        "records": Counter(records.values_list("disposition", flat=True)),
        "deaths": dict(jobs.filter(deaths__gt=0).values_list("external_id", "deaths")),
        "attempts": Counter(attempts.values_list("outcome", flat=True)),
        "leased": Lane.objects.filter(connection__in=connections).exclude(lease_owner="").count(),
    }


def patiently(ask: Any, wish: dict[str, Any]) -> Any:
    """The database may be away for a while: that is what some tests are about."""
    while True:
        try:
            return ask(**wish)
        except DATABASE_AWAY:
            database.close()
            time.sleep(0.1)


VERBS = {"migrate": migrate, "connect": connect, "enqueue": enqueue, "callback": callback, "state": state}

if __name__ == "__main__":
    for line in sys.stdin:
        wish = json.loads(line)
        print(json.dumps(patiently(VERBS[wish.pop("verb")], wish)), flush=True)  # noqa: T201

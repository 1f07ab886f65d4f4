"""Goods of web orders that come back over the counter."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.test import Client
from django.utils import timezone

from connections.models import Connection, OrderSettings, User
from ipaas.types import JSON
from syncjobs.engine.running import job_run
from syncjobs.intake.follow_invoices import invoices_follow
from syncjobs.intake.follow_till_returns import till_returns_follow
from syncjobs.models import Attempt, Cursor, Record, SyncJob
from syncjobs.pages.shown import mark_of
from syncjobs.stories.demo.sim import Sandbox

WEB = "BigCommerce External payments"
LOOKS: dict[str, Callable[..., object]] = {
    Cursor.INVOICES: invoices_follow,
    Cursor.TILL_RETURNS: till_returns_follow,
}


def refunding(connection: Connection, **more: Any) -> None:
    """The merchant has the store give back what the till does not hand out; its providers settle at once."""
    wish = {"till_returns": OrderSettings.TillReturns.STORE, "settle_hours": 0, **more}
    OrderSettings.objects.filter(connection=connection).update(**wish)
    connection.order_settings.refresh_from_db()
    for feed in LOOKS:
        Cursor.objects.get_or_create(connection=connection, feed=feed, defaults={"due_at": timezone.now()})


def take_back(heartland: Sandbox, connection: Connection, invoice: str, *lines: JSON, **wish: Any) -> str:
    """Somebody at a till takes pieces of an invoice back, to be paid by the store; answers the ticket's id."""
    kind = connection.order_settings.payment_type_id
    name = next(row["name"] for row in heartland.rows("payment_types") if str(row["id"]) == kind)
    body = {"parent_transaction_id": int(invoice), "lines": list(lines), "payment_type": name, **wish}
    return str(heartland.post("/_sim/staff/pos_return", body)["id"])


def work(connection: Connection, *, at: timedelta = timedelta()) -> None:
    """Look for invoices and returns, and work what that queued and what comes of it."""
    now = timezone.now() + at
    Cursor.objects.filter(connection=connection, feed__in=LOOKS).update(due_at=now)
    for feed, follow in LOOKS.items():
        seen = follow(connection=connection, now=now)
        assert seen or is_off(connection, feed), Cursor.objects.get(feed=feed).failure
    while job := SyncJob.objects.filter(status=SyncJob.Status.PENDING, not_before__lte=now).order_by("pk").first():
        job_run(job_id=job.pk, now=now)


def is_off(connection: Connection, feed: str) -> bool:
    return feed == Cursor.TILL_RETURNS and connection.order_settings.till_returns == OrderSettings.TillReturns.OFF


def record_of(ticket: str) -> Record:
    return Record.objects.get(flow="returns", external_id=ticket)


def choose(ticket: str, choice: str, person: User, **more: str) -> None:
    """A person answers on the order's page; a page that showed another question is not heeded."""
    record, client = record_of(ticket), Client()
    client.force_login(person)
    page = client.get(f"/stores/{record.connection.public_id}/orders/{record.order_id}/").content.decode()
    assert f'id="return-{ticket}-{choice}"' in page
    path = f"/stores/{record.connection.public_id}/returns/{ticket}/choose/"
    for question in ("another", record.facts["question"]):
        assert record_of(ticket).disposition == Record.Disposition.HELD
        assert not SyncJob.objects.filter(flow="returns", external_id=ticket, status="pending").exists()
        assert client.post(path, {"choice": choice, "question": question, **more}).status_code == 302


def take_answers_back(ticket: str, person: User) -> None:
    """On the order's page; a page that showed another state is not heeded."""
    record, client = record_of(ticket), Client()
    client.force_login(person)
    path = f"/stores/{record.connection.public_id}/returns/{ticket}/unchoose/"
    for shown in ("another", mark_of(record)):
        assert record_of(ticket).facts["answers"]
        assert client.post(path, {"shown": shown}).status_code == 302
    assert "answers" not in record_of(ticket).facts


def calls_of(ticket: str) -> list[str]:
    """The calls of the last try, ids in paths left out."""
    attempt = Attempt.objects.filter(job__flow="returns", job__external_id=ticket).latest("pk")
    return [f"{call['method']} {bare(call['path'])}" for step in attempt.steps for call in step["calls"]]


def bare(path: str) -> str:
    route = path.partition("?")[0].partition("/V1/")[2] or path.partition("?")[0]
    return "/" + "/".join(part for part in route.strip("/").split("/") if not part.isdigit())


def amounts(rows: list[JSON], field: str) -> list[Decimal]:
    return [Decimal(str(row[field])) for row in rows]

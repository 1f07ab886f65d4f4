"""What must work on SQLite too: pages, the ledger, one order end to end."""

import pytest
from django.test import Client
from django.utils import timezone

from connections.models import User
from syncjobs import engine
from syncjobs.models import Attempt, Lane, Record, SyncJob
from tests.flows.conftest import Pair


@pytest.mark.django_db
def test_a_stranger_is_asked_to_log_in() -> None:
    answer = Client().get("/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/accounts/login/?next=/")


@pytest.mark.django_db
def test_a_person_without_a_merchant_gets_a_page(client: Client) -> None:
    user = User.objects.create_user("someone", "someone@example.com", "long-enough-password")
    client.force_login(user)
    assert client.get("/").status_code == 200


def test_a_burst_of_messages_books_one_order(pair: Pair) -> None:
    web_id = pair.place()
    for _ in range(3):
        engine.job_enqueue(
            connection=pair.connection, flow="orders", external_id=web_id, cause="webhook", now=timezone.now()
        )
    assert SyncJob.objects.filter(external_id=web_id).count() == 1
    engine.lane_run(lane_id=Lane.objects.get(service_class="now").pk, now=timezone.now())
    assert pair.record(web_id).disposition == Record.Disposition.BOOKED
    assert len(pair.sales_orders(web_id)) == 1
    assert Attempt.objects.filter(job__external_id=web_id).count() == 1

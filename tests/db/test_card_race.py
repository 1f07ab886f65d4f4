"""Two tills ask for one card in the same second (gift-cards.md G01): one is granted, the other told what is left."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection as database
from django.utils import timezone

from connections.models import HeartlandAccount
from syncjobs.intake.answer_cards import card_answered
from syncjobs.models import CardSettings, GiftCard
from tests import factories


@pytest.mark.django_db(transaction=True)
def test_g01_two_that_ask_at_once_cannot_overdraw_a_card() -> None:
    connection = factories.connection()
    CardSettings.objects.create(connection=connection, follows=True, till_asks=True, email="a@b.example")
    card = factories.gift_card(connection, "GC7Q2M")
    GiftCard.objects.filter(pk=card.pk).update(store_id="")
    start, now = Barrier(2), timezone.now()

    def capture(payment_id: str, amount: Decimal) -> str:
        start.wait(10)
        return answer(connection.heartland, payment_id, amount, now)

    with ThreadPoolExecutor(2) as both:
        asked = [both.submit(capture, *one) for one in (("1", Decimal(40)), ("2", Decimal(30)))]
    said = sorted(one.result() for one in asked)
    left = GiftCard.objects.get(pk=card.pk).balance
    assert said[0] == "200"
    assert said[1] in ("422 The card has 10.00 left.", "422 The card has 20.00 left.")
    assert said[1] == f"422 The card has {left} left."


def answer(account: HeartlandAccount, payment_id: str, amount: Decimal, now: datetime) -> str:
    try:
        found = card_answered(account, "capture", "gc7q2m", payment_id, amount, now).answer
    finally:
        database.close()
    return f"{found.status.value} {found.message}".strip()

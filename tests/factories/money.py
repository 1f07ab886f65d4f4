"""Gift cards, points and payouts."""

from datetime import timedelta
from decimal import Decimal

from connections.models import Connection
from mappings.core.rules.card_ledger import Kind, Movement, Place
from syncjobs.flows.cards.card_entries import card_open, movements_add
from syncjobs.models import GiftCard, LoyaltySettings, PointsAccount, PointsMovement, PointsSide, Record
from syncjobs.money.import_payouts import payouts_import
from tests.factories.accounts import NOW


def gift_card(of: Connection, number: str = "GC8R3N", worth: str = "50.00") -> GiftCard:
    """A card that the till sold, known in both systems as it is."""
    card, is_new = card_open(of, number, NOW)
    if is_new:
        moved = [Movement(delta=Decimal(worth), kind=Kind.SOLD, place=Place.TILL)]
        movements_add(card, moved, cause="sold", now=NOW, document="Ticket 55210")
        GiftCard.objects.filter(pk=card.pk).update(till_holds=worth, store_holds=worth, till_id="1", store_id="1")
        card.refresh_from_db()
    return card


def points(connection: Connection) -> str:
    """An account with movements of every kind, and a question about it; answers its id."""
    rules = LoyaltySettings(connection=connection, is_on=True, heartland_field="points", store_field="7", points=1)
    rules.tiers = [{"name": "Gold", "earned": 300, "group": "2"}]
    rules.save()
    account = PointsAccount.objects.create(heartland=connection.heartland, customer_id="100220", balance=180, known=180)
    side = PointsSide.objects.create(
        connection=connection, account=account, external_id="77", known=90, begun=180, begun_at=NOW, tier="Gold"
    )
    for number, (why, moved) in enumerate((("opening", 300), ("spent", -200), ("earned", 130), ("expired", -50))):
        PointsMovement.objects.create(
            account=account, side=side, why=why, key=f"{why}#1", points=moved, on=NOW.date(),
            order=f"{connection.pk}:10457" if why in {"spent", "earned"} else "", at=NOW + timedelta(minutes=number),
        )  # fmt: skip
    asks = {"asks": ["arrived", "lost"], "about": "BigCommerce:90:180:190", "points": 180, "tier": "Gold"}
    Record.objects.create(
        connection=connection, flow="points", external_id="77", disposition="held", code="points_differ",
        label="Points of account 77", facts=asks, first_seen_at=NOW, changed_at=NOW,
        reason="BigCommerce shows 190 points. Our 180 for the 90 before got no answer: +10 moved there where it had "
        "arrived, +100 where it had not.",
    )  # fmt: skip
    return "77"


def payouts(of: Connection) -> str:
    """A payout that differs from its rows, one of which waits for a person; answers its name."""
    text = (
        "id,type,reference,gross,fee,net,created_utc,available,payout\n"
        "txn_1,charge,pay_501,100.57,3.22,97.35,2026-03-30T15:02:11Z,2026-04-01,po_9\n"
        "txn_2,refund,pay_501,-20.00,0.00,-20.00,2026-03-31T15:02:11Z,2026-04-01,po_9\n"
        "txn_3,payout,po_9,-70.00,0.00,-70.00,2026-04-01T00:00:00Z,2026-04-01,po_9\n"
        "txn_4,charge,,49.90,1.00,48.90,tomorrow,2026-04-01,po_9\n"
    )
    payouts_import(connection=of, name="march.csv", text=text, actor=None, now=NOW)
    return "po_9"

"""A gateway's row finds the order that the store booked: by the reference that the store tells of its payment."""

from django.utils import timezone

from syncjobs.models import PayoutEntry
from syncjobs.money.import_payouts import payouts_import
from tests.flows.conftest import Pair
from tests.unit.mappings.test_payouts import HEAD


def test_a_booked_order_is_found_by_its_payments_reference(pair: Pair) -> None:
    web_id = pair.book()
    (tender,) = pair.record(web_id).facts["tenders"]
    told = pair.store_client().order_read(web_id)
    assert tender["reference"] == told["payment_provider_id"] != ""
    row = f"t1,charge,{tender['reference']},{tender['amount']},1.00,,{timezone.now().isoformat()},,po_1\n"
    other = f"t2,refund,{tender['reference']},-5.00,0.00,-5.00,{timezone.now().isoformat()},,po_1\n"
    payouts_import(connection=pair.connection, name="x.csv", text=HEAD + row + other, actor=None, now=timezone.now())
    found = PayoutEntry.objects.filter(connection=pair.connection).order_by("pk")
    assert [(one.kind, one.how, one.order_id) for one in found] == [
        ("sale", "reference", web_id),
        ("refund", "reference", web_id),
    ]

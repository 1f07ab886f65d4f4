"""Edit and retry: a held order's data is written otherwise for its booking alone, by a person who says why."""

import re
from typing import Any

from django.test import Client

from connections.models import AuditEntry, Role
from syncjobs.models import OrderCorrection, Record
from tests.flows.conftest import Pair
from tests.flows.shoppers import address, post, sales_order, send
from tests.flows.test_corrections import browser, path

NAME = re.compile(r'<(?:input|select) id="(edit-[\w.]+)" name')
SHOWN = re.compile(r'name="shown" value="(\w{32})"')


def form(client: Client, pair: Pair, web_id: str) -> tuple[set[str], str]:
    """Which values the page lets one edit, and the mark of what it shows."""
    page = client.get(f"{path(pair, web_id)}edit/").content.decode()
    found = SHOWN.search(page)
    assert found, page
    return set(NAME.findall(page)), found[1]


def edit(client: Client, pair: Pair, web_id: str, mark: str, note: str = "He rang us.", **values: str) -> Any:
    data = {f"edit-{name.replace('__', '.')}": value for name, value in values.items()}
    return client.post(f"{path(pair, web_id)}edit/", {"shown": mark, "note": note, **data}, follow=True)


def test_row_127_a_held_order_is_edited_for_its_booking_and_both_versions_are_kept(pair: Pair) -> None:
    typed = {"name": "Gift for Ana", "quantity": 1, "price_ex_tax": "10.00", "price_inc_tax": "10.00", "sku": "NO-SUCH"}
    web_id = post(pair, {"city": ""}, products=[typed])
    assert pair.run(web_id) == "hold"
    client = browser(pair, Role.OPS)
    assert "Edit and retry" in client.get(path(pair, web_id)).content.decode()
    names, mark = form(client, pair, web_id)
    assert {"edit-billing_address.city", "edit-line.1.sku", "edit-tender.1.method", "edit-buyer.email"} <= names
    answer = edit(
        client,
        pair,
        web_id,
        mark,
        billing_address__city="Waco",
        shipping_address__city="Waco",
        line__1__sku="NOT-THERE-EITHER",
    )
    assert "3 values edited" in answer.content.decode()
    assert pair.run(web_id) == "hold"  # the gate judges the edited order as any other
    assert "NOT-THERE-EITHER" in pair.record(web_id).reason
    assert pair.sales_orders(web_id) == []
    _, mark = form(client, pair, web_id)
    edit(client, pair, web_id, mark, line__1__sku="DOG-LEAD", note="It is the lead that he meant.")
    assert pair.run(web_id) == "done", pair.record(web_id).reason
    record = pair.record(web_id)
    assert (record.disposition, address(pair, web_id)["city"]) == (Record.Disposition.BOOKED, "Waco")
    (line,) = pair.rows_of("order_lines", sales_order(pair, web_id)["id"])
    item = next(row for row in pair.heartland.rows("items") if row["public_id"] == "DOG-LEAD")
    assert line["item_id"] == item["id"]
    kept = {row.field: (row.before, row.after, row.note) for row in OrderCorrection.objects.filter(external_id=web_id)}
    assert kept == {
        "billing_address.city": ("", "Waco", "He rang us."),
        "shipping_address.city": ("", "Waco", "He rang us."),
        "line.1.sku": ("NO-SUCH · Gift for Ana", "DOG-LEAD", "It is the lead that he meant."),
    }
    page = client.get(path(pair, web_id)).content.decode()
    assert "ops@pine.example" in page
    assert "It is the lead that he meant." in page
    assert AuditEntry.objects.filter(action="order.edited").count() == 2
    assert "Waco" not in str(AuditEntry.objects.values_list("detail"))
    assert pair.run(web_id) == "done"  # nothing has changed since
    assert (pair.record(web_id).code, len(pair.sales_orders(web_id))) == ("", 1)
    assert "Edit and retry" not in client.get(path(pair, web_id)).content.decode()
    assert "nothing is edited here" in client.get(f"{path(pair, web_id)}edit/", follow=True).content.decode()


def test_nothing_is_edited_without_a_reason_a_right_or_the_state_that_was_shown(pair: Pair) -> None:
    web_id = post(pair, {"city": ""})
    assert pair.run(web_id) == "hold"
    client = browser(pair, Role.OPS)
    _, mark = form(client, pair, web_id)
    refused = edit(client, pair, web_id, mark, note=" ", billing_address__city="Waco")
    assert (refused.status_code, 'value="Waco"' in refused.content.decode()) == (400, True)
    assert "say why" in refused.content.decode()
    assert "every value is as it was" in edit(client, pair, web_id, mark).content.decode()
    assert "longer than 255" in edit(client, pair, web_id, mark, buyer__email="a" * 256).content.decode()
    assert edit(browser(pair, Role.VIEWER), pair, web_id, mark, billing_address__city="Waco").status_code == 403
    send(pair, "PUT", f"/v2/orders/{web_id}", {"billing_address": {"city": "Bend"}})
    answer = edit(client, pair, web_id, mark, billing_address__city="Waco")
    assert "the order is another by now" in answer.content.decode()
    assert not OrderCorrection.objects.filter(accepted_at__isnull=False).exists()

"""What does not fit Heartland: the correction is shown, applied to this order by a person, and kept with it."""

from typing import Any

import pytest
from django.test import Client

from connections.models import AuditEntry, Role, User
from ipaas.types import JSON
from syncjobs.models import OrderCorrection, Record
from tests import factories
from tests.flows.conftest import Pair
from tests.flows.shoppers import address, booked, customer, post, send
from tests.flows.test_c12_written import custom
from tests.flows.test_every_code import answer_as, lines

LONG = "Apartment twelve, behind the old cannery, second door on the left, ring twice and wait, then knock again. " * 2


def browser(pair: Pair, role: Role = Role.STAFF) -> Client:
    client, merchant = Client(), pair.connection.merchant
    email = f"{role}@pine.example"
    client.force_login(User.objects.filter(email=email).first() or factories.member(merchant, role, email))
    return client


def path(pair: Pair, web_id: str) -> str:
    return f"/stores/{pair.connection.public_id}/orders/{web_id}/"


def shown(pair: Pair, web_id: str) -> tuple[str, str]:
    """The order's page, and the mark of the proposals on it."""
    page = browser(pair).get(path(pair, web_id)).content.decode()
    form = page.partition("/correct/")[2]
    return page, form.partition('name="shown" value="')[2].partition('"')[0]


def accept(pair: Pair, web_id: str, mark: str) -> str:
    answer = browser(pair).post(f"{path(pair, web_id)}correct/", {"shown": mark}, follow=True)
    return str(answer.content.decode())


@pytest.mark.parametrize(
    ("billing", "code"),
    [
        ({"street_2": LONG}, "target_limit_exceeded"),
        ({"last_name": "W" * 120}, "target_limit_exceeded"),
        ({"city": ""}, "address_incomplete"),
        ({"email": "robin@example,org"}, "email_invalid"),
    ],
)
def test_row_120_a_correction_is_shown_applied_and_kept(pair: Pair, billing: dict[str, str], code: str) -> None:
    web_id = post(pair, billing)
    assert pair.run(web_id) == "hold"
    assert pair.record(web_id).code == code
    assert pair.sales_orders(web_id) == []
    page, mark = shown(pair, web_id)
    rows = list(OrderCorrection.objects.filter(external_id=web_id))
    assert rows
    for row in rows:
        assert row.after[:40] in page
    assert "The correction is applied" in accept(pair, web_id, mark)
    assert pair.run(web_id) == "done"
    assert pair.record(web_id).disposition == Record.Disposition.BOOKED
    held = address(pair, web_id)
    assert max(len(str(held[part] or "")) for part in ("line_1", "line_2", "last_name", "city")) <= 100
    after, _ = shown(pair, web_id)
    assert "Corrected for Heartland" in after
    assert [text for text in (row.before[:40] for row in rows) if text and text not in after] == []
    assert AuditEntry.objects.filter(action="order.corrected").count() == 1
    kept = str(Record.objects.values_list("facts", "reason")) + str(AuditEntry.objects.values_list("detail"))
    assert "Wells" not in kept
    assert "cannery" not in kept
    assert pair.run(web_id) == "done"  # the store's order is what it was: nothing has changed
    assert pair.record(web_id).code == ""


def test_another_proposal_than_the_one_shown_is_not_accepted(pair: Pair) -> None:
    web_id = post(pair, {"city": ""})
    assert pair.run(web_id) == "hold"
    _, mark = shown(pair, web_id)
    send(pair, "PUT", f"/v2/orders/{web_id}", {"billing_address": {"city": "Austin", "street_2": LONG}})
    assert pair.run(web_id) == "hold"
    assert "Nothing was applied" in accept(pair, web_id, mark)
    assert not OrderCorrection.objects.filter(accepted_at__isnull=False).exists()


def test_who_may_only_look_accepts_nothing(pair: Pair) -> None:
    web_id = post(pair, {"city": ""})
    pair.run(web_id)
    _, mark = shown(pair, web_id)
    refused = browser(pair, Role.VIEWER).post(f"{path(pair, web_id)}correct/", {"shown": mark})
    assert refused.status_code == 403
    assert not OrderCorrection.objects.filter(accepted_at__isnull=False).exists()


def test_a_value_edited_in_the_store_goes_as_edited(pair: Pair) -> None:
    web_id = post(pair, {"city": ""})
    pair.run(web_id)
    _, mark = shown(pair, web_id)
    send(pair, "PUT", f"/v2/orders/{web_id}", {"billing_address": {"city": "Bend"}})
    accept(pair, web_id, mark)
    pair.run(web_id)
    assert address(pair, web_id)["city"] == "Bend"


def test_a_long_comment_is_cut_when_a_person_says_so(pair: Pair) -> None:
    web_id = post(pair, customer_message="word " * 60)
    assert pair.run(web_id) == "hold"
    accept(pair, web_id, shown(pair, web_id)[1])
    assert pair.run(web_id) == "done"
    text = custom(pair, web_id)["order_comment"]
    assert (len(text) <= 255, text.endswith("word…")) == (True, True)


def test_a_long_wish_of_a_line_is_cut_when_a_person_says_so(pair: Pair) -> None:
    def engrave(order: JSON) -> None:
        for option in lines(order)[0]["product_options"]:
            if option["value"] == "ANA":
                option.update(value="word " * 60, display_value="word " * 60, display_value_merchant="word " * 60)

    web_id = pair.place(lines=[{"sku": "HP-BTL-BLK-750ML", "quantity": 1, "modifiers": {"Engraving": "ANA"}}])
    answer_as(pair, web_id, engrave)
    assert pair.run(web_id) == "hold"
    assert pair.record(web_id).code == "target_limit_exceeded"
    page, mark = shown(pair, web_id)
    assert "What the shopper asked for, line 1" in page
    assert pair.run(web_id) == "hold"  # never silently
    accept(pair, web_id, mark)
    assert pair.run(web_id) == "done"
    (order,) = pair.sales_orders(web_id)
    notes = [row["custom"].get("customisation", "") for row in pair.rows_of("order_lines", order["id"])]
    (text,) = [note for note in notes if note]
    assert (text.startswith("Engraving: word word"), len(text) <= 255, text.endswith("word…")) == (True, True, True)
    assert pair.run(web_id) == "done"  # nothing has changed since
    assert pair.record(web_id).code == ""


@pytest.mark.parametrize(("tidies", "name"), [(False, "JOHN smith jones"), (True, "John Smith Jones")])
def test_row_106_names_are_tidied_only_where_that_is_chosen(pair: Pair, tidies: bool, name: str) -> None:
    settings: Any = pair.connection.order_settings
    settings.tidies_names = tidies
    settings.save()
    typed = {"first_name": "JOHN", "last_name": "smith jones", "email": "john@example.org"}
    web_id = booked(pair, typed)
    assert customer(pair, web_id)["name"] == name
    held = address(pair, web_id)
    assert f"{held['first_name']} {held['last_name']}" == name
    assert pair.run(web_id) == "done"
    assert pair.record(web_id).code == ""

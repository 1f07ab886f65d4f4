"""Questions about customers: side by side, answered once, about exactly what was shown."""

import json

import pytest

from connections.models import AuditEntry, Role
from syncjobs.models import CustomerIdentity, CustomerQuestion, SyncJob
from tests import factories
from tests.screens.conftest import Shop

ANA = {"first_name": "Ana", "last_name": "Lopez", "email": "ana@example.com", "phone": "5125550100"}


def asked(shop: Shop, kind: str = "who") -> CustomerQuestion:
    identity, _ = CustomerIdentity.objects.get_or_create(
        connection=shop.connection, account_id="77", defaults={"state": "asked"}
    )
    people = {"100220": {**ANA, "number": "C-1"}, "100221": {**ANA, "phone": "7375559999", "number": "C-2"}}
    both = {"store": {"value": "Ana", "at": "2026-03-01T10:00:00+00:00"}, "heartland": {"value": "Anna", "at": ""}}
    content = {"account": ANA, "candidates": people} if kind == "who" else both
    return CustomerQuestion.objects.create(
        connection=shop.connection, identity=identity, kind=kind, field="" if kind == "who" else "first_name",
        candidates=["100220", "100221"] if kind == "who" else [], content=json.dumps(content), about=f"about-{kind}",
        asked_at=factories.NOW,
    )  # fmt: skip


def answered(shop: Shop, question: CustomerQuestion, *, role: Role = Role.OPS, **wish: str) -> str:
    path = shop.at(f"customers/questions/{question.pk}/")
    answer = shop.client(role).post(path, {"was": question.about} | wish, follow=True)
    question.refresh_from_db()
    return answer.content.decode()


def test_both_are_shown_side_by_side_with_what_differs(shop: Shop) -> None:
    asked(shop)
    asked(shop, "value")
    page = shop.client().get(shop.at("customers/questions/")).content.decode()
    for words in ("Who is account 77?", "Customer C-1", "7375559999", "differs", "whose value stands?", "Anna"):
        assert words in page, words


@pytest.mark.parametrize(
    ("wish", "kept"),
    [
        ({"do": "same", "customer": "100221"}, ("same", "100221", False)),
        ({"do": "same", "customer": "100220", "merges": "on"}, ("same", "100220", True)),
        ({"do": "two"}, ("two", "", False)),
        ({"do": "alone"}, ("rejected", "", False)),
    ],
)
def test_who_it_is_is_said_once_and_looked_at_again(
    wish: dict[str, str], kept: tuple[str, str, bool], shop: Shop
) -> None:
    question = asked(shop)
    answered(shop, question, role=Role.OPS, **wish)
    assert (question.answer, question.chosen_id, question.merges) == kept
    assert SyncJob.objects.filter(flow="customers", external_id="77", status="pending").count() == 1
    assert "Somebody answered this meanwhile" in answered(shop, question, do="two")
    assert (question.answer, AuditEntry.objects.filter(action="customer.answered").count()) == (kept[0], 1)


def test_one_of_two_values_stands(shop: Shop) -> None:
    question = asked(shop, "value")
    answered(shop, question, do="heartland")
    assert question.answer == "heartland"


def test_nothing_is_answered_that_was_not_shown_or_by_who_may_not(shop: Shop, rival: Shop) -> None:
    question = asked(shop)
    answered(shop, question, was="other", do="two")
    answered(shop, question, do="same", customer="999")
    answered(shop, question, do="store")
    assert "Your role here is viewer" in answered(shop, question, role=Role.VIEWER, do="two")
    path = f"customers/questions/{question.pk}/"
    assert rival.client().post(rival.at(path), {"was": question.about, "do": "two"}).status_code == 404
    question.refresh_from_db()
    assert question.answer == ""


def test_the_dashboard_counts_what_waits(shop: Shop) -> None:
    asked(shop)
    asked(shop, "value")
    page = shop.client().get("/").content.decode()
    assert "2 questions about customers" in page
    assert shop.at("customers/questions/") in page


def test_who_may_not_see_shoppers_sees_no_question(shop: Shop) -> None:
    asked(shop)
    answer = shop.client(Role.VIEWER).get(shop.at("customers/questions/"))
    assert (answer.status_code, "Lopez" in answer.content.decode()) == (403, False)


def many(shop: Shop, rule: str, do: str, *, text: str = "", mark: str = "", role: Role = Role.OPS) -> str:
    """See which are meant, then answer all of them; answers the page after it."""
    client, path = shop.client(role), shop.at("customers/questions/")
    seen = client.get(path, {"rule": rule, "text": text})
    wish = {"rule": rule, "text": text, "do": do, "mark": mark or seen.context["mark"]}
    return client.post(path + "many/", wish, follow=True).content.decode()


def numbered(shop: Shop, number: str, **account: str) -> CustomerQuestion:
    """A question who an account is, which may be one candidate, Ana Lopez."""
    identity = CustomerIdentity.objects.create(connection=shop.connection, account_id=number, state="asked")
    content = {"account": ANA | account, "candidates": {"100220": {**ANA, "number": "C-1"}}}
    return CustomerQuestion.objects.create(
        connection=shop.connection, identity=identity, kind="who", candidates=["100220"], content=json.dumps(content),
        about=f"about-{number}", asked_at=factories.NOW,
    )  # fmt: skip


def answers(shop: Shop) -> dict[str, str]:
    rows = CustomerQuestion.objects.filter(connection=shop.connection)
    return dict(rows.values_list("identity__account_id", "answer"))


def test_many_are_answered_by_a_rule_once_they_were_shown(shop: Shop) -> None:
    numbered(shop, "1"), numbered(shop, "2", first_name="Bea"), numbered(shop, "3", email="x@Market.example")
    assert "1 question answered: somebody else." in many(shop, "names", "two")
    assert answers(shop) == {"1": "", "2": "two", "3": ""}
    assert "1 question answered: leave it alone." in many(shop, "mail", "alone", text="@market.example")
    assert answers(shop) == {"1": "", "2": "two", "3": "rejected"}
    assert SyncJob.objects.filter(flow="customers", status="pending").count() == 2
    assert AuditEntry.objects.filter(action="customer.answered").count() == 2


def test_values_of_one_field_are_chosen_at_once(shop: Shop) -> None:
    question = asked(shop, "value")
    assert "1 question answered: heartland’s value stands." in many(shop, "first_name", "heartland")
    question.refresh_from_db()
    assert question.answer == "heartland"


def test_a_rule_answers_nothing_that_was_not_shown_or_by_who_may_not(shop: Shop, rival: Shop) -> None:
    numbered(shop, "2", first_name="Bea")
    assert "Others are asked about than this page showed" in many(shop, "names", "two", mark="of yesterday")
    path = "customers/questions/many/"
    for wish in ({"rule": "names", "do": "store"}, {"rule": "nonsense", "do": "two"}, {"rule": "mail", "do": "two"}):
        assert shop.client(Role.OPS).post(shop.at(path), wish).status_code == 404
    assert shop.client(Role.VIEWER).post(shop.at(path), {"rule": "names", "do": "two"}).status_code == 403
    assert "Nothing was changed" in many(rival, "names", "two")
    assert answers(shop) == {"2": ""}

"""Scoring candidates: reasons in words, and never a choice between two that fit."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from mappings.core.rules.matching import FITS, Candidate, StoreItem, match_of, only_fit, ranked

MUG = StoreItem(sku="MUG-01", name="Enamel Mug - White", barcode="036000291452", price=Decimal("18.00"))


def item(number: str, **known: object) -> Candidate:
    return Candidate(item_id=number, number=number, **known)  # type: ignore[arg-type]


def test_reasons_are_named_and_add_up() -> None:
    match = match_of(MUG, item("MUG-O1", name="Enamel Mug - White - 12oz", price=Decimal(18), barcodes=("SR1",)))
    assert match.score == 60 + 22 + 10
    assert match.reasons == (
        "Item # differs from the SKU only in characters that look alike, such as 0 and O",
        "75% of the words in their names",
        "the same price",
    )


def test_a_barcode_is_a_number_whatever_its_zeros() -> None:
    assert match_of(MUG, item("X", barcodes=("0036000291452",))).reasons == ("the same barcode, 036000291452",)
    own = StoreItem(sku="A", barcode="1234567")
    assert match_of(own, item("B", barcodes=("1234567",))).score == 0


def test_a_price_alone_is_no_reason() -> None:
    assert ranked(MUG, [item("Z", price=Decimal(18))]) == []


def test_the_best_comes_first_and_two_that_fit_are_left_to_a_person() -> None:
    same, near, barcode = item("MUG-01"), item("mug-01"), item("Y", barcodes=("036000291452",))
    matches = ranked(MUG, [barcode, near, same])
    assert [one.candidate for one in matches] == [same, barcode, near]
    assert only_fit(matches) is None
    assert only_fit(ranked(MUG, [near, item("Q", name="Enamel Mug")])) is not None
    assert only_fit([]) is None


texts = st.text(max_size=12)
prices = st.none() | st.decimals(0, 1000, places=2)


@given(texts, texts, texts, texts, prices, prices)
def test_a_score_is_bounded_has_its_reasons_and_only_equal_numbers_are_certain(
    sku: str, number: str, name: str, other: str, price: Decimal | None, their_price: Decimal | None
) -> None:
    mine = StoreItem(sku=sku, name=name, barcode=sku, price=price)
    match = match_of(mine, item(number, name=other, price=their_price, barcodes=(number,)))
    assert 0 <= match.score <= 100
    assert bool(match.score) == bool(match.reasons)
    assert match.score >= 100 if number == sku else True
    assert match.score < FITS or any("Item #" in reason or "barcode" in reason for reason in match.reasons)

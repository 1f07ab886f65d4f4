"""Differences as a person reads them."""

from mappings.core.rules.product_changes import Change
from syncjobs.pages.items.change_groups import Group, groups_of


def test_variants_that_change_alike_stand_together_with_the_size_of_the_move() -> None:
    prices = [Change(field="price", sku=f"HT-{size}", before="24.00", after="27.60") for size in "SML"]
    odd = Change(field="price", sku="HT-XL", before="26.00", after="19.50")
    title = Change(field="title", before="Tee", after="Harbor Tee")
    assert groups_of([title, *prices, odd], "USD") == [
        Group(label="Title", before="Tee", after="Harbor Tee", skus=()),
        Group(label="Price", before="$24.00", after="$27.60", skus=("HT-S", "HT-M", "HT-L"), percent="+15 %"),
        Group(label="Price", before="$26.00", after="$19.50", skus=("HT-XL",), percent="−25 %"),
    ]


def test_what_has_no_size_says_none_and_a_small_move_is_not_rounded_to_nothing() -> None:
    changes = [
        Change(field="price", sku="A", before="0.00", after="5.00"),
        Change(field="price", sku="B", before="", after="5.00"),
        Change(field="price", sku="C", before="200.00", after="201.00"),
        Change(field="price", sku="D", before="20.00 now 16.00", after="20.00"),
        Change(field="weight", sku="A", before="1", after="2"),
    ]
    found = groups_of(changes, "USD")
    assert [one.percent for one in found] == ["", "", "+0.5 %", "+25 %", ""]
    assert [one.before for one in found] == ["$0.00", "", "$200.00", "$20.00 now $16.00", "1"]

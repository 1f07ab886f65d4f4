"""What a target does not take, and which fields tell a grid's items apart: without either system."""

from decimal import Decimal

import pytest

from mappings.core.bigcommerce.product_limits import LIMITS
from mappings.core.canonical.product import CatalogueLimits, Policy, Product, Variant
from mappings.core.heartland.products import item_facts, option_sets
from mappings.core.rules.product_limits import (
    KEYED,
    beyond_store,
    free,
    is_same_title,
    name_key,
    store_title,
    title_note,
)

LONG = "Tent " * 60


def product(*skus: str, options: tuple[tuple[str, str], ...] = (), price: str = "5") -> Product:
    variants = tuple(Variant(external_id="1", sku=sku, options=options, price=Decimal(price)) for sku in skus)
    return Product(external_id="g1", title="Tent", variants=variants)


def test_a_shortened_title_equals_its_original_and_no_other() -> None:
    short = store_title(LONG.strip(), LIMITS)
    assert len(short) <= 250
    assert is_same_title(LONG.strip(), short, LIMITS)
    assert is_same_title(short, LONG.strip(), LIMITS)
    assert not is_same_title(short, short[:-1], LIMITS)
    assert not is_same_title("Tent", "tent", LIMITS)
    assert (title_note("Tent", LIMITS), title_note(LONG.strip(), LIMITS)[:24]) == ("", "Its title has 299 charac")
    assert name_key(" Tent ") == name_key("TENT")


def test_an_option_has_so_many_values_and_no_more() -> None:
    def sizes(count: int) -> Product:
        rows = [(f"S{n}", (("Size", str(n)),)) for n in range(count)]
        variants = (Variant(external_id=sku, sku=sku, options=options, price=Decimal(5)) for sku, options in rows)
        return Product(external_id="g1", title="Tent", variants=tuple(variants))

    assert beyond_store(sizes(250), LIMITS) == ""
    assert beyond_store(sizes(251), LIMITS).startswith("“Size” has 251 values, and BigCommerce takes 250 of an option")


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (product("A", "B"), ""),
        (product(*(f"S{n}" for n in range(600))), ""),
        (product(*(f"S{n}" for n in range(601))), "It has 601 variants, and BigCommerce takes 600 a product"),
        (product("X" * 256), f"“{'X' * 40}…” has 256 characters, and BigCommerce takes 255 of a SKU."),
        (product("a", "A"), "“a” stands twice: BigCommerce takes large and small letters of a SKU for the same."),
        (product("A", options=(("Size", "y" * 256),)), "“Size” of A has 256 characters, and BigCommerce takes 255"),
    ],
)
def test_what_the_store_does_not_take(made: Product, words: str) -> None:
    assert beyond_store(made, LIMITS)[: len(words) or None] == words


def test_another_store_takes_what_it_says() -> None:
    limits = CatalogueLimits(store="Harbor", longest_name=255, longest_sku=64)
    assert title_note(LONG.strip(), limits).endswith("the store keeps the first 255, and Heartland all.")
    assert beyond_store(product("X" * 65), limits).endswith("has 65 characters, and Harbor takes 64 of a SKU.")
    assert beyond_store(product("a", "A"), limits) == ""
    assert beyond_store(product("a", "A"), CatalogueLimits(store="Harbor", is_sku_case_told=False)).startswith("“a”")
    assert beyond_store(product(*(f"S{n}" for n in range(900))), CatalogueLimits()) == ""


def test_a_key_tells_no_more_of_a_name_than_the_store_keeps() -> None:
    assert LIMITS.longest_name >= KEYED


def test_new_variants_count_beside_those_that_are_there() -> None:
    made = product(*(f"S{n}" for n in range(600)))
    assert beyond_store(made, LIMITS, has=599, new=["S1"]) == ""
    assert beyond_store(made, LIMITS, has=600, new=["S1"]).startswith("It has 601 variants")


def test_what_is_free() -> None:
    assert (free(product("A")), free(product("A", price="0")), free(product("A", price="0"), ["B"])) == ("", "A", "")


@pytest.mark.parametrize(
    ("rows", "keys", "expected"),
    [
        ([{"size": "S", "color": "Red"}, {"size": "M", "color": "Red"}], (), (("size",),)),
        (
            [{"size": s, "color": c} for s in "SM" for c in ("Red", "Blue")],
            (),
            (("color", "size"),),
        ),
        (
            [{"size": s, "color": c, "bin": f"{s}{c}"} for s in "SM" for c in ("Red", "Blue")],
            (),
            (("bin",), ("color", "size")),
        ),
        ([{"size": "S", "color": "Red"}, {"size": "M", "color": "Blue"}], ("size", "color"), (("size", "color"),)),
        ([{"size": "S"}, {"size": "S"}], (), ((),)),
    ],
)
def test_the_fewest_fields_that_tell_items_apart(
    rows: list[dict[str, str]], keys: tuple[str, ...], expected: tuple[tuple[str, ...], ...]
) -> None:
    facts = [item_facts({"public_id": str(n), "custom": custom}) for n, custom in enumerate(rows)]
    assert option_sets(facts, Policy(option_keys=keys)) == expected

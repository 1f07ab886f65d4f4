"""The shared catalogue: size, determinism and the oddities it promises."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest

from ipaas.sandbox import catalog
from ipaas.sandbox.catalog import oddities, scaling
from ipaas.sandbox.catalog.products import products, upc, variants
from ipaas.sandbox.catalog.recipes import KINDS


def test_the_catalogue_has_about_six_hundred_skus_and_no_duplicates() -> None:
    rows = list(variants(1))
    assert len(products(1)) == 153
    assert len(rows) == 585
    assert len({variant.sku for _, variant in rows}) == len(rows)
    assert len({variant.upc for _, variant in rows}) == len(rows)
    assert sum(product.is_grid for product in products(1)) == 45


def test_equal_seeds_give_equal_shops_and_other_seeds_other_stock() -> None:
    products.cache_clear()
    first = products(3)
    products.cache_clear()
    assert products(3) == first
    assert products(4) != first
    assert [p.code for p in products(4)] == [p.code for p in first]


def test_oddities_are_there() -> None:
    rows = {variant.sku: (product, variant) for product, variant in variants(1)}
    assert Counter(frozenset(p.systems) for p, _ in rows.values()) == {
        catalog.BOTH: 578,
        catalog.HEARTLAND_ONLY: 3,
        catalog.BIGCOMMERCE_ONLY: 4,
    }
    assert {sku: v.pos_sku for sku, (_, v) in rows.items() if v.pos_sku != sku} == oddities.NEAR_MISSES
    assert rows["LGT-LANT"][1].stock["annex"] == -2
    assert rows["AXE-FELL"][1].stock == {"main": 1, "annex": 0, "depot": 0}
    assert [sku for sku, (p, _) in rows.items() if not p.is_active] == ["LGT-OLD"]
    assert [sku for sku, (p, _) in rows.items() if p.allows_fractions] == ["ROP-METER"]
    assert [sku for sku, (p, _) in rows.items() if not p.tracks_inventory] == ["SVC-REPAIR", "DIG-TRAILS", "GIFT-CERT"]
    kinds = {modifier.kind for product in products(1) for modifier in product.modifiers}
    assert kinds == {
        "text",
        "checkbox",
        "file",
        "numbers_only_text",
        "dropdown",
        "multi_line_text",
        "radio_buttons",
        "date",
        "product_list",
        "product_list_with_images",
    }


def test_pick_list_children_and_modifier_owners_exist() -> None:
    skus = {variant.sku for _, variant in variants(1)}
    codes = {product.code for product in products(1)}
    picks = {choice.sku for p in products(1) for m in p.modifiers for choice in m.choices if choice.sku}
    assert picks == {"COF-BEAN", "COF-DRIP", "CMP-PLAT", "CMP-CUTL"}
    assert picks <= skus
    assert oddities.MODIFIERS.keys() <= codes


@pytest.mark.parametrize("code", ["036000291452", "012345678905"])
def test_check_digits_follow_upc_a(code: str) -> None:
    odd, even = sum(map(int, code[0:11:2])), sum(map(int, code[1:11:2]))
    assert int(code[-1]) == -(3 * odd + even) % 10
    made = upc(417)
    assert len(made) == 12
    assert (3 * sum(map(int, made[0:11:2])) + sum(map(int, made[1:11:2])) + int(made[-1])) % 10 == 0


def test_scale_computes_any_row_from_its_number_alone() -> None:
    big = catalog.scale(1_000_000)
    assert big.count == 1_000_000 - 585
    style, variant = big.row(999_412)
    assert big.number_of(variant.sku) == 999_412
    assert variant in big.style(style).variants
    assert len(big.style(1).variants) == scaling.STYLE_SIZE
    assert len(big.style(big.styles).variants) == 7
    assert big.number_of("XL-000001-BLK-9XL") is None
    assert big.number_of("HP-TEE-RED-M") is None
    assert catalog.scale(10).count == 0
    with pytest.raises(IndexError):
        big.row(0)


def test_scale_has_no_duplicates_and_never_meets_the_hand_written_rows() -> None:
    small = catalog.scale(3_000)
    rows = [small.row(number)[1] for number in range(1, small.count + 1)]
    assert len({row.sku for row in rows}) == small.count
    assert not {row.upc for row in rows} & {variant.upc for _, variant in variants(1)}


def test_customers_are_150_people_with_the_promised_coincidences() -> None:
    people = catalog.customers(1)
    assert [person.number for person in people] == list(range(1, 151))
    assert len({person.email for person in people}) == 150
    assert Counter(frozenset(person.systems) for person in people) == {
        catalog.BOTH: 90,
        catalog.HEARTLAND_ONLY: 30,
        catalog.BIGCOMMERCE_ONLY: 30,
    }
    assert people[30].phone == people[31].phone
    assert people[40].pos_email == people[41].pos_email
    assert people[40].email != people[41].email
    assert people[4].pos_email.lower() == people[4].email != people[4].pos_email
    assert {a.country_code for person in people for a in person.addresses} == {"US", "CA", "GB", "DE", "JP"}


def test_recipes_are_deterministic_and_cover_every_kind() -> None:
    assert catalog.recipes(50, 7) == catalog.recipes(50, 7)
    assert catalog.recipes(50, 7) != catalog.recipes(50, 8)
    assert catalog.recipes(120, 7)[:50] == catalog.recipes(50, 7)
    assert len(KINDS) == 50
    assert {recipe["kind"] for recipe in catalog.recipes(50)} == KINDS.keys()


def test_every_recipe_names_skus_the_shop_sells() -> None:
    sold = {v.sku for p, v in variants(1) if "bigcommerce" in p.systems}
    used = {line["sku"] for recipe in catalog.recipes(500) for line in recipe["lines"]}
    assert used <= sold
    assert len(used) > 300


def test_the_seed_orders_are_sixty_four_in_each_status() -> None:
    made = catalog.orders(1)
    assert Counter(recipe["status_id"] for recipe in made) == dict.fromkeys(range(15), 4)
    assert [recipe["days_ago"] for recipe in made] == list(range(60, 0, -1))


def test_prices_are_whole_cents() -> None:
    assert all(v.price == v.price.quantize(Decimal("0.01")) for _, v in variants(1))

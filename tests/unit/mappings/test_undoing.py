"""A product put back: only what the run changed, only where it still stands as the run left it."""

from dataclasses import replace
from decimal import Decimal

from mappings.core.canonical.product import Policy, Product, Variant
from mappings.core.rules.undoing import is_same, staying, undo_of

POLICY = Policy()


def product(price: str = "24.00", **fields: object) -> Product:
    msrp, title = fields.pop("msrp", None), fields.pop("title", "Harbor Tee")
    variant = Variant(external_id="1", sku="HT-M", price=Decimal(price), msrp=msrp, weight=Decimal(1))  # type: ignore[arg-type]
    return Product(external_id="9", title=str(title), variants=(variant,), **fields)  # type: ignore[arg-type]


def test_what_the_run_wrote_is_put_back() -> None:
    undo = undo_of(product(), product("27.60", title="New"), product("27.60", title="New"), POLICY)
    assert {(one.field, one.before, one.after) for one in undo.changes} == {
        ("price", "27.60", "24.00"),
        ("title", "New", "Harbor Tee"),
    }
    assert undo.moved == ()


def test_what_somebody_changed_since_is_left_and_named() -> None:
    undo = undo_of(product(), product("27.60", title="New"), product("30.00", title="New"), POLICY)
    assert [one.field for one in undo.changes] == ["title"]
    assert undo.moved == ("Price",)
    assert staying(product(), product("27.60", title="New"), product("30.00"), POLICY) == ["Price"]


def test_what_the_run_did_not_write_is_left_alone() -> None:
    undo = undo_of(product(), product("27.60"), product("27.60", title="Renamed since"), POLICY)
    assert [one.field for one in undo.changes] == ["price"]
    assert undo.moved == ()


def test_what_is_back_already_needs_nothing() -> None:
    assert undo_of(product(), product("27.60"), product(), POLICY).changes == ()


def test_what_was_blank_before_is_made_blank_again() -> None:
    after = product(msrp=Decimal(40), description="<p>New</p>")
    undo = undo_of(product(), after, after, POLICY)
    assert {(one.field, one.before, one.after) for one in undo.changes} == {
        ("msrp", "40", ""),
        ("description", "New", ""),
    }


def test_categories_that_were_added_are_taken_off_and_pictures_stay() -> None:
    before, after = product(categories=("Sale",)), product(categories=("Sale", "Tees"), has_pictures=True)
    undo = undo_of(before, after, after, POLICY)
    assert [(one.field, one.before, one.after) for one in undo.changes] == [("categories", "Sale, Tees", "Sale")]
    assert staying(before, after, replace(before, has_pictures=True), POLICY) == ["Pictures"]


def test_a_product_that_somebody_worked_on_is_not_the_same() -> None:
    assert is_same(product(), product(), POLICY)
    assert not is_same(product(), product("24.01"), POLICY)
    assert not is_same(product(), product(is_active=False), POLICY)

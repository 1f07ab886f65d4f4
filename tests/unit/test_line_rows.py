"""Lines of both systems find each other."""

from typing import Any

from syncjobs.pages.orders.line_rows import line_rows


def store(sku: str, quantity: int = 1, total: str = "10.00", **fields: Any) -> dict[str, Any]:
    return {"sku": sku, "quantity": quantity, "total": total, "discount": "0.00"} | fields


def there(item: int | None, quantity: str = "1", value: str = "10.00") -> dict[str, Any]:
    return {"item_id": item, "quantity": quantity, "value": value}


def test_lines_find_each_other_by_their_item() -> None:
    rows = line_rows([store("A"), store("B")], [there(2), there(1)], {"A": "1", "B": "2"})
    assert [(row.store and row.store["sku"], row.heartland and row.heartland["item_id"]) for row in rows] == [
        ("A", 1),
        ("B", 2),
    ]
    assert not any(row.quantity_differs or row.value_differs for row in rows)


def test_what_one_side_alone_has_stands_alone() -> None:
    rows = line_rows([store("A"), store("C")], [there(1), there(9)], {"A": "1"})
    assert [(bool(row.store), bool(row.heartland), row.is_linked) for row in rows] == [
        (True, True, True),
        (True, False, False),
        (False, True, False),
    ]


def test_two_lines_of_one_item_are_told_by_their_quantity() -> None:
    rows = line_rows([store("A", 3), store("A", 2)], [there(1, "2"), there(1, "3.0")], {"A": "1"})
    assert [row.heartland and row.heartland["quantity"] for row in rows] == ["3.0", "2"]
    assert not any(row.quantity_differs for row in rows)


def test_differences_are_marked_and_given_back_pieces_are_none() -> None:
    (row,) = line_rows([store("A", 2, "20.00", discount="1.00")], [there(1, "1", "19.01")], {"A": "1"})
    assert (row.quantity_differs, row.value_differs) == (True, True)
    (row,) = line_rows([store("A", 2, "20.00", refunded=1)], [there(1, "1", "10.00")], {"A": "1"})
    assert (row.quantity_differs, row.value_differs) == (False, False)


def test_lines_without_items_follow_in_order() -> None:
    rows = line_rows([store("A"), store("B")], [there(None)], {})
    assert [bool(row.heartland) for row in rows] == [True, False]

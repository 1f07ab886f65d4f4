"""The store: tables, indexes, undo, computed rows, and what survives a new start."""

from decimal import Decimal
from pathlib import Path

import pytest

from ipaas.sandbox.core.tables import Database, Lazy, Table


def lazy_table(database: Database) -> Table:
    """Ids 10 to 19 are computed, the rest is stored."""
    table = database.table("things", index=("name",))
    find = {"name": lambda name: [int(name[1:])] if name[1:].isdecimal() else []}
    database.set_lazy(table, Lazy(range(10, 20), lambda i: {"name": f"n{i}"}, find, {"size": 1}))
    return table


def test_ids_ascend_and_are_never_given_twice() -> None:
    table = Database().table("t", start=100)
    assert [table.insert({"a": n})["id"] for n in range(3)] == [100, 101, 102]
    assert table.delete(102)
    assert not table.delete(102)
    assert table.insert({})["id"] == 103
    assert [row["id"] for row in table.all()] == [100, 101, 103]


def test_an_index_follows_every_change() -> None:
    table = Database().table("t", index=("color",))
    for color in ("red", "blue", "red"):
        table.insert({"color": color})
    table.update(1, color="blue")
    table.delete(3)
    assert [row["id"] for row in table.find(color="blue")] == [1, 2]
    assert table.find(color="red") == []
    assert table.first(color="blue", id=2) == {"color": "blue", "id": 2}


def test_a_row_handed_out_is_a_snapshot() -> None:
    table = Database().table("t")
    before = table.insert({"a": 1})
    table.update(1, a=2)
    assert (before["a"], table.get(1)) == (1, {"a": 2, "id": 1})


def test_rollback_undoes_inserts_updates_and_deletes() -> None:
    database = Database()
    table = database.table("t", index=("a",))
    table.insert({"a": 1})
    table.insert({"a": 2})
    database.commit()
    table.update(1, a=9)
    table.update(1, a=10)
    table.delete(2)
    table.insert({"a": 3})
    database.rollback()
    assert list(table.all()) == [{"a": 1, "id": 1}, {"a": 2, "id": 2}]
    assert [row["id"] for row in table.find(a=2)] == [2]
    assert table.find(a=10) == []


def test_what_was_committed_is_there_after_a_new_start(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite3"
    database = Database(path)
    table = database.table("t", start=5)
    table.insert({"price": Decimal("5.00"), "nested": {"tax": Decimal("0.10")}, "n": 3})
    table.insert({"gone": True})
    table.delete(6)
    database.commit()
    table.insert({"not": "committed"})

    again = Database(path).table("t", start=5)
    assert list(again.all()) == [{"price": Decimal("5.0"), "nested": {"tax": Decimal("0.1")}, "n": 3, "id": 5}]
    assert isinstance(again.all().__next__()["price"], Decimal)
    assert again.insert({})["id"] == 7


def test_computed_rows_need_no_storage() -> None:
    table = lazy_table(Database())
    assert (len(table), table.next_id, list(table.stored())) == (10, 20, [])
    assert table.get(12) == {"name": "n12", "id": 12}
    assert [row["id"] for row in table.find(name="n12")] == [12]
    assert table.get(20) is None


def test_computed_rows_can_be_changed_deleted_and_counted() -> None:
    table = lazy_table(Database())
    table.insert({"id": 3, "name": "low"})
    table.insert({"name": "high"})
    table.update(12, name="twelve")
    table.delete(14)
    assert [row["id"] for row in table.all()] == [3, 10, 11, 12, 13, 15, 16, 17, 18, 19, 20]
    assert (table.find(name="n12"), table.find(name="n14")) == ([], [])
    assert [row["id"] for row in table.find(name="twelve")] == [12]
    assert [table.count_after(i) for i in (0, 3, 13, 14, 19, 20)] == [11, 10, 6, 6, 1, 0]


@pytest.mark.parametrize("offset", range(12))
def test_a_slice_is_the_same_as_walking(offset: int) -> None:
    table = lazy_table(Database())
    for row_id in (1, 2, 25):
        table.insert({"id": row_id, "name": f"stored {row_id}"})
    for row_id in (10, 15, 16):
        table.delete(row_id)
    assert table.slice(offset, 4) == list(table.all())[offset : offset + 4]


def test_rollback_shows_the_computed_row_again() -> None:
    database = Database()
    table = lazy_table(database)
    database.commit()
    table.update(12, name="x")
    table.delete(13)
    database.rollback()
    assert [table.get(i) for i in (12, 13)] == [{"name": "n12", "id": 12}, {"name": "n13", "id": 13}]
    assert len(table) == 10


def test_changes_to_computed_rows_survive_a_new_start(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite3"
    database = Database(path)
    table = lazy_table(database)
    table.update(12, name="twelve")
    table.delete(14)
    table.insert({"name": "new"})
    database.commit()

    again = lazy_table(Database(path))
    assert [row["id"] for row in again.all()] == [10, 11, 12, 13, 15, 16, 17, 18, 19, 20]
    assert (again.get(12) or {})["name"] == "twelve"
    assert len(again) == 10


def test_clear_forgets_the_file_too(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite3"
    database = Database(path)
    database.table("t").insert({"a": 1})
    database.commit()
    database.clear()
    assert len(Database(path).table("t")) == 0

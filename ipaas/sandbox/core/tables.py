"""All state of one sandbox service: tables in memory, mirrored into one SQLite file at the end of each request."""

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from ipaas.sandbox.core.jsonio import dump_row, loads
from ipaas.sandbox.core.table import Lazy, Row, Table

__all__ = ["Database", "Lazy", "Row", "Table"]

SEQUENCE_ID = -1  # where the file holds a table's next id, so that numbers of deleted rows are not given again
SCHEMA = """CREATE TABLE IF NOT EXISTS rows (
    name TEXT NOT NULL, id INTEGER NOT NULL, json TEXT NOT NULL, PRIMARY KEY (name, id)
) WITHOUT ROWID"""


class Database:
    """Tables by name. Changes are collected; `commit` writes them in one transaction, `rollback` undoes them.

    With no path nothing is written. The file survives a kill of the process, not of the machine (`synchronous=OFF`).
    """

    def __init__(self, path: Path | None = None) -> None:
        self.tables: dict[str, Table] = {}
        self._touched: dict[tuple[str, int], Row | None] = {}
        self._file = _open(path) if path else None
        self._waiting = self._read()
        self._after: list[Callable[[bool], None]] = []

    def table(self, name: str, *, index: Iterable[str] = (), start: int = 1) -> Table:
        """Answer the table, made (and filled from the file) on first call. Ids begin at `start`."""
        if name not in self.tables:
            table = self.tables[name] = Table(name, self, index=index, start=start)
            for row_id, row in self._waiting.pop(name, {}).items():
                self._load(table, row_id, row)
        return self.tables[name]

    def set_lazy(self, table: Table, lazy: Lazy) -> None:
        """Give a table computed rows. Call it after `table()` and again at every start; stored changes win."""
        table.set_lazy(lazy)
        for row_id in self._waiting.pop(f"{table.name}:gone", {}):
            table.drop(row_id)

    def touch(self, table: Table, row_id: int, before: Row | None) -> None:
        """Journal of the tables: remember how a row was before its first change since the last commit."""
        self._touched.setdefault((table.name, row_id), before)

    def after(self, listener: Callable[[bool], None]) -> None:
        """Call `listener(True)` after each commit and `listener(False)` after each rollback."""
        self._after.append(listener)

    def commit(self) -> None:
        """Write what changed since the last commit, in one transaction."""
        if self._touched and self._file is not None:
            self._write(self._file)
        self._touched.clear()
        self._tell(True)

    def rollback(self) -> None:
        """Undo what changed since the last commit."""
        for (name, row_id), before in self._touched.items():
            self.tables[name].restore(row_id, before)
        self._touched.clear()
        self._tell(False)

    def clear(self) -> None:
        """Forget everything, in memory and in the file."""
        self._touched.clear()
        self._waiting.clear()
        for table in self.tables.values():
            table.clear()
        if self._file is not None:
            with self._file:
                self._file.execute("DELETE FROM rows")

    def snapshot(self) -> dict[str, tuple[int, list[Row]]]:
        """Every stored row and next id, to be put back by `fill`. Rows are shared, not copied."""
        return {name: (table.next_id, list(table.stored())) for name, table in self.tables.items()}

    def fill(self, snapshot: Mapping[str, tuple[int, list[Row]]]) -> None:
        """Put a snapshot into the (cleared) tables."""
        for name, (next_id, rows) in snapshot.items():
            table = self.tables[name]
            for row in rows:
                self.touch(table, row["id"], None)
                table.put(row["id"], row)
            table.next_id = next_id

    def close(self) -> None:
        """Write and close the file."""
        self.commit()
        if self._file is not None:
            self._file.close()
            self._file = None

    def _tell(self, committed: bool) -> None:
        for listener in self._after:
            listener(committed)

    def _write(self, file: sqlite3.Connection) -> None:
        puts: list[tuple[str, int, str]] = []
        deletes: list[tuple[str, int]] = []
        for name, row_id in self._touched:
            table = self.tables[name]
            row = table.get(row_id)
            if row is not None:
                puts.append((name, row_id, dump_row(row)))
                if row_id in table.lazy.ids:
                    deletes.append((f"{name}:gone", row_id))
            elif row_id in table.lazy.ids:
                puts.append((f"{name}:gone", row_id, "{}"))
                deletes.append((name, row_id))
            else:
                deletes.append((name, row_id))
        puts += [(name, SEQUENCE_ID, str(self.tables[name].next_id)) for name in {name for name, _ in self._touched}]
        with file:
            file.executemany("INSERT OR REPLACE INTO rows VALUES (?, ?, ?)", puts)
            file.executemany("DELETE FROM rows WHERE name = ? AND id = ?", deletes)

    def _read(self) -> dict[str, dict[int, Any]]:
        found: dict[str, dict[int, Any]] = {}
        if self._file is not None:
            for name, row_id, text in self._file.execute("SELECT name, id, json FROM rows ORDER BY name, id"):
                found.setdefault(name, {})[row_id] = loads(text)
        return found

    @staticmethod
    def _load(table: Table, row_id: int, row: Any) -> None:
        if isinstance(row, int):  # no row but the next id: in older files it is at 0, where a row may be
            table.next_id = max(table.next_id, row)
        else:
            table.put(row_id, row)


def _open(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    file = sqlite3.connect(path, check_same_thread=False)
    file.execute("PRAGMA journal_mode = WAL")
    file.execute("PRAGMA synchronous = OFF")
    file.execute(SCHEMA)
    file.commit()
    return file

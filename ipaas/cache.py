"""The cache in our database, as JSON: a row that somebody planted is a value or nothing, never code.

Django's own database cache holds pickles. The table is the same (`manage.py createcachetable`); its old rows bear other
keys (`KEY_PREFIX`) and expire unread.
"""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.core.cache import cache, caches
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import BaseDatabaseCache
from django.db import connection
from django.utils import timezone

Built = TypeVar("Built")
FOR_EVER = datetime(9999, 1, 1, tzinfo=UTC)
ANY_VERSION = None
Timeout = float | None  # seconds; DEFAULT_TIMEOUT is Django's, None for ever


def kept(key: str, build: Callable[[Any], Built]) -> Built | None:
    """What the cache holds under a key, as `build` makes it of JSON; None when there is nothing of that shape."""
    value = cache.get(key)
    if value is None:
        return None
    try:
        return build(value)
    except (TypeError, ValueError, KeyError, AttributeError, ArithmeticError):
        return None


def expired_delete() -> int:
    """Delete what no longer counts; answers how many rows."""
    backend: JsonCache = caches["default"]  # type: ignore[assignment]
    return backend.expired_delete()


class JsonCache(BaseDatabaseCache):
    """Values that JSON knows. Nothing that still counts is ever culled: throttles could be flooded away."""

    _table: str

    def get(self, key: Any, default: Any = None, version: int | None = ANY_VERSION) -> Any:
        return self.get_many([key], version).get(key, default)

    def get_many(self, keys: Iterable[Any], version: int | None = ANY_VERSION) -> dict[Any, Any]:
        names = {self.make_and_validate_key(key, version=version): key for key in keys}
        if not names:
            return {}
        places = ", ".join(["%s"] * len(names))
        rows = self._rows(
            f'SELECT cache_key, value FROM "{self._table}" WHERE cache_key IN ({places}) AND expires > %s',  # noqa: S608
            [*names, _at(timezone.now())],
        )
        read = {names[name]: _read(text) for name, text in rows}
        return {key: value for key, value in read.items() if value is not _UNREADABLE}

    def set(self, key: Any, value: Any, timeout: Timeout = DEFAULT_TIMEOUT, version: int | None = ANY_VERSION) -> None:
        self._put(key, value, timeout, version, "")

    def add(self, key: Any, value: Any, timeout: Timeout = DEFAULT_TIMEOUT, version: int | None = ANY_VERSION) -> bool:
        where = f'WHERE "{self._table}".expires <= %s'
        return self._put(key, value, timeout, version, where, _at(timezone.now())) > 0

    def touch(self, key: Any, timeout: Timeout = DEFAULT_TIMEOUT, version: int | None = ANY_VERSION) -> bool:
        return (
            self._execute(
                f'UPDATE "{self._table}" SET expires = %s WHERE cache_key = %s AND expires > %s',  # noqa: S608
                [self._expires(timeout), self.make_and_validate_key(key, version=version), _at(timezone.now())],
            )
            > 0
        )

    def delete(self, key: Any, version: int | None = ANY_VERSION) -> bool:
        name = self.make_and_validate_key(key, version=version)
        return self._execute(f'DELETE FROM "{self._table}" WHERE cache_key = %s', [name]) > 0  # noqa: S608

    def clear(self) -> None:
        self._execute(f'DELETE FROM "{self._table}"', [])  # noqa: S608

    def expired_delete(self) -> int:
        """Delete what no longer counts, rows of other keys too; answers how many."""
        return self._execute(f'DELETE FROM "{self._table}" WHERE expires <= %s', [_at(timezone.now())])  # noqa: S608

    def _put(self, key: Any, value: Any, timeout: Timeout, version: int | None, where: str, *also: Any) -> int:
        name = self.make_and_validate_key(key, version=version)
        return self._execute(
            f'INSERT INTO "{self._table}" (cache_key, value, expires) VALUES (%s, %s, %s) ON CONFLICT (cache_key) '  # noqa: S608
            f"DO UPDATE SET value = EXCLUDED.value, expires = EXCLUDED.expires {where}",
            [name, json.dumps(value, allow_nan=False), self._expires(timeout), *also],
        )

    def _expires(self, timeout: Timeout) -> Any:
        at = self.get_backend_timeout(timeout)
        return _at(FOR_EVER if at is None else datetime.fromtimestamp(at, tz=UTC))

    @staticmethod
    def _rows(statement: str, values: list[Any]) -> list[tuple[str, str]]:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            return list(cursor.fetchall())

    @staticmethod
    def _execute(statement: str, values: list[Any]) -> int:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            return int(cursor.rowcount)


_UNREADABLE = object()


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return _UNREADABLE


def _at(moment: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)

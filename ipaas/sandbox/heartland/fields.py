"""What a resource looks like: its fields with kind and direction, its search, its embeds (§4.2, §4.5, §4.7)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from ipaas.sandbox.core.tables import Row
from ipaas.sandbox.heartland.times import local_stamp, read_local, read_time, stamp

Kind = Literal["int", "text", "number", "bool", "time", "local", "object", "list"]
Computed = Callable[[Any, Row], Any]  # of the service, which stands above
TRUE = frozenset(("true", "1", "yes"))
FALSE = frozenset(("false", "0", "no"))


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its kind, whether a request may set it, its value when a create leaves it out.

    `mark=False` shows a boolean without the `?` that others carry.
    """

    kind: Kind
    write: bool = True
    default: Any = None
    filter: bool = True
    mark: bool = True


def text(default: Any = None, **more: Any) -> Field:
    """A string field."""
    return Field("text", default=default, **more)


def whole(default: Any = None, **more: Any) -> Field:
    """An integer field, mostly an id."""
    return Field("int", default=default, **more)


def number(default: Any = None, **more: Any) -> Field:
    """Money, cost or quantity."""
    return Field("number", default=default, **more)


def flag(default: bool = False, **more: Any) -> Field:
    """A boolean: `name?` in answers, `name` in requests and filters (§4.2)."""
    return Field("bool", default=default, **more)


def moment(**more: Any) -> Field:
    """A UTC timestamp."""
    return Field("time", **more)


READ = {"write": False}
STAMPS: Mapping[str, Field] = {"created_at": moment(), "updated_at": moment()}
ID: Mapping[str, Field] = {"id": whole(**READ)}


@dataclass(frozen=True, eq=False)
class Resource:
    """A kind of record: where it lives, what it shows, how it is found."""

    table: str
    path: str  # under /api, for Location
    fields: Mapping[str, Field]
    group: str = ""  # owner type of its custom fields (§6); empty: none
    custom: str = "custom"  # the field that holds them (`item_custom` on grids)
    search: tuple[str, ...] = ()  # what `query=` looks in
    includes: Mapping[str, Computed] = field(default_factory=dict)
    computed: Mapping[str, Computed] = field(default_factory=dict)
    plain: frozenset[str] = frozenset()  # plain top-level parameters that filter (§4.9)

    def __post_init__(self) -> None:
        shown = tuple((name, name + "?" if f.kind == "bool" and f.mark else name) for name, f in self.fields.items())
        object.__setattr__(self, "shown", shown)
        object.__setattr__(self, "template", {name: one.default for name, one in self.fields.items()})
        empties = tuple(name for name, one in self.fields.items() if one.default == {})
        object.__setattr__(self, "objects", empties)

    shown: tuple[tuple[str, str], ...] = field(init=False, default=())
    template: Row = field(init=False, default_factory=dict)
    objects: tuple[str, ...] = field(init=False, default=())

    def defaults(self) -> Row:
        """A new record before the request's values, its objects fresh."""
        return {**self.template, **{name: {} for name in self.objects}}


def coerce(kind: Kind, value: Any) -> Any:
    """Read a request's value as the field's kind. Raises `ValueError` with the message for `details`."""
    if value is None:
        return None
    return READERS[kind](value)


def _int(value: Any) -> int:
    try:
        if isinstance(value, bool) or (isinstance(value, Decimal) and value != value.to_integral_value()):
            raise ValueError
        return int(value)
    except (TypeError, ValueError) as exc:
        raise ValueError("is not a whole number") from exc


def _number(value: Any) -> int | Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise ValueError("is not a number")
    try:
        amount = Decimal(value)
    except InvalidOperation as exc:
        raise ValueError("is not a number") from exc
    if not amount.is_finite():
        raise ValueError("is not a number")
    return value if isinstance(value, int) else amount


def _text(value: Any) -> str:
    if isinstance(value, dict | list):
        raise ValueError("is not text")
    return str(value).lower() if isinstance(value, bool) else str(value)


def _bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).lower()
    if word in TRUE or word in FALSE:
        return word in TRUE
    raise ValueError("is not true or false")


def _object(value: Any) -> Any:
    if not isinstance(value, dict):
        raise ValueError("is not an object")
    return value


def _list(value: Any) -> Any:
    if not isinstance(value, list):
        raise ValueError("is not a list")
    return value


def _time(value: Any) -> str:
    return stamp(read_time(value))


def _local(value: Any) -> str:
    return local_stamp(read_local(value))


READERS: Mapping[Kind, Callable[[Any], Any]] = {
    "int": _int,
    "number": _number,
    "text": _text,
    "bool": _bool,
    "object": _object,
    "list": _list,
    "time": _time,
    "local": _local,
}

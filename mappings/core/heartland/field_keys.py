"""Which custom field of Heartland holds an option of the store's: one for each name, whatever its letters.

Heartland makes a field's key of the Latin letters and digits of its name (its notes §6), so that names without any, or
that differ only in other signs, would share one. A field that exists keeps its key; a new one is named so that its key
is its own.
"""

import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from mappings.core.heartland.products import key_of

_SPELLED = str.maketrans({
    "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ł": "l", "þ": "th", "ð": "d", "ı": "i",
    "а": "a", "б": "b", "в": "v", "г": "g", "ґ": "g", "д": "d", "е": "e", "є": "ye", "ж": "zh", "з": "z", "и": "i",
    "і": "i", "ї": "yi", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t",
    "у": "u", "ф": "f", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e",
    "ю": "yu", "я": "ya",
    "α": "a", "β": "v", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "η": "i", "θ": "th", "ι": "i", "κ": "k", "λ": "l",
    "μ": "m", "ν": "n", "ξ": "x", "ο": "o", "π": "p", "ρ": "r", "σ": "s", "ς": "s", "τ": "t", "υ": "y", "φ": "f",
    "χ": "ch", "ψ": "ps", "ω": "o",
})  # fmt: skip


def field_keys(names: Iterable[str], known: Iterable[Mapping[str, Any]], taken: Collection[str] = ()) -> dict[str, str]:
    """The key of each option name's field, of those that exist; `taken` are keys that hold something else.

    A field of the same name is the option's, however its key was made; else one whose key the name makes, unless
    another option has it.
    """
    fields = {_same(str(row.get("name") or "")): str(row.get("key") or "") for row in known}
    keys = set(fields.values()) - {""}
    wanted = list(dict.fromkeys(names))
    found: dict[str, str] = {}
    for spelled in (lambda name: name, field_name, own_field_name):
        for name in wanted:
            key = fields.get(_same(spelled(name)), "")
            if name not in found and key and key not in {*found.values(), *taken}:
                found[name] = key
    for name in wanted:
        key = key_of(name)
        if name not in found and is_latin(name) and key in keys and key not in {*found.values(), *taken}:
            found[name] = key
    return found


def fields_to_make(
    names: Iterable[str], known: Collection[Mapping[str, Any]], taken: Collection[str] = ()
) -> dict[str, str]:
    """What the fields are to be called that option names lack, so that Heartland gives each a key of its own."""
    wanted = list(dict.fromkeys(names))
    found = field_keys(wanted, known, taken)
    used = {*(str(row.get("key") or "") for row in known), *taken, ""}
    made: dict[str, str] = {}
    for name in wanted:
        if name not in found:
            made[name] = field_name(name) if key_of(field_name(name)) not in used else own_field_name(name)
            used.add(key_of(made[name]))
    return made


def field_name(name: str) -> str:
    """The option's name, with its spelling in Latin letters where it has others: “Размер (razmer)”."""
    return name if is_latin(name) else f"{name} ({_latin(name) or _digest(name)})"


def own_field_name(name: str) -> str:
    """A name whose key is no other name's."""
    return f"{name} ({'_'.join(filter(None, [_latin(name), _digest(name)]))})"


def is_latin(name: str) -> bool:
    """Whether the key that Heartland makes of a name tells all of its letters and digits."""
    letters = [sign for sign in name if unicodedata.category(sign)[0] in "LN" or unicodedata.category(sign) == "So"]
    return bool(letters) and all(sign.isascii() for sign in letters)


def _latin(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.casefold().translate(_SPELLED))
    marks = "".join(sign for sign in plain if not unicodedata.combining(sign)).translate(_SPELLED)
    return key_of(marks)


def _digest(name: str) -> str:
    return f"option_{hashlib.sha256(name.encode()).hexdigest()[:6]}"


def _same(name: str) -> str:
    return re.sub(r"\s+", " ", name).strip().casefold()

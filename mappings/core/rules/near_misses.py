"""Why a SKU found no item although one looks the same."""

import re
import unicodedata
from collections.abc import Callable, Iterable

_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_LATIN = str.maketrans(  # Cyrillic and Greek capitals to the Latin ones that they look like
    "АВЕКМНОРСТУХЅІЈΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "ABEKMHOPCTYXSIJABEZHIKMNOPTYX",
)
_LOOKALIKES = str.maketrans({
    "O": "0", "I": "1", "L": "1", "|": "1", "×": "X", "–": "-", "—": "-", "−": "-",
})  # fmt: skip


def _trimmed(text: str) -> str:
    return text.strip()


def _visible(text: str) -> str:
    return "".join(c for c in text.translate(_INVISIBLE) if unicodedata.category(c) != "Cc")


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _same_case(text: str) -> str:
    return text.casefold()


def _spaceless(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _no_leading_zeros(text: str) -> str:
    return text.lstrip("0")


def _looks(text: str) -> str:
    return unicodedata.normalize("NFKC", text).upper().translate(_LATIN).translate(_LOOKALIKES)


def _no_separators(text: str) -> str:
    return re.sub(r"[\s._/\\-]+", "", text)


#: What may differ, mildest first. Each step is added to those before it.
_STEPS: tuple[tuple[Callable[[str], str], str], ...] = (
    (_trimmed, "spaces at its beginning or end"),
    (_visible, "invisible characters"),
    (_composed, "how its accents are written"),
    (_same_case, "capital and small letters"),
    (_spaceless, "spaces"),
    (_no_leading_zeros, "leading zeros"),
    (_looks, "characters that look alike, such as 0 and O"),
    (_no_separators, "the separators between its parts"),
)


def explain(sku: str, known_numbers: Iterable[str]) -> str:
    """A sentence that names the Item # that nearly equals the SKU and how it differs; "" when none does."""
    differences = {number: words for number in dict.fromkeys(known_numbers) if (words := difference(sku, number))}
    for _, words in _STEPS:
        if close := [number for number, found in differences.items() if found == words]:
            return f"Heartland has {', '.join(f'“{number}”' for number in close)}, which differs in {words}."
    return ""


def difference(sku: str, number: str) -> str:
    """In what alone an Item # differs from the SKU: the mildest step that makes them equal; "" for anything more."""
    if number == sku or not folded(sku):
        return ""
    for step, words in _STEPS:
        sku, number = step(sku), step(number)
        if sku == number:
            return words
    return ""


def folded(number: str) -> str:
    """What near misses have in common."""
    for step, _ in _STEPS:
        number = step(number)
    return number


def search_word(sku: str) -> str:
    """What a free-text search finds near misses by: the first part of a SKU, in Latin letters, no zeros in front."""
    latin = unicodedata.normalize("NFC", sku).upper().translate(_LATIN)
    words = (word.lstrip("0") for word in re.findall(r"[A-Z0-9]{2,}", latin))
    return next((word for word in words if len(word) > 1), sku.strip())

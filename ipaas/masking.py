"""The one redactor for what others say: texts of outside systems pass it before anything of them is kept or shown.

It finds card data, e-mail addresses, phone numbers, streets and tokens by their looks, and by value the secrets that we
sent and the people a call is about. Each stands replaced by a word, so that a text says itself what was taken out.
"""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from ipaas.cards import CODE_REMOVED, REMOVED, Span, plain, replaced, spans

SECRET = "[secret]"  # noqa: S105 (the word in its place)
EMAIL = "[e-mail address removed]"
PHONE = "[phone number removed]"
STREET = "[street removed]"
NAME = "[name removed]"
WORDS = {  # what stands in a text → one of it, several of it
    REMOVED: ("card number", "card numbers"),
    CODE_REMOVED: ("card code", "card codes"),
    EMAIL: ("e-mail address", "e-mail addresses"),
    PHONE: ("phone number", "phone numbers"),
    STREET: ("street", "streets"),
    NAME: ("name", "names"),
    SECRET: ("secret", "secrets"),
}
LONGEST = 8192  # signs of a text that are looked at; the rest is dropped
LONGEST_END = 1024  # … of which so many may go, where the cut would part a word
SHORTEST_NAME, LONGEST_NAME, MOST_NAMES = 2, 120, 500

_AT = re.compile(r"@|＠|%40|&#64;|\\u0040", re.I)
_ENDS_LOCAL = set(" \t\r\n<>\"'(),:;[]{}=&?/|@\\")
_DOMAIN = re.compile(r"(?:[^\W_][\w\x00-]{0,62}\.){1,8}[^\W\d_][\w\x00-]{1,62}|\[[0-9a-f.:]{3,45}\]", re.I)
LONGEST_LOCAL = 254

_PHONES = (  # the last group is the number, where there is one
    re.compile(r"(?<![\w+])\+[1-9](?:[ ().\x00/-]{0,3}\d){7,14}(?!\d)"),
    re.compile(r"(?<![\w.-])(?:1[ .-])?(?:\([2-9]\d\d\) ?|[2-9]\d\d[ .-])[2-9]\d\d[ .-]?\d{4}(?![\w-])"),
    re.compile(r"(?<![\w.+-])0[1-9]\d{1,4}[ /-]{1,2}\d{2,4}(?:[ -]?\d{2,4}){1,3}(?![\w-])"),
    re.compile(
        r"(?<![a-z])(?:phone|tel|telephone|telefon|mobile|cell|handy|fax|call|whatsapp)"
        r"(?:[\W_]{0,3}(?:number|no|nr|at|on|is|me)){0,2}[\W_]{0,6}(\d(?:[ ().\x00/-]{0,2}\d){6,14})(?!\d)",
        re.I,
    ),
)
_BARE_PHONE = re.compile(r"(?<![\w.-])1?[2-9]\d\d[2-9]\d{6}(?![\w-]|\.\d)")
# what a number of ten digits is when one of these words stands before it
_NO_PHONE = re.compile(
    r"(?<![a-z])(?:track\w{0,4}|parcel|shipment|orders?|invoices?|ticket|items?|sku|upc|ean|gtin|isbn|ids?|no|nr|number"
    r"|ref\w{0,6}|#)[\W_]{0,6}(?:(?:number|no|nr|id|code|is)[\W_]{0,4}){0,2}$",
    re.I,
)
_BEFORE = 40  # signs that are looked at for such a word

_HOUSE = r"(?<![\w.$€£-])\d{1,6}[a-z]?(?:[ ,]{1,2}(?:[nsew]|ne|nw|se|sw|north|south|east|west)\.?)?"
_UNIT = r"(?:,? {0,2}(?:apt|apartment|unit|suite|ste|#)\.? ?#?\w{1,6}(?!\w))?"
_WORD = r"[\w'’.-]{1,30}"
_STREETS = (
    re.compile(
        rf"{_HOUSE}(?: {_WORD}){{1,4}}? (?:street|str|st|avenue|ave|road|rd|lane|ln|boulevard|blvd|highway|hwy|parkway"
        rf"|pkwy|dr)(?![\w'-])\.?(?: (?:[nsew]|ne|nw|se|sw)\b\.?)?{_UNIT}",
        re.I,
    ),
    re.compile(
        rf"(?i:{_HOUSE})(?: [A-Z][\w'’.-]{{0,30}}){{1,4}}? (?:Way|Place|Pl|Court|Ct|Circle|Cir|Square|Sq|Trail|Trl|Loop"
        rf"|Route|Rte|Row|Walk|Close|Terrace|Ter|Drive|Crescent|Alley)(?![\w'-])\.?(?i:{_UNIT})"
    ),
    re.compile(r"(?<!\w)p\.? ?o\.? ?box \d{1,8}", re.I),
    re.compile(r"(?<![\w-])[\w-]{1,30}(?:[ -]?stra(?:ß|ss)e|str\.|gasse|weg|allee) \d{1,5}[a-z]?(?!\w)", re.I),
    re.compile(rf"(?<!\w)(?:calle|avenida|viale|piazza)(?: {_WORD}){{1,4}}?,? \d{{1,5}}(?!\w)", re.I),
    re.compile(rf"(?<![\w.])\d{{1,5}},? (?:bis |ter )?(?:rue|chemin|boulevard|avenue)(?: {_WORD}){{1,3}}", re.I),
)  # fmt: skip
_TOKENS = (  # the last group is the secret, where there is one
    re.compile(r"(?<![a-z])bearer {1,2}[\"']?([\w.~+/=-]{8,4096})", re.I),
    re.compile(r"(?<![a-z])(?:basic|token|key|secret) {1,2}[\"']?((?=[a-z.~+/=-]{0,200}\d)[\w.~+/=-]{8,4096})", re.I),
    re.compile(
        r"(?<![a-z])[\w-]{0,24}(?:token|secret|passw(?:or)?d|api[-_]?key|authorization|payload_jwt|credential)"
        r"[\"']?\s{0,2}[:=]\s{0,2}[\"']?([^\s\"'&,;<>]{6,4096})",
        re.I,
    ),
    re.compile(r"[?&]code=([^&\s\"']{4,4096})", re.I),
    re.compile(r"/(?:hooks/[a-z]{1,20}|connect/[a-z]{1,20}/callback/[0-9a-f-]{36})/([\w-]{16,200})"),
    re.compile(r"(?<![\w-])eyJ[\w-]{6,4096}\.[\w-]{6,4096}(?:\.[\w-]{0,4096})?"),  # JWT
    re.compile(r"(?<![\w-])gAAAAA[\w=-]{20,4096}"),  # Fernet
)
_LONG_WORD = re.compile(r"(?<![\w-])[\w-]{20,4096}")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)


def masked(text: str, redactor: "Redactor | None" = None) -> str:
    """The text as it may be kept; its first LONGEST signs."""
    return (redactor or _NOTHING_KNOWN).masked(text)


def told(*texts: str) -> str:
    """What was taken out of texts, counted: "1 card number and 2 e-mail addresses removed"; "" for nothing."""
    counts = {words: sum(text.count(mark) for text in texts) for mark, words in WORDS.items()}
    parts = [f"{count} {one if count == 1 else many}" for (one, many), count in counts.items() if count]
    return f"{' and '.join([', '.join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)} removed" if parts else ""


class Redactor:
    """What one call's texts must not hold, beside what is known by its looks: our secrets, and people by value."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = sorted({form for one in secrets for form in (one, quote(one, safe=""))}, key=len, reverse=True)
        self._people: dict[str, str] = {}  # words in lower case → what stands in their place
        self._pattern: re.Pattern[str] | None = None

    @property
    def knows_people(self) -> bool:
        return bool(self._people)

    def conceal(self, word: str, values: Iterable[str]) -> None:
        """Have these values replaced by `word`, such as NAME, wherever they stand as whole words."""
        before = len(self._people)
        for value in values:
            known = " ".join(value.split()).lower()
            if SHORTEST_NAME <= len(known) <= LONGEST_NAME and len(self._people) < MOST_NAMES:
                self._people.setdefault(known, word)
        if len(self._people) == before:
            return
        longest_first = sorted(self._people, key=len, reverse=True)
        ways = "|".join(r"\s{1,3}".join(map(re.escape, one.split())) for one in longest_first)
        self._pattern = re.compile(rf"(?<!\w)(?:{ways})(?!\w)", re.I) if ways else None

    def masked(self, text: str) -> str:
        """The text as it may be kept; of a longer one than LONGEST the beginning, up to a word's end."""
        if len(text) > LONGEST:
            text = _cut(text)
        for secret in self._secrets:
            text = text.replace(secret, SECRET)
        seen = plain(text)
        return replaced(text, [*self._known(seen), *_looks(seen), *spans(seen)])

    def _known(self, seen: str) -> Iterator[Span]:
        if self._pattern:
            for match in self._pattern.finditer(seen):
                known = " ".join(match.group().split()).lower()
                yield Span(match.start(), match.end(), self._people.get(known, NAME))


_NOTHING_KNOWN = Redactor()


def _cut(text: str) -> str:
    """The first LONGEST signs, less the word or number at their end: no half of a secret stays."""
    end = LONGEST
    while end > LONGEST - LONGEST_END and not text[end - 1].isspace():
        end -= 1
    while end > LONGEST - LONGEST_END and not text[end - 1].isalpha():
        end -= 1
    return text[:end]


def _looks(seen: str) -> Iterator[Span]:
    """E-mail addresses, tokens, and where digits stand phones and streets, in a text that went through `plain`."""
    yield from _emails(seen)
    yield from _tokens(seen)
    for pattern in _STREETS:
        yield from (Span(one.start(), one.end(), STREET) for one in pattern.finditer(seen))
    for pattern in _PHONES:
        place = pattern.groups
        yield from (Span(one.start(place), one.end(place), PHONE) for one in pattern.finditer(seen))
    for one in _BARE_PHONE.finditer(seen):
        if not _NO_PHONE.search(seen[max(0, one.start() - _BEFORE) : one.start()]):
            yield Span(one.start(), one.end(), PHONE)


def _emails(seen: str) -> Iterator[Span]:
    for at in _AT.finditer(seen):
        start = at.start()
        while start > 0 and at.start() - start < LONGEST_LOCAL and _is_local(seen, start - 1):
            start -= 1
        domain = _DOMAIN.match(seen, at.end())
        if domain and start < at.start():
            yield Span(start, domain.end(), EMAIL)


def _is_local(seen: str, place: int) -> bool:
    """Whether the sign may stand in an address; an apostrophe only within a word, where it closes no quotation."""
    sign = seen[place]
    return sign not in _ENDS_LOCAL or (sign == "'" and place > 0 and seen[place - 1].isalnum())


def _tokens(seen: str) -> Iterator[Span]:
    for pattern in _TOKENS:
        place = pattern.groups
        yield from (Span(one.start(place), one.end(place), SECRET) for one in pattern.finditer(seen))
    for one in _LONG_WORD.finditer(seen):
        if _is_token(one.group()):
            yield Span(one.start(), one.end(), SECRET)


def _is_token(word: str) -> bool:
    """Whether a long word looks made by a machine to be kept secret: no id, and no SKU of many parts."""
    if _UUID.fullmatch(word):
        return False
    digits = sum(map(str.isdigit, word))
    letters = sum(map(str.isalpha, word))
    is_whole = "-" not in word and "_" not in word
    has_cases = word != word.lower() and word != word.upper()
    return digits >= 3 and letters >= 3 and (is_whole or (len(word) >= 32 and has_cases))

"""How many steps a pattern takes on a text: a small machine that tries and goes back as Python's `re` does, and counts.

Patterns are taken from the parser of `re` itself. What the machine does not know it refuses (NotImplementedError).
"""

from collections.abc import Callable, Iterator
from importlib import import_module
from itertools import islice
from typing import Any

sre: Any = import_module("re._constants")  # no stubs
parser: Any = import_module("re._parser")

Fits = Callable[[str], bool]
CHAR, SPLIT, JUMP, PLACE, LOOK, END = range(6)
KINDS: dict[str, Callable[[str], bool]] = {
    "DIGIT": str.isdigit,
    "SPACE": str.isspace,
    "WORD": lambda sign: sign.isalnum() or sign == "_",
}
CANDIDATES = "a7 <@.-\n!\"'=x&\x00é,/"
MOST = 10_000_000


class TooMany(Exception):
    """The budget is spent."""


class Machine:
    """A compiled pattern. `anchored` tries one place only (match), `whole` demands the end (fullmatch)."""

    def __init__(self, pattern: str, flags: int = 0, *, anchored: bool = False, whole: bool = False) -> None:
        tree = parser.parse(pattern, flags)
        self.flags = tree.state.flags
        self.anchored, self.whole = anchored or whole, whole
        self.signs: list[str] = []
        self.code: list[list[Any]] = []
        self.witness = self._sequence(tree)
        self.code.append([END])

    def steps(self, text: str, most: int = MOST) -> int:
        """Steps of finding every match in a text. Raises TooMany beyond `most`."""
        self.taken, self.most, at = 0, most, 0
        while at <= len(text):
            end = self._run(self.code, 0, at, text)
            at = end if end is not None and end > at else at + 1
            if self.anchored:
                break
        return self.taken

    def _run(self, code: list[list[Any]], pc: int, at: int, text: str) -> int | None:
        waiting = [(pc, at)]
        while waiting:
            pc, at = waiting.pop()
            while True:
                self.taken += 1
                if self.taken > self.most:
                    raise TooMany
                kind, *rest = code[pc]
                if kind == CHAR:
                    if at >= len(text) or not rest[0](text[at]):
                        break
                    pc, at = pc + 1, at + 1
                elif kind == SPLIT:
                    waiting.append((rest[1], at))
                    pc = rest[0]
                elif kind == JUMP:
                    pc = rest[0]
                elif kind in (PLACE, LOOK):
                    if not self._holds(kind, rest, text, at):
                        break
                    pc += 1
                elif self.whole and code is self.code and at != len(text):
                    break
                else:
                    return at
        return None

    def _holds(self, kind: int, rest: list[Any], text: str, at: int) -> bool:
        if kind == PLACE:
            return bool(rest[0](text, at))
        inner, back, wanted = rest
        return bool((at >= back and self._run(inner, 0, at - back, text) is not None) == wanted)

    def _sequence(self, nodes: Any) -> str:
        """Code for the nodes one after the other; answers a short text that they fit."""
        return "".join([self._node(op, value) for op, value in nodes])

    def _node(self, op: Any, value: Any) -> str:
        if op in (sre.LITERAL, sre.NOT_LITERAL, sre.ANY, sre.IN):
            fits = self._fits(op, value)
            self.code.append([CHAR, fits])
            return self._sign(op, value, fits)
        if op is sre.AT:
            self.code.append([PLACE, _place(value)])
            return ""
        if op in (sre.SUBPATTERN, sre.ATOMIC_GROUP):
            return self._sequence(value[-1] if op is sre.SUBPATTERN else value)
        if op is sre.BRANCH:
            return self._branch(value[1])
        if op in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            return self._repeat(*value)
        if op in (sre.ASSERT, sre.ASSERT_NOT):
            direction, nodes = value
            outer, self.code = self.code, []
            self._sequence(nodes)
            inner, self.code = [*self.code, [END]], outer
            self.code.append([LOOK, inner, nodes.getwidth()[0] if direction < 0 else 0, op is sre.ASSERT])
            return ""
        raise NotImplementedError(op)

    def _branch(self, branches: Any) -> str:
        jumps, witness = [], ""
        for nodes in branches:
            split: list[Any] = [SPLIT, len(self.code) + 1, None]
            self.code.append(split)
            witness = self._sequence(nodes) or witness
            jump: list[Any] = [JUMP, None]
            jumps.append(jump)
            self.code.append(jump)
            split[2] = len(self.code)
        self.code.append([PLACE, lambda text, at: False])
        for jump in jumps:
            jump[1] = len(self.code)
        return witness

    def _repeat(self, least: int, most: Any, nodes: Any) -> str:
        witness = "".join([self._sequence(nodes) for _ in range(least)])
        if most is sre.MAXREPEAT:
            if nodes.getwidth()[0] == 0:
                raise NotImplementedError("a repeat of what may be empty")
            start: list[Any] = [SPLIT, len(self.code) + 1, None]
            self.code.append(start)
            again = self._sequence(nodes)
            self.code.append([JUMP, self.code.index(start)])
            start[2] = len(self.code)
            return witness or again
        splits = []
        for _ in range(most - least):
            split: list[Any] = [SPLIT, len(self.code) + 1, None]
            self.code.append(split)
            splits.append(split)
            self._sequence(nodes)
        for split in splits:
            split[2] = len(self.code)
        return witness

    def _sign(self, op: Any, value: Any, fits: Fits) -> str:
        wished = [chr(value)] if op is sre.LITERAL else [one for one in CANDIDATES if fits(one)][:3]
        if op is sre.IN:
            wished += [
                chr(one[1] if one[0] is sre.LITERAL else one[1][0])
                for one in value
                if one[0] in (sre.LITERAL, sre.RANGE)
            ]
        good = [one for one in wished if fits(one)]
        self.signs += [one for one in good if one not in self.signs]
        return good[0] if good else ""

    def _fits(self, op: Any, value: Any) -> Fits:
        known: dict[str, bool] = {}

        def fits(sign: str) -> bool:
            if sign not in known:
                cases = {sign, sign.lower()[:1], sign.upper()[:1]} if self.flags & sre.SRE_FLAG_IGNORECASE else {sign}
                known[sign] = any(_is_in(op, value, one, self.flags) for one in cases)
            return known[sign]

        return fits

    def hostile(self, length: int) -> Iterator[str]:
        """Texts of that length that are made of what the pattern looks for, and spoilt at the end."""
        witness, signs = self.witness, [*self.signs[:8], " ", "!"]
        parts = [
            witness[:end] + sign for end in range(min(len(witness), 24) + 1) for sign in ("", *signs[:5], "-", ".")
        ]
        parts += [one + other for one in signs for other in signs if one != other]
        for part in islice(dict.fromkeys(one for one in parts if one), 200):
            body = (part * (length // len(part) + 1))[:length]
            yield f"{body}\n!"
        for sign in signs:
            yield from (witness + sign * length + "\n!", witness[:-1] + sign * length + "\n!")


def _is_in(op: Any, value: Any, sign: str, flags: int) -> bool:
    if op is sre.LITERAL:
        return bool(ord(sign) == value)
    if op is sre.NOT_LITERAL:
        return bool(ord(sign) != value)
    if op is sre.ANY:
        return sign != "\n" or bool(flags & sre.SRE_FLAG_DOTALL)
    negated = value[0][0] is sre.NEGATE
    return bool(negated != any(_is_item(item, sign) for item in value if item[0] is not sre.NEGATE))


def _is_item(item: Any, sign: str) -> bool:
    op, value = item
    if op is sre.LITERAL:
        return bool(ord(sign) == value)
    if op is sre.RANGE:
        return bool(value[0] <= ord(sign) <= value[1])
    if op is not sre.CATEGORY:
        raise NotImplementedError(op)
    name = str(value).removeprefix("CATEGORY_")
    return KINDS[name.removeprefix("NOT_")](sign) != name.startswith("NOT_")


def _place(code: Any) -> Callable[[str, int], bool]:
    name = str(code)
    if name.startswith("AT_BEGINNING"):
        return lambda text, at: at == 0
    if name.startswith("AT_END"):
        return lambda text, at: at == len(text) or (at == len(text) - 1 and text[at] == "\n")
    if name not in {"AT_BOUNDARY", "AT_NON_BOUNDARY"}:
        raise NotImplementedError(name)
    word = KINDS["WORD"]

    def boundary(text: str, at: int) -> bool:
        before, after = at > 0 and word(text[at - 1]), at < len(text) and word(text[at])
        return (before != after) == (name == "AT_BOUNDARY")

    return boundary

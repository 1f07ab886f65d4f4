"""Group commit: what several threads of a process want stored at the same time goes into one transaction."""

import logging
import threading
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

W = TypeVar("W")
A = TypeVar("A")
MOST = 8  # in one transaction: as many as a web process has threads
PATIENCE = 0.5  # seconds for which one waits for the others' transaction

logger = logging.getLogger(__name__)


@dataclass(eq=False, kw_only=True)
class Place(Generic[W, A]):
    """One thread's wish, and what became of it."""

    wish: W
    keys: frozenset[Hashable]
    answers: list[A] = field(default_factory=list)  # one, once it is committed with others
    is_tried: bool = False


class GroupCommit(Generic[W, A]):
    """Who comes while a transaction is under way waits for it, and is stored by the next with all who came meanwhile.

    Each is answered as soon as its own is committed. What fails together is tried by each thread by itself, outside
    the queue: a bad one fails nobody else, and one that waits for a lock keeps nobody waiting. Whoever waits in vain
    for the transaction under way, as its connection hangs, goes alone too; so a wish may be stored twice.
    """

    def __init__(
        self, commit: Callable[[Sequence[W], bool], list[A]], keys: Callable[[W], frozenset[Hashable]]
    ) -> None:
        self._commit = commit  # of these, together with others or not; answers in their order
        self._keys = keys  # wishes that have one in common never go together
        self._turn = threading.Condition()
        self._is_under_way = False
        self._waiting: list[Place[W, A]] = []

    def store(self, wish: W) -> A:
        """Store a wish; what is raised is its own."""
        place: Place[W, A] = Place(wish=wish, keys=self._keys(wish))
        with self._turn:
            self._waiting.append(place)
        while places := self._next(place):
            self._store(places)
        return place.answers[0] if place.answers else self._commit([wish], False)[0]

    def _next(self, place: Place[W, A]) -> list[Place[W, A]]:
        """Those whom this thread stores now; none once its own was tried, or has waited in vain."""
        with self._turn:
            self._turn.wait_for(lambda: place.is_tried or not self._is_under_way, PATIENCE)
            if place.is_tried or self._is_under_way:
                self._waiting = [one for one in self._waiting if one is not place]
                return []
            self._is_under_way = True
            return self._take()

    def _take(self) -> list[Place[W, A]]:
        taken: list[Place[W, A]] = []
        left: list[Place[W, A]] = []
        keys: set[Hashable] = set()
        for place in self._waiting:
            fits = len(taken) < MOST and keys.isdisjoint(place.keys)
            (taken if fits else left).append(place)
            keys |= place.keys
        self._waiting = left
        return taken

    def _store(self, places: list[Place[W, A]]) -> None:
        answers: list[A] = []
        try:
            answers = self._commit([place.wish for place in places], True)
        except Exception as exc:  # each meets its own when it is tried alone
            logger.warning("%s callbacks are stored one by one: %s", len(places), type(exc).__name__)
        finally:
            self._told(places, answers)

    def _told(self, places: list[Place[W, A]], answers: list[A]) -> None:
        with self._turn:
            for place in places:
                place.is_tried = True
            for place, answer in zip(places, answers, strict=bool(answers)):
                place.answers.append(answer)
            self._is_under_way = False
            self._turn.notify_all()

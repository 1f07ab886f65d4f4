"""Group commit: what several threads of a process want stored at the same time goes into one transaction."""

import threading
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from django.db import Error

W = TypeVar("W")
A = TypeVar("A")
MOST = 8  # in one transaction: as many as a web process has threads


@dataclass(eq=False, kw_only=True)
class Place(Generic[W, A]):
    """One thread's wish, and what became of it."""

    wish: W
    keys: frozenset[Hashable]
    answers: list[A] = field(default_factory=list)  # one, once it is committed with others
    is_tried: bool = False


class GroupCommit(Generic[W, A]):
    """Who comes while a transaction is under way waits for it, and is stored by the next with all who came meanwhile.

    Each is answered after the commit of its own. What fails together is tried by each thread by itself, outside the
    queue: a bad one fails nobody else, and one that waits for a lock keeps nobody waiting.
    """

    def __init__(
        self, commit: Callable[[Sequence[W], bool], list[A]], keys: Callable[[W], frozenset[Hashable]]
    ) -> None:
        self._commit = commit  # of these, together with others or not; answers in their order
        self._keys = keys  # wishes that have one in common never go together
        self._under_way = threading.Lock()
        self._lock = threading.Lock()
        self._waiting: list[Place[W, A]] = []

    def store(self, wish: W) -> A:
        """Store a wish; what is raised is its own."""
        place: Place[W, A] = Place(wish=wish, keys=self._keys(wish))
        with self._lock:
            self._waiting.append(place)
        with self._under_way:
            while not place.is_tried:
                self._store(self._next())
        return place.answers[0] if place.answers else self._commit([wish], False)[0]

    def _next(self) -> list[Place[W, A]]:
        taken: list[Place[W, A]] = []
        left: list[Place[W, A]] = []
        keys: set[Hashable] = set()
        with self._lock:
            for place in self._waiting:
                fits = len(taken) < MOST and keys.isdisjoint(place.keys)
                (taken if fits else left).append(place)
                keys |= place.keys
            self._waiting = left
        return taken

    def _store(self, places: list[Place[W, A]]) -> None:
        try:
            answers = self._commit([place.wish for place in places], True)
        except Error:
            return
        finally:
            for place in places:
                place.is_tried = True
        for place, answer in zip(places, answers, strict=True):
            place.answers.append(answer)

"""Faults on demand: throttle, stall, cut the line, or do the work and lose the answer."""

import random
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from ipaas.sandbox.core.jsonio import dumps
from ipaas.sandbox.core.web import JSON_TYPE, Disconnect, Reply

HTML_ERROR = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
ACTIONS = ("status", "body", "headers", "drop", "lose", "stall", "html", "truncate", "latency_ms")
KEYS = frozenset(("name", "method", "path", "times", "skip", "probability", "after", *ACTIONS))


@dataclass(slots=True)
class Rule:
    """One fault: which requests it meets, how often, and what it does to them."""

    number: int
    name: str
    method: str | None  # None: every method
    path: re.Pattern[str]  # searched in the path with its query
    times: int | None  # None: for ever
    skip: int  # matching requests let through first
    probability: float
    after: bool  # let the handler do its work, then spoil the answer
    action: Mapping[str, Any]
    hits: int = 0
    seen: int = field(default=0)

    def describe(self) -> dict[str, Any]:
        """The rule as the control API lists it."""
        head = {"id": self.number, "name": self.name, "method": self.method, "path": self.path.pattern}
        count = {"times": self.times, "skip": self.skip, "probability": self.probability, "after": self.after}
        return {**head, **count, **self.action, "hits": self.hits}


class Hit:
    """A rule that met a request: call `before` ahead of the handler and `finish` with its reply."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule

    def before(self) -> Reply | None:
        """Wait, cut the line, or answer in the handler's place. Raises `Disconnect`."""
        action = self.rule.action
        if wait := float(action.get("stall") or 0) + float(action.get("latency_ms") or 0) / 1000:
            time.sleep(wait)  # a stall is this fault's purpose
        if self.rule.after:
            return None
        if action.get("drop"):
            raise Disconnect
        return self._answer()

    def finish(self, reply: Reply) -> Reply:
        """Spoil the answer to work that was done. Raises `Disconnect`."""
        action = self.rule.action
        if action.get("lose") or (self.rule.after and action.get("drop")):
            raise Disconnect
        spoiled = self._answer() if self.rule.after else None
        reply = spoiled or reply
        if action.get("truncate"):
            reply.headers["X-Sandbox-Truncate"] = "1"
        return reply

    def _answer(self) -> Reply | None:
        action = self.rule.action
        if page := action.get("html"):  # true, or the page itself
            return Reply(
                page if isinstance(page, str) else HTML_ERROR,
                action.get("status") or 502,
                action.get("headers"),
                mimetype="text/html",
            )
        if action.get("status") is None:
            return None
        body = action.get("body")
        text = body if isinstance(body, str) else "" if body is None else dumps(body)
        return Reply(text, action["status"], action.get("headers"), content_type=JSON_TYPE)


class Faults:
    """The rules in force, first match wins. Chance is drawn from a seeded generator."""

    def __init__(self, seed: int = 1) -> None:
        self._rules: list[Rule] = []
        self._numbers = 0
        self._random = random.Random(seed)
        self._lock = Lock()

    def add(self, wish: Mapping[str, Any]) -> Rule:
        """Add a rule in the control API's spelling. Raises `ValueError` for an unknown key or a bad pattern."""
        if unknown := sorted(wish.keys() - KEYS):
            raise ValueError(f"unknown key: {', '.join(unknown)}")
        try:
            path = re.compile(wish.get("path") or "")
        except re.error as exc:
            raise ValueError(f"path is not a regular expression: {exc}") from exc
        self._numbers += 1
        rule = Rule(
            number=self._numbers,
            name=wish.get("name") or f"fault {self._numbers}",
            method=(wish.get("method") or "").upper() or None,
            path=path,
            times=wish.get("times"),
            skip=int(wish.get("skip") or 0),
            probability=float(wish.get("probability", 1)),
            after=bool(wish.get("after")),
            action={name: wish[name] for name in ACTIONS if wish.get(name) is not None},
        )
        self._rules.append(rule)
        return rule

    def list(self) -> "list[dict[str, Any]]":
        """Every rule with its hits."""
        return [rule.describe() for rule in self._rules]

    def clear(self, number: int | None = None) -> None:
        """Remove one rule, or all."""
        self._rules = [rule for rule in self._rules if number is not None and rule.number != number]

    def match(self, method: str, path: str) -> Hit | None:
        """Answer the first rule that meets this request, counted; None when it may pass."""
        with self._lock:
            return self._match(method, path)

    def _match(self, method: str, path: str) -> Hit | None:
        for rule in self._rules:
            if rule.method not in (None, method) or (rule.times is not None and rule.hits >= rule.times):
                continue
            if not rule.path.search(path):
                continue
            rule.seen += 1
            if rule.seen <= rule.skip or self._random.random() >= rule.probability:
                continue
            rule.hits += 1
            return Hit(rule)
        return None

    @property
    def idle(self) -> bool:
        """Whether there is no rule at all (the usual case, kept cheap)."""
        return not self._rules

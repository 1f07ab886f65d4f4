"""Forged webhooks, none of which may leave a trace but a count; and a flood of genuine ones, all of which must be kept.

The kinds are those of GUARANTEES.md §3, rows 1 to 3, 17 and 18.
"""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import cycle, islice

from django.db.models import Sum

from syncjobs.models import InboxEvent, Refusal, SyncJob
from syncjobs.stories.attack.attack_world import Delivery, Finding, Stage, signature

WEB_ID = 8_000_001  # of no order
STALE_SECONDS = 302
FUTURE_SECONDS = 900  # they are made some time before they are sent
SECRET = "X-Tillbridge-Secret"  # noqa: S105 (a header's name)
TOO_LARGE = 256 * 1024 + 1


@dataclass(frozen=True, kw_only=True)
class Forgery:
    """How a delivery is false, and the answer it must get."""

    spoil: Callable[[Stage, Delivery], Delivery]
    status: int


def changed(
    delivery: Delivery, headers: Mapping[str, str | None], *, body: bytes | None = None, path: str = ""
) -> Delivery:
    """The delivery with parts replaced; a header of None is left out."""
    kept = {name: value for name, value in {**delivery.headers, **headers}.items() if value is not None}
    return Delivery(path=path or delivery.path, body=delivery.body if body is None else body, headers=kept)


def secret_of(make: Callable[[str], str | None]) -> Callable[[Stage, Delivery], Delivery]:
    return lambda stage, delivery: changed(delivery, {SECRET: make(delivery.headers[SECRET])})


def signed(make: Callable[[bytes], Mapping[str, str]]) -> Callable[[Stage, Delivery], Delivery]:
    return lambda stage, delivery: changed(delivery, make(delivery.body))


def bodied(make: Callable[[Stage], bytes]) -> Callable[[Stage, Delivery], Delivery]:
    """Another body, with a signature that fits it."""

    def spoil(stage: Stage, delivery: Delivery) -> Delivery:
        body = make(stage)
        return changed(delivery, signature(body, time.time()), body=body)

    return spoil


FORGERIES: dict[str, Forgery] = {
    "no secret": Forgery(spoil=secret_of(lambda secret: None), status=401),
    "empty secret": Forgery(spoil=secret_of(lambda secret: ""), status=401),
    "truncated secret": Forgery(spoil=secret_of(lambda secret: secret[:-1]), status=401),
    "lengthened secret": Forgery(spoil=secret_of(lambda secret: f"{secret}x"), status=401),
    "non-ASCII secret": Forgery(spoil=secret_of(lambda secret: "ü" * len(secret)), status=401),
    "another secret": Forgery(spoil=secret_of(lambda secret: secret[::-1]), status=401),
    "empty signature": Forgery(spoil=signed(lambda body: {"webhook-signature": "v1,"}), status=401),
    "blank signature": Forgery(spoil=signed(lambda body: {"webhook-signature": " "}), status=401),
    "signature of another key": Forgery(
        spoil=signed(lambda body: signature(body, time.time(), secret=b"another")), status=401
    ),
    "signature of another version": Forgery(
        spoil=signed(lambda body: signature(body, time.time(), form="v2,{}")), status=401
    ),
    "signature of other bytes": Forgery(spoil=signed(lambda body: signature(body + b" ", time.time())), status=401),
    "stale": Forgery(spoil=signed(lambda body: signature(body, time.time() - STALE_SECONDS)), status=401),
    "of the future": Forgery(spoil=signed(lambda body: signature(body, time.time() + FUTURE_SECONDS)), status=401),
    "a time of 5,000 digits": Forgery(
        spoil=signed(lambda body: signature(body, time.time()) | {"webhook-timestamp": "9" * 5_000}), status=401
    ),
    "another store": Forgery(spoil=bodied(lambda stage: stage.event(WEB_ID, producer="stores/zzzzzzzzzz")), status=404),
    "no store": Forgery(spoil=bodied(lambda stage: stage.event(WEB_ID, producer=None)), status=404),
    "an unknown address": Forgery(
        spoil=lambda stage, delivery: changed(delivery, {}, path=f"{delivery.path[:-2]}zz"), status=404
    ),
    "another system's address": Forgery(
        spoil=lambda stage, delivery: changed(delivery, {}, path=delivery.path.replace("bigcommerce", "heartland")),
        status=404,
    ),
    "no JSON": Forgery(spoil=bodied(lambda stage: b"id=1"), status=400),
    "a list": Forgery(spoil=bodied(lambda stage: b"[]"), status=400),
    "a key twice": Forgery(spoil=bodied(lambda stage: b'{"producer": 1, "producer": 2}'), status=400),
    "NaN": Forgery(spoil=bodied(lambda stage: b'{"id": NaN}'), status=400),
    "UTF-16": Forgery(spoil=bodied(lambda stage: stage.event(WEB_ID).decode().encode("utf-16")), status=400),
    "nested 500 deep": Forgery(spoil=bodied(lambda stage: b'{"a":' + b"[" * 500 + b"]" * 500 + b"}"), status=400),
    "nested 100,000 deep": Forgery(spoil=bodied(lambda stage: b"[" * 100_000), status=400),
    "too large": Forgery(spoil=bodied(lambda stage: b" " * TOO_LARGE), status=413),
}


def forged(stage: Stage, count: int) -> Finding:
    """Send so many forgeries of every kind in turn: each gets its answer without a word, and no row is written."""
    before = rows()
    names = list(islice(cycle(FORGERIES), count))
    answers = stage.send_all(FORGERIES[name].spoil(stage, stage.genuine(WEB_ID)) for name in names)
    pairs = list(zip(names, answers, strict=True))
    wrong = Counter(f"{name}: {answer.status}" for name, answer in pairs if answer.status != FORGERIES[name].status)
    loud = {name for name, answer in pairs if answer.body and answer.status != 413}
    after = rows()
    got_through = [f"{words}, {times} times" for words, times in wrong.items()]
    got_through += [f"{name}: answered with words" for name in sorted(loud)]
    got_through += [f"{name}: {after[name] - before[name]} rows more" for name in ("events", "jobs")
                    if after[name] != before[name]]  # fmt: skip
    return Finding(
        attack="forged webhooks",
        figures={"sent": count, "kinds": len(FORGERIES), "counted": after["refusals"] - before["refusals"]},
        got_through=got_through,
    )


def rows() -> dict[str, int]:
    return {
        "events": InboxEvent.objects.filter(external_id=str(WEB_ID)).count(),
        "jobs": SyncJob.objects.filter(external_id=str(WEB_ID)).count(),
        "refusals": Refusal.objects.aggregate(count=Sum("count"))["count"] or 0,
    }


def flood(stage: Stage, count: int) -> Finding:
    """Genuine webhooks of one order, as fast as they go: every one is kept, all of them are one job's hints."""
    web_id = WEB_ID + 1
    began = time.perf_counter()
    answers = stage.send_all(stage.genuine(web_id) for _ in range(count))
    seconds = time.perf_counter() - began
    kept = InboxEvent.objects.filter(external_id=str(web_id)).count()
    refused = Counter(answer.status for answer in answers if answer.status != 200)
    lost = [f"{count - kept} webhooks lost"] if kept != count else []
    return Finding(
        attack="a flood of webhooks",
        figures={"sent": count, "kept": kept, "per_second": round(count / seconds)},
        got_through=[*lost, *(f"answered {status}, {times} times" for status, times in refused.items())],
    )

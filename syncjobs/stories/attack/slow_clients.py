"""Clients that take for ever: headers that never end, bodies a byte a second, answers that nobody reads."""

import asyncio
import contextlib
import http.client
import ssl
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from syncjobs.stories.attack import forged_hooks
from syncjobs.stories.attack.attack_world import Finding, Stage, asked, meanwhile

ADDRESSES = 10  # of the loopback net: the front server counts by client
PAGES = ("/health/", "/accounts/login/")
LONGEST_SECONDS = 8.0  # when a person has gone
LOOKS = 20
HEADER = b"POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 200000\r\n"


@dataclass
class Held:
    """Slow clients: how many got a connection, how many were let go by the server."""

    opened: int = 0
    let_go: int = 0
    is_over: asyncio.Event = field(default_factory=asyncio.Event)


def slow(stage: Stage, clients: int, deliveries: int) -> Finding:
    """While so many slow clients hang on, health and log-in answer, and a flood of genuine webhooks is kept whole."""
    held = Held()
    loop = asyncio.new_event_loop()
    with meanwhile(lambda: loop.run_until_complete(_hang_on(stage, clients, held))):
        try:
            wait_until(lambda: held.opened >= clients)
            with ThreadPoolExecutor(1) as pool:
                seen = pool.submit(looks, stage)
                flood = forged_hooks.flood(stage, deliveries)
                seconds = [*seen.result(), *looks(stage)]
        finally:
            loop.call_soon_threadsafe(held.is_over.set)
    late = [one for one in seconds if one > LONGEST_SECONDS]
    missing = [f"only {held.opened} of {clients} slow clients came in"] if held.opened < clients else []
    return Finding(
        attack="slow clients and a flood",
        figures={
            "clients": held.opened,
            "let_go": held.let_go,
            "slowest_page_ms": round(max(seconds) * 1000),
            "flood": flood.figures,
        },
        got_through=[*missing, *(f"a page took {one:.1f} s" for one in late), *flood.got_through],
    )


def looks(stage: Stage) -> list[float]:
    """Seconds that pages take; one that is not answered with 200 counts as for ever."""
    found = []
    for number in range(LOOKS):
        line = http.client.HTTPSConnection(
            "127.0.0.1", stage.world.ports["front"], timeout=LONGEST_SECONDS, context=stage.trusting
        )
        answer = asked(line, "GET", PAGES[number % len(PAGES)], None, {})
        line.close()
        found.append(answer.seconds if answer.status == 200 else float("inf"))
    return found


def wait_until(is_so: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.05)


async def _hang_on(stage: Stage, clients: int, held: Held) -> None:
    async with asyncio.TaskGroup() as group:
        for number in range(clients):
            group.create_task(_client(stage, number, held))


async def _client(stage: Stage, number: int, held: Held) -> None:
    """One client: half of them send a header without end, half a body of a byte a second."""
    context: ssl.SSLContext = stage.trusting
    source = (f"127.0.0.{2 + number % ADDRESSES}", 0)
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", stage.world.ports["front"], ssl=context, local_addr=source
    )
    writer.write(HEADER % stage.hook_path.encode())
    is_body = number % 2 == 0
    writer.write(b"\r\n" if is_body else b"X-Long: ")
    held.opened += 1
    with contextlib.suppress(OSError):
        while not held.is_over.is_set():
            writer.write(b" " if is_body else b"x")
            await writer.drain()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(held.is_over.wait(), 1.0)
            if reader.at_eof():
                held.let_go += 1
                break
    writer.close()

"""A flow whose target is a file: it looks whether its record is there, and appends it when not.

The file is what the outside system holds in the end; every look and every write is a line with its time.
"""

import os
import signal
import time
from pathlib import Path

from connections.connectors.heartland.client import HeartlandClient
from syncjobs.flows.base import Context, Flow, Outcome, Step
from syncjobs.models import Record


def ledger(context: Context) -> Path:
    return Path(os.environ["TOY_DIR"]) / f"{context.connection.store.store_hash}.txt"


def rows(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def look(context: Context) -> None:
    with (ledger(context).parent / "looks.txt").open("a") as looks:
        looks.write(f"{context.external_id} {time.time()}\n")
    if context.external_id.startswith("poison"):
        os.kill(os.getpid(), signal.SIGKILL)
    if context.external_id.startswith("hangs"):
        time.sleep(600)
    time.sleep(float(os.environ.get("TOY_SECONDS", "0")))


def ask(context: Context) -> None:
    """Call an outside system, where the test names one."""
    if address := os.environ.get("TOY_ASKS"):
        HeartlandClient(address, "a-secret-of-ours", observer=context.log).grid_update(
            "8123", {"description": "canary.bird@example.com"}
        )


def write(context: Context) -> None:
    path = ledger(context)
    if context.external_id in rows(path):
        context.decide("It is there already.")
        return
    with path.open("a") as file:
        file.write(f"{context.external_id}\n")


def stay(context: Context) -> None:
    """Write down from when to when the target was written to."""
    began = time.time()
    time.sleep(float(os.environ.get("TOY_STAY", "0")))
    with (ledger(context).parent / "stays.txt").open("a") as stays:
        stays.write(f"{context.connection.store.store_hash} {began} {time.time()}\n")


def end(context: Context) -> Outcome:
    return Outcome(disposition=Record.Disposition.BOOKED, sentence="Written.")


TOY = Flow(
    name="toy",
    title="Toy",
    context=Context,
    steps=(Step("look", look), Step("ask", ask), Step("write", write), Step("stay", stay), Step("end", end)),
    heartland_calls=1 if "TOY_STAY" in os.environ else 0,
)

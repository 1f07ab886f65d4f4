"""Where attacks happen: the running world behind its front server, one of its webhooks, and what is found."""

import base64
import hashlib
import hmac
import http.client
import json
import ssl
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import urlsplit

from ipaas.supervisor import Supervisor
from ipaas.types import JSON
from syncjobs.stories.demo.sim import Sandbox
from syncjobs.stories.demo.world import World

TOPIC = "store/order/updated"
THREADS = 12
TIMEOUT_SECONDS = 30.0
CLIENT_SECRET = b"sim-client-secret-0001"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What one attack left: figures, and everything that got through, in words."""

    attack: str
    figures: JSON
    got_through: Sequence[str] = ()

    def as_json(self) -> JSON:
        return {"attack": self.attack, **self.figures, "got_through": list(self.got_through)}


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One POST to an address of ours."""

    path: str
    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Answer:
    status: int  # 0: none
    body: bytes = b""
    seconds: float = 0.0


@dataclass(kw_only=True)
class Stage:
    """The world under attack."""

    world: World
    supervisor: Supervisor
    store: Sandbox = field(init=False)
    heartland: Sandbox = field(init=False)

    def __post_init__(self) -> None:
        self.store = Sandbox(self.world.url("bigcommerce"))
        self.heartland = Sandbox(self.world.url("heartland"))

    @cached_property
    def hook(self) -> JSON:
        """The store's webhook for changed orders, as the store knows it: destination and secret header."""
        return next(hook for hook in self.store.rows("hooks") if hook["scope"] == TOPIC)

    @cached_property
    def hook_path(self) -> str:
        return urlsplit(self.hook["destination"]).path

    @cached_property
    def trusting(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.world.front.certificate))

    def event(self, web_id: int, **changes: object) -> bytes:
        """A webhook's body as BigCommerce sends it (bigcommerce.md §25.4), never the same twice."""
        event: JSON = {
            "producer": f"stores/{self.hook['store_hash']}" if "store_hash" in self.hook else "stores/a1b2c3d4e5",
            "hash": uuid.uuid4().hex, "created_at": int(time.time()), "store_id": "1001234567", "scope": TOPIC,
            "data": {"type": "order", "id": web_id},
        }  # fmt: skip
        return json.dumps(event | changes).encode()

    def genuine(self, web_id: int) -> Delivery:
        """A delivery that must be taken: secret header and signature fit."""
        body = self.event(web_id)
        secret = self.hook["headers"]["X-Tillbridge-Secret"]
        headers = {"Content-Type": "application/json", "X-Tillbridge-Secret": secret}
        return Delivery(path=self.hook_path, body=body, headers=headers | signature(body, time.time()))

    def send_all(self, deliveries: Iterable[Delivery]) -> list[Answer]:
        """Send them over keep-alive connections of several threads; the answers in order."""
        wishes = list(deliveries)
        with ThreadPoolExecutor(THREADS) as pool:
            parts = list(pool.map(lambda start: self._send(wishes[start::THREADS]), range(THREADS)))
        answers: list[Answer] = [Answer(status=0)] * len(wishes)
        for start, part in enumerate(parts):
            answers[start::THREADS] = part
        return answers

    def _send(self, wishes: Sequence[Delivery]) -> list[Answer]:
        port = self.world.ports["front"]
        line = http.client.HTTPSConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS, context=self.trusting)
        answers = []
        for wish in wishes:
            answers.append(asked(line, "POST", wish.path, wish.body, wish.headers))
        line.close()
        return answers


def asked(
    line: http.client.HTTPSConnection, method: str, path: str, body: bytes | None, headers: dict[str, str]
) -> Answer:
    """One request; an answer of status 0 when the connection was cut."""
    began = time.perf_counter()
    try:
        line.request(method, path, body, headers)
        answer = line.getresponse()
        return Answer(status=answer.status, body=answer.read(), seconds=time.perf_counter() - began)
    except (OSError, http.client.HTTPException):
        line.close()
        return Answer(status=0, seconds=time.perf_counter() - began)


def signature(body: bytes, moment: float, *, secret: bytes = CLIENT_SECRET, form: str = "v1,{}") -> dict[str, str]:
    """The Standard Webhooks headers for a body, at a unix time."""
    identifier, stamp = f"evt_{uuid.uuid4().hex}", str(int(moment))
    signed = hmac.new(secret, f"{identifier}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": identifier,
        "webhook-timestamp": stamp,
        "webhook-signature": form.format(base64.b64encode(signed).decode()),
    }


@contextmanager
def meanwhile(work: Callable[[], None]) -> Iterator[None]:
    """Run something in a thread of its own while the body runs; its exception, if any, comes at the end."""
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(work)
        yield
        running.result()
